import * as fc from "fast-check";
import { expect, test } from "vitest";
import { type DayRollup, DayRollupBuilder } from "./day-rollup.ts";
import { DIMENSION_VALUES_MAX } from "./limits.ts";
import { MEASURES, type Measure, OTHER, type Rollup } from "./rollup.ts";
import { rollupsOf, type VisitFixture, visitorId } from "./rollup-fixture.ts";
import { Sketch } from "./sketch.ts";

const ZONE = "Europe/Berlin";
const MIDNIGHT_MS = Date.parse("2026-11-24T00:00:00+01:00");
const KEY = { merchant: "m_day", shard: 0, date: "2026-11-24", currency: "EUR" };

const dayOf = (hours: readonly Rollup[]): DayRollup => {
  const builder = new DayRollupBuilder(KEY);
  for (const hour of hours) builder.add(hour);
  return builder.build();
};

const zeros = (): Record<Measure, number> =>
  Object.fromEntries(MEASURES.map((measure) => [measure, 0])) as Record<Measure, number>;

const hourOf = (hour: number, over: Partial<Rollup>): Rollup => ({
  ...KEY,
  hour: MIDNIGHT_MS + hour * 3_600_000,
  seq: 1,
  totals: zeros(),
  foreign: 0,
  anonymous: null,
  identified: null,
  minutes: null,
  dimensions: {},
  sketches: {},
  ...over,
});

const sketch = (...visitors: number[]): string => {
  const members = new Sketch();
  for (const visitor of visitors) members.add(visitor, visitor);
  return members.toHex();
};

const visitLists: fc.Arbitrary<VisitFixture[]> = fc.array(
  fc
    .record({
      person: fc.nat(30),
      minute: fc.nat(1_439),
      channel: fc.constantFrom("Email", "Direct", "Paid Search"),
      pages: fc.array(fc.constantFrom("/", "/a", "/b", "/c"), { minLength: 1, maxLength: 4 }),
      gross: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 9_000_000 })),
    })
    .map(({ minute, ...visit }) => ({
      ...visit,
      identified: visit.person % 3 === 0,
      atMs: MIDNIGHT_MS + minute * 60_000,
    })),
  { minLength: 1, maxLength: 120 },
);

const hoursOf = (list: readonly VisitFixture[]): Rollup[] =>
  rollupsOf("m_day", ZONE, 1, list).toSorted((a, b) => a.hour - b.hour);

const distinct = (list: readonly VisitFixture[], identified: boolean): number =>
  new Set(list.filter((visit) => visit.identified === identified).map((visit) => visitorId(ZONE, visit))).size;

const count = (hex: string | null | undefined): number => {
  if (typeof hex !== "string") return 0;
  const members = Sketch.fromHex(hex);
  return members.ok ? members.value.cardinality() : Number.NaN;
};

test("a day is what a count over its visits says: in total, by attribute and by page", () => {
  fc.assert(
    fc.property(visitLists, (list) => {
      const day = dayOf(hoursOf(list));
      expect([day.totals.visits, day.totals.gross, day.visitors, count(day.anonymous), count(day.identified)]).toEqual([
        list.length,
        list.reduce((sum, { gross }) => sum + gross, 0),
        distinct(list, false),
        distinct(list, false),
        distinct(list, true),
      ]);
      const groups = {
        channel: ({ channel }: VisitFixture) => [channel],
        page: ({ pages }: VisitFixture) => pages,
      };
      for (const [dimension, valuesOf] of Object.entries(groups) as ["channel" | "page", typeof groups.page][]) {
        const column = day.dimensions[dimension]!;
        const values = [...new Set(list.flatMap(valuesOf))].toSorted();
        const with_ = (value: string) => list.filter((visit) => valuesOf(visit).includes(value));
        expect(column.v).toEqual(values);
        expect(column.visits).toEqual(values.map((value) => with_(value).length));
        expect(column.visitors ?? values.map(() => 0)).toEqual(values.map((value) => distinct(with_(value), false)));
        expect(day.sketches[dimension]?.anonymous).toBeUndefined();
        expect(values.map((_, at) => count(day.sketches[dimension]?.identified?.[at]))).toEqual(
          values.map((value) => distinct(with_(value), true)),
        );
        for (const measure of MEASURES)
          expect(
            column[measure]?.some((n) => n !== 0),
            `${measure} is left out when zero`,
          ).not.toBe(false);
      }
    }),
    { seed: 3, numRuns: 200 },
  );
});

test("a day is the same to the letter in whatever order its visits were listed", () => {
  fc.assert(
    fc.property(visitLists, fc.integer(), (list, seed) => {
      const shuffled = list.toSorted((a, b) => ((a.atMs * 7919 + seed) % 101) - ((b.atMs * 7919 + seed) % 101));
      const sorted = (hours: Rollup[]): Rollup[] => hours.map((hour) => ({ ...hour, seq: 1 }));
      expect(JSON.stringify(dayOf(sorted(hoursOf(shuffled))))).toBe(JSON.stringify(dayOf(sorted(hoursOf(list)))));
    }),
    { seed: 4, numRuns: 100 },
  );
});

test("one day in full", () => {
  const day = dayOf([
    hourOf(9, {
      seq: 7,
      foreign: 1,
      totals: { ...zeros(), visits: 2, gross: 5 },
      anonymous: sketch(1, 2),
      dimensions: { product: { v: ["b", "a"], label: [null, "Cup"], visitors: [2, 1], visits: [2, 1] } },
      sketches: { product: { anonymous: [sketch(1, 2), sketch(1)] } },
    }),
    hourOf(10, {
      seq: 4,
      totals: { ...zeros(), visits: 1, refunds: 3 },
      anonymous: sketch(2),
      identified: sketch(9),
      dimensions: { product: { v: ["a"], label: ["A cup"], visitors: [2], orders: [1] } },
      sketches: { product: { anonymous: [sketch(2)], identified: [sketch(9)] } },
    }),
  ]);
  expect(day).toEqual({
    ...KEY,
    seq: 7,
    totals: { ...zeros(), visits: 3, gross: 5, refunds: 3 },
    foreign: 1,
    hours: {
      v: [hourOf(9, {}).hour, hourOf(10, {}).hour],
      visitors: [2, 2],
      visits: [2, 1],
      gross: [5, 0],
      refunds: [0, 3],
    },
    visitors: 2,
    anonymous: sketch(1, 2),
    identified: sketch(9),
    dimensions: { product: { v: ["a", "b"], label: ["Cup", null], visitors: [2, 2], visits: [1, 2], orders: [1, 0] } },
    sketches: { product: { identified: [sketch(9), null] } },
  });
});

test("a day without a counted event is a day of zeros", () => {
  expect(dayOf([])).toEqual({
    ...KEY,
    seq: 0,
    totals: zeros(),
    foreign: 0,
    hours: { v: [] },
    visitors: 0,
    anonymous: null,
    identified: null,
    dimensions: {},
    sketches: {},
  });
});

/** `values` pages with one visit each, by a visitor with the number of the page; "/often" besides. */
const pagesOf = (hour: number, from: number, values: number, often = 0): Rollup => {
  const v = Array.from({ length: values }, (_, at) => `/${String(from + at).padStart(6, "0")}`);
  const visits = v.map(() => 1);
  const anonymous = v.map((_, at) => sketch(from + at + 1));
  if (often > 0) {
    v.push("/often");
    visits.push(often);
    anonymous.push(sketch(5));
  }
  return hourOf(hour, { dimensions: { page: { v, visits } }, sketches: { page: { anonymous } } });
};

test("a day keeps the values with the most visits, of equals the first by name; the rest shares one", () => {
  const { dimensions } = dayOf([pagesOf(0, 0, DIMENSION_VALUES_MAX), pagesOf(1, DIMENSION_VALUES_MAX - 1, 101, 9)]);
  const { v, visits: counted, visitors } = dimensions.page!;
  expect(v.length).toBe(DIMENSION_VALUES_MAX + 1);
  const of = (value: string) => [counted?.[v.indexOf(value)], visitors?.[v.indexOf(value)]];
  expect(of("/often")).toEqual([9, 1]);
  // In both hours, so it has the second most.
  expect(of("/001999")).toEqual([2, 1]);
  expect(of("/001997")).toEqual([1, 1]);
  expect(v).not.toContain("/001998");
  expect(of(OTHER)).toEqual([101, 101]);
});

test("whatever is sent, a day in the making keeps few values, and their sums stay the day's", () => {
  const hours = Array.from({ length: 24 }, (_, hour) => pagesOf(hour, hour * DIMENSION_VALUES_MAX, 2_000, 3));
  const { dimensions } = dayOf(hours);
  const { v, visits: counted } = dimensions.page!;
  expect(v.length).toBe(DIMENSION_VALUES_MAX + 1);
  expect(counted!.reduce((sum, n) => sum + n, 0)).toBe(24 * 2_003);
  expect(counted![v.indexOf("/often")]).toBe(24 * 3);
});

test("an hour of another day, shard or merchant, a second time, out of order or without sketches is a bug", () => {
  const builder = new DayRollupBuilder(KEY);
  builder.add(hourOf(5, {}));
  for (const other of [{ merchant: "m_x" }, { shard: 1 }, { date: "2026-11-25" }, { currency: "USD" }])
    expect(() => builder.add(hourOf(6, other))).toThrow(`another ${Object.keys(other)[0]}`);
  expect(() => builder.add(hourOf(5, {}))).toThrow("order");
  expect(() => builder.add(hourOf(4, {}))).toThrow("order");
  const bare = hourOf(6, { dimensions: { page: { v: ["/"], visitors: [1] } } });
  expect(() => builder.add(bare)).toThrow("sketches");
});

test("money past what Postgres holds stays where it ends", () => {
  const rich = (hour: number) => hourOf(hour, { totals: { ...zeros(), gross: 8e18 } });
  expect(dayOf([rich(0), rich(1), rich(2)]).totals.gross).toBe(9e18);
});
