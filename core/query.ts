// The question of a report, read from the wire: `parseQuery` turns any JSON into a query that makes sense in itself, or
// says where it does not and what would be right. What needs a clock or a merchant is checked by the plan.
// The shape is that of Plausible's stats API, version 2; its names of dimensions are understood too.

import { type Comparison, type DateRange, parseDateRange } from "./date-range.ts";
import { type Interval, INTERVALS } from "./interval.ts";
import { type Group, groupOf, isMetric, type Metric, METRIC_NAMES, METRICS } from "./metrics.ts";
import { parseFilters, parseInclude, parseOrder, parsePagination } from "./query-options.ts";
import { below, fault, listed, type QueryFault, quoted } from "./query-fault.ts";
import { ok, type Result } from "./result.ts";
import { type Dimension, DIMENSIONS, EVENT_DIMENSIONS } from "./rollup.ts";

export type Breakdown = { kind: "time"; interval: Interval | null } | { kind: "dimension"; dimension: Dimension };

export interface Order {
  /** A metric of the query, or "dimension": the value or the time of the row. */
  by: Metric | "dimension";
  descending: boolean;
}

export interface Include {
  timeLabels: boolean;
  totalRows: boolean;
  /** Rows of zeros for buckets of time without any event. */
  fill: boolean;
  comparison: Comparison | null;
}

export interface Query {
  merchant: string;
  metrics: Metric[];
  dateRange: DateRange;
  breakdown: Breakdown | null;
  /** Only rows with one of these values of the dimension; null for all. */
  values: string[] | null;
  order: Order[];
  include: Include;
  limit: number;
  offset: number;
}

const KEYS = ["merchant", "metrics", "date_range", "dimensions", "filters", "order_by", "include", "pagination"];

export function parseQuery(body: unknown): Result<Query, QueryFault> {
  const sent = parseObject(body, "#", KEYS);
  if (!sent.ok) return sent;
  const written = sent.value;
  const merchant = written["merchant"];
  if (merchant === undefined) return fault("#/merchant", "missing", 'A merchant is needed: "merchant": "m_…".');
  if (typeof merchant !== "string" || merchant === "")
    return fault("#/merchant", "malformed", `${quoted(merchant)} is no merchant id.`);
  const metrics = parseMetrics(written["metrics"]);
  if (!metrics.ok) return metrics;
  const dateRange = parseDateRange(written["date_range"], "#/date_range");
  if (!dateRange.ok) return dateRange;
  const breakdown = parseDimensions(written["dimensions"]);
  if (!breakdown.ok) return breakdown;
  const impossible = findImpossible(metrics.value, breakdown.value);
  if (impossible !== null) return impossible;
  const values = parseFilters(written["filters"], breakdown.value);
  if (!values.ok) return values;
  const order = parseOrder(written["order_by"], metrics.value, breakdown.value);
  if (!order.ok) return order;
  const include = parseInclude(written["include"], breakdown.value);
  if (!include.ok) return include;
  const page = parsePagination(written["pagination"]);
  if (!page.ok) return page;
  return ok({
    merchant,
    metrics: metrics.value,
    dateRange: dateRange.value,
    breakdown: breakdown.value,
    values: values.value,
    order: order.value,
    include: include.value,
    ...page.value,
  });
}

/** An object with none but these keys. */
export function parseObject(
  written: unknown,
  pointer: string,
  keys: readonly string[],
): Result<Record<string, unknown>, QueryFault> {
  if (typeof written !== "object" || written === null || Array.isArray(written))
    return fault(pointer, "malformed", `An object is needed here, not ${quoted(written)}.`);
  const unknown = Object.keys(written).find((key) => !keys.includes(key));
  if (unknown === undefined) return ok(written as Record<string, unknown>);
  return fault(below(pointer, unknown), "unknown_key", `Unknown key ${quoted(unknown)}. Use any of: ${listed(keys)}.`);
}

function parseMetrics(written: unknown): Result<Metric[], QueryFault> {
  if (!Array.isArray(written) || written.length === 0)
    return fault("#/metrics", "missing", `A list of at least one metric is needed: ${listed(METRIC_NAMES)}.`);
  const metrics: Metric[] = [];
  for (const [at, name] of (written as unknown[]).entries()) {
    const pointer = below("#/metrics", at);
    if (!isMetric(name))
      return fault(pointer, "unknown_metric", `Unknown metric ${quoted(name)}. Use one of: ${listed(METRIC_NAMES)}.`);
    if (metrics.includes(name)) return fault(pointer, "malformed", `The metric "${name}" stands there twice.`);
    metrics.push(name);
  }
  return ok(metrics);
}

const TIMES = ["time", ...INTERVALS.map((interval) => `time:${interval}`)];
const EVENT_NAMES: readonly string[] = EVENT_DIMENSIONS;

function parseDimensions(written: unknown): Result<Breakdown | null, QueryFault> {
  if (written === undefined) return ok(null);
  if (!Array.isArray(written)) return fault("#/dimensions", "malformed", `A list is needed here, not ${quoted(written)}.`);
  if (written.length === 0) return ok(null);
  if (written.length > 1)
    return fault("#/dimensions/1", "impossible_combination", "One dimension at a time: a breakdown, or time.");
  const breakdown = breakdownNamed(written[0]);
  if (breakdown !== null) return ok(breakdown);
  const names = listed([...DIMENSIONS, ...TIMES]);
  return fault("#/dimensions/0", "unknown_dimension", `Unknown dimension ${quoted(written[0])}. Use one of: ${names}.`);
}

/** What a name of a dimension means, ours or Plausible's; null when nothing. */
export function breakdownNamed(name: unknown): Breakdown | null {
  if (typeof name !== "string") return null;
  if (name === "time") return { kind: "time", interval: null };
  const interval = INTERVALS.find((each) => name === `time:${each}`);
  if (interval !== undefined) return { kind: "time", interval };
  const dimension = DIMENSIONS.find((each) => name === each || name === aliasOf(each));
  return dimension === undefined ? null : { kind: "dimension", dimension };
}

function aliasOf(dimension: Dimension): string {
  if (dimension === "event") return "event:name";
  return EVENT_NAMES.includes(dimension) ? `event:${dimension}` : `visit:${dimension}`;
}

/** The dimension as the resolved query names it. */
export function nameOf(breakdown: Breakdown): string {
  if (breakdown.kind === "dimension") return breakdown.dimension;
  return breakdown.interval === null ? "time" : `time:${breakdown.interval}`;
}

export function groupAsked(breakdown: Breakdown | null): Group {
  if (breakdown === null) return "whole";
  if (breakdown.kind === "dimension") return groupOf(breakdown.dimension);
  return breakdown.interval === "minute" ? "minute" : "whole";
}

/** The refusal of metrics that have no meaning by what is asked; null when all have. */
export function findImpossible(metrics: readonly Metric[], breakdown: Breakdown | null) {
  const group = groupAsked(breakdown);
  const wrong = metrics.findIndex((metric) => !METRICS[metric].groups.includes(group));
  if (wrong < 0 || breakdown === null) return null;
  const possible = METRIC_NAMES.filter((metric) => METRICS[metric].groups.includes(group));
  const message = `${metrics[wrong]} cannot be given by ${nameOf(breakdown)}, ${REASONS[group]}. With it go: ${listed(possible)}.`;
  return fault(below("#/metrics", wrong), "impossible_combination", message);
}

const BY_EVENT = "which belongs to single events and not to whole visits";
const REASONS: Record<Group, string> = {
  whole: "",
  minute: "for which single minutes are not kept",
  visit: "which its parts are not kept by",
  exit: "by which only whole visits are counted",
  page: BY_EVENT,
  hostname: BY_EVENT,
  event: BY_EVENT,
  product: BY_EVENT,
};
