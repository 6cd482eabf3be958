// The questions of the benchmark: those that a dashboard asks, as Umami's asks them, and how long Umami 3.1 on PostgreSQL takes
// for each with a million events on such a machine (warm medians, in milliseconds).

import { countryNamed, pageNamed } from "./reports-traffic.ts";

export interface BenchQuestion {
  name: string;
  umamiMs: number;
  /** Filtered questions have other goals, and other filters each time that they are asked for the first time. */
  filtered: boolean;
  /** `nth`: of filtered ones, which filters. */
  query: (range: [string, string], nth: number) => object;
}

const HEADLINE = ["visitors", "visits", "pageviews", "bounce_rate", "visit_duration"];
const SERIES = ["visitors", "visits", "pageviews"];

const by = (dimension: string, metrics: readonly string[]) => (date_range: [string, string]) => ({
  metrics,
  date_range,
  dimensions: [dimension],
  ...(dimension.startsWith("time:") ? {} : { pagination: { limit: 500 } }),
});

/** Another country, and pages that are neither the first nor seen by nobody. */
const filtersOf = (nth: number): unknown[] => [
  ["is", "country", [countryNamed(nth % 12)]],
  ["is", "page", [pageNamed(3 + (nth % 401))]],
];

export const QUESTIONS: readonly BenchQuestion[] = [
  { name: "headline", umamiMs: 464, filtered: false, query: (date_range) => ({ metrics: HEADLINE, date_range }) },
  { name: "by day", umamiMs: 897, filtered: false, query: by("time:day", SERIES) },
  { name: "by hour", umamiMs: 929, filtered: false, query: by("time:hour", SERIES) },
  { name: "top pages", umamiMs: 1_067, filtered: false, query: by("page", ["visitors", "pageviews"]) },
  { name: "referrers", umamiMs: 759, filtered: false, query: by("referrer", ["visitors", "visits"]) },
  { name: "countries", umamiMs: 800, filtered: false, query: by("country", ["visitors", "visits"]) },
  {
    name: "headline of a country and a page",
    umamiMs: 136,
    filtered: true,
    query: (date_range, nth) => ({ metrics: HEADLINE, date_range, filters: filtersOf(nth) }),
  },
  {
    name: "the same by day",
    umamiMs: 249,
    filtered: true,
    query: (date_range, nth) => ({ ...by("time:day", SERIES)(date_range), filters: filtersOf(nth) }),
  },
  {
    name: "realtime",
    umamiMs: 15,
    filtered: false,
    query: () => ({ metrics: ["visitors", "pageviews"], date_range: "30m", dimensions: ["time:minute"] }),
  },
];
