// From hours and days to the rows of a report: every slice of a range is added to the rows that it belongs to: the one row
// of a whole, the bucket of its time, or each value of its dimension. A day and its hours give the same numbers.

import type { Range } from "./date-range.ts";
import { type Interval, labelsOf } from "./interval.ts";
import { CONVERSION, type Need } from "./metrics.ts";
import { dayKey, type HourSlice, type Slice } from "./newest-hours.ts";
import type { Plan } from "./plan.ts";
import { type Column, type ColumnSketches, type Dimension, MEASURES, type Measure, OTHER } from "./rollup.ts";
import { Sums } from "./sums.ts";
import { dayOf } from "./zone.ts";

const HOUR_MS = 3_600_000;

export interface Tally {
  /** By bucket label or value; "" for the whole. */
  rows: Map<string, Sums>;
  /** Names to show for values, where they have one (products): of the latest date, of its names the last by alphabet. */
  labels: Map<string, { label: string; date: string }>;
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
export function tally(plan: Plan, range: Range, slices: readonly Slice[]): Tally {
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
  const inRange = slices.filter((slice) => {
    const startMs = startOf(plan, slice);
    return startMs >= fromMs && startMs < range.toMs;
  });
  if (rows.kind === "whole") {
    const whole = rowIn(result, "");
    for (const slice of inRange) addSlice(plan, whole, slice);
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

/** No range cuts a day that is read as one. */
const startOf = (plan: Plan, slice: Slice): number =>
  "hour" in slice ? slice.hour : dayOf(plan.zone, slice.date).startMs;

const byMinute = (plan: Plan): boolean => plan.rows.kind === "time" && plan.rows.interval === "minute";

function addTimes(plan: Plan, range: Range, interval: Interval, result: Tally, slices: readonly Slice[]): void {
  const labelOf = labelsOf(plan.zone, interval);
  for (const slice of slices) {
    if (interval !== "minute") addSlice(plan, rowIn(result, labelOf(slice.date, startOf(plan, slice))), slice);
    else if ("hour" in slice) addMinutes(plan, range, labelOf, result, slice);
  }
}

function addSlice(plan: Plan, row: Sums, slice: Slice): void {
  for (const measure of measuresOf(plan, slice)) row.add(measure, slice.totals[measure] ?? 0);
  if (plan.reads.visitors) {
    if (!("hour" in slice)) row.addSketchedVisitors(slice.visitors ?? 0);
    row.addVisitors(dayKey(slice.date, slice.shard), "hour" in slice ? slice.anonymous : null, slice.identified);
  }
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

function addValues(plan: Plan, dimension: Dimension, result: Tally, slice: Slice): void {
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
    if (typeof label === "string") takeLabel(result, String(value), label, slice.date);
    if (plan.needs.includes("visitors")) addVisitors(plan, result, row, slice, column, sketches, at);
  }
}

function takeLabel({ labels }: Tally, value: string, label: string, date: string): void {
  const known = labels.get(value);
  if (known !== undefined && (known.date > date || (known.date === date && known.label >= label))) return;
  labels.set(value, { label, date });
}

/**
 * A value's visitors. Of a day: anonymous ones as a number, the others by their sketch. Of an hour by its sketches, or as
 * a number where there are none (one hour, or sketches not kept).
 */
function addVisitors(
  plan: Plan,
  result: Tally,
  row: Sums,
  slice: Slice,
  column: Column,
  sketches: ColumnSketches | undefined,
  at: number,
): void {
  const anonymous = sketches?.anonymous?.[at] ?? null;
  const identified = sketches?.identified?.[at] ?? null;
  const counted = column.visitors?.[at] ?? 0;
  const day = dayKey(slice.date, slice.shard);
  if (!("hour" in slice)) {
    row.addSketchedVisitors(counted);
    row.addVisitors(day, null, identified);
  } else if (anonymous !== null || identified !== null) row.addVisitors(day, anonymous, identified);
  else if (counted > 0) {
    row.addSketchedVisitors(counted);
    if (plan.reads.sketches) result.visitorsByHour = true;
  }
}

/** What is summed of a slice: money of another currency than the plan's is not added to it. */
function measuresOf(plan: Plan, slice: Slice): Measure[] {
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
