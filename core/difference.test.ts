import fc from "fast-check";
import { expect, test } from "vitest";
import { DayRollupBuilder } from "./day-rollup.ts";
import { Differences, type Difference } from "./difference.ts";
import type { Merchant } from "./merchant.ts";
import { Rehearsal } from "./rehearsal.ts";
import { DIMENSIONS, MEASURES, type Column, type Rollup } from "./rollup.ts";
import { Sketch } from "./sketch.ts";
import { trafficOf } from "./traffic.ts";
import { dayOf } from "./zone.ts";

const merchant: Merchant = {
  id: "m_test",
  name: "Test",
  zone: "Europe/Berlin",
  currency: "EUR",
  domains: ["shop.example"],
  shards: 1,
};
const DAY = dayOf(merchant.zone, "2026-11-23");

const rollups = ((): Rollup[] => {
  const shard = new Rehearsal(merchant);
  shard.append(trafficOf({ merchant, seed: 5, fromMs: DAY.startMs, toMs: DAY.endMs, people: 80 }));
  return shard.rollups();
})();
const sample = rollups.find(({ totals }) => totals.orders > 0)!;

const compared = (before: Rollup | null, after: Rollup | null): Differences => {
  const differences = new Differences();
  differences.add(before, after);
  return differences;
};

test("equal countings differ in nothing, whatever their sequences", () => {
  const differences = new Differences();
  for (const rollup of rollups) differences.add(rollup, structuredClone({ ...rollup, seq: 99 }));
  differences.add(null, null);
  expect([differences.empty, differences.count, differences.first, differences.rows]).toEqual([true, 0, null, []]);
  expect(differences.summary).toEqual({});
});

/** Everything in a rollup that a number, a name or a sketch can be changed in. */
interface Spot {
  change: (rollup: Rollup) => void;
  expected: Partial<Difference>;
}

const bump = (numbers: number[], at: number): void => void (numbers[at] = numbers[at]! + 1);

function spotsOf(rollup: Rollup): Spot[] {
  const total = { dimension: "total", value: "" } as const;
  const spots: Spot[] = MEASURES.map((measure) => ({
    change: (copy) => void copy.totals[measure]++,
    expected: { ...total, measure, before: rollup.totals[measure], after: rollup.totals[measure] + 1 },
  }));
  spots.push({ change: (copy) => void copy.foreign++, expected: { ...total, measure: "foreign" } });
  spots.push({ change: (copy) => void (copy.currency = "USD"), expected: { measure: "currency", after: "USD" } });
  spots.push({
    change: (copy) => void (copy.anonymous = null),
    expected: { ...total, measure: "anonymous", after: 0 },
  });
  const columns: [Difference["dimension"], (from: Rollup) => Column | null | undefined][] = [
    ["minute", (from) => from.minutes],
    ...DIMENSIONS.map(
      (dimension) =>
        [dimension, (from: Rollup) => from.dimensions[dimension]] as [
          typeof dimension,
          (from: Rollup) => Column | undefined,
        ],
    ),
  ];
  for (const [dimension, columnIn] of columns) {
    const column = columnIn(rollup);
    for (const [at, value] of column?.v.entries() ?? []) {
      for (const measure of ["visitors", ...MEASURES] as const) {
        if (column![measure] === undefined) continue;
        const before = column![measure][at]!;
        const change = (copy: Rollup): void => bump(columnIn(copy)![measure]!, at);
        spots.push({ change, expected: { dimension, value, measure, before, after: before + 1 } });
      }
    }
  }
  return spots;
}

test("whatever single number changes, it is the one difference, found at its place", () => {
  const spots = spotsOf(sample);
  expect(spots.length).toBeGreaterThan(500);
  fc.assert(
    fc.property(fc.constantFrom(...spots), ({ change, expected }) => {
      const changed = structuredClone(sample);
      change(changed);
      const differences = compared(sample, changed);
      expect(differences.rows).toEqual([{ date: sample.date, hour: sample.hour, ...differences.first }]);
      expect(differences.first).toMatchObject(expected);
      expect(differences.count).toBe(1);
      expect(differences.summary[differences.first!.measure]?.cells).toBe(1);
    }),
    { seed: 4, numRuns: 400 },
  );
});

test("visitors that are others, though as many, are a difference", () => {
  const visitorOf = (n: number): string => {
    const sketch = new Sketch();
    sketch.add(n, n);
    return sketch.toHex();
  };
  const [before, after] = [1, 2].map((n) => ({ ...sample, sketches: { page: { anonymous: [visitorOf(n)] } } }));
  const dimensions = { page: { v: ["/"], visitors: [1] } };
  expect(compared({ ...before!, dimensions }, { ...after!, dimensions }).rows).toMatchObject([
    { dimension: "page", value: "/", measure: "anonymous", before: 1, after: 1 },
  ]);
});

test("a value on one side only is a difference, also with nothing to it; so are a name and an hour", () => {
  const hour = (page: Column | undefined): Rollup => ({
    ...sample,
    dimensions: page === undefined ? {} : { page },
    sketches: {},
  });
  const [there, gone] = [hour({ v: ["/a"], visits: [3] }), hour(undefined)];
  const place = { dimension: "page", value: "/a" };
  expect(compared(there, gone).rows).toMatchObject([{ ...place, measure: "visits", before: 3, after: null }]);
  expect(compared(gone, there).rows).toMatchObject([{ ...place, measure: "visits", before: null, after: 3 }]);
  expect(compared(gone, hour({ v: ["/a"] })).rows).toMatchObject([
    { ...place, measure: "events", before: null, after: 0 },
  ]);
  expect(compared(hour({ v: ["/a"], label: ["A"] }), hour({ v: ["/a"], label: ["B"] })).rows).toMatchObject([
    { ...place, measure: "label", before: "A", after: "B" },
  ]);
  const lost = compared(sample, null);
  expect(lost.first).toMatchObject({
    dimension: "total",
    measure: "visits",
    before: sample.totals.visits,
    after: null,
  });
  expect(lost.summary.visits).toMatchObject({ before: sample.totals.visits, after: 0 });
});

test("the order of values is no difference", () => {
  const turned = structuredClone(sample);
  const { page } = turned.dimensions;
  for (const array of Object.values(page!) as unknown[][]) array.reverse();
  for (const array of Object.values(turned.sketches.page!) as unknown[][]) array.reverse();
  expect(compared(sample, turned).empty).toBe(true);
});

test("of many differences the largest shares are kept, first the largest; all are counted", () => {
  const many = (by: (n: number) => number): Rollup => {
    const numbers = Array.from({ length: 50 }, (_, n) => by(n));
    return { ...sample, dimensions: { page: { v: numbers.map((_, n) => `/${n}`), visits: numbers } }, sketches: {} };
  };
  const differences = new Differences(10);
  differences.add(
    many(() => 100),
    many((n) => 100 + ((n * 7) % 50)),
  );
  expect(differences.count).toBe(49);
  const sizes = differences.rows.map(({ before, after }) => Number(after) - Number(before));
  expect(sizes).toEqual([49, 48, 47, 46, 45, 44, 43, 42, 41, 40]);
});

test("days are compared as hours are", () => {
  const dayOfHours = (hours: Rollup[]) => {
    const builder = new DayRollupBuilder({ merchant: "m_test", shard: 0, date: "2026-11-23", currency: "EUR" });
    for (const rollup of hours) builder.add(rollup);
    return builder.build();
  };
  const differences = new Differences();
  differences.add(dayOfHours(rollups), dayOfHours(rollups));
  expect(differences.empty).toBe(true);
  differences.add(dayOfHours(rollups), dayOfHours(rollups.slice(1)));
  expect(differences.first).toMatchObject({ hour: null, dimension: "total", measure: "visits" });
  expect(differences.summary.visits!.before - differences.summary.visits!.after).toBe(rollups[0]!.totals.visits);
  expect(differences.rows.some(({ measure }) => measure === "visitors")).toBe(true);
});
