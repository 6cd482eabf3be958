import { expect, test } from "vitest";
import { comparedPeriod, formatRange, parseRange, periodOf, preset, PRESETS, stepped } from "./range.ts";

const today = "2026-11-24";

test("every preset ends on the merchant's today, except yesterday", () => {
  expect(periodOf(preset("today"), today)).toEqual({ from: today, to: today, open: true, interval: "hour" });
  expect(periodOf(preset("yesterday"), today)).toEqual({
    from: "2026-11-23",
    to: "2026-11-23",
    open: false,
    interval: "hour",
  });
  expect(periodOf(preset("7d"), today)).toMatchObject({ from: "2026-11-18", to: today, open: true, interval: "day" });
  expect(periodOf(preset("30d"), today)).toMatchObject({ from: "2026-10-26", interval: "day" });
  expect(periodOf(preset("month"), today)).toMatchObject({ from: "2026-11-01", interval: "day" });
  expect(periodOf(preset("12months"), today)).toMatchObject({ from: "2025-12-01", interval: "month" });
});

test("dates in the past are closed", () => {
  const range = parseRange("2026-01-01..2026-06-30");
  expect(range).not.toBeNull();
  expect(periodOf(range!, today)).toEqual({ from: "2026-01-01", to: "2026-06-30", open: false, interval: "week" });
});

test("a range survives the address, and nonsense is refused", () => {
  for (const { id } of PRESETS) expect(formatRange(parseRange(id)!)).toBe(id);
  expect(formatRange(parseRange("2026-01-01..2026-01-31")!)).toBe("2026-01-01..2026-01-31");
  for (const text of ["", "8d", "2026-01-31..2026-01-01", "2026-02-30..2026-03-01", "2026-01-01", "a..b..c"])
    expect(parseRange(text)).toBeNull();
});

test("the period before is as long, ends the day before, and is over", () => {
  const period = periodOf(preset("7d"), today);
  expect(comparedPeriod(period, "previous")).toEqual({
    from: "2026-11-11",
    to: "2026-11-17",
    open: false,
    interval: "day",
  });
});

test("the same weekdays before are whole weeks back, a year before begins on the same date", () => {
  const tenDays = periodOf({ kind: "dates", from: "2026-11-10", to: "2026-11-19" }, today);
  expect(comparedPeriod(tenDays, "weekdays")).toMatchObject({ from: "2026-10-27", to: "2026-11-05" });
  expect(comparedPeriod(tenDays, "year")).toMatchObject({ from: "2025-11-10", to: "2025-11-19" });
  const leap = periodOf({ kind: "dates", from: "2028-02-29", to: "2028-03-01" }, "2028-06-01");
  expect(comparedPeriod(leap, "year")).toMatchObject({ from: "2027-02-28", to: "2027-03-01" });
});

test("the last month ends with its last day; a step goes as far as the range is long, and never past today", () => {
  expect(periodOf(preset("last-month"), today)).toMatchObject({ from: "2026-10-01", to: "2026-10-31", open: false });
  expect(stepped(preset("7d"), today, -1)).toEqual({ kind: "dates", from: "2026-11-11", to: "2026-11-17" });
  expect(stepped(preset("7d"), today, 1)).toEqual(preset("7d"));
});

test("an interval is taken where the dates have buckets for it", () => {
  expect(periodOf(preset("30d"), today, "week").interval).toBe("week");
  expect(periodOf(preset("30d"), today, "hour").interval).toBe("day");
  expect(periodOf(preset("today"), today, "month").interval).toBe("hour");
});
