import type { AnnotationView } from "../../../core/annotation-view.ts";
import { expect, test } from "vitest";
import { notesByBucket } from "./annotations.ts";

const note = (date: string, hour: number | null = null): AnnotationView => ({
  id: `${date} ${hour}`,
  date,
  hour,
  text: "Sale",
  who: null,
});
const at = (labels: string[], interval: "hour" | "day" | "week" | "month", ...notes: AnnotationView[]) =>
  Object.fromEntries([...notesByBucket(labels, interval, notes)].map(([bucket, all]) => [bucket, all.length]));

test("a note stands at its day, or at the week or month that it is in", () => {
  expect(at(["2026-01-04", "2026-01-05"], "day", note("2026-01-05"), note("2026-01-05", 9))).toEqual({ 1: 2 });
  // The first week and month have begun before the range.
  expect(at(["2025-12-29", "2026-01-05"], "week", note("2026-01-01"), note("2026-01-11"))).toEqual({ 0: 1, 1: 1 });
  expect(at(["2026-01-01", "2026-02-01"], "month", note("2026-01-31"), note("2026-02-01"))).toEqual({ 0: 1, 1: 1 });
});

test("by the hour, a note of a whole day stands at its first hour", () => {
  const labels = ["2026-01-05 00:00:00", "2026-01-05 01:00:00", "2026-01-06 00:00:00"];
  expect(at(labels, "hour", note("2026-01-05"), note("2026-01-05", 1), note("2026-01-06"))).toEqual({
    0: 1,
    1: 1,
    2: 1,
  });
});

test("what was before the chart is not in it", () => {
  expect(at(["2026-01-04"], "day", note("2026-01-03"))).toEqual({});
  expect(at([], "day", note("2026-01-03"))).toEqual({});
});
