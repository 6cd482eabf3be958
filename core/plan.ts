// The plan of a report, as data, before anything is read: the ranges on the merchant's clock, what each row is, and the
// columns that must be read and no others. Pure: a query, a merchant and the time give the same plan everywhere.

import { findImpossible } from "./breakdown.ts";
import { comparedRange, type Range, resolveRange } from "./date-range.ts";
import { type Interval, intervalFor } from "./interval.ts";
import { REPORT_MINUTE_HOURS_MAX } from "./limits.ts";
import type { Merchant } from "./merchant.ts";
import type { HoursRequest } from "./messages.ts";
import { type Metric, METRICS, type Need } from "./metrics.ts";
import type { Query } from "./query.ts";
import { fault, type QueryFault } from "./query-fault.ts";
import { ok, type Result } from "./result.ts";
import { type Dimension, type Measure, MEASURES } from "./rollup.ts";
import { addDays, type Day, dayAt, dayOf, hourAt, hourEnd } from "./zone.ts";

/** Columns of a rollup. Dates, hours, shards, sequences, currencies and foreign orders are read always. */
export interface Reads {
  totals: Measure[];
  /** The hours' own sketches of visitors. */
  visitors: boolean;
  minutes: boolean;
  dimension: Dimension | null;
  /** Sketches of the dimension's values: to merge visitors over several hours. */
  sketches: boolean;
}

export type Rows =
  | { kind: "whole" }
  | { kind: "time"; interval: Interval }
  | { kind: "dimension"; dimension: Dimension };

export interface Plan {
  zone: string;
  currency: string;
  query: Query;
  range: Range;
  comparison: Range | null;
  rows: Rows;
  /** What the rows' metrics are computed from. */
  needs: Need[];
  reads: Reads;
}

const HOUR_MS = 3_600_000;
const TOO_LONG_BY_MINUTE = 'By minute a range may have 2 days. Use "time:hour" or a shorter range.';
const COMPARISONS = "#/include/comparisons";

export function planReport(query: Query, merchant: Merchant, nowMs: number): Result<Plan, QueryFault> {
  const { zone, currency } = merchant;
  const asked = rangeAndRows(query, zone, nowMs);
  if (!asked.ok) return asked;
  const { range, rows } = asked.value;
  const byMinute = rows.kind === "time" && rows.interval === "minute";
  let comparison: Range | null = null;
  if (query.include.comparison !== null) {
    const finest = byMinute ? "minute" : "hour";
    const compared = comparedRange(query.include.comparison, range, zone, nowMs, finest, COMPARISONS);
    if (!compared.ok) return compared;
    comparison = compared.value;
  }
  if (byMinute) {
    const impossible = findImpossible(query.metrics, rows);
    if (impossible !== null) return impossible;
    if (isTooLongByMinute(range)) return fault("#/date_range", "too_much", TOO_LONG_BY_MINUTE);
    if (comparison !== null && isTooLongByMinute(comparison)) return fault(COMPARISONS, "too_much", TOO_LONG_BY_MINUTE);
  }
  const needs = needsOf(query.metrics);
  const single = isOneHour(zone, range) && (comparison === null || isOneHour(zone, comparison));
  return ok({ zone, currency, query, range, comparison, rows, needs, reads: readsOf(rows, needs, single) });
}

/**
 * What a shard is asked: everything in one question, so the compared range and what lies between comes too; and whole
 * hours, since a shard looks at where they begin.
 */
export function askedOf(plan: Plan, all: boolean): HoursRequest {
  const ranges = [plan.range, plan.comparison].filter((range) => range !== null);
  return {
    fromMs: hourStart(plan.zone, Math.min(...ranges.map((range) => range.fromMs))),
    toMs: Math.max(...ranges.map((range) => range.toMs)),
    dimensions: plan.reads.dimension === null ? [] : [plan.reads.dimension],
    minutes: plan.reads.minutes,
    sketches: plan.reads.sketches,
    all,
  };
}

/** The hours that the plan reads, with their local dates: [date, first instant]. */
export function plannedHours(plan: Plan): [string, number][] {
  const hours = new Map<number, string>();
  for (const range of [plan.range, plan.comparison]) {
    if (range === null) continue;
    for (const [date, hourMs] of hoursIn(plan.zone, range)) hours.set(hourMs, date);
  }
  return [...hours].map(([hourMs, date]) => [date, hourMs]);
}

/**
 * The local dates that may be read as whole days, where there is such a row: those that every range of the plan that touches
 * them holds whole.
 */
export function plannedDays(plan: Plan): string[] {
  const { rows, zone } = plan;
  if (rows.kind === "time" && (rows.interval === "hour" || rows.interval === "minute")) return [];
  const whole = new Map<string, boolean>();
  for (const range of [plan.range, plan.comparison]) {
    if (range === null) continue;
    for (const { date, startMs, endMs } of daysIn(zone, range)) {
      const held = startMs >= range.fromMs && endMs <= range.toMs;
      whole.set(date, held && whole.get(date) !== false);
    }
  }
  return [...whole].filter(([, held]) => held).map(([date]) => date);
}

function* daysIn(zone: string, { fromMs, toMs }: Range): Generator<Day> {
  if (fromMs >= toMs) return;
  for (let day = dayAt(zone, fromMs); day.startMs < toMs; day = dayOf(zone, addDays(day.date, 1))) yield day;
}

function* hoursIn(zone: string, range: Range): Generator<[string, number]> {
  for (const day of daysIn(zone, range)) {
    for (const hourMs of day.hours)
      if (hourMs < range.toMs && hourEnd(day, hourMs) > range.fromMs) yield [day.date, hourMs];
  }
}

function rangeAndRows(query: Query, zone: string, nowMs: number): Result<{ range: Range; rows: Rows }, QueryFault> {
  const { breakdown, dateRange, metrics } = query;
  const byMinute: Rows = { kind: "time", interval: "minute" };
  const resolve = (finest: "hour" | "minute") => resolveRange(dateRange, zone, nowMs, finest, "#/date_range");
  if (breakdown?.kind === "time" && breakdown.interval === "minute") {
    const range = resolve("minute");
    return range.ok ? ok({ range: range.value, rows: byMinute }) : range;
  }
  const range = resolve("hour");
  if (!range.ok) {
    // Left to us, a range that cuts hours is one by minute.
    const finer = breakdown?.kind === "time" && breakdown.interval === null ? resolve("minute") : range;
    return finer.ok && !isTooLongByMinute(finer.value) ? ok({ range: finer.value, rows: byMinute }) : range;
  }
  if (breakdown === null) return ok({ range: range.value, rows: { kind: "whole" } });
  if (breakdown.kind === "dimension") return ok({ range: range.value, rows: breakdown });
  let interval = breakdown.interval ?? intervalFor(range.value);
  if (interval === "minute" && findImpossible(metrics, byMinute) !== null) interval = "hour";
  return ok({ range: range.value, rows: { kind: "time", interval } });
}

const isTooLongByMinute = ({ fromMs, toMs }: Range): boolean => toMs - fromMs > REPORT_MINUTE_HOURS_MAX * HOUR_MS;

const needsOf = (metrics: readonly Metric[]): Need[] => [
  ...new Set(metrics.flatMap((metric) => METRICS[metric].needs)),
];

function readsOf(rows: Rows, needs: readonly Need[], single: boolean): Reads {
  const measures = MEASURES.filter((measure) => needs.includes(measure));
  const visitors = needs.includes("visitors");
  const nothing: Reads = { totals: [], visitors: false, minutes: false, dimension: null, sketches: false };
  const totals: Measure[] =
    needs.includes("all_visits") && !measures.includes("visits") ? ["visits", ...measures] : measures;
  switch (rows.kind) {
    case "whole":
      return { ...nothing, totals, visitors, dimension: needs.includes("converting_visits") ? "event" : null };
    case "time":
      if (rows.interval === "minute") return { ...nothing, minutes: true };
      return { ...nothing, totals, visitors, dimension: needs.includes("converting_visits") ? "event" : null };
    case "dimension":
      return {
        ...nothing,
        totals: needs.includes("all_visits") ? ["visits"] : [],
        dimension: rows.dimension,
        // One hour's count of each value is in its column already.
        sketches: visitors && !single,
      };
  }
}

const hourStart = (zone: string, ms: number): number => hourAt(dayAt(zone, ms), ms);

function isOneHour(zone: string, range: Range): boolean {
  if (range.fromMs >= range.toMs) return true;
  const day = dayAt(zone, range.fromMs);
  return day.hours.includes(range.fromMs) && hourEnd(day, range.fromMs) === range.toMs;
}
