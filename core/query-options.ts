// The optional parts of a query: filters, order, what to include, and the page of rows. See query.ts.

import { type Breakdown, breakdownNamed, nameOf } from "./breakdown.ts";
import { type Comparison, parseDateRange } from "./date-range.ts";
import { QUERY_FILTER_VALUES_MAX, REPORT_ROWS_MAX } from "./limits.ts";
import { isMetric, type Metric } from "./metrics.ts";
import { below, fault, listed, parseObject, type QueryFault, quoted } from "./query-fault.ts";
import { ok, type Result } from "./result.ts";

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

const MODES = ["previous_period", "year_over_year", "custom"] as const;

/** The values that a single `is` on the dimension asked allows. */
export function parseFilters(written: unknown, breakdown: Breakdown | null): Result<string[] | null, QueryFault> {
  if (written === undefined) return ok(null);
  if (!Array.isArray(written)) return malformed("#/filters", "A list", written);
  if (written.length === 0) return ok(null);
  if (breakdown?.kind !== "dimension")
    return fault(
      "#/filters",
      "invalid_filter",
      "A filter needs a dimension other than time, and is on that dimension.",
    );
  const form = `["is","${breakdown.dimension}",["…"]]`;
  if (written.length > 1) return fault("#/filters/1", "invalid_filter", `One filter at a time: ${form}.`);
  const filter: unknown = written[0];
  if (!Array.isArray(filter) || filter.length !== 3)
    return fault("#/filters/0", "invalid_filter", `${quoted(filter)} is no filter. Use ${form}.`);
  const [operator, dimension, values] = filter as unknown[];
  if (operator !== "is")
    return fault("#/filters/0/0", "invalid_filter", `Unknown operator ${quoted(operator)}. Use ${form}.`);
  const named = breakdownNamed(dimension);
  if (named?.kind !== "dimension" || named.dimension !== breakdown.dimension)
    return fault("#/filters/0/1", "invalid_filter", `${quoted(dimension)} is not the dimension asked. Use ${form}.`);
  if (!Array.isArray(values) || values.length === 0 || values.length > QUERY_FILTER_VALUES_MAX)
    return fault(
      "#/filters/0/2",
      "invalid_filter",
      `A list of 1 to ${QUERY_FILTER_VALUES_MAX} values is needed: ${form}.`,
    );
  const wrong = values.findIndex((value) => typeof value !== "string");
  if (wrong >= 0) return malformed(below("#/filters/0/2", wrong), "A text", values[wrong]);
  return ok([...new Set(values as string[])]);
}

/** Default: time forwards, else the first metric, largest first. */
export function parseOrder(
  written: unknown,
  metrics: readonly Metric[],
  breakdown: Breakdown | null,
): Result<Order[], QueryFault> {
  if (written === undefined) {
    if (breakdown?.kind === "time") return ok([{ by: "dimension", descending: false }]);
    return ok(metrics.slice(0, 1).map((by) => ({ by, descending: true })));
  }
  if (!Array.isArray(written)) return malformed("#/order_by", "A list", written);
  const names = listed([...metrics, ...(breakdown === null ? [] : [nameOf(breakdown)])]);
  const order: Order[] = [];
  for (const [at, entry] of (written as unknown[]).entries()) {
    const pointer = below("#/order_by", at);
    if (!Array.isArray(entry) || entry.length !== 2 || (entry[1] !== "asc" && entry[1] !== "desc"))
      return fault(pointer, "invalid_order", `${quoted(entry)} is no order. Use ["${metrics[0]}","desc"] or "asc".`);
    const by = orderedBy(entry[0], metrics, breakdown);
    if (by === null)
      return fault(`${pointer}/0`, "invalid_order", `${quoted(entry[0])} is not in the query. Use one of: ${names}.`);
    if (order.some((each) => each.by === by))
      return fault(pointer, "invalid_order", `${quoted(entry[0])} stands there twice.`);
    order.push({ by, descending: entry[1] === "desc" });
  }
  return ok(order);
}

function orderedBy(name: unknown, metrics: readonly Metric[], breakdown: Breakdown | null): Order["by"] | null {
  if (isMetric(name)) return metrics.includes(name) ? name : null;
  const named = breakdownNamed(name);
  if (named === null || breakdown === null || named.kind !== breakdown.kind) return null;
  return named.kind === "time" || nameOf(named) === nameOf(breakdown) ? "dimension" : null;
}

export function parseInclude(written: unknown, breakdown: Breakdown | null): Result<Include, QueryFault> {
  const include: Include = { timeLabels: false, totalRows: false, fill: false, comparison: null };
  if (written === undefined) return ok(include);
  const sent = parseObject(written, "#/include", ["time_labels", "total_rows", "fill", "comparisons"]);
  if (!sent.ok) return sent;
  for (const key of ["time_labels", "total_rows", "fill"]) {
    const flag = sent.value[key] ?? false;
    const pointer = below("#/include", key);
    if (typeof flag !== "boolean") return malformed(pointer, "true or false", flag);
    if (flag && key !== "total_rows" && breakdown?.kind !== "time")
      return fault(pointer, "impossible_combination", `"${key}" needs a time dimension.`);
    if (key === "time_labels") include.timeLabels = flag;
    else if (key === "fill") include.fill = flag;
    else include.totalRows = flag;
  }
  if (sent.value["comparisons"] === undefined) return ok(include);
  const comparison = parseComparison(sent.value["comparisons"], "#/include/comparisons");
  return comparison.ok ? ok({ ...include, comparison: comparison.value }) : comparison;
}

function parseComparison(written: unknown, pointer: string): Result<Comparison, QueryFault> {
  const sent = parseObject(written, pointer, ["mode", "date_range"]);
  if (!sent.ok) return sent;
  const mode = MODES.find((each) => each === sent.value["mode"]);
  if (mode === undefined)
    return fault(
      `${pointer}/mode`,
      "malformed",
      `Unknown mode ${quoted(sent.value["mode"])}. Use one of: ${listed(MODES)}.`,
    );
  if (mode === "custom") {
    const dateRange = parseDateRange(sent.value["date_range"], `${pointer}/date_range`);
    return dateRange.ok ? ok({ mode, dateRange: dateRange.value }) : dateRange;
  }
  if (sent.value["date_range"] === undefined) return ok({ mode });
  return fault(`${pointer}/date_range`, "impossible_combination", 'A date range goes with the mode "custom" only.');
}

export function parsePagination(written: unknown): Result<{ limit: number; offset: number }, QueryFault> {
  if (written === undefined) return ok({ limit: REPORT_ROWS_MAX, offset: 0 });
  const sent = parseObject(written, "#/pagination", ["limit", "offset"]);
  if (!sent.ok) return sent;
  const limit = sent.value["limit"] ?? REPORT_ROWS_MAX;
  const offset = sent.value["offset"] ?? 0;
  if (!isCount(limit) || limit < 1 || limit > REPORT_ROWS_MAX)
    return malformed("#/pagination/limit", `A whole number from 1 to ${REPORT_ROWS_MAX}`, limit);
  if (!isCount(offset)) return malformed("#/pagination/offset", "A whole number from 0 on", offset);
  return ok({ limit, offset });
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const malformed = (pointer: string, needed: string, written: unknown) =>
  fault(pointer, "malformed", `${needed} is needed here, not ${quoted(written)}.`);
