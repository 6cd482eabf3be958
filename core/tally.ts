// From hours to the rows of a report: every hour of a range is added to the rows that it belongs to: the one row of a
// whole, the bucket of its time, or each value of its dimension.

import type { Range } from "./date-range.ts";
import { type Interval, labelsOf } from "./interval.ts";
import { CONVERSION, type Need } from "./metrics.ts";
import type { HourSlice } from "./newest-hours.ts";
import type { Plan } from "./plan.ts";
import { type Column, type ColumnSketches, type Dimension, MEASURES, type Measure, OTHER } from "./rollup.ts";
import { Sums } from "./sums.ts";

const HOUR_MS = 3_600_000;

export interface Tally {
  /** By bucket label or value; "" for the whole. */
  rows: Map<string, Sums>;
  /** Names to show for values, where they have one (products). */
  labels: Map<string, string>;
  allVisits: bigint;
  /** Some hour had more values than are kept apart. */
  other: boolean;
  /** Sketches of values were missing, so visitors are distinct by the hour only. */
  visitorsByHour: boolean;
  /** Orders and refunds in another currency than their hour's. */
  foreign: number;
  /** Currencies of hours from before the merchant changed to the present one: their money is left out. */
  formerCurrencies: Set<string>;
}

/** Those of the range's rows that have anything in them; the whole always has its row. */
export function tally(plan: Plan, range: Range, hours: readonly HourSlice[]): Tally {
  const result: Tally = {
    rows: new Map(),
    labels: new Map(),
    allVisits: 0n,
    other: false,
    visitorsByHour: false,
    foreign: 0,
    formerCurrencies: new Set(),
  };
  const { rows } = plan;
  // An hour may begin before a range by minute does.
  const fromMs = byMinute(plan) ? range.fromMs - HOUR_MS + 1 : range.fromMs;
  const inRange = hours.filter((slice) => slice.hour >= fromMs && slice.hour < range.toMs);
  if (rows.kind === "whole") {
    const whole = rowIn(result, "");
    for (const slice of inRange) addHour(plan, whole, slice);
  } else if (rows.kind === "dimension") {
    for (const slice of inRange) addValues(plan, rows.dimension, result, slice);
  } else {
    addTimes(plan, range, rows.interval, result, inRange);
  }
  for (const slice of inRange) {
    result.allVisits += BigInt(slice.totals.visits ?? 0);
    result.foreign += slice.foreign;
    if (slice.currency !== plan.currency) result.formerCurrencies.add(slice.currency);
  }
  return result;
}

const byMinute = (plan: Plan): boolean => plan.rows.kind === "time" && plan.rows.interval === "minute";

function addTimes(plan: Plan, range: Range, interval: Interval, result: Tally, hours: readonly HourSlice[]): void {
  const labelOf = labelsOf(plan.zone, interval);
  for (const slice of hours) {
    if (interval === "minute") addMinutes(plan, range, labelOf, result, slice);
    else addHour(plan, rowIn(result, labelOf(slice.date, slice.hour)), slice);
  }
}

function addHour(plan: Plan, row: Sums, slice: HourSlice): void {
  for (const measure of measuresOf(plan, slice)) row.add(measure, slice.totals[measure] ?? 0);
  if (plan.reads.visitors) row.addVisitors(slice.date, slice.anonymous, slice.identified);
  if (!plan.needs.includes("converting_visits")) return;
  const converting = slice.dimensions.event?.v.indexOf(CONVERSION) ?? -1;
  row.add("all_visits", slice.totals.visits ?? 0);
  row.add("converting_visits", slice.dimensions.event?.visits?.[converting] ?? 0);
}

function addMinutes(
  plan: Plan,
  range: Range,
  labelOf: (date: string, ms: number) => string,
  result: Tally,
  slice: HourSlice,
): void {
  const column = slice.minutes;
  if (column === null || column === undefined) return;
  const measures = measuresOf(plan, slice);
  for (const [at, minute] of column.v.entries()) {
    const ms = slice.hour + Number(minute) * 60_000;
    if (ms < range.fromMs || ms >= range.toMs) continue;
    const row = rowIn(result, labelOf(slice.date, ms));
    for (const measure of measures) row.add(measure, column[measure]?.[at] ?? 0);
    if (plan.needs.includes("visitors")) row.addCountedVisitors(column.visitors?.[at] ?? 0);
  }
}

function addValues(plan: Plan, dimension: Dimension, result: Tally, slice: HourSlice): void {
  const column = slice.dimensions[dimension];
  if (column === undefined) return;
  const wanted = plan.query.values === null ? null : new Set<string | number>(plan.query.values);
  const measures = measuresOf(plan, slice);
  const sketches = plan.reads.sketches ? slice.sketches[dimension] : undefined;
  const converting = plan.needs.includes("converting_visits");
  for (const [at, value] of column.v.entries()) {
    if (value === OTHER) result.other = true;
    if (wanted !== null && !wanted.has(value)) continue;
    const row = rowIn(result, String(value));
    for (const measure of measures) row.add(measure, column[measure]?.[at] ?? 0);
    if (converting) row.add("converting_visits", column.visits?.[at] ?? 0);
    const label = column.label?.[at];
    if (typeof label === "string") result.labels.set(String(value), label);
    if (plan.needs.includes("visitors")) addVisitors(plan, result, row, slice, column, sketches, at);
  }
}

/** A value's visitors: by its sketches, or as a number where there are none (one hour, or sketches not kept). */
function addVisitors(
  plan: Plan,
  result: Tally,
  row: Sums,
  slice: HourSlice,
  column: Column,
  sketches: ColumnSketches | undefined,
  at: number,
): void {
  const anonymous = sketches?.anonymous?.[at] ?? null;
  const identified = sketches?.identified?.[at] ?? null;
  const counted = column.visitors?.[at] ?? 0;
  if (anonymous !== null || identified !== null) row.addVisitors(slice.date, anonymous, identified);
  else if (counted > 0) {
    row.addCountedVisitors(counted);
    if (plan.reads.sketches) result.visitorsByHour = true;
  }
}

/** What is summed of a slice: money of another currency than the plan's is not added to it. */
function measuresOf(plan: Plan, slice: HourSlice): Measure[] {
  const needs: readonly Need[] = plan.needs;
  return MEASURES.filter(
    (measure) =>
      needs.includes(measure) && (slice.currency === plan.currency || (measure !== "gross" && measure !== "refunds")),
  );
}

function rowIn(result: Tally, key: string): Sums {
  let row = result.rows.get(key);
  if (row === undefined) {
    row = new Sums();
    result.rows.set(key, row);
  }
  return row;
}
