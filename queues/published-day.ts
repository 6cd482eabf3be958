// Hours of one shard's day as Postgres has them, in one generation, put back into the form in which they were sent.

import { type Column, type ColumnSketches, type Dimension, DIMENSIONS, MEASURES, type Rollup } from "../core/rollup.ts";
import type { Sql } from "../migrations/database.ts";

export interface DayKey {
  merchant: string;
  date: string;
  shard: number;
}

interface PublishedRow extends Record<string, unknown> {
  hour: number;
  seq: number;
  currency: string;
  foreign_orders: number;
  anonymous: string | null;
  identified: string | null;
  minutes: Column | null;
  sketches: Partial<Record<Dimension, ColumnSketches>> | null;
}

const NUMBERS = ["seq", "foreign_orders", ...MEASURES];
const SKETCHES = ["anonymous", "identified"];
const JSONS = ["minutes", ...DIMENSIONS, "sketches"];

// Each hour is one descent of the key, whatever the planner believes about the table.
const READ_HOURS = `
  SELECT extract(epoch FROM hour)::float8 * 1000 AS hour, currency::text,
    ${NUMBERS.map((name) => `"${name}"::float8`).join(", ")},
    ${SKETCHES.map((name) => `encode("${name}", 'hex') AS "${name}"`).join(", ")},
    ${JSONS.map((name) => `"${name}"`).join(", ")}
  FROM unnest($1::float8[]) AS asked (hour_ms)
  CROSS JOIN LATERAL (
    SELECT * FROM hourly_rollups r
    WHERE r.date = $2 AND r.hour = to_timestamp(asked.hour_ms / 1000) AND r.merchant = $3 AND r.shard = $4
      AND r.generation = $5
    OFFSET 0
  ) AS found
  ORDER BY hour`;

/** Those of the hours that are there, in their order. Throws what Postgres or the way to it says. */
export async function readHours(
  sql: Sql,
  key: DayKey,
  generation: number,
  hours: readonly number[],
): Promise<Rollup[]> {
  const rows = await sql.query(READ_HOURS, [hours, key.date, key.merchant, key.shard, generation]);
  return (rows as PublishedRow[]).map((row) => rollupOf(key, row));
}

function rollupOf({ merchant, date, shard }: DayKey, row: PublishedRow): Rollup {
  const dimensions: Rollup["dimensions"] = {};
  for (const dimension of DIMENSIONS) {
    const column = row[dimension] as Column | null;
    if (column !== null) dimensions[dimension] = column;
  }
  return {
    merchant,
    shard,
    date,
    hour: row.hour,
    currency: row.currency,
    seq: row.seq,
    totals: Object.fromEntries(MEASURES.map((measure) => [measure, row[measure]])) as Rollup["totals"],
    foreign: row.foreign_orders,
    anonymous: row.anonymous,
    identified: row.identified,
    minutes: row.minutes,
    dimensions,
    sketches: row.sketches ?? {},
  };
}
