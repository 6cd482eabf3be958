// What a query is broken down by: a dimension, an interval of time, or nothing; its names on the wire, ours and
// Plausible's; and which metrics have no meaning with it.

import { type Interval, INTERVALS } from "./interval.ts";
import { type Group, groupOf, type Metric, METRIC_NAMES, METRICS } from "./metrics.ts";
import { below, fault, listed, type QueryFault, quoted } from "./query-fault.ts";
import { ok, type Result } from "./result.ts";
import { type Dimension, DIMENSIONS, EVENT_DIMENSIONS } from "./rollup.ts";

/** The interval null is left to us. */
export type Breakdown = { kind: "time"; interval: Interval | null } | { kind: "dimension"; dimension: Dimension };

export const TIME_NAMES: readonly string[] = ["time", ...INTERVALS.map((interval) => `time:${interval}`)];
const EVENT_NAMES: readonly string[] = EVENT_DIMENSIONS;

export function parseDimensions(written: unknown): Result<Breakdown | null, QueryFault> {
  if (written === undefined) return ok(null);
  if (!Array.isArray(written))
    return fault("#/dimensions", "malformed", `A list is needed here, not ${quoted(written)}.`);
  if (written.length === 0) return ok(null);
  if (written.length > 1)
    return fault("#/dimensions/1", "impossible_combination", "One dimension at a time: a breakdown, or time.");
  const breakdown = breakdownNamed(written[0]);
  if (breakdown !== null) return ok(breakdown);
  const names = listed([...DIMENSIONS, ...TIME_NAMES]);
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
