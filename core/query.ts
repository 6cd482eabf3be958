// The question of a report, read from the wire: `parseQuery` turns any JSON into a query that makes sense in itself, or
// says where it does not and what would be right. What needs a clock or a merchant is checked by the plan.
// The shape is that of Plausible's stats API, version 2; its names of dimensions are understood too.

import { type Breakdown, findImpossible, parseDimensions } from "./breakdown.ts";
import { type DateRange, parseDateRange } from "./date-range.ts";
import { isMetric, type Metric, METRIC_NAMES } from "./metrics.ts";
import { below, fault, listed, parseObject, type QueryFault, quoted } from "./query-fault.ts";
import { type Include, type Order, parseFilters, parseInclude, parseOrder, parsePagination } from "./query-options.ts";
import { ok, type Result } from "./result.ts";

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
