// The rows of an answer, and what stands beside their numbers: how fresh and how complete they are, where they come from and what they cost, and
// whatever else must be said with them.

import { writtenInstant } from "./date-range.ts";
import { explained, type Explained } from "./explain.ts";
import type { Bucket } from "./interval.ts";
import { type Metric, METRICS, type MetricValue } from "./metrics.ts";
import type { Plan } from "./plan.ts";
import type { Tally } from "./tally.ts";
import { dayAt, hourAt, zoneAt } from "./zone.ts";

export interface ComparisonRow {
  metrics: MetricValue[];
  dimensions: string[];
  /** Percent, of percentages in percentage points; null where there is nothing to compare with. */
  change: (number | null)[];
}

export interface ResultRow {
  metrics: MetricValue[];
  /** In the order asked. */
  dimensions: string[];
  /** Of products: the name to show for the id. */
  label?: string;
  comparison?: ComparisonRow;
}

export interface Source {
  /** Hours and days that were counted before, or single events. */
  kind: "rollup" | "scan";
  postgres_rows: number;
  object_hours: number;
  /** Of a scan: files that were read, and days of which the answer was known already. */
  files?: number;
  cached_days?: number;
}

export interface Cost {
  /** Rollups, or events. */
  rows: number;
  bytes: number;
  ms?: number;
}

/** What was counted for a plan. */
export interface Counted {
  /** By question, then the present range and the one compared with. */
  tallies: readonly (readonly Tally[])[];
  /** Everything accepted before is in here; null when an object did not answer. */
  freshToMs: number | null;
  /** What may be missing and why, a sentence each. */
  stale: readonly string[];
  generations: number[];
  source: Source;
  cost: Cost;
  /** Rollups answered what a scan would have told exactly, since it could not look at every event. */
  inexact?: boolean;
}

export interface Meta {
  fresh_to: string | null;
  /** Before it, no more is to come but late events; null when something is missing. */
  complete_to: string | null;
  time_zone: string;
  currency: string;
  source: Source;
  cost: Cost;
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
  /** The whole question, without its dimensions. */
  totals?: ResultRow;
  /** How the answer was come by, where that was asked. */
  plan?: Explained;
}

export function metaOf(plan: Plan, counted: Counted, begun: readonly Bucket[]): Meta {
  const { zone, range, query } = plan;
  const { freshToMs, stale, tallies } = counted;
  const all = tallies.flat();
  const doubts = doubtsAboutVisitors(plan, tallies);
  const completeMs = freshToMs === null || stale.length > 0 ? null : Math.min(range.toMs, hourStart(zone, freshToMs));
  const isCut = ({ startMs, endMs }: Bucket) => startMs < range.fromMs || endMs > range.toMs;
  const ofVisitors = (metric: Metric): boolean => METRICS[metric].needs.includes("visitors");
  return {
    fresh_to: freshToMs === null ? null : writtenInstant(zone, freshToMs),
    complete_to: completeMs === null ? null : writtenInstant(zone, completeMs),
    time_zone: zoneAt(zone, Math.max(range.fromMs, range.toMs - 1)),
    currency: plan.currency,
    source: counted.source,
    cost: counted.cost,
    generations: counted.generations,
    approximate: query.metrics.filter(
      (metric) => counted.inexact === true || (doubts.length > 0 && ofVisitors(metric)),
    ),
    notes: [...doubts, ...doubtsAboutMoney(plan, all), ...(counted.inexact === true ? [INEXACT] : [])],
    other: all.some(({ other }) => other),
    foreign: tallies[plan.rows.rows.question]![0]!.foreign,
    stale: stale.length === 0 ? null : stale.join(" "),
    incomplete: begun
      .filter((bucket) => isCut(bucket) || freshToMs === null || bucket.endMs > freshToMs)
      .map(({ label }) => label),
    ...(query.explain ? { plan: explained(plan) } : {}),
  };
}

const INEXACT =
  "Some hour has more values than are kept apart, and not every event can be looked at: what is in (other) is not in these numbers.";

function doubtsAboutVisitors(plan: Plan, tallies: Counted["tallies"]): string[] {
  const counted = tallies.filter((_, at) => plan.questions[at]!.visitors).flat();
  const doubts: string[] = [];
  if (counted.some(({ rows }) => [...rows.values()].some((sums) => sums.estimated)))
    doubts.push("Visitors are an estimate, with a standard error of 1.6 %.");
  if (counted.some(({ visitorsByHour }) => visitorsByHour))
    doubts.push("Visitors are distinct within each hour only: who came back in another hour counts again.");
  if (counted.length > 0 && plan.source === "rollup" && plan.reads.minutes)
    doubts.push("Visitors by minute are distinct within a visit only.");
  return doubts;
}

function doubtsAboutMoney(plan: Plan, tallies: readonly Tally[]): string[] {
  const former = new Set(tallies.flatMap(({ formerCurrencies }) => [...formerCurrencies]));
  const hasMoney = plan.query.metrics.some((metric) => METRICS[metric].kind === "money");
  if (former.size === 0 || !hasMoney) return [];
  return [`Money of hours that were kept in ${[...former].sort().join(", ")} is left out.`];
}

const hourStart = (zone: string, ms: number): number => hourAt(dayAt(zone, ms), ms);
