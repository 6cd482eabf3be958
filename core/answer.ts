// The answer to a report: rows from the hours that were read, ordered, cut to the page asked, compared, and beside them
// what the numbers are worth: how fresh, how complete, and what is an estimate. Pure.

import { nameOf } from "./breakdown.ts";
import { writtenInstant, writtenRange } from "./date-range.ts";
import { type Bucket, bucketsOf } from "./interval.ts";
import { type Metric, type MetricNumber, METRICS, type MetricValue, shown } from "./metrics.ts";
import { type Found, newestSlices, type Slice } from "./newest-hours.ts";
import type { Plan } from "./plan.ts";
import { Sums } from "./sums.ts";
import { type Tally, tally } from "./tally.ts";
import { dayAt, hourAt } from "./zone.ts";

/** What was read for a plan, and from where. */
export interface Reading extends Found {
  /** Everything accepted before is in here; null when an object did not answer. */
  freshToMs: number | null;
  /** What may be missing and why, a sentence each. */
  stale: string[];
}

export interface ComparisonRow {
  metrics: MetricValue[];
  dimensions: string[];
  /** Percent, of percentages in percentage points; null where there is nothing to compare with. */
  change: (number | null)[];
}

export interface ResultRow {
  metrics: MetricValue[];
  dimensions: string[];
  /** Of products: the name to show for the id. */
  label?: string;
  comparison?: ComparisonRow;
}

export interface Meta {
  fresh_to: string | null;
  /** Before it, no more is to come but late events; null when something is missing. */
  complete_to: string | null;
  time_zone: string;
  currency: string;
  source: { postgres_rows: number; object_hours: number };
  /** Of the numbers read, which generations: 0 is what was counted live, others were counted again later. */
  generations: number[];
  /** Metrics that hold an estimate. */
  approximate: Metric[];
  /** Why, and anything else that a number needs said beside it. */
  notes: string[];
  /** Some values share the row "(other)". */
  other: boolean;
  /** Orders and refunds in another currency, which are not in the money. */
  foreign: number;
  /** What may be missing, since a source did not answer; null when nothing is. */
  stale: string | null;
  /** Labels of buckets that the range cuts or that are not over. */
  incomplete: string[];
  time_labels?: string[];
  total_rows?: number;
}

export interface Answer {
  results: ResultRow[];
  meta: Meta;
  query: Record<string, unknown>;
}

interface Row {
  key: string;
  numbers: MetricNumber[];
}

export function answerReport(plan: Plan, reading: Reading): Answer {
  const { query, rows: asked } = plan;
  const slices = newestSlices(reading);
  const present = tally(plan, plan.range, slices);
  const past = plan.comparison === null ? null : tally(plan, plan.comparison, slices);
  const buckets = asked.kind === "time" ? bucketsOf(plan.zone, asked.interval, plan.range) : [];
  const pastBuckets =
    asked.kind === "time" && plan.comparison !== null ? bucketsOf(plan.zone, asked.interval, plan.comparison) : [];
  const begun = buckets.filter(({ startMs }) => reading.freshToMs === null || startMs < reading.freshToMs);
  if (query.include.fill)
    for (const { label } of begun) if (!present.rows.has(label)) present.rows.set(label, new Sums());
  const rows = ordered(plan, numbersOf(plan, present));
  const page = rows.slice(query.offset, query.offset + query.limit);
  const pastKeys = new Map(buckets.map(({ label }, index) => [label, pastBuckets[index]?.label]));
  const results = page.map((row): ResultRow => {
    const result = resultOf(plan, row, present);
    if (past === null) return result;
    return {
      ...result,
      comparison: compared(plan, row, past, asked.kind === "time" ? pastKeys.get(row.key) : row.key),
    };
  });
  const meta = metaOf(plan, reading, slices, past === null ? [present] : [present, past], begun);
  if (query.include.timeLabels) meta.time_labels = buckets.map(({ label }) => label);
  if (query.include.totalRows) meta.total_rows = rows.length;
  return { results, meta, query: resolved(plan) };
}

function numbersOf(plan: Plan, { rows, allVisits }: Tally): Row[] {
  return [...rows].map(([key, sums]) => ({ key, numbers: metricsOf(plan, sums, allVisits) }));
}

function metricsOf(plan: Plan, sums: Sums, allVisits: bigint): MetricNumber[] {
  const ofRange = plan.rows.kind === "dimension";
  return plan.query.metrics.map((metric) =>
    METRICS[metric].compute((need) => (need === "all_visits" && ofRange ? allVisits : sums.of(need))),
  );
}

/** By what the query says, then by value: the same rows always come in the same order. */
function ordered(plan: Plan, rows: Row[]): Row[] {
  const { order, metrics } = plan.query;
  const keys = order.map(({ by, descending }) => ({
    index: by === "dimension" ? -1 : metrics.indexOf(by),
    descending,
  }));
  return rows.sort((a, b) => {
    for (const { index, descending } of keys) {
      const sign = descending ? -1 : 1;
      const way = index < 0 ? sign * compare(a.key, b.key) : compareNumbers(a.numbers[index]!, b.numbers[index]!, sign);
      if (way !== 0) return way;
    }
    return compare(a.key, b.key);
  });
}

/** Rows without a number come last either way. */
function compareNumbers(a: MetricNumber, b: MetricNumber, sign: number): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return sign * compare(a, b);
}

const compare = <Value extends string | number | bigint>(a: Value, b: Value): number => (a < b ? -1 : a > b ? 1 : 0);

function resultOf(plan: Plan, { key, numbers }: Row, { labels }: Tally): ResultRow {
  const result: ResultRow = { metrics: shownAll(plan, numbers), dimensions: plan.rows.kind === "whole" ? [] : [key] };
  const label = labels.get(key)?.label;
  if (label !== undefined) result.label = label;
  return result;
}

const shownAll = (plan: Plan, numbers: MetricNumber[]): MetricValue[] =>
  plan.query.metrics.map((metric, index) => shown(metric, numbers[index] ?? null, plan.currency));

/** `key` is the row's counterpart in the compared range: undefined where that has no such bucket. */
function compared(plan: Plan, row: Row, past: Tally, key: string | undefined): ComparisonRow {
  const sums = key === undefined ? undefined : past.rows.get(key);
  const numbers = metricsOf(plan, sums ?? new Sums(), past.allVisits);
  return {
    metrics: shownAll(plan, numbers),
    dimensions: plan.rows.kind === "whole" || key === undefined ? [] : [key],
    change: plan.query.metrics.map((metric, index) => change(metric, row.numbers[index]!, numbers[index]!)),
  };
}

function change(metric: Metric, now: MetricNumber, before: MetricNumber): number | null {
  if (now === null || before === null) return null;
  if (METRICS[metric].kind === "percent") return toTenths(Number(now) - Number(before));
  if (Number(before) === 0) return Number(now) === 0 ? 0 : null;
  return toTenths((100 * (Number(now) - Number(before))) / Math.abs(Number(before)));
}

const toTenths = (n: number): number => Math.round(n * 10) / 10;

function metaOf(plan: Plan, reading: Reading, slices: Slice[], tallies: Tally[], begun: Bucket[]): Meta {
  const { zone, range } = plan;
  const { freshToMs, stale } = reading;
  const doubts = doubtsAboutVisitors(plan, tallies);
  const completeMs = freshToMs === null || stale.length > 0 ? null : Math.min(range.toMs, hourStart(zone, freshToMs));
  const isCut = ({ startMs, endMs }: Bucket) => startMs < range.fromMs || endMs > range.toMs;
  return {
    fresh_to: freshToMs === null ? null : writtenInstant(zone, freshToMs),
    complete_to: completeMs === null ? null : writtenInstant(zone, completeMs),
    time_zone: zone,
    currency: plan.currency,
    source: {
      postgres_rows: reading.published.length + reading.days.length,
      object_hours: reading.live.length,
    },
    generations: [...new Set(slices.map(({ generation }) => generation ?? 0))].sort((a, b) => a - b),
    approximate:
      doubts.length > 0 ? plan.query.metrics.filter((metric) => METRICS[metric].needs.includes("visitors")) : [],
    notes: [...doubts, ...doubtsAboutMoney(plan, tallies)],
    other: tallies.some(({ other }) => other),
    foreign: tallies[0]!.foreign,
    stale: stale.length === 0 ? null : stale.join(" "),
    incomplete: begun
      .filter((bucket) => isCut(bucket) || freshToMs === null || bucket.endMs > freshToMs)
      .map(({ label }) => label),
  };
}

function doubtsAboutVisitors(plan: Plan, tallies: Tally[]): string[] {
  if (!plan.needs.includes("visitors")) return [];
  const doubts: string[] = [];
  if (tallies.some(({ rows }) => [...rows.values()].some((sums) => sums.estimated)))
    doubts.push("Visitors are an estimate, with a standard error of 1.6 %.");
  if (tallies.some(({ visitorsByHour }) => visitorsByHour))
    doubts.push("Visitors are distinct within each hour only: who came back in another hour counts again.");
  if (plan.reads.minutes) doubts.push("Visitors by minute are distinct within a visit only.");
  return doubts;
}

function doubtsAboutMoney(plan: Plan, tallies: Tally[]): string[] {
  const former = new Set(tallies.flatMap(({ formerCurrencies }) => [...formerCurrencies]));
  const hasMoney = plan.query.metrics.some((metric) => METRICS[metric].kind === "money");
  if (former.size === 0 || !hasMoney) return [];
  return [`Money of hours that were kept in ${[...former].sort().join(", ")} is left out.`];
}

const hourStart = (zone: string, ms: number): number => hourAt(dayAt(zone, ms), ms);

/** The query as it was understood; sent again it gives the same rows. */
function resolved(plan: Plan): Record<string, unknown> {
  const { query, rows, zone } = plan;
  const { include } = query;
  const dimension = rows.kind === "whole" ? null : nameOf(rows);
  return {
    merchant: query.merchant,
    metrics: query.metrics,
    date_range: writtenRange(zone, plan.range),
    dimensions: dimension === null ? [] : [dimension],
    filters: query.values === null ? [] : [["is", dimension, query.values]],
    order_by: query.order.map(({ by, descending }) => [
      by === "dimension" ? dimension : by,
      descending ? "desc" : "asc",
    ]),
    include: {
      time_labels: include.timeLabels,
      total_rows: include.totalRows,
      fill: include.fill,
      ...(plan.comparison === null
        ? {}
        : { comparisons: { mode: "custom", date_range: writtenRange(zone, plan.comparison) } }),
    },
    pagination: { limit: query.limit, offset: query.offset },
  };
}
