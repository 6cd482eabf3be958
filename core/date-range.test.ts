import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Comparison,
  comparedRange,
  findFuture,
  type DateRange,
  NAMED_RANGES,
  parseDateRange,
  resolveRange,
  writtenRange,
} from "./date-range.ts";

const HOUR_MS = 3_600_000;
const at = (instant: string) => Date.parse(instant);

const resolved = (range: DateRange, zone: string, now: string, finest: "hour" | "minute" = "hour") => {
  const result = resolveRange(range, zone, at(now), finest, "#/date_range");
  if (!result.ok) throw new Error(result.failure.message);
  return result.value;
};

const named = (name: (typeof NAMED_RANGES)[number], zone: string, now: string, finest?: "hour" | "minute") =>
  writtenRange(zone, resolved({ kind: "named", name }, zone, now, finest)).join(" … ");

test.each([
  ["day", "2026-03-29T00:00:00+01:00 … 2026-03-29T23:59:59+02:00"],
  ["yesterday", "2026-03-28T00:00:00+01:00 … 2026-03-28T23:59:59+01:00"],
  ["24h", "2026-03-28T14:00:00+01:00 … 2026-03-29T14:59:59+02:00"],
  ["7d", "2026-03-23T00:00:00+01:00 … 2026-03-29T23:59:59+02:00"],
  ["28d", "2026-03-02T00:00:00+01:00 … 2026-03-29T23:59:59+02:00"],
  ["30d", "2026-02-28T00:00:00+01:00 … 2026-03-29T23:59:59+02:00"],
  ["91d", "2025-12-29T00:00:00+01:00 … 2026-03-29T23:59:59+02:00"],
  ["month", "2026-03-01T00:00:00+01:00 … 2026-03-29T23:59:59+02:00"],
  ["6mo", "2025-10-01T00:00:00+02:00 … 2026-03-29T23:59:59+02:00"],
  ["12mo", "2025-04-01T00:00:00+02:00 … 2026-03-29T23:59:59+02:00"],
  ["year", "2026-01-01T00:00:00+01:00 … 2026-03-29T23:59:59+02:00"],
] as const)("%s on the day when Berlin's clocks go forward", (name, range) => {
  expect(named(name, "Europe/Berlin", "2026-03-29T12:20:00Z")).toBe(range);
});

test("24h and 30m follow clocks that are off by three quarters of an hour", () => {
  expect(named("24h", "Asia/Kathmandu", "2026-03-29T12:20:00Z")).toBe(
    "2026-03-28T19:00:00+05:45 … 2026-03-29T18:59:59+05:45",
  );
  expect(named("30m", "Asia/Kathmandu", "2026-03-29T12:20:30Z", "minute")).toBe(
    "2026-03-29T17:36:00+05:45 … 2026-03-29T18:05:59+05:45",
  );
});

test.each(["Asia/Kathmandu", "America/St_Johns", "Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia"])(
  "every resolved range of %s, written and read again, is itself",
  (zone) => {
    fc.assert(
      fc.property(
        fc.constantFrom(...NAMED_RANGES),
        fc.date({ min: new Date("2010-01-01"), max: new Date("2030-01-01"), noInvalidDate: true }),
        (name, now) => {
          const finest = name === "30m" ? "minute" : "hour";
          const range = resolved({ kind: "named", name }, zone, now.toISOString(), finest);
          const again = parseDateRange(writtenRange(zone, range), "#");
          if (!again.ok) throw new Error(again.failure.message);
          expect(resolved(again.value, zone, now.toISOString(), finest)).toEqual({ ...range, days: null });
          expect(range.toMs).toBeGreaterThan(now.getTime() - (name === "yesterday" ? 25 * HOUR_MS : 0));
        },
      ),
      { seed: 3, numRuns: 150 },
    );
  },
);

test("an end at :59:59 means its second; a full hour is where the range ends", () => {
  const inclusive = parseDateRange(["2026-01-01T12:00:00+01:00", "2026-01-01T15:59:59+01:00"], "#");
  const exclusive = parseDateRange(["2026-01-01T11:00:00Z", "2026-01-01T16:00+01:00"], "#");
  expect(inclusive).toEqual({
    ok: true,
    value: { kind: "instants", fromMs: at("2026-01-01T11:00:00Z"), toMs: at("2026-01-01T15:00:00Z") },
  });
  expect(exclusive).toEqual(inclusive);
});

test("instants must be full hours of the merchant, not of UTC", () => {
  const range: DateRange = { kind: "instants", fromMs: at("2026-01-01T10:00:00Z"), toMs: at("2026-01-01T12:00:00Z") };
  expect(resolveRange(range, "Asia/Kathmandu", 0, "hour", "#/date_range")).toMatchObject({
    ok: false,
    failure: { pointer: "#/date_range/0", reason: "invalid_range", message: expect.stringContaining("Asia/Kathmandu") },
  });
  expect(resolveRange(range, "Asia/Kathmandu", 0, "minute", "#/date_range").ok).toBe(true);
});

const compared = (range: DateRange, comparison: Comparison, zone: string, now: string) => {
  const result = comparedRange(comparison, resolved(range, zone, now), zone, at(now), "hour", "#/include/comparisons");
  if (!result.ok) throw new Error(result.failure.message);
  return writtenRange(zone, result.value).join(" … ");
};

const PREVIOUS: Comparison = { mode: "previous_period", matchDayOfWeek: false };
const YEARLY: Comparison = { mode: "year_over_year", matchDayOfWeek: false };

test("whole days are compared with as many days, however long those are", () => {
  const april: DateRange = { kind: "dates", first: "2026-03-30", last: "2026-04-05" };
  expect(compared(april, PREVIOUS, "Europe/Berlin", "2026-05-01T00:00:00Z")).toBe(
    "2026-03-23T00:00:00+01:00 … 2026-03-29T23:59:59+02:00",
  );
  expect(compared(april, YEARLY, "Europe/Berlin", "2026-05-01T00:00:00Z")).toBe(
    "2025-03-30T00:00:00+01:00 … 2025-04-05T23:59:59+02:00",
  );
  const leap: DateRange = { kind: "dates", first: "2024-02-29", last: "2024-02-29" };
  expect(compared(leap, YEARLY, "Europe/Berlin", "2026-05-01T00:00:00Z")).toBe(
    "2023-02-28T00:00:00+01:00 … 2023-02-28T23:59:59+01:00",
  );
});

test("a range that is not over is compared as far as it has come", () => {
  const now = "2026-01-15T13:20:00Z";
  expect(compared({ kind: "named", name: "day" }, PREVIOUS, "Europe/Berlin", now)).toBe(
    "2026-01-14T00:00:00+01:00 … 2026-01-14T14:59:59+01:00",
  );
  expect(compared({ kind: "named", name: "7d" }, PREVIOUS, "Europe/Berlin", now)).toBe(
    "2026-01-02T00:00:00+01:00 … 2026-01-08T14:59:59+01:00",
  );
  const wholeMonth: DateRange = { kind: "dates", first: "2026-01-01", last: "2026-01-31" };
  expect(compared(wholeMonth, PREVIOUS, "Europe/Berlin", now)).toBe(
    "2025-12-01T00:00:00+01:00 … 2025-12-15T14:59:59+01:00",
  );
});

test("hours are compared with as many hours", () => {
  const hours: DateRange = { kind: "instants", fromMs: at("2026-01-15T10:00:00Z"), toMs: at("2026-01-15T13:00:00Z") };
  expect(compared(hours, PREVIOUS, "Europe/Berlin", "2026-02-01T00:00:00Z")).toBe(
    "2026-01-15T08:00:00+01:00 … 2026-01-15T10:59:59+01:00",
  );
  expect(compared(hours, YEARLY, "Europe/Berlin", "2026-02-01T00:00:00Z")).toBe(
    "2025-01-15T11:00:00+01:00 … 2025-01-15T13:59:59+01:00",
  );
});

test.each<[string, string, Comparison["mode"], string]>([
  ["2026-01-15", "2026-01-15", "previous_period", "2026-01-08 … 2026-01-08"],
  ["2026-01-12", "2026-01-18", "previous_period", "2026-01-05 … 2026-01-11"],
  ["2026-01-01", "2026-01-09", "previous_period", "2025-12-18 … 2025-12-26"],
  ["2026-01-01", "2026-01-30", "previous_period", "2025-11-27 … 2025-12-26"],
  ["2026-03-02", "2026-03-03", "year_over_year", "2025-03-03 … 2025-03-04"],
  ["2024-12-30", "2024-12-31", "year_over_year", "2024-01-01 … 2024-01-02"],
])("weekdays matched, %s … %s of the %s is %s", (first, last, mode, expected) => {
  const comparison = { mode, matchDayOfWeek: true } as Comparison;
  const written = compared({ kind: "dates", first, last }, comparison, "Europe/Berlin", "2026-05-01T00:00:00Z");
  expect(written.replaceAll(/T\S+/g, "")).toBe(expected);
});

test("hours are compared with the same hours of the same weekday, on the clock on the wall", () => {
  const hours: DateRange = { kind: "instants", fromMs: at("2026-03-30T08:00:00Z"), toMs: at("2026-03-30T10:00:00Z") };
  const weekly: Comparison = { mode: "previous_period", matchDayOfWeek: true };
  expect(compared(hours, weekly, "Europe/Berlin", "2026-05-01T00:00:00Z")).toBe(
    "2026-03-23T10:00:00+01:00 … 2026-03-23T11:59:59+01:00",
  );
  expect(compared(hours, { ...weekly, mode: "year_over_year" }, "Europe/Berlin", "2026-05-01T00:00:00Z")).toBe(
    "2025-03-31T10:00:00+02:00 … 2025-03-31T11:59:59+02:00",
  );
});

test("the longest range can be asked again by its instants, also where clocks went back in it once more than forward", () => {
  for (const now of ["2026-11-24T12:00:00Z", "2026-10-26T12:00:00Z", "2026-03-30T12:00:00Z"]) {
    const all = resolved({ kind: "named", name: "all" }, "Europe/Berlin", now);
    const again = parseDateRange(writtenRange("Europe/Berlin", all), "#");
    if (!again.ok) throw new Error(again.failure.message);
    expect(resolved(again.value, "Europe/Berlin", now)).toEqual({ ...all, days: null });
  }
});

test("a range is in the future as long as it has not begun", () => {
  const range = { fromMs: 1_000, toMs: 3_000, days: null };
  expect(findFuture(range, "UTC", 1_000, "#/x")).toBeNull();
  expect(findFuture(range, "UTC", 999, "#/x")?.failure).toMatchObject({ pointer: "#/x", reason: "invalid_range" });
});
