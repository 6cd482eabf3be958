import { expect, test } from "vitest";
import { type HourSlice, newestHours } from "./newest-hours.ts";

const slice = (seq: number, visits: number, over: Partial<HourSlice> = {}): HourSlice => ({
  hour: 0,
  date: "1970-01-01",
  shard: 0,
  currency: "EUR",
  foreign: 0,
  seq,
  totals: { visits },
  dimensions: {},
  sketches: {},
  ...over,
});

test("the higher sequence replaces, wherever it is and in whatever order", () => {
  const [old, fresh] = [slice(1, 10), slice(2, 20)];
  for (const [published, live] of [
    [[old, fresh], []],
    [[fresh, old], []],
    [[fresh], [old]],
    [[old], [fresh]],
    [[], [fresh, old]],
  ])
    expect(newestHours(published!, live!)).toEqual([fresh]);
});

test("at the same sequence it is the object's, which is never a part only", () => {
  const [part, whole] = [slice(2, 20), slice(2, 20, { dimensions: { page: { v: ["/"] } } })];
  expect(newestHours([part], [whole])).toEqual([whole]);
});

test("hours and shards stand apart", () => {
  const all = [slice(1, 1), slice(1, 2, { hour: 3_600_000 }), slice(1, 3, { shard: 1 })];
  expect(newestHours(all.slice(0, 2), all.slice(2))).toEqual(all);
});
