// What Postgres has for a plan: sealed days where whole days are asked, hours for the rest, in the generation that readers
// see. One statement, one round trip, one snapshot, none but the columns that are needed.

import { REPORT_READ_BYTES_MAX } from "../core/limits.ts";
import type { Merchant } from "../core/merchant.ts";
import type { DaySlice, HourSlice } from "../core/newest-hours.ts";
import type { RollupPlan } from "../core/plan.ts";
import { plannedDays, plannedHours, readsHoursOfDays } from "../core/planned-hours.ts";
import type { Reads } from "../core/reads.ts";
import { type Column, type ColumnSketches, DIMENSIONS, MEASURES } from "../core/rollup.ts";
import { database } from "../migrations/database.ts";
import type { Env } from "./env.ts";

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
/** JSON columns rest compressed by about this much. */
const COMPRESSION = 3;

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
  const parameters = [merchant.id, ...runsOf(hours), days, merchant.shards, bytesMax, dates[0], dates.at(-1)];
  const answered = (await database(env).query(statement(plan.reads, hourly), parameters)) as (Head | Row)[];
  const head = answered.find((row) => row.bytes !== null)!;
  const rows = answered.filter((row) => row.bytes === null);
  const sealed = new Set(head.sealed?.split(" "));
  return {
    hours: rows.flatMap((row) => (row.hour === null ? [] : [hourOf(plan.reads, row, row.hour)])),
    days: rows.filter(({ hour }) => hour === null).map((row) => dayOf(plan.reads, row)),
    sealed,
    asked,
    bytes: head.bytes,
    tooLargeBytes: head.bytes > bytesMax ? head.bytes : null,
  };
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

/** The generation that readers see of a row `r`. */
const CURRENT = `r.generation = coalesce(
  (SELECT b.generation FROM day_book b WHERE b.date = r.date AND b.merchant = r.merchant AND b.shard = r.shard), 0)`;

/**
 * `hourly`: of days their hours are read. $1 merchant; $2, $3, $4 the hours as runs: dates, first instants, lengths; $5 dates that may be read as days; $6 how
 * many shards there are; $7 the limit in bytes; $8, $9 the first and
 * the last date, so that Postgres need not think of partitions of others. Hours are looked for where some shard may have no day. Each lateral
 * OFFSET 0 makes its question one descent of a primary key, whatever the planner believes about the tables. One row says
 * what is sealed and how much there is, before anything large has been read; when it is too much it is the only one.
 */
export function statement(reads: Reads, hourly: boolean): string {
  const totals = reads.totals.filter((measure) => MEASURES.includes(measure));
  const json = DIMENSIONS.filter((name) => name === reads.dimension).map((name) => `"${name}"`);
  const sketches = reads.sketches && reads.dimension !== null ? [`r.sketches -> '${reads.dimension}' AS sketches`] : [];
  const minutes = (of: string): string[] => (reads.minutes ? [`${of} AS minutes`] : []);
  const visitors = (...of: string[]): string[] => (reads.visitors ? of : []);
  const hoursOfDay = (of: string): string[] => (hourly ? [`${of} AS hours`] : []);
  const common = ["date", "shard", "generation", "seq", "currency", "foreign_orders", ...totals, ...json];
  const ofBoth = [...common.map((name) => `r.${name}`), ...sketches].join(", ");
  const ofDays = [
    "NULL::timestamptz AS hour",
    ...visitors("r.visitors", "NULL::bytea AS anonymous", "r.identified"),
    ...minutes("NULL::json"),
    ...hoursOfDay("r.hours"),
  ];
  const ofHours = [
    "r.hour",
    ...visitors("NULL::bigint AS visitors", "r.anonymous", "r.identified"),
    ...minutes("r.minutes"),
    ...hoursOfDay("NULL::json"),
  ];
  const sent = [
    "date::text",
    "extract(epoch FROM hour)::float8 * 1000 AS hour",
    "shard::float8",
    "generation::float8",
    "seq::float8",
    "currency::text",
    "foreign_orders::float8",
    ...totals.map((name) => `${name}::float8`),
    ...visitors("visitors::float8", "encode(anonymous, 'hex') AS anonymous", "encode(identified, 'hex') AS identified"),
    ...minutes("minutes"),
    ...hoursOfDay("hours"),
    ...json,
    ...(sketches.length > 0 ? ["sketches"] : []),
  ];
  return `
    WITH books AS MATERIALIZED (
      SELECT found.* FROM (SELECT DISTINCT date FROM unnest($2::date[]) AS asked (date)) AS asked
      CROSS JOIN LATERAL (
        SELECT b.date, b.shard, b.sealed_at FROM day_book b WHERE b.date = asked.date AND b.merchant = $1 OFFSET 0
      ) AS found
    ), days AS MATERIALIZED (
      SELECT found.* FROM unnest($5::date[]) AS asked (date)
      CROSS JOIN LATERAL (
        SELECT ${ofBoth}, ${ofDays.join(", ")} FROM daily_rollups r
        WHERE r.merchant = $1 AND r.date = asked.date AND ${CURRENT}${hourly ? " AND r.hours IS NOT NULL" : ""}
        OFFSET 0
      ) AS found
    ), hours AS MATERIALIZED (
      SELECT found.* FROM unnest($2::date[], $3::float8[], $4::int[]) AS run (date, from_ms, hours)
      CROSS JOIN LATERAL generate_series(0, run.hours - 1) AS nth
      CROSS JOIN LATERAL (
        SELECT ${ofBoth}, ${ofHours.join(", ")} FROM hourly_rollups r
        WHERE r.date = run.date AND r.date BETWEEN $8::date AND $9::date AND r.hour = to_timestamp(run.from_ms / 1000 + 3600 * nth) AND r.merchant = $1 AND ${CURRENT}
        OFFSET 0
      ) AS found
      WHERE (run.date NOT IN (SELECT date FROM days GROUP BY date HAVING count(*) >= $6::int)
          OR run.date IN (SELECT date FROM books WHERE (date, shard) NOT IN (SELECT date, shard FROM days)))
        AND (found.date, found.shard) NOT IN (SELECT date, shard FROM days)
    ), rows AS (
      SELECT * FROM days UNION ALL SELECT * FROM hours
    ), head AS (
      SELECT coalesce(sum(${sizeOf(reads)}), 0)::float8 AS bytes,
        (SELECT string_agg(date || '/' || shard, ' ') FROM books WHERE sealed_at IS NOT NULL) AS sealed FROM rows
    )
    SELECT NULL AS bytes, NULL AS sealed, ${sent.join(", ")} FROM rows WHERE (SELECT bytes FROM head) <= $7::float8
    UNION ALL
    SELECT bytes, sealed, ${sent.map(() => "NULL").join(", ")} FROM head`;
}

function sizeOf({ visitors, minutes, dimension, sketches }: Reads): string {
  const compressed = [
    ...(visitors ? ["anonymous", "identified"] : []),
    ...(minutes ? ["minutes"] : []),
    ...DIMENSIONS.filter((name) => name === dimension),
  ];
  const sizes = compressed.map((name) => `${COMPRESSION} * coalesce(pg_column_size("${name}"), 0)`);
  if (sketches && dimension !== null) sizes.push("coalesce(pg_column_size(sketches), 0)");
  return sizes.length === 0 ? "0" : sizes.join(" + ");
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
