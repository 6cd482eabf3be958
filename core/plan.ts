// The plan of a report, as data, before anything is read: the ranges on the merchant's clock, the questions, and who answers them:
// rollups, with the columns that must be read and no others, where they tell all of it exactly; else a scan of single events.
// Pure: a query, a merchant, its goals and the time give the same plan everywhere.

import { comparedRange, findFuture, type Range, resolveRange } from "./date-range.ts";
import type { Goal } from "./field.ts";
import { type Interval, intervalFor } from "./interval.ts";
import { keptFor, namesOther } from "./kept.ts";
import { REPORT_MINUTE_HOURS_MAX } from "./limits.ts";
import type { Merchant } from "./merchant.ts";
import type { Query } from "./query.ts";
import { fault, listed, type QueryFault, quoted } from "./query-fault.ts";
import { clausesOf, type Questions, questionsOf } from "./questions.ts";
import { grainOf, type Reads, readsOf } from "./reads.ts";
import { ok, type Result } from "./result.ts";
import { MEASURES } from "./rollup.ts";
import type { ScanPlan, ScanQuestion } from "./scan-plan.ts";

interface Planned extends Questions {
  zone: string;
  currency: string;
  query: Query;
  range: Range;
  comparison: Range | null;
  /** Rows are by these buckets of time; null without. */
  interval: Interval | null;
  /** The same, to be asked of single events. */
  scan: ScanPlan;
}

export interface RollupPlan extends Planned {
  source: "rollup";
  reads: Reads;
  /** It tells values apart: where some of them share a row, the scan is to be asked instead. */
  discerning: boolean;
}

export interface EventsPlan extends Planned {
  source: "scan";
  /** Why rollups do not tell, as the end of a sentence. */
  because: string;
}

export type Plan = RollupPlan | EventsPlan;

const HOUR_MS = 3_600_000;
const TOO_LONG_BY_MINUTE = 'By minute a range may have 2 days. Use "time:hour" or a shorter range.';
const DATE_RANGE = "#/date_range";
const COMPARISONS = "#/include/comparisons";

export function planReport(query: Query, merchant: Merchant, nowMs: number): Result<Plan, QueryFault> {
  const { zone, currency } = merchant;
  const goals = merchant.rules?.goals ?? [];
  const unknown = findUnknownGoal(query, goals);
  if (unknown !== null) return unknown;
  const asked = askedRange(query, zone, nowMs);
  if (!asked.ok) return asked;
  const { range, interval } = asked.value;
  const compared = askedComparison(query, range, interval, zone, nowMs);
  if (!compared.ok) return compared;
  const comparison = compared.value;
  const ranges = comparison === null ? [range] : [range, comparison];
  const grain = grainOf(zone, ranges);
  const asking = questionsOf(query, interval);
  const ofDays = grain === "day" && interval !== "hour" && interval !== "minute";
  const questions = ofDays ? asking.questions : asking.questions.map(withVisits);
  const scan: ScanPlan = { zone, currency, goals, questions, ranges };
  const planned: Planned = { zone, currency, query, range, comparison, interval, ...asking, scan };
  const reads = readsOf(asking.questions, grain);
  if (!reads.ok) return ok({ ...planned, source: "scan", because: reads.failure });
  const discerning = asking.questions.some(({ filter }) => filter !== null && !namesOther(filter));
  return ok({ ...planned, source: "rollup", reads: reads.value, discerning });
}

/** A row is there, as in rollups, for visits that began in it too, whose events are in a later hour. */
const withVisits = (question: ScanQuestion): ScanQuestion => ({
  ...question,
  measures: MEASURES.filter((measure) => measure === "visits" || question.measures.includes(measure)),
});

function findUnknownGoal({ filter }: Query, goals: readonly Goal[]) {
  const known = goals.map(({ name }) => name);
  for (const { field, operator, values, caseSensitive } of clausesOf(filter)) {
    if (field.kind !== "goal" || operator !== "is") continue;
    const cased = (text: string): string => (caseSensitive ? text : text.toLowerCase());
    const unknown = values.find((value) => !known.some((name) => cased(name) === cased(value)));
    if (unknown === undefined) continue;
    const right =
      known.length === 0 ? "It has none yet." : `Use one of: ${listed(known.map(quoted).slice(0, GOALS_LISTED))}.`;
    return fault("#/filters", "invalid_filter", `The merchant has no goal ${quoted(unknown)}. ${right}`);
  }
  return null;
}

const GOALS_LISTED = 20;

function askedRange(
  query: Query,
  zone: string,
  nowMs: number,
): Result<{ range: Range; interval: Interval | null }, QueryFault> {
  const time = query.dimensions.find((dimension) => dimension.kind === "time");
  const resolve = (finest: "hour" | "minute"): Result<Range, QueryFault> => {
    const range = resolveRange(query.dateRange, zone, nowMs, finest, DATE_RANGE);
    return range.ok ? (findFuture(range.value, zone, nowMs, DATE_RANGE) ?? range) : range;
  };
  const byMinute = (range: Result<Range, QueryFault>) =>
    range.ok ? ok({ range: range.value, interval: MINUTE }) : range;
  if (time?.interval === "minute") {
    const range = resolve("minute");
    return range.ok && isTooLongByMinute(range.value)
      ? fault(DATE_RANGE, "too_much", TOO_LONG_BY_MINUTE)
      : byMinute(range);
  }
  const range = resolve("hour");
  if (!range.ok) {
    // Left to us, a range that cuts hours is one by minute.
    const finer = time?.interval === null ? resolve("minute") : range;
    return finer.ok && !isTooLongByMinute(finer.value) ? byMinute(finer) : range;
  }
  if (time === undefined) return ok({ range: range.value, interval: null });
  let interval = time.interval ?? intervalFor(range.value);
  if (interval === "minute" && !questionsOf(query, interval).questions.every((each) => keptFor(each, "minute").ok))
    interval = "hour";
  return ok({ range: range.value, interval });
}

const MINUTE: Interval = "minute";

function askedComparison(
  { include, dateRange }: Query,
  range: Range,
  interval: Interval | null,
  zone: string,
  nowMs: number,
): Result<Range | null, QueryFault> {
  const { comparison } = include;
  if (comparison === null) return ok(null);
  if (comparison.mode !== "custom" && dateRange.kind === "named" && dateRange.name === "all")
    return fault(`${COMPARISONS}/mode`, "impossible_combination", 'Nothing is before "all". Use the mode "custom".');
  const finest = interval === "minute" ? "minute" : "hour";
  const compared = comparedRange(comparison, range, zone, nowMs, finest, COMPARISONS);
  if (!compared.ok) return compared;
  if (interval === "minute" && isTooLongByMinute(compared.value))
    return fault(COMPARISONS, "too_much", TOO_LONG_BY_MINUTE);
  return findFuture(compared.value, zone, nowMs, `${COMPARISONS}/date_range`) ?? compared;
}

const isTooLongByMinute = ({ fromMs, toMs }: Range): boolean => toMs - fromMs > REPORT_MINUTE_HOURS_MAX * HOUR_MS;
