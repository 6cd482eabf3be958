// Which of the API's metrics the page shows and in which order: money first, then people, then how they look around.
// Their labels and definitions are core's, so that page, API and docs say the same.

import { isMetric, type Metric } from "../../core/metrics.ts";

export const HEADLINE = [
  "net_revenue",
  "orders",
  "conversion_rate",
  "average_order_value",
  "visitors",
  "visits",
  "pageviews",
  "views_per_visit",
  "bounce_rate",
  "visit_duration",
] as const satisfies readonly Metric[];
export type HeadlineMetric = (typeof HEADLINE)[number];

const HEADLINE_NAMES: readonly Metric[] = HEADLINE;

export const isHeadlineMetric = (name: string): name is HeadlineMetric =>
  isMetric(name) && HEADLINE_NAMES.includes(name);

/** Metrics that please when they fall. */
export const FALLING_IS_GOOD: ReadonlySet<Metric> = new Set<Metric>(["bounce_rate", "refunds"]);
