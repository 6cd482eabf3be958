import * as fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Comparison,
  comparedRange,
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

const PREVIOUS: Comparison = { mode: "previous_period" };
const YEARLY: Comparison = { mode: "year_over_year" };

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
