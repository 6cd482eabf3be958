// Reports over rollups held against a count over the visits that the rollups are made of.

import * as fc from "fast-check";
import { expect, test } from "vitest";
import { answerReport, type Reading } from "./answer.ts";
import type { Merchant } from "./merchant.ts";
import { DayRollupBuilder } from "./day-rollup.ts";
import { dayKey, type DaySlice, type HourSlice } from "./newest-hours.ts";
import { planReport } from "./plan.ts";
import { parseQuery } from "./query.ts";
import { OTHER, type Rollup } from "./rollup.ts";
import { rollupsOf, visitAt, type VisitFixture, visitorId } from "./rollup-fixture.ts";
import { addDays, dayAt, dayOf } from "./zone.ts";

const merchantIn = (zone: string, shards = 1): Merchant => ({
  id: "m_shop",
  name: "Shop",
  zone,
  currency: "EUR",
  domains: [],
  shards,
});

const ask = (
  merchant: Merchant,
  asked: Record<string, unknown>,
  reading: Partial<Reading>,
  nowMs = Date.parse("2030-01-01"),
) => {
  const query = parseQuery({ merchant: merchant.id, ...asked });
  if (!query.ok) throw new Error(`${query.failure.pointer} ${query.failure.message}`);
  const plan = planReport(query.value, merchant, nowMs);
  if (!plan.ok) throw new Error(`${plan.failure.pointer} ${plan.failure.message}`);
  if (plan.value.source === "scan") throw new Error(`not in rollups: ${plan.value.because}`);
  const nothing = { published: [], days: [], sealed: new Set<string>(), live: [], freshToMs: nowMs, stale: [] };
  return answerReport(plan.value, { ...nothing, ...reading });
};

const ZONES = [
  "Europe/Berlin",
  "Asia/Kathmandu",
  "America/St_Johns",
  "Australia/Lord_Howe",
  "America/Sao_Paulo",
  // Merchants that moved.
  "Europe/Berlin,2026-03-29=America/New_York,2026-06-03=Asia/Kathmandu",
  "America/St_Johns,2026-10-24=Europe/Berlin",
];
/** Around changes of the clocks: Berlin and others go forward, Lord Howe back by half an hour, São Paulo at midnight. */
const STARTS = ["2026-03-27", "2026-10-23", "2026-04-03", "2018-11-02", "2018-02-16", "2026-06-01"];

interface Scene {
  merchant: Merchant;
  first: string;
  last: string;
  visits: VisitFixture[];
  rollups: Rollup[];
}

const scenes: fc.Arbitrary<Scene> = fc
  .record({
    zone: fc.constantFrom(...ZONES),
    first: fc.constantFrom(...STARTS),
    days: fc.integer({ min: 1, max: 9 }),
    shards: fc.integer({ min: 1, max: 3 }),
    drafts: fc.array(
      fc.record({
        person: fc.nat(12),
        minute: fc.nat(100_000),
        channel: fc.constantFrom("Email", "Direct", "Paid Search"),
        pages: fc.array(fc.constantFrom("/", "/a", "/b", "/c"), { minLength: 1, maxLength: 4 }),
        gross: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 9_000_000 })),
      }),
      { minLength: 1, maxLength: 80 },
    ),
  })
  .map(({ zone, first, days, shards, drafts }) => {
    const last = addDays(first, days - 1);
    const fromMs = dayOf(zone, first).startMs;
    const minutes = (dayOf(zone, last).endMs - fromMs) / 60_000;
    const visits = drafts.map(({ minute, ...draft }) => ({
      ...draft,
      identified: draft.person % 3 === 0,
      atMs: fromMs + (minute % minutes) * 60_000,
    }));
    return {
      merchant: merchantIn(zone, shards),
      first,
      last,
      visits,
      rollups: rollupsOf("m_shop", zone, shards, visits),
    };
  });

const SEEDED = { seed: 17, numRuns: 150 };

/** Distinct as the definition says it: ids of a day for those that are not identified, ids as such for the others. */
const distinct = (zone: string, visits: readonly VisitFixture[]): number =>
  new Set(visits.map((visit) => visitorId(zone, visit))).size;

const ADDITIVE = ["visits", "pageviews", "events", "orders", "gross_revenue", "net_revenue"];

const exact = (value: unknown): bigint => {
  if (typeof value === "number") return BigInt(value);
  const [whole, decimals = ""] = (value as { value: string }).value.split(".");
  return BigInt(`${whole}${decimals.padEnd(6, "0")}`);
};

const summed = (rows: readonly { metrics: readonly unknown[] }[]): bigint[] =>
  ADDITIVE.map((_, index) => rows.reduce((sum, { metrics }) => sum + exact(metrics[index]), 0n));

test("the whole is what a count over the visits says", () => {
  fc.assert(
    fc.property(scenes, ({ merchant, first, last, visits, rollups }) => {
      const metrics = ["visitors", "visits", "pageviews", "bounce_rate", "orders", "gross_revenue", "conversion_rate"];
      const { results } = ask(merchant, { metrics, date_range: [first, last] }, { live: rollups });
      const orders = visits.filter(({ gross }) => gross > 0).length;
      const bounces = visits.filter(({ pages, gross }) => pages.length === 1 && gross === 0).length;
      expect(results).toHaveLength(1);
      const [visitors, visited, pageviews, bounceRate, ordered, gross, conversion] = results[0]!.metrics;
      expect([visitors, visited, pageviews, ordered]).toEqual([
        distinct(merchant.zone, visits),
        visits.length,
        visits.reduce((sum, { pages }) => sum + pages.length, 0),
        orders,
      ]);
      expect(bounceRate).toBeCloseTo((100 * bounces) / visits.length, 2);
      expect(conversion).toBeCloseTo((100 * orders) / visits.length, 2);
      expect(exact(gross)).toBe(BigInt(visits.reduce((sum, visit) => sum + visit.gross, 0)));
    }),
    SEEDED,
  );
});

test("parts sum to the whole where a measure is additive, by any interval and by any attribute of visits", () => {
  fc.assert(
    fc.property(
      scenes,
      fc.constantFrom("time:hour", "time:day", "time:week", "time:month", "time", "channel"),
      ({ merchant, first, last, rollups }, dimension) => {
        const asked = { metrics: ADDITIVE, date_range: [first, last] };
        const whole = ask(merchant, asked, { live: rollups }).results;
        const parts = ask(merchant, { ...asked, dimensions: [dimension] }, { live: rollups }).results;
        expect(summed(parts)).toEqual(summed(whole));
      },
    ),
    SEEDED,
  );
});

test("minutes sum to their range, and a range between two minutes has only what is between them", () => {
  fc.assert(
    fc.property(
      scenes,
      fc.nat(1_500),
      fc.integer({ min: 1, max: 1_500 }),
      ({ merchant, first, visits, rollups }, skip, length) => {
        const fromMs = dayOf(merchant.zone, first).startMs + skip * 60_000;
        const toMs = fromMs + length * 60_000;
        const range = [fromMs, toMs].map((ms) => new Date(ms).toISOString().replace("Z", "+00:00"));
        const asked = { metrics: ["visits", "gross_revenue"], date_range: range, dimensions: ["time:minute"] };
        const { results } = ask(merchant, asked, { live: rollups });
        const inRange = visits.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
        expect(results.reduce((sum, { metrics }) => sum + exact(metrics[0]), 0n)).toBe(BigInt(inRange.length));
        expect(results.reduce((sum, { metrics }) => sum + exact(metrics[1]), 0n)).toBe(
          BigInt(inRange.reduce((sum, { gross }) => sum + gross, 0)),
        );
      },
    ),
    SEEDED,
  );
});

test("visitors by day, hour, channel and page are those of a count over the visits", () => {
  fc.assert(
    fc.property(scenes, ({ merchant, first, last, visits, rollups }) => {
      const { zone } = merchant;
      const keys: Record<string, (visit: VisitFixture) => string[]> = {
        "time:day": ({ atMs }) => [dayAt(zone, atMs).date],
        channel: ({ channel }) => [channel],
        page: ({ pages }) => pages,
      };
      for (const [dimension, keysOf] of Object.entries(keys)) {
        const asked = { metrics: ["visitors"], date_range: [first, last], dimensions: [dimension] };
        const { results } = ask(merchant, asked, { live: rollups });
        const expected = new Map<string, VisitFixture[]>();
        for (const visit of visits)
          for (const key of new Set(keysOf(visit))) expected.set(key, [...(expected.get(key) ?? []), visit]);
        expect(new Map(results.map(({ dimensions, metrics }) => [dimensions[0], metrics[0]]))).toEqual(
          new Map([...expected].map(([key, group]) => [key, distinct(zone, group)])),
        );
      }
    }),
    SEEDED,
  );
});

test("it does not matter where an hour came from, how often, in which order, or what older value came with it", () => {
  fc.assert(
    fc.property(scenes, fc.infiniteStream(fc.nat(5)), ({ merchant, first, last, rollups }, luck) => {
      const asked = { metrics: ["visitors", ...ADDITIVE], date_range: [first, last], dimensions: ["channel"] };
      const straight = ask(merchant, asked, { live: rollups });
      const published: HourSlice[] = [];
      const live: HourSlice[] = [];
      for (const rollup of rollups) {
        const older = { ...rollup, seq: rollup.seq - 1, totals: { ...rollup.totals, visits: 9_999 }, dimensions: {} };
        const [where, oldToo, front] = [luck.next().value, luck.next().value, luck.next().value];
        if (where < 3) published.push(rollup);
        if (where > 1) live.push(rollup);
        const into = (oldToo < 3 ? published : live)[front < 3 ? "push" : "unshift"];
        into.call(oldToo < 3 ? published : live, older);
      }
      expect(ask(merchant, asked, { published, live }).results).toEqual(straight.results);
    }),
    SEEDED,
  );
});

const daysOf = (rollups: readonly Rollup[], generation: number): DaySlice[] =>
  [...Map.groupBy(rollups, ({ date, shard }) => dayKey(date, shard)).values()].map((hours) => {
    const builder = new DayRollupBuilder(hours[0]!);
    for (const hour of hours.toSorted((a, b) => a.hour - b.hour)) builder.add(hour);
    return { ...builder.build(), generation };
  });

test("a question gives the same from days and from hours, whichever days are sealed", () => {
  fc.assert(
    fc.property(
      scenes,
      fc.constantFrom(null, "time:day", "time:week", "time:month", "channel", "page", "event"),
      fc.infiniteStream(fc.boolean()),
      ({ merchant, first, last, rollups }, dimension, luck) => {
        const metrics = ["visitors", "visits", "pageviews", "events", "orders", "net_revenue"];
        if (dimension !== "channel" && dimension !== "page") metrics.push("conversion_rate");
        const asked = { metrics, date_range: [first, last], dimensions: dimension === null ? [] : [dimension] };
        const hourly = ask(merchant, asked, { live: rollups });
        const days = daysOf(rollups, 3).filter(() => luck.next().value);
        const sealed = new Set(days.map(({ date, shard }) => dayKey(date, shard)));
        // An object that does not know of the seal still has the hours.
        const live = rollups.filter(({ date, shard }) => !sealed.has(dayKey(date, shard)) || luck.next().value);
        const mixed = ask(merchant, asked, { days, sealed, live });
        expect(mixed.results).toEqual(hourly.results);
        const generations = [...(days.length < daysOf(rollups, 3).length ? [0] : []), ...(days.length > 0 ? [3] : [])];
        expect(mixed.meta).toEqual({ ...hourly.meta, source: mixed.meta.source, cost: mixed.meta.cost, generations });
      },
    ),
    { ...SEEDED, numRuns: 300 },
  );
});

test("so do large sketches, which are estimates", () => {
  const first = dayOf("Europe/Berlin", "2026-01-05").startMs;
  const visits = Array.from({ length: 12_000 }, (_, n) => ({
    person: n % 2_500,
    identified: (n % 2_500) % 5 === 0,
    atMs: first + ((n * 7_919) % (3 * 1_440)) * 60_000,
    channel: n % 3 === 0 ? "Email" : "Direct",
    pages: n % 100 === 0 ? ["/rare"] : ["/"],
    gross: 0,
  }));
  const merchant = merchantIn("Europe/Berlin", 2);
  const rollups = rollupsOf("m_shop", "Europe/Berlin", 2, visits);
  const days = daysOf(rollups, 0);
  for (const dimension of [null, "time:day", "time:week", "channel", "page"]) {
    const asked = {
      metrics: ["visitors", "visits"],
      date_range: ["2026-01-05", "2026-01-07"],
      dimensions: dimension === null ? [] : [dimension],
    };
    const hourly = ask(merchant, asked, { published: rollups.map((rollup) => ({ ...rollup, generation: 0 })) });
    const daily = ask(merchant, asked, { days });
    expect(hourly.meta.approximate).toEqual(["visitors"]);
    expect(daily).toEqual({
      ...hourly,
      meta: { ...hourly.meta, source: daily.meta.source, cost: daily.meta.cost },
    });
  }
});

test("generations: none of an empty answer, the live one of the objects, and each that was read", () => {
  const rollups = rollupsOf("m_shop", "Europe/Berlin", 1, [
    visitAt("2026-01-05T10:00:00Z"),
    visitAt("2026-01-06T10:00:00Z"),
  ]);
  const [old, newer] = rollups.map((rollup, at) => ({ ...rollup, generation: at === 0 ? 12 : 0 }));
  const generations = (reading: Partial<Reading>) =>
    ask(BERLIN, { metrics: ["visits"], date_range: ["2026-01-05", "2026-01-06"] }, reading).meta.generations;
  expect(generations({})).toEqual([]);
  expect(generations({ live: rollups })).toEqual([0]);
  expect(generations({ published: [old!, newer!] })).toEqual([0, 12]);
  expect(generations({ days: daysOf(rollups.slice(0, 1), 5), live: rollups.slice(1) })).toEqual([0, 5]);
});

test("a product is shown by its name of the latest date, wherever that was read", () => {
  const named = (date: string, label: string | null, hour: number): HourSlice => ({
    date,
    hour: dayOf("Europe/Berlin", date).startMs + hour * 3_600_000,
    shard: 0,
    currency: "EUR",
    seq: 1,
    foreign: 0,
    totals: {},
    dimensions: { product: { v: ["sku"], label: [label], orders: [1] } },
    sketches: {},
  });
  const shown = (...hours: HourSlice[]) =>
    ask(
      BERLIN,
      { metrics: ["orders"], date_range: ["2026-01-05", "2026-01-06"], dimensions: ["product"] },
      { live: hours },
    ).results[0]!.label;
  const hours = [named("2026-01-05", "Zebra", 9), named("2026-01-06", "Cup", 3), named("2026-01-06", "A cup", 7)];
  for (const order of [hours, hours.toReversed()]) expect(shown(...order)).toBe("Cup");
  expect(shown(named("2026-01-05", "Zebra", 9), named("2026-01-06", null, 9))).toBe("Zebra");
});

test("the resolved query, asked again later, gives the same rows", () => {
  fc.assert(
    fc.property(
      scenes,
      fc.constantFrom("7d", "24h", "month", "yesterday"),
      fc.constantFrom("time", "page"),
      (scene, range, dimension) => {
        const { merchant, last, rollups } = scene;
        const nowMs = dayOf(merchant.zone, last).startMs + 3_600_000;
        const include = {
          comparisons: { mode: "previous_period" },
          ...(dimension === "time" ? { time_labels: true } : {}),
        };
        const asked = { metrics: ["visitors", "visits"], date_range: range, dimensions: [dimension], include };
        const first = ask(merchant, asked, { live: rollups }, nowMs);
        const again = ask(merchant, first.query, { live: rollups }, nowMs + 20 * 86_400_000);
        expect(again.results).toEqual(first.results);
        expect(again.query).toEqual(first.query);
      },
    ),
    SEEDED,
  );
});

const BERLIN = merchantIn("Europe/Berlin");
const liveOf = (...visits: VisitFixture[]) => ({ live: rollupsOf("m_shop", "Europe/Berlin", 1, visits) });

test("rows come in the order asked, equal ones by value, those without a number last", () => {
  const live = liveOf(
    visitAt("2026-01-05T10:00:00Z", { channel: "b", gross: 5_000_000 }),
    visitAt("2026-01-05T10:00:00Z", { channel: "a", gross: 5_000_000 }),
    visitAt("2026-01-05T10:00:00Z", { channel: "c" }),
    visitAt("2026-01-05T10:00:00Z", { channel: "d", gross: 7_000_000 }),
  );
  const order = (order_by: unknown, pagination = {}) =>
    ask(
      BERLIN,
      {
        metrics: ["average_order_value"],
        date_range: ["2026-01-05", "2026-01-05"],
        dimensions: ["channel"],
        order_by,
        pagination,
      },
      live,
    ).results.map(({ dimensions }) => dimensions[0]);
  expect(order(undefined)).toEqual(["d", "a", "b", "c"]);
  expect(order([["average_order_value", "asc"]])).toEqual(["a", "b", "d", "c"]);
  expect(order([["channel", "desc"]])).toEqual(["d", "c", "b", "a"]);
  expect(order(undefined, { limit: 2, offset: 1 })).toEqual(["a", "b"]);
});

test("an empty range has one row of zeros as a whole, and none by value or time unless asked to be filled", () => {
  const asked = { metrics: ["visits", "bounce_rate", "net_revenue"], date_range: ["2026-01-05", "2026-01-06"] };
  const empty = { metrics: [0, null, { value: "0.00", currency: "EUR" }] };
  expect(ask(BERLIN, asked, {}).results).toEqual([{ ...empty, dimensions: [] }]);
  expect(ask(BERLIN, { ...asked, dimensions: ["channel"] }, {}).results).toEqual([]);
  expect(ask(BERLIN, { ...asked, dimensions: ["time:day"] }, {}).results).toEqual([]);
  const filled = ask(BERLIN, { ...asked, dimensions: ["time:day"], include: { fill: true } }, {});
  expect(filled.results).toEqual([
    { ...empty, dimensions: ["2026-01-05"] },
    { ...empty, dimensions: ["2026-01-06"] },
  ]);
});

test("a range begins with its first instant and ends before the one after its last, also where more has been read", () => {
  const live = liveOf(
    ...["08:59", "09:00", "09:59", "10:00", "10:01"].map((time) => visitAt(`2026-01-05T${time}:00Z`)),
  );
  const visitsIn = (date_range: unknown, dimensions: string[] = []) =>
    ask(BERLIN, { metrics: ["visits"], date_range, dimensions }, live).results.map(({ metrics }) => metrics[0]);
  expect(visitsIn(["2026-01-05T09:00:00Z", "2026-01-05T10:00:00Z"])).toEqual([2]);
  expect(visitsIn(["2026-01-05T09:00:00Z", "2026-01-05T10:00:00Z"], ["time:hour"])).toEqual([2]);
  expect(visitsIn(["2026-01-05T09:00:00Z", "2026-01-05T10:01:00Z"], ["time:minute"])).toEqual([1, 1, 1]);
});

test("conversion by event is of all visits", () => {
  const live = liveOf(
    visitAt("2026-01-05T09:00:00Z", { gross: 10_000 }),
    ...["10:00", "11:00", "12:00"].map((time) => visitAt(`2026-01-05T${time}:00Z`)),
  );
  const asked = { metrics: ["conversion_rate"], date_range: ["2026-01-05", "2026-01-05"], dimensions: ["event"] };
  expect(ask(BERLIN, asked, live).results).toEqual([
    { metrics: [100], dimensions: ["pageview"] },
    { metrics: [25], dimensions: ["purchase"] },
  ]);
  expect(ask(BERLIN, { ...asked, filters: [["is", "event", ["purchase"]]] }, live).results).toEqual([
    { metrics: [25], dimensions: ["purchase"] },
  ]);
  expect(ask(BERLIN, { ...asked, dimensions: ["time:day"] }, live).results).toEqual([
    { metrics: [25], dimensions: ["2026-01-05"] },
  ]);
});

test("a filter keeps the values named, and all rows are counted whatever the page", () => {
  const live = liveOf(...["/a", "/b", "/c"].map((page) => visitAt("2026-01-05T10:00:00Z", { pages: [page] })));
  const asked = {
    metrics: ["pageviews"],
    date_range: ["2026-01-05", "2026-01-05"],
    dimensions: ["page"],
    include: { total_rows: true },
  };
  const { results, meta } = ask(
    BERLIN,
    { ...asked, filters: [["is", "page", ["/c", "/a"]]], pagination: { limit: 1 } },
    live,
  );
  expect(results).toEqual([{ metrics: [1], dimensions: ["/a"] }]);
  expect(meta.total_rows).toBe(2);
});

test("comparison: by value the same value, by time the bucket at the same place", () => {
  const live = liveOf(
    visitAt("2026-01-05T10:00:00Z", { channel: "Email", gross: 30_000_000 }),
    visitAt("2026-01-06T10:00:00Z", { channel: "Direct", pages: ["/", "/a"] }),
    visitAt("2026-01-06T10:30:00Z", { channel: "Email", gross: 20_000_000 }),
    visitAt("2026-01-06T11:00:00Z", { channel: "Email" }),
  );
  const asked = {
    metrics: ["visits", "bounce_rate", "net_revenue"],
    date_range: ["2026-01-06", "2026-01-06"],
    include: { comparisons: { mode: "previous_period" } },
  };
  const money = (value: string) => ({ value, currency: "EUR" });
  expect(ask(BERLIN, { ...asked, dimensions: ["channel"] }, live).results).toEqual([
    {
      metrics: [2, 50, money("20.00")],
      dimensions: ["Email"],
      comparison: { metrics: [1, 0, money("30.00")], dimensions: ["Email"], change: [100, 50, -33.3] },
    },
    {
      metrics: [1, 0, money("0.00")],
      dimensions: ["Direct"],
      comparison: { metrics: [0, null, money("0.00")], dimensions: ["Direct"], change: [null, null, 0] },
    },
  ]);
  expect(ask(BERLIN, { ...asked, metrics: ["visits"], dimensions: ["time:hour"] }, live).results).toEqual([
    {
      metrics: [2],
      dimensions: ["2026-01-06 11:00:00"],
      comparison: { metrics: [1], dimensions: ["2026-01-05 11:00:00"], change: [100] },
    },
    {
      metrics: [1],
      dimensions: ["2026-01-06 12:00:00"],
      comparison: { metrics: [0], dimensions: ["2026-01-05 12:00:00"], change: [null] },
    },
  ]);
});

test("says how fresh and how complete it is, and which buckets are not whole", () => {
  const nowMs = Date.parse("2026-01-07T14:20:30+01:00");
  const asked = { metrics: ["visits"], date_range: "7d", dimensions: ["time:week"], include: { time_labels: true } };
  const { meta } = ask(BERLIN, asked, liveOf(visitAt("2026-01-05T10:00:00Z")), nowMs);
  expect(meta).toEqual({
    fresh_to: "2026-01-07T14:20:30+01:00",
    complete_to: "2026-01-07T14:00:00+01:00",
    time_zone: "Europe/Berlin",
    currency: "EUR",
    source: { kind: "rollup", postgres_rows: 0, object_hours: 1 },
    cost: { rows: 1, bytes: 0 },
    generations: [0],
    approximate: [],
    notes: [],
    other: false,
    foreign: 0,
    stale: null,
    incomplete: ["2025-12-29", "2026-01-05"],
    time_labels: ["2025-12-29", "2026-01-05"],
  });
  const closed = ask(BERLIN, { metrics: ["visits"], date_range: ["2026-01-01", "2026-01-02"] }, {}, nowMs);
  expect(closed.meta.complete_to).toBe("2026-01-03T00:00:00+01:00");
});

test("fills up to the present, not into the future", () => {
  const nowMs = Date.parse("2026-01-07T02:20:00+01:00");
  const asked = {
    metrics: ["visits"],
    date_range: "day",
    dimensions: ["time:hour"],
    include: { fill: true, time_labels: true },
  };
  const { results, meta } = ask(BERLIN, asked, {}, nowMs);
  expect(results.map(({ dimensions }) => dimensions[0]?.slice(11, 13))).toEqual(["00", "01", "02"]);
  expect(meta.time_labels).toHaveLength(24);
  expect(meta.incomplete).toEqual(["2026-01-07 02:00:00"]);
});

test("what a number is not, stands beside it", () => {
  const [rollup] = liveOf(visitAt("2026-01-05T10:00:00Z", { gross: 5_000_000 })).live;
  const column = { v: ["/", OTHER], visits: [1, 1], visitors: [1, 4] };
  const odd: Rollup = { ...rollup!, foreign: 2, currency: "USD", dimensions: { page: column }, sketches: {} };
  const stale = ["Postgres is unreachable: hours may be missing."];
  const asked = {
    metrics: ["visitors", "gross_revenue"],
    date_range: ["2026-01-05", "2026-01-05"],
    dimensions: ["page"],
  };
  const { results, meta } = ask(BERLIN, asked, { live: [odd], freshToMs: null, stale });
  expect(results).toEqual([
    { metrics: [4, { value: "0.00", currency: "EUR" }], dimensions: [OTHER] },
    { metrics: [1, { value: "0.00", currency: "EUR" }], dimensions: ["/"] },
  ]);
  expect(meta).toMatchObject({
    fresh_to: null,
    complete_to: null,
    approximate: ["visitors"],
    notes: [expect.stringContaining("within each hour"), expect.stringContaining("USD")],
    other: true,
    foreign: 2,
    stale: stale[0],
  });
});
