// What Postgres has for a plan: sealed days where whole days are asked, hours for the rest, in the generation that readers
// see. One statement, one round trip, one snapshot, none but the columns that are needed.

import { REPORT_READ_BYTES_MAX } from "../core/limits.ts";
import type { Merchant } from "../core/merchant.ts";
import type { DaySlice, HourSlice } from "../core/newest-hours.ts";
import type { RollupPlan } from "../core/plan.ts";
import { plannedDays, plannedHours, readsHoursOfDays } from "../core/planned-hours.ts";
import type { Reads } from "../core/reads.ts";
import type { Column, ColumnSketches } from "../core/rollup.ts";
import { database } from "../migrations/database.ts";
import type { Env } from "./env.ts";
import { KeptColumns, type KeptColumn } from "./kept-columns.ts";
import { statement } from "./published-statement.ts";

export interface Published {
  hours: HourSlice[];
  days: DaySlice[];
  /** `dayKey`s of the dates and shards asked for that are sealed. */
  sealed: Set<string>;
  /** The hours that were asked for: first instant → local date. */
  asked: Map<number, string>;
  /** Of what is large in what was read; an estimate. */
  bytes: number;
  /** What it would have been when that is too much for one answer; then there are no hours and days. */
  tooLargeBytes: number | null;
}

const HOUR_MS = 3_600_000;
/** One row says how much there is to read and what is sealed (`dayKey`s with spaces between); the others are hours and days. */
interface Head {
  bytes: number;
  sealed: string | null;
}

interface Row extends Record<string, unknown> {
  bytes: null;
  date: string;
  /** Null of a day. */
  hour: number | null;
  shard: number;
  generation: number;
  seq: number;
  currency: string;
  foreign_orders: number;
  /** Of a day. */
  visitors?: number | null;
  anonymous?: string | null;
  identified?: string | null;
  minutes?: Column | null;
  /** Of a day. */
  hours?: Column | null;
  sketches?: ColumnSketches | null;
  /** Of a day, where a dimension is read: see published-statement.ts. */
  version?: string | null;
}

/** Throws when Postgres cannot be reached or refuses. */
export async function readPublished(
  env: Env,
  merchant: Merchant,
  plan: RollupPlan,
  bytesMax = REPORT_READ_BYTES_MAX,
): Promise<Published> {
  const hours = plannedHours(plan);
  const hourly = readsHoursOfDays(plan);
  const asked = new Map(hours.map(([date, hourMs]) => [hourMs, date]));
  const dates = hours.map(([date]) => date).toSorted();
  const days = plannedDays(plan);
  const shelf = `${merchant.id} ${plan.reads.dimension} ${plan.reads.sketches}`;
  const known = kept.of(shelf, days);
  const parameters = [merchant.id, ...runsOf(hours), days, merchant.shards, bytesMax, dates[0], dates.at(-1)];
  if (plan.reads.dimension !== null) parameters.push([...known.keys()]);
  const answered = (await database(env).query(statement(plan.reads, hourly), parameters)) as (Head | Row)[];
  const head = answered.find((row) => row.bytes !== null)!;
  const rows = answered.filter((row) => row.bytes === null);
  const sealed = new Set(head.sealed?.split(" "));
  return {
    hours: rows.flatMap((row) => (row.hour === null ? [] : [hourOf(plan.reads, row, row.hour)])),
    days: rows
      .filter(({ hour }) => hour === null)
      .map((row) => dayOf(plan.reads, withColumn(plan.reads, row, shelf, known))),
    sealed,
    asked,
    bytes: head.bytes,
    tooLargeBytes: head.bytes > bytesMax ? head.bytes : null,
  };
}

const kept = new KeptColumns();

/** A day's row with its column, which Postgres has left out where it is known. */
function withColumn({ dimension }: Reads, row: Row, shelf: string, known: ReadonlyMap<string, KeptColumn>): Row {
  if (dimension === null || typeof row.version !== "string") return row;
  const sent = { column: (row[dimension] as Column | null) ?? null, sketches: row.sketches ?? null };
  const { column, sketches } = known.get(row.version) ?? kept.keep(shelf, row.version, sent);
  return { ...row, [dimension]: column, sketches };
}

/** Hours of a date that follow each other at full hours are one run: dates, first instants, how many. */
function runsOf(hours: readonly [string, number][]): [string[], number[], number[]] {
  const [dates, starts, lengths]: [string[], number[], number[]] = [[], [], []];
  let nextMs = Number.NaN;
  for (const [date, hourMs] of hours) {
    if (hourMs === nextMs && date === dates.at(-1)) lengths[lengths.length - 1]! += 1;
    else {
      dates.push(date);
      starts.push(hourMs);
      lengths.push(1);
    }
    nextMs = hourMs + HOUR_MS;
  }
  return [dates, starts, lengths];
}

function commonOf({ totals, dimension }: Reads, row: Row): Omit<DaySlice, "visitors" | "identified"> {
  const column = dimension === null ? null : (row[dimension] as Column | null);
  return {
    date: row.date,
    shard: row.shard,
    generation: row.generation,
    seq: row.seq,
    currency: row.currency,
    foreign: row.foreign_orders,
    totals: Object.fromEntries(totals.map((measure) => [measure, row[measure] as number])),
    dimensions: dimension === null || column === null ? {} : { [dimension]: column },
    sketches: dimension === null || !row.sketches ? {} : { [dimension]: row.sketches },
  };
}

const hourOf = (reads: Reads, row: Row, hour: number): HourSlice => ({
  ...commonOf(reads, row),
  hour,
  anonymous: row.anonymous ?? null,
  identified: row.identified ?? null,
  minutes: row.minutes ?? null,
});

const dayOf = (reads: Reads, row: Row): DaySlice => ({
  ...commonOf(reads, row),
  visitors: row.visitors ?? 0,
  identified: row.identified ?? null,
  hours: row.hours ?? null,
});
