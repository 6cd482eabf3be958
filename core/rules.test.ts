import fc from "fast-check";
import { expect, test } from "vitest";
import { DayState } from "./day.ts";
import type { Event } from "./event.ts";
import { foldEvent } from "./fold.ts";
import type { Merchant } from "./merchant.ts";
import { Rehearsal } from "./rehearsal.ts";
import { MEASURES, type Rollup, VISIT_DIMENSIONS } from "./rollup.ts";
import { EVERYTHING, snapshot } from "./rollup-codec.ts";
import { NO_RULES, type Rules } from "./rules.ts";
import { readRules } from "./rules-reader.ts";
import { duplicated, late, reordered, retried, trafficOf, visitorNamed } from "./traffic.ts";
import { dayAt, dayOf } from "./zone.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const merchant: Merchant = {
  id: "m_test",
  name: "Test",
  zone: "Europe/Berlin",
  currency: "EUR",
  domains: ["shop.example", "blog.example"],
  shards: 1,
};
const day = dayOf(merchant.zone, "2026-11-24");

/** Some of a day's events come from the office. */
const traffic = (seed: number, people = 60, fromMs = day.startMs, toMs = day.endMs): Event[] =>
  reordered(trafficOf({ merchant, seed, fromMs, toMs, people }), seed, 2 * MINUTE_MS).map((event, n) =>
    n % 11 === 0 ? { ...event, excluded_address: true } : event,
  );

function foldedBy(rules: Rules, events: readonly Event[]): DayState {
  const state = new DayState(day, merchant, () => null, rules);
  for (const event of events) foldEvent(state, event, 1);
  return state;
}

const rollupsOf = (state: DayState): Rollup[] =>
  [...state.hours.values()]
    .toSorted((a, b) => a.startMs - b.startMs)
    .map((hour) => ({ ...snapshot(hour, merchant.id, 0, EVERYTHING), seq: 0 }));

const kept = (sent: object): Rules => {
  const rules = readRules(sent, "#");
  if (!rules.ok) throw new Error(`${rules.failure.pointer}: ${rules.failure.message}`);
  return rules.value;
};

const sumOf = (rollups: readonly Rollup[], dimension: keyof Rollup["dimensions"], value: string): number =>
  rollups.reduce((sum, { dimensions }) => {
    const column = dimensions[dimension];
    return sum + (column?.events?.[column.v.indexOf(value)] ?? 0);
  }, 0);

test("rules without an entry count to the letter as if there were none", () => {
  const events = traffic(1);
  const none = {
    bots: "exclude",
    excludedPages: [],
    allowedHosts: [],
    channels: [],
    keptParameters: [],
    keptProps: null,
  };
  for (const rules of [kept({}), kept(none), { version: 9, extraBots: [] }]) {
    const [plain, ruled] = [foldedBy(NO_RULES, events), foldedBy(rules, events)];
    expect(rollupsOf(ruled)).toEqual(rollupsOf(plain));
    expect(ruled.books).toEqual(plain.books);
  }
});

// --- what is excluded -------------------------------------------------------------------------------------------------

const pathOf = ({ url }: Event): string => (url === undefined ? "" : new URL(url).pathname);

/** Rules, and in plain words what they exclude. */
const EXCLUSIONS: Record<string, [Rules, (event: Event) => boolean]> = {
  excluded_page: [kept({ excludedPages: ["/", "/page/1*"] }), (event) => /^\/$|^\/page\/1/.test(pathOf(event))],
  excluded_host: [kept({ excludedHosts: ["BLOG.*"] }), ({ url }) => url?.startsWith("https://blog.example") === true],
  excluded_country: [kept({ excludedCountries: ["np"] }), ({ country }) => country === "NP"],
  excluded_address: [kept({ excludedAddresses: ["192.0.2.0/24"] }), (event) => event.excluded_address === true],
};
const BOT = /Googlebot/;

test.each(Object.entries(EXCLUSIONS))(
  "%s: the rest counts as if the excluded had never come",
  (verdict, [rules, is]) => {
    for (const seed of [2, 3]) {
      const events = traffic(seed);
      const [state, plain] = [foldedBy(rules, events), foldedBy(NO_RULES, events)];
      const rest = events.filter((event) => !is(event));
      expect(rollupsOf(state)).toEqual(rollupsOf(foldedBy(NO_RULES, rest)));
      const excluded = events.filter((event) => is(event) && !BOT.test(event.user_agent ?? "")).length;
      expect(excluded).toBeGreaterThan(20);
      expect(state.books.verdicts[verdict]).toBe(excluded);
      expect(state.books.verdicts["bot"]).toBe(plain.books.verdicts["bot"]);
      expect(state.books.accepted).toBe(events.length);
    }
  },
);

test("an allow-list of hosts excludes all others, and nothing that names no host", () => {
  const events: Event[] = [
    ...traffic(4),
    ...traffic(5, 5).map(({ url: _, ...event }) => ({ ...event, id: `${event.id}x` })),
  ];
  const state = foldedBy(kept({ allowedHosts: ["shop.example"] }), events);
  const others = events.filter(({ url }) => url?.includes("//blog.example") === true);
  expect(rollupsOf(state)).toEqual(
    rollupsOf(
      foldedBy(
        NO_RULES,
        events.filter((event) => !others.includes(event)),
      ),
    ),
  );
  expect(state.books.verdicts["excluded_host"]).toBe(
    others.filter(({ user_agent }) => !BOT.test(user_agent ?? "")).length,
  );
});

test("the mark of an address says nothing without a rule: a replay can take it back", () => {
  const events = traffic(6);
  const unmarked = events.map(({ excluded_address: _, ...event }) => event);
  expect(rollupsOf(foldedBy(NO_RULES, events))).toEqual(rollupsOf(foldedBy(NO_RULES, unmarked)));
});

// --- what is counted otherwise ----------------------------------------------------------------------------------------

const isBot = ({ user_agent }: Event): boolean => BOT.test(user_agent ?? "");
const noonMs = day.startMs + 12 * HOUR_MS;
const visitTo = (url: string, some: Partial<Event> = {}): Event => ({
  id: url,
  name: "pageview",
  occurred_at: noonMs,
  received_at: noonMs,
  visitor: visitorNamed(url),
  url,
  ...some,
});
const partsSum = (rollup: Rollup): void => {
  for (const dimension of VISIT_DIMENSIONS)
    for (const measure of MEASURES)
      expect((rollup.dimensions[dimension]![measure] ?? []).reduce((sum, n) => sum + n, 0)).toBe(
        rollup.totals[measure],
      );
};

test("bots: excluded, counted like people, or counted under a channel of their own", () => {
  const events = traffic(7);
  const people = foldedBy(NO_RULES, events);
  const counted = foldedBy(kept({ bots: "count" }), events);
  const apart = foldedBy(kept({ bots: "apart" }), events);
  const bots = people.books.verdicts["bot"]!;
  expect(bots).toBeGreaterThan(10);
  for (const { books } of [counted, apart]) expect(books.verdicts).not.toHaveProperty("bot");
  // As if what they do were a person's.
  const anonymous = events.map((event) => (isBot(event) ? { ...event, user_agent: "" } : event));
  const withoutClients = ({
    dimensions: { browser: _, browser_version: __, os: ___, os_version: ____, ...rest },
    ...rollup
  }: Rollup) => ({ ...rollup, dimensions: { ...rest, device: null }, sketches: null });
  expect(rollupsOf(counted).map(withoutClients)).toEqual(rollupsOf(foldedBy(NO_RULES, anonymous)).map(withoutClients));
  const rollups = rollupsOf(apart);
  rollups.forEach(partsSum);
  expect(sumOf(rollups, "channel", "Bots")).toBeGreaterThan(0);
  for (const [at, { totals }] of rollups.entries()) expect(totals).toEqual(rollupsOf(counted)[at]!.totals);
});

test("channel rules go before the code's, in their order; every pattern that is given must fit", () => {
  const rules = kept({
    channels: [
      { channel: "Partners", source: "partner-*", medium: "referral" },
      { channel: "Paper", source: "Facebook", campaign: "flyer*" },
      { channel: "Press", referrer: "news.example/*" },
      { channel: "Never", source: "partner-*" },
    ],
  });
  const channelOf = (query: string, referrer?: string) => {
    const visit = visitTo(`https://shop.example/${query}`, referrer === undefined ? {} : { referrer });
    return rollupsOf(foldedBy(rules, [visit]))[0]!.dimensions.channel!.v[0];
  };
  expect(channelOf("?utm_source=Partner-7&utm_medium=REFERRAL")).toBe("Partners");
  expect(channelOf("?utm_source=partner-7&utm_medium=email")).toBe("Never");
  // The source as reports show it, or as it stands in the URL.
  expect(channelOf("?utm_source=fb&utm_campaign=Flyer-3")).toBe("Paper");
  expect(channelOf("", "https://news.example/today?x=1")).toBe("Press");
  expect(channelOf("", "https://www.google.com/")).toBe("Organic Search");
  expect(channelOf("")).toBe("Direct");
});

test("parameters that are kept are part of the page; others are not; a page is excluded with them or without", () => {
  const rules = kept({ keptParameters: ["q", "id"], excludedPages: ["/list?id=7*", "/admin"] });
  const pages = (query: string) => {
    const state = foldedBy(rules, [visitTo(`https://shop.example${query}`)]);
    const [rollup] = rollupsOf(state);
    return rollup === undefined
      ? state.books.verdicts
      : [...rollup.dimensions.page!.v, ...rollup.dimensions.entry_page!.v];
  };
  expect(pages("/search?id=7&utm_source=x&q=caf%C3%A9+au+lait&q=tea")).toEqual(
    Array.from({ length: 2 }, () => "/search?q=café au lait&id=7"),
  );
  expect(pages("/search?page=2")).toEqual(["/search", "/search"]);
  expect(pages("/search?q=a%26b&id")).toEqual(["/search?q=a%26b&id=", "/search?q=a%26b&id="]);
  expect(pages("/list?id=70")).toEqual({ excluded_page: 1 });
  expect(pages("/admin?q=x")).toEqual({ excluded_page: 1 });
  expect(pages("/list?id=8")).toEqual(["/list?id=8", "/list?id=8"]);
});

// --- rules that change ------------------------------------------------------------------------------------------------

const SETS: readonly Rules[] = [
  ...Object.values(EXCLUSIONS).map(([rules]) => rules),
  kept({ bots: "apart", channels: [{ channel: "News", source: "newsletter" }] }),
  kept({ bots: "count", extraBots: ["Firefox"], keptParameters: ["ref"] }),
  NO_RULES,
];
const change = fc.record({ at: fc.nat(400), set: fc.nat(SETS.length - 1) });

/** Three days, as they may come in. */
const troubled = (seed: number): Event[] => {
  const events = traffic(seed, 40, day.startMs - 24 * HOUR_MS, day.endMs + 24 * HOUR_MS);
  return late(retried(duplicated(events, seed, 0.05, HOUR_MS), seed, 0.1, MINUTE_MS), seed, 0.05, 10 * HOUR_MS);
};

test("live equals replay, whenever rules change: a day is counted by those with which it began", () => {
  fc.assert(
    fc.property(
      fc.nat(10_000),
      fc.array(change, { maxLength: 5 }),
      fc.array(fc.nat(80), { maxLength: 4 }),
      (seed, changes, deaths) => {
        const shard = new Rehearsal(merchant);
        const begun = new Map<string, number>();
        const log: Event[] = [];
        let version = 0;
        const versions: Merchant[] = [merchant];
        const events = troubled(seed);
        for (let at = 0; at < events.length; at += 10) {
          for (const { set } of changes.filter((one) => one.at >= at && one.at < at + 10)) {
            versions.push({ ...merchant, rules: { ...SETS[set]!, version: ++version } });
            shard.become(versions.at(-1)!);
          }
          // Somewhere the edge still knows the version before.
          if (at % 70 === 0) shard.become(versions.at(-2) ?? merchant);
          const batch = events.slice(at, at + 10);
          const letters = shard.append(batch);
          shard.become(versions.at(-1)!);
          const known = shard.state.merchant?.rules?.version ?? 0;
          for (const [n, event] of batch.entries()) {
            if (letters[n] !== "a") continue;
            log.push(event);
            const { date } = dayAt(merchant.zone, event.occurred_at);
            if (!begun.has(date)) begun.set(date, known);
          }
          if (deaths.includes(at / 10)) {
            if (at % 20 === 0) shard.checkpoint();
            shard.recover();
          }
        }
        const replayed = [...shard.state.days.values()].map((live) => {
          expect([live.day.date, live.merchant.rules?.version ?? 0]).toEqual([live.day.date, begun.get(live.day.date)]);
          const state = new DayState(live.day, merchant, () => null, live.merchant.rules ?? NO_RULES);
          for (const event of log)
            if (dayAt(merchant.zone, event.occurred_at).date === live.day.date) foldEvent(state, event, 1);
          expect(live.books.verdicts).toEqual(state.books.verdicts);
          return rollupsOf(state);
        });
        expect(shard.rollups().map((rollup) => ({ ...rollup, seq: 0 }))).toEqual(
          replayed.flat().toSorted((a, b) => a.hour - b.hour),
        );
      },
    ),
    { seed: 20261124, numRuns: 30 },
  );
});

test("an older version that some edge still knows changes nothing, and is not written down again and again", () => {
  const shard = new Rehearsal(merchant);
  const versionOf = (version: number): Merchant => ({ ...merchant, rules: { version, extraBots: [] } });
  for (const version of [1, 2, 1, 2, 1]) {
    shard.become(versionOf(version));
    shard.append([visitTo(`https://shop.example/${shard.log.length}`)]);
  }
  expect(shard.state.merchant).toEqual(versionOf(2));
  expect(shard.log.filter((row) => row.includes('"version"'))).toHaveLength(2);
});
