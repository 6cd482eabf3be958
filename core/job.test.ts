import { expect, test } from "vitest";
import { daysOfJob, merchantOfJob, nextPiece } from "./job.ts";
import type { Merchant } from "./merchant.ts";
import { planReport } from "./plan.ts";
import { parseQuery } from "./query.ts";
import { scannedDays } from "./scan-days.ts";

const MERCHANT: Merchant = { id: "m_1", name: "", zone: "Europe/Berlin", currency: "EUR", domains: [], shards: 1 };

const planOf = (asked: object) => {
  const query = parseQuery({ merchant: "m_1", metrics: ["visits"], ...asked });
  if (!query.ok) throw new Error(query.failure.message);
  const plan = planReport(query.value, MERCHANT, Date.parse("2026-06-01T12:00:00Z"));
  if (!plan.ok) throw new Error(plan.failure.message);
  return plan.value;
};
const SCANNED = { dimensions: ["page", "source"] };

test("the days of a job are those whose events must be looked at", () => {
  expect(daysOfJob(planOf({ date_range: ["2026-03-01", "2026-03-31"] }))).toEqual([]);
  const instants = ["2026-03-28T12:00:00+01:00", "2026-03-29T12:00:00+02:00"];
  expect(daysOfJob(planOf({ ...SCANNED, date_range: instants })).map(({ day }) => day.date)).toEqual([
    "2026-03-28",
    "2026-03-29",
  ]);
});

test("pieces are days that touch each other; together they are the ranges, also where the clocks change", () => {
  const comparisons = { mode: "custom", date_range: ["2025-10-25", "2025-10-27"] };
  const instants = ["2026-03-28T12:00:00+01:00", "2026-03-30T12:00:00+02:00"];
  const plan = planOf({ ...SCANNED, date_range: instants, include: { comparisons } });
  const days = daysOfJob(plan);
  expect(days).toHaveLength(6);
  const pieces = [];
  for (let done = 0; done < days.length; done += pieces.at(-1)!.days) pieces.push(nextPiece(plan, days, done, 2));
  expect(pieces.map(({ first, days: count }) => [first, count])).toEqual([
    ["2025-10-25", 2],
    ["2025-10-27", 1],
    ["2026-03-28", 2],
    ["2026-03-30", 1],
  ]);
  for (const [at, { fromMs, toMs }] of plan.scan.ranges.entries()) {
    const ms = pieces.map(({ ranges }) => Math.max(0, ranges[at]!.toMs - ranges[at]!.fromMs));
    expect(ms.reduce((sum, each) => sum + each, 0)).toBe(toMs - fromMs);
  }
  // What is cut of a day in the whole is cut of it in its piece.
  const inPieces = pieces.flatMap(({ ranges }) => scannedDays(plan.zone, ranges));
  expect(inPieces).toEqual(days);
});

test("an id says whose the job is, and nothing else passes for one", () => {
  expect(merchantOfJob("m_demo-0123456789abcdef")).toBe("m_demo");
  for (const no of [
    "m_demo",
    "m_demo-short",
    "m_a/../b-0123456789abcdef",
    "-0123456789abcdef",
    "m_demo-0123456789ABCDEF",
  ])
    expect(merchantOfJob(no)).toBeNull();
});
