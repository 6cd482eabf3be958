// From hours and days to the rows of a question: every slice of a range is added to the rows that it belongs to: the one row
// of a whole, the bucket of its time, each value of its dimension, or both. A day and its hours give the same numbers.

import type { Range } from "./date-range.ts";
import { type Interval, labelsOf } from "./interval.ts";
import { columnOf, valueFits } from "./kept.ts";
import { dayKey, type DaySlice, type HourSlice, type Slice } from "./newest-hours.ts";
import type { RollupPlan } from "./plan.ts";
import { type Column, type ColumnSketches, type Dimension, MEASURES, type Measure, OTHER } from "./rollup.ts";
import { rowKey, type ScanQuestion } from "./scan-plan.ts";
import { Sums } from "./sums.ts";
import { dayOf } from "./zone.ts";

const HOUR_MS = 3_600_000;

/** The answer to one question in one range. */
export interface Tally {
  /** By `rowKey`. */
  rows: Map<string, Sums>;
  /** Names to show for values, where they have one (products): of the latest date, of its names the last by alphabet. */
  labels: Map<string, { label: string; date: string }>;
  /** Some hour had more values than are kept apart. */
  other: boolean;
  /** Sketches of values were missing, so visitors are distinct by the hour only. */
  visitorsByHour: boolean;
  /** Orders and refunds in another currency than their hour's. */
  foreign: number;
  /** Currencies of hours from before the merchant changed to the present one: their money is left out. */
  formerCurrencies: Set<string>;
}

export const emptyTally = (): Tally => ({
  rows: new Map(),
  labels: new Map(),
  other: false,
  visitorsByHour: false,
  foreign: 0,
  formerCurrencies: new Set(),
});

/** Those of the range's rows that have anything in them; the whole always has its row. The plan must keep the question. */
export function tally(plan: RollupPlan, question: ScanQuestion, range: Range, slices: readonly Slice[]): Tally {
  const result = emptyTally();
  const { interval } = question;
  // An hour may begin before a range by minute does.
  const fromMs = interval === "minute" ? range.fromMs - HOUR_MS + 1 : range.fromMs;
  const inRange = slices.filter((slice) => {
    const startMs = startOf(plan, slice);
    return startMs >= fromMs && startMs < range.toMs;
  });
  const counting: Counting = { plan, question, result, labels: bucketsIn(plan, interval), known: new Map() };
  const dimension = columnOf(question);
  if (interval === "minute") for (const slice of inRange) addMinutes(counting, range, slice);
  else if (dimension === null) for (const slice of inRange) addSlice(counting, slice);
  else {
    const fits = valueFits(question.filter);
    for (const slice of inRange) addValues(counting, dimension, fits, slice);
  }
  if (question.fields.length === 0 && interval === null) rowIn(result, rowKey([]));
  for (const slice of inRange) {
    result.foreign += slice.foreign;
    if (slice.currency !== plan.currency) result.formerCurrencies.add(slice.currency);
  }
  return result;
}

interface Counting {
  plan: RollupPlan;
  question: ScanQuestion;
  result: Tally;
  /** The part of a row's key that is its bucket. */
  labels: (date: string, ms: number) => string[];
  /** Rows of a dimension by bucket and value: making their keys anew for each slice would take most of the time. */
  known: Map<string | undefined, Map<string, Sums>>;
}

function bucketsIn({ zone }: RollupPlan, interval: Interval | null): Counting["labels"] {
  if (interval === null) return () => [];
  const labelOf = labelsOf(zone, interval);
  return (date, ms) => [labelOf(date, ms)];
}

/** No range cuts a day that is read as one. */
const startOf = (plan: RollupPlan, slice: Slice): number =>
  "hour" in slice ? slice.hour : dayOf(plan.zone, slice.date).startMs;

function addSlice(counting: Counting, slice: Slice): void {
  const { plan, question, result, labels } = counting;
  if (question.interval === "hour" && !("hour" in slice)) return addHours(counting, slice);
  const row = rowIn(result, rowKey(labels(slice.date, startOf(plan, slice))));
  for (const measure of measuresOf(counting, slice)) row.add(measure, slice.totals[measure] ?? 0);
  if (!question.visitors) return;
  if (!("hour" in slice)) row.addSketchedVisitors(slice.visitors ?? 0);
  row.addVisitors(dayKey(slice.date, slice.shard), "hour" in slice ? slice.anonymous : null, slice.identified);
}

/** A day that no range cuts, whose hours are a bucket each. */
function addHours(counting: Counting, slice: DaySlice): void {
  const { question, result, labels } = counting;
  const column = slice.hours;
  if (column === null || column === undefined) throw new Error("a day without its hours was read by the hour");
  const measures = measuresOf(counting, slice);
  for (const [at, startMs] of column.v.entries()) {
    const row = rowIn(result, rowKey(labels(slice.date, Number(startMs))));
    for (const measure of measures) row.add(measure, column[measure]?.[at] ?? 0);
    if (question.visitors) row.addSketchedVisitors(column.visitors?.[at] ?? 0);
  }
}

function addMinutes(counting: Counting, range: Range, slice: Slice): void {
  const { question, result, labels } = counting;
  const column = "hour" in slice ? slice.minutes : null;
  if (column === null || column === undefined) return;
  const measures = measuresOf(counting, slice);
  for (const [at, minute] of column.v.entries()) {
    const ms = (slice as HourSlice).hour + Number(minute) * 60_000;
    if (ms < range.fromMs || ms >= range.toMs) continue;
    const row = rowIn(result, rowKey(labels(slice.date, ms)));
    for (const measure of measures) row.add(measure, column[measure]?.[at] ?? 0);
    if (question.visitors) row.addCountedVisitors(column.visitors?.[at] ?? 0);
  }
}

function addValues(counting: Counting, dimension: Dimension, fits: (value: string) => boolean, slice: Slice): void {
  const { plan, question, result, labels } = counting;
  const column = slice.dimensions[dimension];
  if (column === undefined) return;
  const measures = measuresOf(counting, slice).filter((measure) => column[measure] !== undefined);
  const sketches = plan.reads.sketches ? slice.sketches[dimension] : undefined;
  const bucket = labels(slice.date, startOf(plan, slice));
  const known = knownIn(counting, bucket);
  const day = dayKey(slice.date, slice.shard);
  // A report has tens of thousands of these: what holds for all of a slice is found before.
  for (let at = 0; at < column.v.length; at++) {
    const value = String(column.v[at]);
    if (value === OTHER) result.other = true;
    if (!fits(value)) continue;
    let row = known.get(value);
    if (row === undefined) {
      row = rowIn(result, rowKey(question.fields.length === 0 ? bucket : [...bucket, value]));
      known.set(value, row);
    }
    for (const measure of measures) row.add(measure, column[measure]![at] ?? 0);
    const label = column.label?.[at];
    if (typeof label === "string") takeLabel(result, value, label, slice.date);
    if (question.visitors) addVisitors(plan, result, row, slice, day, column, sketches, at);
  }
}

function knownIn({ known }: Counting, [label]: readonly string[]): Map<string, Sums> {
  let rows = known.get(label);
  if (rows === undefined) {
    rows = new Map();
    known.set(label, rows);
  }
  return rows;
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
  plan: RollupPlan,
  result: Tally,
  row: Sums,
  slice: Slice,
  day: string,
  column: Column,
  sketches: ColumnSketches | undefined,
  at: number,
): void {
  const anonymous = sketches?.anonymous?.[at] ?? null;
  const identified = sketches?.identified?.[at] ?? null;
  const counted = column.visitors?.[at] ?? 0;
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
function measuresOf({ plan, question }: Counting, slice: Slice): Measure[] {
  return MEASURES.filter(
    (measure) =>
      question.measures.includes(measure) &&
      (slice.currency === plan.currency || (measure !== "gross" && measure !== "refunds")),
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
