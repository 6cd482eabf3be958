import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Range } from "./date-range.ts";
import { bucketsOf, type Interval, intervalFor, labelsOf } from "./interval.ts";
import { addDays, dayAt, dayOf, weekStart } from "./zone.ts";

const daysOf = (zone: string, first: string, last: string): Range => ({
  fromMs: dayOf(zone, first).startMs,
  toMs: dayOf(zone, last).endMs,
  days: { first, last },
});

const labelsIn = (zone: string, interval: Interval, range: Range) =>
  bucketsOf(zone, interval, range).map(({ label }) => label);

test("a day of 23 hours lacks a label, and one of 25 has the hour that comes twice as one bucket", () => {
  const spring = bucketsOf("Europe/Berlin", "hour", daysOf("Europe/Berlin", "2026-03-29", "2026-03-29"));
  expect(spring.length).toBe(23);
  expect(spring.slice(1, 3).map(({ label }) => label)).toEqual(["2026-03-29 01:00:00", "2026-03-29 03:00:00"]);
  const autumn = bucketsOf("Europe/Berlin", "hour", daysOf("Europe/Berlin", "2026-10-25", "2026-10-25"));
  expect(autumn.length).toBe(24);
  expect(autumn[2]).toEqual({
    label: "2026-10-25 02:00:00",
    startMs: Date.parse("2026-10-25T02:00:00+02:00"),
    endMs: Date.parse("2026-10-25T03:00:00+01:00"),
  });
});

test("hours of a zone that is off by three quarters are its own", () => {
  expect(bucketsOf("Asia/Kathmandu", "hour", daysOf("Asia/Kathmandu", "2026-01-01", "2026-01-01"))[1]).toEqual({
    label: "2026-01-01 01:00:00",
    startMs: Date.parse("2025-12-31T19:15:00Z"),
    endMs: Date.parse("2025-12-31T20:15:00Z"),
  });
});

test("weeks start on Monday and months on their first day, also where the range starts later", () => {
  const range = daysOf("Europe/Berlin", "2026-01-01", "2026-02-03");
  expect(labelsIn("Europe/Berlin", "week", range)).toEqual([
    "2025-12-29",
    "2026-01-05",
    "2026-01-12",
    "2026-01-19",
    "2026-01-26",
    "2026-02-02",
  ]);
  expect(labelsIn("Europe/Berlin", "month", range)).toEqual(["2026-01-01", "2026-02-01"]);
});

test("a date that a zone skipped has no bucket", () => {
  expect(labelsIn("Pacific/Apia", "day", daysOf("Pacific/Apia", "2011-12-29", "2011-12-31"))).toEqual([
    "2011-12-29",
    "2011-12-31",
  ]);
});

test("minutes are those of the range", () => {
  const fromMs = Date.parse("2026-01-01T10:58:00+01:00");
  expect(labelsIn("Europe/Berlin", "minute", { fromMs, toMs: fromMs + 3 * 60_000, days: null })).toEqual([
    "2026-01-01 10:58:00",
    "2026-01-01 10:59:00",
    "2026-01-01 11:00:00",
  ]);
});

test.each([
  "Europe/Berlin",
  "Asia/Kathmandu",
  "America/St_Johns",
  "Australia/Lord_Howe",
  "Pacific/Apia",
  "America/Sao_Paulo",
])("buckets of %s touch, cover the range, and have the label of every instant in them", (zone) => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date("2010-01-01"), max: new Date("2030-01-01"), noInvalidDate: true }),
      fc.integer({ min: 0, max: 45 }),
      fc.constantFrom<Interval>("hour", "day", "week", "month"),
      fc.integer({ min: 0, max: 999 }),
      (start, days, interval, permille) => {
        const first = dayAt(zone, start.getTime()).date;
        const range = daysOf(zone, first, addDays(first, days));
        const buckets = bucketsOf(zone, interval, range);
        expect(buckets[0]!.startMs).toBeLessThanOrEqual(range.fromMs);
        expect(buckets.at(-1)!.endMs).toBeGreaterThanOrEqual(range.toMs);
        for (const [at, bucket] of buckets.slice(1).entries()) expect(bucket.startMs).toBe(buckets[at]!.endMs);
        const ms = Math.floor(range.fromMs + (permille * (range.toMs - range.fromMs)) / 1_000);
        const label = labelsOf(zone, interval)(dayAt(zone, ms).date, ms);
        expect(buckets.filter((bucket) => ms >= bucket.startMs && ms < bucket.endMs).map((each) => each.label)).toEqual(
          [label],
        );
        if (interval === "week") expect(weekStart(label)).toBe(label);
      },
    ),
    { seed: 11, numRuns: 120 },
  );
});

test("left to us, the interval suits the range", () => {
  const hours = (n: number): Range => ({ fromMs: 0, toMs: n * 3_600_000, days: null });
  expect([1, 3, 49, 24 * 91, 24 * 366, 24 * 800].map((n) => intervalFor(hours(n)))).toEqual([
    "minute",
    "hour",
    "hour",
    "day",
    "week",
    "month",
  ]);
});
