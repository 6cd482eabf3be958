// What the page asks: pure translations of merchant, period and comparison into bodies of POST /api/v1/query.
// Dates are sent instead of names like "7d", so that a page left open over midnight asks what it shows.

import { groupOf, type Metric, METRICS } from "../../core/metrics.ts";
import type { Comparisons, QueryBody } from "./api.ts";
import { type Filter, filterBody, type FilterField, isDimension } from "./filters.ts";
import { HEADLINE } from "./metrics.ts";
import type { Tab } from "./panels.ts";
import type { Compare, Period } from "./range.ts";

/** Enough to find one by typing. */
const VALUES = 500;

/** What every question of the page is about. */
export interface Scope {
  merchant: string;
  period: Period;
  filters: readonly Filter[];
}

const about = ({ merchant, period, filters }: Scope): Pick<QueryBody, "merchant" | "date_range" | "filters"> => ({
  merchant,
  date_range: [period.from, period.to],
  ...(filters.length === 0 ? {} : { filters: filterBody(filters) }),
});

const COMPARISONS: Readonly<Record<Exclude<Compare, "none">, Comparisons>> = {
  previous: { mode: "previous_period" },
  weekdays: { mode: "previous_period", match_day_of_week: true },
  year: { mode: "year_over_year" },
};

/**
 * The headline (its totals) and the course of all its metrics: then changing the chart's metric asks nothing. Compared by the
 * API, which lets the period before reach no farther than the present one has come.
 */
export const overviewQuestion = (scope: Scope, compare: Compare): QueryBody => ({
  ...about(scope),
  metrics: HEADLINE,
  dimensions: [`time:${scope.period.interval}`],
  include: {
    time_labels: true,
    fill: true,
    totals: true,
    ...(compare === "none" ? {} : { comparisons: COMPARISONS[compare] }),
  },
});

/** The whole of a period compared with, for the line in the chart. */
export const seriesQuestion = (scope: Scope): QueryBody => ({
  ...about(scope),
  metrics: HEADLINE,
  dimensions: [`time:${scope.period.interval}`],
  include: { time_labels: true, fill: true },
});

export const panelQuestion = (scope: Scope, tab: Tab, rows: number): QueryBody => ({
  ...about(scope),
  metrics: tab.metrics,
  dimensions: [tab.dimension],
  order_by: [[tab.metrics[0], "desc"]],
  pagination: { limit: rows },
});

/** By the hour, for what is drawn by weekday and hour. */
export const weekQuestion = (scope: Scope, metrics: readonly Metric[]): QueryBody => ({
  ...about(scope),
  metrics,
  dimensions: ["time:hour"],
  include: { fill: true },
});

/** Every metric that has a meaning for the list's rows; the list's own come first. */
export const detailMetrics = ({ dimension, metrics }: Tab): Metric[] => [
  ...metrics,
  ...DETAIL.filter((metric) => !metrics.includes(metric) && isKnownOf(metric, dimension)),
];

/** A product is in events of the shop, which are no pageviews. Goals and properties are of single events, as their names are. */
const isKnownOf = (metric: Metric, field: FilterField): boolean =>
  METRICS[metric].groups.includes(isDimension(field) ? groupOf(field) : "event") &&
  !(field === "product" && metric === "pageviews") &&
  !(metric === "conversion_rate" && field !== "goal" && field !== "event");

const DETAIL: readonly Metric[] = [
  "visitors",
  "visits",
  "pageviews",
  "bounce_rate",
  "visit_duration",
  "product_views",
  "adds_to_cart",
  "orders",
  "units",
  "cart_to_order_rate",
  "conversion_rate",
  "net_revenue",
  "average_order_value",
  "revenue_per_visit",
  "refunds",
];

export interface Detail {
  /** Only values that contain it. */
  search: string;
  /** A metric, or "value". */
  order: { by: string; descending: boolean };
  limit: number;
  offset: number;
}

export const detailQuestion = (scope: Scope, tab: Tab, { search, order, limit, offset }: Detail): QueryBody => {
  const { filters = [], ...rest } = about(scope);
  const wanted =
    search.trim() === ""
      ? filters
      : [...filters, ["contains", tab.dimension, [search.trim()], { case_sensitive: false }]];
  return {
    ...rest,
    ...(wanted.length === 0 ? {} : { filters: wanted }),
    metrics: detailMetrics(tab),
    dimensions: [tab.dimension],
    order_by: [[order.by === "value" ? tab.dimension : order.by, order.descending ? "desc" : "asc"]],
    include: { total_rows: true },
    pagination: { limit, offset },
  };
};

/** How a day goes so far. */
export const dayQuestion = (merchant: string, date: string, metrics: readonly Metric[]): QueryBody => ({
  merchant,
  metrics,
  date_range: [date, date],
});

/** What occurs in these dates, the most frequent first. */
export const valuesQuestion = (scope: Scope, dimension: FilterField): QueryBody => ({
  ...about(scope),
  metrics: ["visits"],
  dimensions: [dimension],
  pagination: { limit: VALUES },
});

/** Has there ever been anything? */
export const everQuestion = (merchant: string, from: string, to: string): QueryBody => ({
  merchant,
  metrics: ["events"],
  date_range: [from, to],
});
