import { expect, test } from "vitest";
import { addDays, dateIn, daysIn, isDate, monthStart } from "./dates.ts";

test("dates are counted by the calendar, over leap days and year ends", () => {
  expect(addDays("2028-02-28", 1)).toBe("2028-02-29");
  expect(addDays("2027-01-01", -1)).toBe("2026-12-31");
  expect(daysIn("2026-03-29", "2026-03-29")).toBe(1);
  expect(daysIn("2026-03-01", "2026-03-31")).toBe(31);
});

test("months are stepped from their first day", () => {
  expect(monthStart("2026-11-30", -11)).toBe("2025-12-01");
  expect(monthStart("2026-01-31", -1)).toBe("2025-12-01");
  expect(monthStart("2026-12-31", 1)).toBe("2027-01-01");
});

test("only dates that exist are dates", () => {
  expect(isDate("2026-02-28")).toBe(true);
  for (const text of ["2026-02-29", "2026-13-01", "2026-1-1", "today", ""]) expect(isDate(text)).toBe(false);
});

test("today is the merchant's, not the reader's", () => {
  const atMs = Date.parse("2026-11-24T23:30:00Z");
  expect(dateIn("America/New_York", atMs)).toBe("2026-11-24");
  expect(dateIn("Asia/Kathmandu", atMs)).toBe("2026-11-25");
});
