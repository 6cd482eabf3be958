// The hours of a plan as Postgres has them: one statement, one round trip, none but the columns that are needed.

import { REPORT_READ_BYTES_MAX } from "../core/limits.ts";
import type { HourSlice } from "../core/newest-hours.ts";
import { type Plan, plannedHours, type Reads } from "../core/plan.ts";
import { type Column, type ColumnSketches, DIMENSIONS, MEASURES } from "../core/rollup.ts";
import { database } from "../migrations/database.ts";
import type { Env } from "./env.ts";

export interface PublishedHours {
  hours: HourSlice[];
  /** First instants of the hours that were asked for. */
  asked: number[];
  /** What it would have been when that is too much for one answer; then there are no hours. */
  tooLargeBytes: number | null;
}

/** JSON columns rest compressed by about this much. */
const COMPRESSION = 3;

interface PublishedRow extends Record<string, unknown> {
  bytes: number;
  date: string;
  hour: number | null;
  shard: number;
  seq: number;
  currency: string;
  foreign_orders: number;
  anonymous?: string | null;
  identified?: string | null;
  minutes?: Column | null;
  sketches?: ColumnSketches | null;
}

/** Throws when Postgres cannot be reached or refuses. */
export async function readPublished(
  env: Env,
  merchant: string,
  plan: Plan,
  bytesMax = REPORT_READ_BYTES_MAX,
): Promise<PublishedHours> {
  const hours = plannedHours(plan);
  const asked = hours.map(([, hourMs]) => hourMs);
  const parameters = [merchant, hours.map(([date]) => date), asked, bytesMax];
  const rows = (await database(env).query(statement(plan.reads), parameters)) as PublishedRow[];
  const [first] = rows;
  if (first !== undefined && first.bytes > bytesMax) return { hours: [], asked, tooLargeBytes: first.bytes };
  return {
    hours: rows.filter(({ hour }) => hour !== null).map((row) => sliceOf(plan.reads, row)),
    asked,
    tooLargeBytes: null,
  };
}

/**
 * $1 merchant, $2 and $3 the dates and first instants of the hours, $4 the limit in bytes. The lateral OFFSET 0 makes
 * each hour one descent of the primary key, whatever the planner believes about the table. When it is too much, one row
 * says so before anything large has been read.
 */
export function statement(reads: Reads): string {
  const totals = reads.totals.filter((measure) => MEASURES.includes(measure));
  const bytea = reads.visitors ? ["anonymous", "identified"] : [];
  const json = [...(reads.minutes ? ["minutes"] : []), ...DIMENSIONS.filter((name) => name === reads.dimension)];
  const columns = ["date", "hour", "shard", "seq", "currency", "foreign_orders", ...totals, ...bytea, ...json];
  const sketches = reads.sketches && reads.dimension !== null;
  const sizes = [
    ...[...bytea, ...json].map((name) => `${COMPRESSION} * coalesce(pg_column_size("${name}"), 0)`),
    ...(sketches ? ["coalesce(pg_column_size(sketches), 0)"] : []),
  ];
  const found = columns.map((name) => `r."${name}"`);
  if (sketches) found.push(`r.sketches -> '${reads.dimension}' AS sketches`);
  const sent = [
    "bytes::float8",
    "date::text",
    "extract(epoch FROM hour)::float8 * 1000 AS hour",
    "shard::float8",
    "seq::float8",
    "currency::text",
    "foreign_orders::float8",
    ...totals.map((name) => `"${name}"::float8`),
    ...bytea.map((name) => `encode("${name}", 'hex') AS "${name}"`),
    ...json.map((name) => `"${name}"`),
    ...(sketches ? ["sketches"] : []),
  ];
  return `
    WITH chosen AS MATERIALIZED (
      SELECT found.* FROM unnest($2::date[], $3::float8[]) AS asked (date, hour_ms)
      CROSS JOIN LATERAL (
        SELECT ${found.join(", ")} FROM hourly_rollups r
        WHERE r.date = asked.date AND r.hour = to_timestamp(asked.hour_ms / 1000) AND r.merchant = $1
        OFFSET 0
      ) AS found
    ), size AS (SELECT coalesce(sum(${sizes.length === 0 ? "0" : sizes.join(" + ")}), 0) AS bytes FROM chosen)
    SELECT ${sent.join(", ")} FROM size LEFT JOIN chosen ON bytes <= $4::float8`;
}

function sliceOf(reads: Reads, row: PublishedRow): HourSlice {
  const { dimension } = reads;
  const column = dimension === null ? null : (row[dimension] as Column | null);
  return {
    hour: row.hour!,
    date: row.date,
    shard: row.shard,
    seq: row.seq,
    currency: row.currency,
    foreign: row.foreign_orders,
    totals: Object.fromEntries(reads.totals.map((measure) => [measure, row[measure] as number])),
    anonymous: row.anonymous ?? null,
    identified: row.identified ?? null,
    minutes: row.minutes ?? null,
    dimensions: dimension === null || column === null ? {} : { [dimension]: column },
    sketches: dimension === null || !row.sketches ? {} : { [dimension]: row.sketches },
  };
}
