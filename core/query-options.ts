// The optional parts of a query: order, what to include, and the page of rows. See query.ts.

import { dimensionNamed, nameOf, type QueryDimension } from "./breakdown.ts";
import { type Comparison, parseDateRange } from "./date-range.ts";
import { REPORT_ROWS_MAX } from "./limits.ts";
import { isMetric, type Metric } from "./metrics.ts";
import { below, fault, listed, malformed, parseObject, type QueryFault, quoted } from "./query-fault.ts";
import { ok, type Result } from "./result.ts";

export interface Order {
  /** A metric of the query, or the position of one of its dimensions: the value or the time of the row. */
  by: Metric | number;
  descending: boolean;
}

export interface Include {
  timeLabels: boolean;
  totalRows: boolean;
  /** A row for the whole question, without its dimensions. */
  totals: boolean;
  /** Rows of zeros for buckets of time without any event. */
  fill: boolean;
  comparison: Comparison | null;
}

/** Flags of `include`, by their names on the wire. */
export const INCLUDE_FLAGS = {
  time_labels: "timeLabels",
  total_rows: "totalRows",
  totals: "totals",
  fill: "fill",
} as const;
const FLAGS = Object.keys(INCLUDE_FLAGS) as (keyof typeof INCLUDE_FLAGS)[];
export const COMPARISON_MODES = ["previous_period", "year_over_year", "custom"] as const;
export const DIRECTIONS = ["asc", "desc"] as const;

/** Default: time forwards; then, or without time, the first metric, largest first. */
export function parseOrder(
  written: unknown,
  metrics: readonly Metric[],
  dimensions: readonly QueryDimension[],
): Result<Order[], QueryFault> {
  if (written === undefined) return ok(usualOrder(metrics, dimensions));
  if (!Array.isArray(written)) return malformed("#/order_by", "A list", written);
  const names = listed([...metrics, ...dimensions.map(nameOf)]);
  const order: Order[] = [];
  for (const [at, entry] of (written as unknown[]).entries()) {
    const pointer = below("#/order_by", at);
    if (!Array.isArray(entry) || entry.length !== 2 || !DIRECTIONS.some((each) => each === entry[1]))
      return fault(pointer, "invalid_order", `${quoted(entry)} is no order. Use ["${metrics[0]}","desc"] or "asc".`);
    const by = orderedBy(entry[0], metrics, dimensions);
    if (by === null)
      return fault(`${pointer}/0`, "invalid_order", `${quoted(entry[0])} is not in the query. Use one of: ${names}.`);
    if (order.some((each) => each.by === by))
      return fault(pointer, "invalid_order", `${quoted(entry[0])} stands there twice.`);
    order.push({ by, descending: entry[1] === "desc" });
  }
  return ok(order);
}

function usualOrder([first]: readonly Metric[], dimensions: readonly QueryDimension[]): Order[] {
  const time = dimensions.findIndex(({ kind }) => kind === "time");
  const byTime: Order[] = time < 0 ? [] : [{ by: time, descending: false }];
  if (first === undefined || (time >= 0 && dimensions.length === 1)) return byTime;
  return [...byTime, { by: first, descending: true }];
}

/** "time" is the dimension of time whichever its interval. */
function orderedBy(
  name: unknown,
  metrics: readonly Metric[],
  dimensions: readonly QueryDimension[],
): Order["by"] | null {
  if (isMetric(name)) return metrics.includes(name) ? name : null;
  const named = dimensionNamed(name);
  if (named === null) return null;
  const at = dimensions.findIndex((each) =>
    named.kind === "time" ? each.kind === "time" : nameOf(each) === nameOf(named),
  );
  return at < 0 ? null : at;
}

export function parseInclude(written: unknown, dimensions: readonly QueryDimension[]): Result<Include, QueryFault> {
  const include: Include = { timeLabels: false, totalRows: false, totals: false, fill: false, comparison: null };
  if (written === undefined) return ok(include);
  const sent = parseObject(written, "#/include", [...FLAGS, "comparisons"]);
  if (!sent.ok) return sent;
  const byTime = dimensions.some(({ kind }) => kind === "time");
  for (const name of FLAGS) {
    const flag = sent.value[name] === undefined ? false : sent.value[name];
    const pointer = below("#/include", name);
    if (typeof flag !== "boolean") return malformed(pointer, "true or false", flag);
    if (flag && (name === "time_labels" || name === "fill") && !byTime)
      return fault(pointer, "impossible_combination", `"${name}" needs a time dimension.`);
    if (flag && name === "fill" && dimensions.length > 1)
      return fault(pointer, "impossible_combination", '"fill" goes with a time dimension alone.');
    include[INCLUDE_FLAGS[name]] = flag;
  }
  if (sent.value["comparisons"] === undefined) return ok(include);
  const comparison = parseComparison(sent.value["comparisons"], "#/include/comparisons");
  return comparison.ok ? ok({ ...include, comparison: comparison.value }) : comparison;
}

function parseComparison(written: unknown, pointer: string): Result<Comparison, QueryFault> {
  const sent = parseObject(written, pointer, ["mode", "date_range", "match_day_of_week"]);
  if (!sent.ok) return sent;
  const { mode: named, date_range: range, match_day_of_week: match = false } = sent.value;
  const mode = COMPARISON_MODES.find((each) => each === named);
  if (mode === undefined)
    return fault(
      `${pointer}/mode`,
      "malformed",
      `Unknown mode ${quoted(named)}. Use one of: ${listed(COMPARISON_MODES)}.`,
    );
  if (typeof match !== "boolean") return malformed(`${pointer}/match_day_of_week`, "true or false", match);
  if (mode === "custom") {
    if (match)
      return fault(
        `${pointer}/match_day_of_week`,
        "impossible_combination",
        "A range of your own is compared as it is: there is no other weekday to look for.",
      );
    const dateRange = parseDateRange(range, `${pointer}/date_range`);
    return dateRange.ok ? ok({ mode, dateRange: dateRange.value }) : dateRange;
  }
  if (range === undefined) return ok({ mode, matchDayOfWeek: match });
  return fault(`${pointer}/date_range`, "impossible_combination", 'A date range goes with the mode "custom" only.');
}

export function parsePagination(written: unknown): Result<{ limit: number; offset: number }, QueryFault> {
  if (written === undefined) return ok({ limit: REPORT_ROWS_MAX, offset: 0 });
  const sent = parseObject(written, "#/pagination", ["limit", "offset"]);
  if (!sent.ok) return sent;
  const { limit = REPORT_ROWS_MAX, offset = 0 } = sent.value;
  if (!isCount(limit) || limit < 1 || limit > REPORT_ROWS_MAX)
    return malformed("#/pagination/limit", `A whole number from 1 to ${REPORT_ROWS_MAX}`, limit);
  if (!isCount(offset)) return malformed("#/pagination/offset", "A whole number from 0 on", offset);
  return ok({ limit, offset });
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
