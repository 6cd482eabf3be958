import fc from "fast-check";
import { expect, test } from "vitest";
import type { Event } from "./event.ts";
import { LIVE_VISITORS_MAX, MONEY_MAJOR_UNITS_MAX, VISITOR_VISITS_MAX } from "./limits.ts";
import type { Merchant } from "./merchant.ts";
import { naiveHours, plainOf } from "./naive-rollup.ts";
import { Rehearsal } from "./rehearsal.ts";
import {
  type Column,
  DIMENSIONS,
  EXIT_DIMENSIONS,
  MEASURES,
  type Measure,
  NOT_SET,
  OTHER,
  type Rollup,
  VISIT_DIMENSIONS,
} from "./rollup.ts";
import { Sketch } from "./sketch.ts";
import { chanceOf, duplicated, late, reordered, retried, trafficOf, visitorNamed } from "./traffic.ts";
import { dayOf } from "./zone.ts";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const merchant: Merchant = {
  id: "m_test",
  name: "Test",
  zone: "Europe/Berlin",
  currency: "EUR",
  domains: ["shop.example", "blog.example"],
  shards: 1,
};
const START_MS = dayOf(merchant.zone, "2026-11-23").startMs + 20 * HOUR_MS;

/** Eight hours over a midnight. */
const traffic = (seed: number, people = 120): Event[] =>
  trafficOf({ merchant, seed, fromMs: START_MS, toMs: START_MS + 8 * HOUR_MS, people });

/** The same as it may come in: twice, out of order, after a retry, late. */
const shuffledTraffic = (seed: number, people = 120): Event[] =>
  late(
    retried(
      duplicated(reordered(traffic(seed, people), seed, 2 * MINUTE_MS), seed, 0.05, HOUR_MS),
      seed,
      0.1,
      MINUTE_MS,
    ),
    seed,
    0.05,
    10 * HOUR_MS,
  );

const sizesOf = (seed: number, total: number, largest: number): number[] => {
  const chance = chanceOf(seed);
  const sizes: number[] = [];
  for (let left = total; left > 0; left -= sizes.at(-1)!)
    sizes.push(Math.min(left, 1 + Math.floor(chance() * largest)));
  return sizes;
};

/** Appends in commits of up to `largest`; `between` is called after each. */
function run(events: readonly Event[], seed: number, largest: number, between: (shard: Rehearsal, n: number) => void) {
  const shard = new Rehearsal(merchant);
  let from = 0;
  for (const [n, size] of sizesOf(seed, events.length, largest).entries()) {
    shard.append(events.slice(from, from + size));
    from += size;
    between(shard, n);
  }
  return shard;
}

const nothing = (): void => {};
const withoutSeq = (rollups: readonly Rollup[]): string =>
  JSON.stringify(rollups.map((rollup) => ({ ...rollup, seq: 0 })));

test("any split of the log into commits gives the same rollups", () => {
  for (const seed of [1, 2, 3]) {
    const events = shuffledTraffic(seed);
    const whole = withoutSeq(run(events, seed, events.length, nothing).rollups());
    for (const largest of [1, 7, 200]) {
      expect(withoutSeq(run(events, seed + largest, largest, nothing).rollups())).toBe(whole);
    }
  }
});

test("a recovery at any point changes nothing", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), fc.array(fc.nat(40), { maxLength: 6 }), (seed, points) => {
      const events = shuffledTraffic(seed, 40);
      const untouched = run(events, seed, 20, nothing);
      const interrupted = run(events, seed, 20, (shard, n) => {
        // A checkpoint at odd points, a death at all: some recoveries fold the log from the start.
        if (points.includes(n) && n % 2 === 1) shard.checkpoint();
        if (points.includes(n)) shard.recover();
      });
      expect(interrupted.everything()).toBe(untouched.everything());
      interrupted.checkpoint();
      interrupted.recover();
      expect(interrupted.everything()).toBe(untouched.everything());
    }),
    { seed: 20261124, numRuns: 25 },
  );
});

test("hours that leave memory and come back change nothing", () => {
  for (const seed of [11, 12]) {
    const events = shuffledTraffic(seed);
    const untouched = run(events, seed, 20, nothing);
    const evicted = run(events, seed, 20, (shard) => shard.checkpoint());
    expect(evicted.loads).toBeGreaterThan(5);
    expect(evicted.everything()).toBe(untouched.everything());
  }
});

test("what readers see of an hour changes only together with its sequence", () => {
  for (const seed of [21, 22]) {
    const seen = new Map<string, string>();
    let compared = 0;
    run(shuffledTraffic(seed, 60), seed, 10, (shard) => {
      for (const rollup of shard.rollups()) {
        const key = `${rollup.hour} ${rollup.seq}`;
        const text = JSON.stringify(rollup);
        if (seen.has(key)) compared++;
        expect(seen.get(key) ?? text).toBe(text);
        seen.set(key, text);
      }
    });
    expect(compared).toBeGreaterThan(100);
  }
});

test("counts what the naive count counts, for every hour, minute, dimension and value", () => {
  for (const [seed, zone, currency] of [
    [31, "Europe/Berlin", "EUR"],
    [32, "Asia/Kathmandu", "JPY"],
    [33, "Australia/Lord_Howe", "KWD"],
  ] as const) {
    const own = { ...merchant, zone, currency };
    const events = trafficOf({ merchant: own, seed, fromMs: START_MS, toMs: START_MS + 12 * HOUR_MS, people: 250 });
    const shard = new Rehearsal(own);
    shard.append(events);
    expectNaive(shard.rollups(), events, own);
  }
});

function expectNaive(rollups: readonly Rollup[], events: readonly Event[], own: Merchant): void {
  const naive = naiveHours(events, own);
  expect(rollups.map(({ hour }) => hour)).toEqual([...naive.keys()].sort((a, b) => a - b));
  for (const rollup of rollups) expect(plainOf(rollup, visitorsOf(rollup))).toEqual(naive.get(rollup.hour));
}

const visitorsOf = ({ anonymous, identified }: Rollup): number =>
  [anonymous, identified].reduce((sum, hex) => {
    const sketch = hex === null ? null : Sketch.fromHex(hex);
    return sum + (sketch?.ok === true ? sketch.value.cardinality() : 0);
  }, 0);

test("a repeated or retried event changes no number", () => {
  const events = traffic(41);
  const once = new Rehearsal(merchant);
  once.append(events);
  const again = new Rehearsal(merchant);
  for (const event of duplicated(events, 41, 0.3, 2 * HOUR_MS)) again.append([event]);
  expect(withoutSeq(again.rollups())).toBe(withoutSeq(once.rollups()));
});

// --- sums -------------------------------------------------------------------------------------------------------------

const sumOf = (column: Column | null | undefined, measure: Measure): number =>
  (column?.[measure] ?? []).reduce((sum, n) => sum + n, 0);

function expectSums(rollup: Rollup, column: Column | null | undefined, measures: readonly Measure[]): void {
  for (const measure of measures) expect([measure, sumOf(column, measure)]).toEqual([measure, rollup.totals[measure]]);
}

const OF_VISITS: Measure[] = ["visits", "bounces", "duration"];
const OF_EVENTS = MEASURES.filter((measure) => !OF_VISITS.includes(measure));
const OF_PRODUCTS: Measure[] = ["gross", "refunds", "units", "product_views", "adds_to_cart"];

function expectPartsToSum(rollup: Rollup): void {
  for (const dimension of VISIT_DIMENSIONS) expectSums(rollup, rollup.dimensions[dimension], MEASURES);
  for (const dimension of EXIT_DIMENSIONS) expectSums(rollup, rollup.dimensions[dimension], OF_VISITS);
  for (const dimension of ["page", "hostname", "event"] as const) {
    expectSums(rollup, rollup.dimensions[dimension], OF_EVENTS);
  }
  expectSums(rollup, rollup.dimensions.product, OF_PRODUCTS);
  expectSums(rollup, rollup.minutes, MEASURES);
}

test("parts sum to the whole over every dimension and over minutes", () => {
  for (const seed of [51, 52, 53]) {
    const rollups = run(shuffledTraffic(seed), seed, 50, (shard, n) => {
      if (n % 7 === 0) shard.checkpoint();
    }).rollups();
    for (const rollup of rollups) expectPartsToSum(rollup);
    expect(rollups.reduce((sum, { totals }) => sum + totals.refunds, 0)).toBeGreaterThan(0);
    expect(rollups.reduce((sum, { totals }) => sum + totals.duration, 0)).toBeGreaterThan(0);
  }
});

// --- one visit at a time ----------------------------------------------------------------------------------------------

const NOON_MS = dayOf(merchant.zone, "2026-11-24").startMs + 12 * HOUR_MS;
let made = 0;
const event = (atMs: number, fields: Partial<Event> = {}): Event => ({
  id: `t${made++}`,
  name: "pageview",
  occurred_at: atMs,
  received_at: atMs,
  visitor: visitorNamed("someone"),
  url: "https://shop.example/",
  ...fields,
});
const folded = (...events: Event[]): Rollup[] => {
  const shard = new Rehearsal(merchant);
  shard.append(events);
  return shard.rollups();
};

test("thirty minutes belong to the visit, a millisecond more begins another", () => {
  expect(folded(event(NOON_MS), event(NOON_MS + 30 * MINUTE_MS))[0]!.totals).toMatchObject({
    visits: 1,
    bounces: 0,
    duration: 30 * MINUTE_MS,
  });
  expect(folded(event(NOON_MS), event(NOON_MS + 30 * MINUTE_MS + 1))[0]!.totals).toMatchObject({
    visits: 2,
    bounces: 2,
    duration: 0,
  });
});

test("a visit belongs to the hour of its first event, its later events to theirs", () => {
  const [noon, one] = folded(
    event(NOON_MS + 50 * MINUTE_MS, { url: "https://shop.example/a" }),
    event(NOON_MS + 70 * MINUTE_MS, { url: "https://shop.example/b" }),
  );
  expect(noon!.totals).toMatchObject({ visits: 1, pageviews: 1, duration: 20 * MINUTE_MS });
  expect(one!.totals).toMatchObject({ visits: 0, pageviews: 1, duration: 0, bounces: 0 });
  expect([visitorsOf(noon!), visitorsOf(one!)]).toEqual([1, 1]);
  expect(noon!.dimensions.exit_page).toMatchObject({ v: ["/b"], visits: [1] });
  expect(one!.dimensions.exit_page).toBeUndefined();
  // In how many visits /b occurred is said where visits are, in the first hour.
  expect(noon!.dimensions.page).toMatchObject({ v: ["/a", "/b"], visits: [1, 1], pageviews: [1, 0] });
  expect(one!.dimensions.page).toEqual({ v: ["/b"], visitors: [1], pageviews: [1], events: [1] });
});

test("a visit keeps the source that it began with", () => {
  const [rollup] = folded(
    event(NOON_MS, { referrer: "https://www.google.com/" }),
    event(NOON_MS + MINUTE_MS, { referrer: "https://pay.example/" }),
    event(NOON_MS + MINUTE_MS, { name: "purchase", value: 10 }),
  );
  expect(rollup!.dimensions.source).toMatchObject({ v: ["Google"], visits: [1], orders: [1], gross: [10_000_000] });
});

test("engagement lengthens a visit and begins none", () => {
  expect(folded(event(NOON_MS), event(NOON_MS + MINUTE_MS, { name: "engagement" }))[0]!.totals).toMatchObject({
    visits: 1,
    bounces: 1,
    duration: MINUTE_MS,
  });
  const shard = new Rehearsal(merchant);
  shard.append([event(NOON_MS, { name: "engagement" })]);
  expect(shard.rollups()).toEqual([]);
  expect([...shard.state.days.values()][0]!.books.verdicts).toEqual({ no_visit: 1 });
});

test("a bot is in the books and nowhere else", () => {
  const shard = new Rehearsal(merchant);
  shard.append([event(NOON_MS, { user_agent: "Googlebot/2.1 (+http://www.google.com/bot.html)" })]);
  expect(shard.rollups()).toEqual([]);
  expect([...shard.state.days.values()][0]!.books).toMatchObject({ accepted: 1, verdicts: { bot: 1 } });
});

test("a refund from the back office is money without a visit", () => {
  const [rollup] = folded(event(NOON_MS, { name: "refund", value: 10 }));
  expect(rollup!.totals).toMatchObject({ visits: 0, events: 1, refunds: 10_000_000, gross: 0 });
  expect(rollup!.dimensions.source).toMatchObject({ v: [NOT_SET], refunds: [10_000_000] });
  expect(visitorsOf(rollup!)).toBe(0);
  expectPartsToSum(rollup!);
});

test("orders in another currency are orders, not money", () => {
  const [rollup] = folded(event(NOON_MS, { name: "purchase", value: 10, currency: "USD" }));
  expect(rollup).toMatchObject({ currency: "EUR", foreign: 1, totals: { orders: 1, gross: 0 } });
});

test("an event up to thirty minutes before its visit joins it, and moves no attribute", () => {
  const [noon, one] = folded(
    event(NOON_MS + HOUR_MS, { url: "https://shop.example/b" }),
    event(NOON_MS + 50 * MINUTE_MS, { url: "https://shop.example/a" }),
  );
  expect(one!.totals).toMatchObject({ visits: 1, pageviews: 1, duration: 10 * MINUTE_MS, bounces: 0 });
  expect(one!.dimensions.entry_page).toMatchObject({ v: ["/b"] });
  expect(noon!.totals).toMatchObject({ visits: 0, pageviews: 1 });
});

test("a conversion is seen however much the visit saw before it", () => {
  const pages = Array.from({ length: 150 }, (_, n) => event(NOON_MS + n, { url: `https://shop.example/${n}` }));
  const items = Array.from({ length: 150 }, (_, n) => ({ item_id: `sku-${n}`, price: 1 }));
  const [rollup] = folded(
    ...pages,
    event(NOON_MS + 200, { name: "begin_checkout", items }),
    event(NOON_MS + 201, { name: "purchase", items }),
  );
  const column = rollup!.dimensions.event!;
  expect(column.v.map((name, i) => [name, column.visits?.[i]])).toEqual([
    ["begin_checkout", 1],
    ["pageview", 1],
    ["purchase", 1],
  ]);
});

test("names and products that Postgres could not hold are made fit", () => {
  const [rollup] = folded(
    event(NOON_MS, { name: "a\u0000b" }),
    event(NOON_MS, { name: "view_item", items: [{ item_id: "\ud800", item_name: "x\u0000\udfff" }] }),
  );
  expect(JSON.stringify(rollup)).not.toMatch(/\\u0000|\\ud[89a-f]/);
  expect(rollup!.dimensions.event!.v).toEqual(["a b", "view_item"]);
  expectPartsToSum(rollup!);
});

// --- bounds -----------------------------------------------------------------------------------------------------------

test("values past the limit of an hour share one, and still sum", () => {
  const events = Array.from({ length: 2_100 }, (_, n) => [
    event(NOON_MS + n, { visitor: visitorNamed(`v${n}`), url: `https://shop.example/${n}` }),
    event(NOON_MS + n, {
      visitor: visitorNamed(`v${n}`),
      url: `https://shop.example/${n}`,
      name: "view_item",
      items: [{ item_id: `sku-${n}` }],
    }),
  ]).flat();
  const [rollup] = folded(...events);
  for (const dimension of ["page", "entry_page", "exit_page", "product"] as const) {
    expect([dimension, rollup!.dimensions[dimension]!.v.length]).toEqual([dimension, 2_001]);
    expect(rollup!.dimensions[dimension]!.v).toContain(OTHER);
  }
  expectPartsToSum(rollup!);
});

test("past the limit too, an hour's exit pages do not depend on when its visits end", () => {
  const shard = new Rehearsal(merchant);
  const page = (n: number, atMs: number): Event =>
    event(atMs, { visitor: visitorNamed(`v${n}`), url: `https://shop.example/${n}` });
  // Visitors come in one order and leave in the other.
  const order = Array.from({ length: 2_100 }, (_, n) => n);
  shard.append(order.map((n) => page(n, NOON_MS + n)));
  shard.append(order.toReversed().map((n) => page(n, NOON_MS + 20 * MINUTE_MS - 300 * n)));
  const [open] = shard.rollups();
  shard.append([event(NOON_MS + 50 * MINUTE_MS), event(NOON_MS + 55 * MINUTE_MS), event(NOON_MS + 2 * HOUR_MS)]);
  const [closed] = shard.rollups();
  expect([...shard.state.days.values()][0]!.visits.size).toBe(1);
  const exits = (rollup: Rollup) => rollup.dimensions.exit_page!.v.filter((value) => value !== "/");
  expect(exits(open!)).toHaveLength(2_001);
  expect(exits(closed!)).toEqual(exits(open!));
  expectPartsToSum(closed!);
});

test("more live visits than memory holds: the longest kept is closed, and every number still sums", () => {
  const extra = 50;
  const crowd = Array.from({ length: LIVE_VISITORS_MAX + extra }, (_, n) =>
    event(NOON_MS + Math.floor(n / 100), { visitor: visitorNamed(`v${n}`) }),
  );
  const shard = new Rehearsal(merchant);
  shard.append(crowd);
  const [day] = shard.state.days.values();
  expect(day!.visits.size).toBe(LIVE_VISITORS_MAX);
  expect([day!.visits.has(crowd[extra - 1]!.visitor), day!.visits.has(crowd[extra]!.visitor)]).toEqual([false, true]);
  const [rollup] = shard.rollups();
  expect(rollup!.totals.visits).toBe(crowd.length);
  expectPartsToSum(rollup!);
});

test("one visitor's back-dated visits: only so many are live, and every number still sums", () => {
  const shard = new Rehearsal(merchant);
  // Backwards in time, so that the day's watermark never ends one.
  const visits = Array.from({ length: VISITOR_VISITS_MAX + 3 }, (_, n) => event(NOON_MS - n * 45 * MINUTE_MS));
  shard.append(visits);
  const [day] = shard.state.days.values();
  expect([...day!.visits.values()].map((live) => live.length)).toEqual([VISITOR_VISITS_MAX]);
  for (const rollup of shard.rollups()) expectPartsToSum(rollup);
  expect(shard.rollups().reduce((sum, { totals }) => sum + totals.visits, 0)).toBe(visits.length);
});

test("money that no shop ever takes saturates, so that every reader can still hold it", () => {
  const items = Array.from({ length: 200 }, () => ({ item_id: "x", price: MONEY_MAJOR_UNITS_MAX, quantity: 1 }));
  const shard = new Rehearsal(merchant);
  shard.append(Array.from({ length: 100 }, () => event(NOON_MS, { name: "purchase", items })));
  const { gross } = shard.rollups()[0]!.totals;
  expect(BigInt(JSON.stringify(gross))).toBeLessThan(2n ** 63n);
  expect(gross).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
});

// --- zones ------------------------------------------------------------------------------------------------------------

const DAYS = [
  ["a zone at :45", "Asia/Kathmandu", "2026-11-24", 24],
  ["a zone at :30", "Asia/Kolkata", "2026-11-24", 24],
  ["a spring day of 23 hours", "Europe/Berlin", "2026-03-29", 23],
  ["an autumn day of 25 hours", "America/New_York", "2026-11-01", 25],
  ["half an hour less", "Australia/Lord_Howe", "2026-10-04", 24],
  ["half an hour more", "Australia/Lord_Howe", "2026-04-05", 25],
  ["a midnight that does not exist", "Asia/Beirut", "2026-03-29", 23],
] as const;

for (const [name, zone, date, hours] of DAYS) {
  test(`${name}: every event is in its hour and day, and no visit crosses midnight`, () => {
    const own = { ...merchant, zone };
    const day = dayOf(zone, date);
    const events = trafficOf({
      merchant: own,
      seed: date.length + hours,
      fromMs: day.startMs - 2 * HOUR_MS,
      toMs: day.endMs + 2 * HOUR_MS,
      people: 300,
    });
    // On either side of both borders, one visitor who is the same every day.
    for (const borderMs of [day.startMs, day.endMs]) {
      for (const atMs of [borderMs - 1, borderMs]) {
        events.push(event(atMs, { id: `border ${atMs}`, visitor: visitorNamed("always"), identified: true }));
      }
    }
    events.sort((a, b) => a.occurred_at - b.occurred_at);
    const shard = new Rehearsal(own);
    shard.append(events);
    const rollups = shard.rollups();
    expectNaive(rollups, events, own);
    for (const rollup of rollups) expectPartsToSum(rollup);
    const ofDay = rollups.filter((rollup) => rollup.date === date);
    expect(ofDay.map(({ hour }) => hour)).toEqual(day.hours);
    expect(ofDay).toHaveLength(hours);
    const counted = [...shard.state.days.values()].reduce(
      (sum, { books }) => sum + (books.verdicts["counted"] ?? 0),
      0,
    );
    expect(rollups.reduce((sum, { totals }) => sum + totals.events, 0)).toBe(counted);
    const atBorder = rollups.filter(({ hour }) => hour === day.startMs || hour === day.endMs);
    for (const rollup of atBorder) expect(rollup.totals.visits).toBeGreaterThan(0);
    const visits = [...shard.state.days.values()].flatMap((state) => [...state.visits.values()].flat());
    for (const visit of visits) expect(dayOf(zone, visit.hour.date).endMs).toBeGreaterThan(visit.maxMs);
  });
}

test("no dimension is missing from the fold", () => {
  const [rollup] = folded(event(NOON_MS), event(NOON_MS, { name: "view_item" }));
  expect(Object.keys(rollup!.dimensions).sort()).toEqual([...DIMENSIONS].sort());
});

test("an event that cannot be folded is booked as such, and those before and after it are counted", () => {
  const shard = new Rehearsal(merchant);
  const good = (id: string): Event => ({
    id,
    name: "pageview",
    occurred_at: START_MS,
    received_at: START_MS,
    visitor: "00000000000000aa",
    url: "https://shop.example/",
  });
  const bad = { ...good("2"), items: 7, name: "purchase" } as unknown as Event;
  shard.append([good("1"), bad, good("3")]);
  expect(shard.rollups()[0]!.totals.pageviews).toBe(2);
  expect([...shard.state.days.values()][0]!.books).toMatchObject({ accepted: 3, verdicts: { counted: 2, failed: 1 } });
});
