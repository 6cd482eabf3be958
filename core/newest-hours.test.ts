import { expect, test } from "vitest";
import { dayKey, type DaySlice, type Found, type HourSlice, newestSlices } from "./newest-hours.ts";

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

const day = (over: Partial<DaySlice> = {}): DaySlice => {
  const { hour: _, ...rest } = slice(9, 90);
  return { ...rest, generation: 0, ...over };
};

const newest = (found: Partial<Found>) =>
  newestSlices({ published: [], days: [], sealed: new Set(), live: [], ...found });

test("the higher sequence replaces, wherever it is and in whatever order", () => {
  const [old, fresh] = [slice(1, 10), slice(2, 20)];
  for (const [published, live] of [
    [[old, fresh], []],
    [[fresh, old], []],
    [[fresh], [old]],
    [[old], [fresh]],
    [[], [fresh, old]],
  ])
    expect(newest({ published: published!, live: live! })).toEqual([fresh]);
});

test("at the same sequence it is the object's, which is never a part only", () => {
  const [part, whole] = [slice(2, 20), slice(2, 20, { dimensions: { page: { v: ["/"] } } })];
  expect(newest({ published: [part], live: [whole] })).toEqual([whole]);
});

test("hours and shards stand apart", () => {
  const all = [slice(1, 1), slice(1, 2, { hour: 3_600_000 }), slice(1, 3, { shard: 1 })];
  expect(newest({ published: all.slice(0, 2), live: all.slice(2) })).toEqual(all);
});

test("a day replaces all hours of its date and shard, wherever they are, and no others", () => {
  const others = [slice(1, 1, { date: "1970-01-02", hour: 86_400_000 }), slice(1, 2, { shard: 1 })];
  const published = [slice(99, 5), others[0]!];
  const live = [slice(99, 6, { hour: 3_600_000 }), others[1]!];
  expect(newest({ published, live, days: [day()] })).toEqual([day(), ...others]);
});

test("of a sealed date Postgres' hours are the only ones, whatever sequence an object has, and also where there is none", () => {
  const sealed = new Set([dayKey("1970-01-01", 0)]);
  const counted = slice(3, 8, { generation: 2 });
  const elsewhere = slice(1, 1, { shard: 1 });
  const live = [slice(7, 9), slice(7, 9, { hour: 3_600_000 }), elsewhere];
  expect(newest({ published: [counted], live, sealed })).toEqual([counted, elsewhere]);
});
