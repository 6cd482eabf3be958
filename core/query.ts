// The question of a report, read from the wire: `parseQuery` turns any JSON into a query that makes sense in itself, or
// says where it does not and what would be right. What needs a clock or a merchant is checked by the plan.
// The shape is that of Plausible's stats API, version 2; its names of dimensions are understood too.

import { parseDimensions, type QueryDimension } from "./breakdown.ts";
import { type DateRange, parseDateRange } from "./date-range.ts";
import type { Filter } from "./filter.ts";
import { isMetric, type Metric, METRIC_NAMES } from "./metrics.ts";
import { below, fault, listed, malformed, parseObject, type QueryFault, quoted } from "./query-fault.ts";
import { parseFilters } from "./query-filters.ts";
import { type Include, type Order, parseInclude, parseOrder, parsePagination } from "./query-options.ts";
import { findImpossible } from "./questions.ts";
import { ok, type Result } from "./result.ts";
import { NO_SEGMENTS, type Segments } from "./segments.ts";

export interface Query {
  merchant: string;
  metrics: Metric[];
  dateRange: DateRange;
  /** In the order in which rows show them. At most one is of time. */
  dimensions: QueryDimension[];
  filter: Filter | null;
  order: Order[];
  include: Include;
  limit: number;
  offset: number;
  /** The answer says how it was come by. */
  explain: boolean;
}

export const QUERY_KEYS = [
  "merchant",
  "metrics",
  "date_range",
  "dimensions",
  "filters",
  "order_by",
  "include",
  "pagination",
  "explain",
] as const;

/** `segments`: those of the merchant that the query names and whoever asks may use. */
export function parseQuery(body: unknown, segments: Segments = NO_SEGMENTS): Result<Query, QueryFault> {
  const sent = parseObject(body, "#", QUERY_KEYS);
  if (!sent.ok) return sent;
  const { merchant, explain = false, ...written } = sent.value;
  if (merchant === undefined) return fault("#/merchant", "missing", 'A merchant is needed: "merchant": "m_…".');
  if (typeof merchant !== "string" || merchant === "")
    return fault("#/merchant", "malformed", `${quoted(merchant)} is no merchant id.`);
  const metrics = parseMetrics(written["metrics"]);
  if (!metrics.ok) return metrics;
  const dateRange = parseDateRange(written["date_range"], "#/date_range");
  if (!dateRange.ok) return dateRange;
  const dimensions = parseDimensions(written["dimensions"]);
  if (!dimensions.ok) return dimensions;
  const filter = parseFilters(written["filters"], "#/filters", segments);
  if (!filter.ok) return filter;
  const impossible = findImpossible(metrics.value, dimensions.value, filter.value);
  if (impossible !== null) return impossible;
  const order = parseOrder(written["order_by"], metrics.value, dimensions.value);
  if (!order.ok) return order;
  const include = parseInclude(written["include"], dimensions.value);
  if (!include.ok) return include;
  const page = parsePagination(written["pagination"]);
  if (!page.ok) return page;
  if (typeof explain !== "boolean") return malformed("#/explain", "true or false", explain);
  return ok({
    merchant,
    metrics: metrics.value,
    dateRange: dateRange.value,
    dimensions: dimensions.value,
    filter: filter.value,
    order: order.value,
    include: include.value,
    ...page.value,
    explain,
  });
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
