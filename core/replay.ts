// A replay as data: what is asked for, what one day of it would change, and how a run stands. A run counts days again
// beside the numbers that readers see; its units are days of one shard of one merchant.

import { DayRollupBuilder, type DayRollup } from "./day-rollup.ts";
import { Differences, type Difference } from "./difference.ts";
import type { CountedAs, Processing } from "./processing.ts";
import { MEASURES, type Rollup } from "./rollup.ts";
import type { RunRules } from "./rules.ts";
import { Sketch } from "./sketch.ts";

/** Rows that a unit keeps of its difference; all are counted. */
export const DIFFERENCE_ROWS_MAX = 300;

/** What the day book says of a day and a replay writes over. */
export interface FormerBook {
  generation: number;
  verdicts: Record<string, number>;
  proven: boolean | null;
  proof: string | null;
  difference: Record<string, unknown> | null;
  counted_as: CountedAs | null;
}

export const TOTALS = ["visitors", ...MEASURES] as const;
export type Total = (typeof TOTALS)[number];

/** What a day's numbers are, and what they would be. */
export interface DayDifference {
  /** Hours with any difference. */
  hours: number;
  /** Totals and values of the day that differ, each measure of each; 0 with `hours` 0 is exactly nothing. */
  count: number;
  /** Of the whole day, those that stay the same among them. `visitors` are the day's distinct ones. */
  totals: Record<Total, [before: number, after: number]>;
  /** The largest rows, by their share of the measure's total. */
  rows: DifferenceRow[];
}

export type DifferenceRow = Pick<Difference, "dimension" | "value" | "measure" | "before" | "after">;

export const isNothing = ({ hours, count }: DayDifference): boolean => hours === 0 && count === 0;

/** Compares two countings of one day of a shard, null for one that is not there; `hours`: how many of its hours differ. */
export function dayDifference(before: DayRollup | null, after: DayRollup | null, hours: number): DayDifference {
  const differences = new Differences(DIFFERENCE_ROWS_MAX);
  differences.add(before, after);
  const totals = Object.fromEntries(TOTALS.map((total) => [total, [totalOf(before, total), totalOf(after, total)]]));
  return {
    hours,
    count: differences.count,
    totals: totals as DayDifference["totals"],
    // Of the whole day, distinct anonymous visitors are a number and a sketch: once is enough, unless they are others.
    rows: differences.rows
      .filter((row) => row.measure !== "anonymous" || row.before === row.after)
      .map(({ dimension, value, measure, before: left, after: right }) => ({
        dimension,
        value,
        measure,
        before: left,
        after: right,
      })),
  };
}

function totalOf(day: DayRollup | null, total: Total): number {
  if (day === null) return 0;
  if (total !== "visitors") return day.totals[total];
  if (day.identified === null) return day.visitors;
  const sketch = Sketch.fromHex(day.identified);
  return day.visitors + (sketch.ok ? sketch.value.cardinality() : 0);
}

/** The day of hours that come in their order; null while there was none. */
export class DayOfHours {
  #builder: DayRollupBuilder | null = null;

  add(hour: Rollup): void {
    this.#builder ??= new DayRollupBuilder(hour);
    this.#builder.add(hour);
  }

  build(): DayRollup | null {
    return this.#builder?.build() ?? null;
  }
}

/** Per cent, one decimal; null where there was nothing before. */
export const changeOf = (before: number, after: number): number | null =>
  before === 0 ? null : Math.round((1_000 * (after - before)) / Math.abs(before)) / 10;

/**
 * An audit proves days again and changes nothing; a rebuild counts what Postgres has lost; an erasure takes the events of a
 * visitor out of the days that have any, for good.
 */
export const RUN_KINDS = ["replay", "audit", "rebuild", "erasure"] as const;
export type RunKind = (typeof RUN_KINDS)[number];
export const RUN_STATES = ["counting", "applying", "applied", "rolled_back", "cancelled"] as const;
export type RunState = (typeof RUN_STATES)[number];
export const UNIT_STATES = ["queued", "done", "failed"] as const;
export type UnitState = (typeof UNIT_STATES)[number];

/** A run as the API shows it. */
export interface RunView {
  id: number;
  kind: RunKind;
  state: RunState;
  created_at: string;
  who: string;
  why: string;
  /** Null: all. */
  merchants: string[] | null;
  from: string;
  to: string;
  preview: boolean;
  rules: RunRules;
  processing: Processing;
  finished_at: string | null;
  applied_at: string | null;
  rolled_back_at: string | null;
  dropped_at: string | null;
  /** False while units are still being made. */
  listed: boolean;
  /** `open`: previews of days that are open. `waiting`: those of them that are counted and switched at their seal. */
  units: Record<UnitState, number> & { total: number; applied: number; open: number; waiting: number };
  /** Events read so far. */
  rows: number;
  /** Some units that failed, with the reason. */
  failures: { merchant: string; date: string; shard: number; error: string }[];
  /** Some days that were open when they were counted: up to which log sequence, and when (ISO 8601). */
  previews: { merchant: string; date: string; shard: number; through: number; as_of: string }[];
}

/** What a run would change, or has changed, over all its units that are done. */
export interface RunDifference {
  run: number;
  days: number;
  /** Days of a merchant with any difference. */
  changed_days: number;
  changed_hours: number;
  /** Rows that differ; `rows` holds the largest of them. */
  count: number;
  /** ISO 4217; null where merchants of several are added up, which says nothing of their money. */
  currency: string | null;
  totals: { measure: Total; before: number; after: number; change: number | null }[];
  rows: RunDifferenceRow[];
}

/** Money is in minor units × 10⁴ of the currency, duration in milliseconds. */
export interface RunDifferenceRow {
  merchant: string;
  currency: string;
  date: string;
  dimension: string;
  value: string;
  measure: string;
  before: number | string | null;
  after: number | string | null;
  change: number | null;
}

/** How applying or rolling back ended for each merchant of the run. */
export interface SwitchView {
  run: number;
  state: RunState;
  /** Merchants whose days were switched now, and those that are still to come: ask again. */
  switched: number;
  remaining: number;
  refused: { merchant: string; reason: RefusalReason; days: { date: string; shard: number }[] }[];
  /** Days that could not be counted and were left as they are, since that was asked for. */
  skipped: { merchant: string; days: { date: string; shard: number }[] }[];
}

/**
 * unfinished: not all its days have been counted. failed: some could not be. changed: they changed meanwhile and are being
 * counted again. moved_on: a later run has been applied over this one, or a seal has counted late events by its rules.
 */
export type RefusalReason = "unfinished" | "failed" | "changed" | "moved_on";
