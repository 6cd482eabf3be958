// The answer to a report: rows from what was counted, ordered, cut to the page asked, compared, and beside them what the
// numbers are worth: how fresh, how complete, and what is an estimate. Whoever counted, rollups or a scan. Pure.

import { changesOf, Figures, nothingOf, RowName } from "./figures.ts";
import { type Bucket, bucketsOf } from "./interval.ts";
import { type MetricNumber, type MetricValue, shown } from "./metrics.ts";
import { type ComparisonRow, type Counted, type Meta, metaOf, type ResultRow } from "./answer-meta.ts";
import { type Found, newestSlices } from "./newest-hours.ts";
import type { Plan, RollupPlan } from "./plan.ts";
import { resolved } from "./resolved-query.ts";
import { partsOf, rowKey } from "./scan-plan.ts";
import { tally } from "./tally.ts";

export type { ComparisonRow, Counted, Meta, ResultRow } from "./answer-meta.ts";

/** What was read for a plan over rollups, and from where. */
export interface Reading extends Found {
  /** Everything accepted before is in here; null when an object did not answer. */
  freshToMs: number | null;
  /** What may be missing and why, a sentence each. */
  stale: string[];
  /** Of what Postgres sent, as far as it is large; an estimate. */
  bytes?: number;
}

export interface Answer {
  results: ResultRow[];
  meta: Meta;
  query: Record<string, unknown>;
}

/** Of each question the present range, then the one compared with. */
export function countRollups(plan: RollupPlan, reading: Reading): Counted {
  const slices = newestSlices(reading);
  const ranges = plan.comparison === null ? [plan.range] : [plan.range, plan.comparison];
  const postgresRows = reading.published.length + reading.days.length;
  return {
    tallies: plan.questions.map((question) => ranges.map((range) => tally(plan, question, range, slices))),
    freshToMs: reading.freshToMs,
    stale: reading.stale,
    generations: [...new Set(slices.map(({ generation }) => generation ?? 0))].sort((a, b) => a - b),
    source: { kind: "rollup", postgres_rows: postgresRows, object_hours: reading.live.length },
    cost: { rows: postgresRows + reading.live.length, bytes: reading.bytes ?? 0 },
  };
}

/** Some value that the question would tell apart shares a row with others: a scan tells exactly. */
export const sharesRows = (plan: RollupPlan, { tallies }: Counted): boolean =>
  plan.questions.some(({ filter }, at) => filter !== null && tallies[at]!.some(({ other }) => other));

export const answerReport = (plan: RollupPlan, reading: Reading): Answer =>
  answerCounted(plan, countRollups(plan, reading));

export function answerCounted(plan: Plan, counted: Counted): Answer {
  const { query } = plan;
  const present = new Figures(plan, plan.rows, counted.tallies, 0);
  const past = plan.comparison === null ? null : new Figures(plan, plan.rows, counted.tallies, 1);
  const buckets = bucketsAsked(plan, present);
  const begun = buckets.filter(({ startMs }) => counted.freshToMs === null || startMs < counted.freshToMs);
  const keys = new Set(present.keys());
  if (query.include.fill) for (const { label } of begun) keys.add(rowKey([label]));
  const rows = ordered(
    plan,
    present,
    [...keys].map((key) => new RowName(key)),
  );
  const counterparts = counterpartsOf(plan, buckets);
  const results = rows.slice(query.offset, query.offset + query.limit).map((row): ResultRow => {
    const numbers = present.metricsOf(row);
    const label = present.labelOf(row);
    return {
      metrics: shownAll(plan, numbers),
      dimensions: valuesOf(plan, row),
      ...(label === undefined ? {} : { label }),
      ...(past === null ? {} : { comparison: compared(plan, numbers, past, counterpartOf(plan, row, counterparts)) }),
    };
  });
  const meta = metaOf(plan, counted, begun);
  if (query.include.timeLabels) meta.time_labels = buckets.map(({ label }) => label);
  if (query.include.totalRows) meta.total_rows = rows.length;
  const totals = totalsOf(plan, counted);
  if (totals !== null) meta.totals = totals;
  return { results, meta, query: resolved(plan) };
}

/** Of "all" those from the first that has anything. */
function bucketsAsked(plan: Plan, present: Figures): Bucket[] {
  if (plan.interval === null) return [];
  const buckets = bucketsOf(plan.zone, plan.interval, plan.range);
  const { dateRange } = plan.query;
  if (dateRange.kind !== "named" || dateRange.name !== "all") return buckets;
  const labels = new Set([...present.keys()].map((key) => partsOf(key)[0]));
  const first = buckets.findIndex(({ label }) => labels.has(label));
  return first < 0 ? [] : buckets.slice(first);
}

function totalsOf(plan: Plan, { tallies }: Counted): ResultRow | null {
  if (plan.totals === null) return null;
  const numbers = new Figures(plan, plan.totals, tallies, 0).metricsOf(WHOLE);
  const totals: ResultRow = { metrics: shownAll(plan, numbers), dimensions: [] };
  if (plan.comparison === null) return totals;
  const before = new Figures(plan, plan.totals, tallies, 1).metricsOf(WHOLE);
  return { ...totals, comparison: comparisonOf(plan, numbers, before, []) };
}

const WHOLE = new RowName(rowKey([]));

/** By label, that of the bucket at the same place in the range compared with. */
function counterpartsOf({ zone, interval, comparison }: Plan, buckets: readonly Bucket[]) {
  const past = comparison === null || interval === null ? [] : bucketsOf(zone, interval, comparison);
  return new Map(buckets.map(({ label }, at) => [label, past[at]?.label]));
}

/** The row in the range compared with: at the same place in time; undefined where that has no such bucket. */
function counterpartOf(
  { interval }: Plan,
  row: RowName,
  labels: ReadonlyMap<string, string | undefined>,
): RowName | undefined {
  if (interval === null) return row;
  const label = labels.get(row.parts[0]!);
  return label === undefined ? undefined : new RowName(rowKey([label, ...row.parts.slice(1)]));
}

/** Where each dimension asked is in a row's key: time comes first there. */
function positionsOf({ query: { dimensions }, interval }: Plan): number[] {
  let field = interval === null ? 0 : 1;
  return dimensions.map(({ kind }) => (kind === "time" ? 0 : field++));
}

/** By what the query says, then by value: the same rows always come in the same order. */
function ordered(plan: Plan, figures: Figures, rows: readonly RowName[]): RowName[] {
  const positions = positionsOf(plan);
  const metrics = plan.query.order.flatMap(({ by }) => (typeof by === "number" ? [] : [by]));
  let metric = 0;
  const keys = plan.query.order.map(({ by, descending }) => ({
    sign: descending ? -1 : 1,
    ...(typeof by === "number" ? { position: positions[by]!, metric: -1 } : { position: -1, metric: metric++ }),
  }));
  const byValue = (a: RowName, b: RowName, position: number) => compare(a.parts[position]!, b.parts[position]!);
  return rows
    .map((row) => ({ row, numbers: metrics.map((each) => figures.metricOf(each, row)) }))
    .sort((a, b) => {
      for (const { sign, position, metric: at } of keys) {
        const way =
          at < 0 ? sign * byValue(a.row, b.row, position) : compareNumbers(a.numbers[at]!, b.numbers[at]!, sign);
        if (way !== 0) return way;
      }
      for (const position of positions) {
        const way = byValue(a.row, b.row, position);
        if (way !== 0) return way;
      }
      return 0;
    })
    .map(({ row }) => row);
}

/** Rows without a number come last either way. */
function compareNumbers(a: MetricNumber, b: MetricNumber, sign: number): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return sign * compare(a, b);
}

const compare = <Value extends string | number | bigint>(a: Value, b: Value): number => (a < b ? -1 : a > b ? 1 : 0);

const valuesOf = (plan: Plan, { parts }: RowName): string[] => positionsOf(plan).map((position) => parts[position]!);

const shownAll = (plan: Plan, numbers: readonly MetricNumber[]): MetricValue[] =>
  plan.query.metrics.map((metric, index) => shown(metric, numbers[index] ?? null, plan.currency));

function compared(plan: Plan, now: MetricNumber[], past: Figures, row: RowName | undefined): ComparisonRow {
  if (row === undefined) return comparisonOf(plan, now, nothingOf(plan.query.metrics), []);
  return comparisonOf(plan, now, past.metricsOf(row), valuesOf(plan, row));
}

const comparisonOf = (
  plan: Plan,
  now: readonly MetricNumber[],
  before: readonly MetricNumber[],
  dimensions: string[],
): ComparisonRow => ({
  metrics: shownAll(plan, before),
  dimensions,
  change: changesOf(plan.query.metrics, now, before),
});
