// What the page asks: pure translations of merchant, period and comparison into bodies of POST /api/v1/query.
// Dates are sent instead of names like "7d", so that a page left open over midnight asks what it shows.

import type { QueryBody } from "./api.ts";
import { HEADLINE } from "./metrics.ts";
import type { Tab } from "./panels.ts";
import type { Period } from "./range.ts";

/** Compared by the API, which lets the period before reach no farther than the present one has come. */
export const headlineQuestion = (merchant: string, period: Period, compare: boolean): QueryBody => ({
  merchant,
  metrics: HEADLINE,
  date_range: [period.from, period.to],
  ...(compare ? { include: { comparisons: { mode: "previous_period" } } } : {}),
});

/** All headline metrics at once: then changing the chart's metric asks nothing. */
export const seriesQuestion = (merchant: string, period: Period): QueryBody => ({
  merchant,
  metrics: HEADLINE,
  date_range: [period.from, period.to],
  dimensions: [`time:${period.interval}`],
  include: { time_labels: true, fill: true },
});

export const panelQuestion = (merchant: string, period: Period, tab: Tab, rows: number): QueryBody => ({
  merchant,
  metrics: tab.metrics,
  date_range: [period.from, period.to],
  dimensions: [tab.dimension],
  order_by: [[tab.metrics[0], "desc"]],
  pagination: { limit: rows },
});

/** Has there ever been anything? */
export const everQuestion = (merchant: string, from: string, to: string): QueryBody => ({
  merchant,
  metrics: ["events"],
  date_range: [from, to],
});
