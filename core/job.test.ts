import { expect, test } from "vitest";
import { daysOfJob, merchantOfJob, nextDays } from "./job.ts";
import type { Merchant } from "./merchant.ts";
import { planReport } from "./plan.ts";
import { parseQuery } from "./query.ts";

const MERCHANT: Merchant = { id: "m_1", name: "", zone: "Europe/Berlin", currency: "EUR", domains: [], shards: 1 };

const planOf = (asked: object) => {
  const query = parseQuery({ merchant: "m_1", metrics: ["visits"], ...asked });
  if (!query.ok) throw new Error(query.failure.message);
  const plan = planReport(query.value, MERCHANT, Date.parse("2026-06-01T12:00:00Z"));
  if (!plan.ok) throw new Error(plan.failure.message);
  return plan.value;
};
const SCANNED = { dimensions: ["page", "source"] };

test("the days of a job are the whole days whose events must be looked at", () => {
  expect(daysOfJob(planOf({ date_range: ["2026-03-01", "2026-03-31"] }))).toEqual([]);
  const instants = ["2026-03-28T12:00:00+01:00", "2026-03-31T12:00:00+02:00"];
  expect(daysOfJob(planOf({ ...SCANNED, date_range: instants })).map(({ date }) => date)).toEqual([
    "2026-03-29",
    "2026-03-30",
  ]);
});

test("some days at a time, as one range of those that touch each other; each once, also where the clocks change", () => {
  const comparisons = { mode: "custom", date_range: ["2025-10-25", "2025-10-27"] };
  const days = daysOfJob(planOf({ ...SCANNED, date_range: ["2026-03-28", "2026-03-30"], include: { comparisons } }));
  expect(days).toHaveLength(6);
  const asked: (string | undefined)[][] = [];
  for (let done = 0; done < days.length;) {
    const { count, first, range } = nextDays(days, done, 2);
    asked.push([first, range.days?.last]);
    expect(range.toMs - range.fromMs).toBe(
      days.slice(done, done + count).reduce((sum, { startMs, endMs }) => sum + endMs - startMs, 0),
    );
    done += count;
  }
  expect(asked).toEqual([
    ["2025-10-25", "2025-10-26"],
    ["2025-10-27", "2025-10-27"],
    ["2026-03-28", "2026-03-29"],
    ["2026-03-30", "2026-03-30"],
  ]);
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
