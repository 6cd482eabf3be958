import { expect, test } from "vitest";
import { changeOf, dayDifference, DayOfHours, isNothing, TOTALS } from "./replay.ts";
import { MEASURES, type Measure, type Rollup } from "./rollup.ts";
import { Sketch } from "./sketch.ts";

const sketchOf = (...people: number[]): string => {
  const sketch = new Sketch();
  for (const person of people) sketch.add(person, person);
  return sketch.toHex();
};

/** An hour in which each of these anonymous people saw one page; `known` ones were there too, and did nothing. */
function hourOf(hour: number, people: number[], known: number[] = []): Rollup {
  const zeros = Object.fromEntries(MEASURES.map((measure) => [measure, 0])) as Record<Measure, number>;
  const { length: n } = people;
  return {
    merchant: "m_test",
    shard: 0,
    date: "2026-11-24",
    hour,
    currency: "EUR",
    seq: 1,
    totals: { ...zeros, visits: n, pageviews: n },
    foreign: 0,
    anonymous: n === 0 ? null : sketchOf(...people),
    identified: known.length === 0 ? null : sketchOf(...known),
    minutes: null,
    dimensions: { page: { v: ["/"], visitors: [n], visits: [n], pageviews: [n] } },
    sketches: { page: { anonymous: [sketchOf(...people)] } },
  };
}

function dayOf(...hours: Rollup[]) {
  const day = new DayOfHours();
  for (const hour of hours) day.add(hour);
  return day.build();
}

test("the same day differs in nothing, whatever its sequence", () => {
  const day = dayOf(hourOf(0, [1, 2]), hourOf(1, [2, 3], [9]));
  const difference = dayDifference(day, { ...day!, seq: 7 }, 0);
  expect(isNothing(difference)).toBe(true);
  expect(difference.rows).toEqual([]);
  // Three anonymous people and one that is known: distinct over the day.
  expect(difference.totals.visitors).toEqual([4, 4]);
  expect(difference.totals.pageviews).toEqual([4, 4]);
  expect(Object.keys(difference.totals)).toEqual([...TOTALS]);
});

test("hours that differ are a difference although their day is the same", () => {
  const day = dayOf(hourOf(0, [1]));
  expect(isNothing(dayDifference(day, day, 1))).toBe(false);
});

test("rows say of each value and measure what it was and would be, and visitors once", () => {
  const difference = dayDifference(dayOf(hourOf(0, [1, 2])), dayOf(hourOf(0, [1])), 1);
  const shown = difference.rows.map(({ dimension, value, measure, before, after }) => [
    dimension,
    value,
    measure,
    before,
    after,
  ]);
  expect(shown.toSorted((a, b) => (String(a) < String(b) ? -1 : 1))).toEqual([
    ["hour", 0, "pageviews", 2, 1],
    ["hour", 0, "visitors", 2, 1],
    ["hour", 0, "visits", 2, 1],
    ["page", "/", "pageviews", 2, 1],
    ["page", "/", "visitors", 2, 1],
    ["page", "/", "visits", 2, 1],
    ["total", "", "pageviews", 2, 1],
    ["total", "", "visitors", 2, 1],
    ["total", "", "visits", 2, 1],
  ]);
});

test("as many visitors who are others are a difference", () => {
  const difference = dayDifference(dayOf(hourOf(0, [1, 2])), dayOf(hourOf(0, [1, 3])), 1);
  expect(difference.rows).toMatchObject([{ dimension: "total", measure: "anonymous", before: 2, after: 2 }]);
});

test("a day that is there only before or after", () => {
  const day = dayOf(hourOf(0, [1, 2]));
  expect(dayDifference(null, day, 1).totals.visits).toEqual([0, 2]);
  expect(dayDifference(day, null, 1).totals.visits).toEqual([2, 0]);
  expect(isNothing(dayDifference(null, null, 0))).toBe(true);
  expect(new DayOfHours().build()).toBeNull();
});

test("changes in per cent", () => {
  expect([changeOf(200, 190), changeOf(-200, -100), changeOf(3, 4), changeOf(0, 5), changeOf(7, 0)]).toEqual([
    -5,
    50,
    33.3,
    null,
    -100,
  ]);
});
