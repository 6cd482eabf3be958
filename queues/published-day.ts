// One shard's day as Postgres has it in one generation: its hours, put back into the form in which they were sent, and the
// day's own rollup.

import type { DayRollup } from "../core/day-rollup.ts";
import { type Column, type ColumnSketches, type Dimension, DIMENSIONS, MEASURES, type Rollup } from "../core/rollup.ts";
import type { Sql } from "../migrations/database.ts";

export interface DayKey {
  merchant: string;
  date: string;
  shard: number;
}

interface Row extends Record<string, unknown> {
  seq: number;
  currency: string;
  foreign_orders: number;
  anonymous: string | null;
  identified: string | null;
  sketches: Partial<Record<Dimension, ColumnSketches>> | null;
}

interface HourRow extends Row {
  hour: number;
  minutes: Column | null;
}

interface DayRow extends Row {
  visitors: number;
  hours: Column | null;
}

const NUMBERS = ["seq", "foreign_orders", ...MEASURES];
const SKETCHES = ["anonymous", "identified"];
const JSONS = [...DIMENSIONS, "sketches"];

const VALUES = [
  "currency::text",
  ...NUMBERS.map((name) => `"${name}"::float8`),
  ...SKETCHES.map((name) => `encode("${name}", 'hex') AS "${name}"`),
  ...JSONS.map((name) => `"${name}"`),
].join(", ");

// Each hour is one descent of the key, whatever the planner believes about the table.
const READ_HOURS = `
  SELECT extract(epoch FROM hour)::float8 * 1000 AS hour, minutes, ${VALUES}
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
  return (rows as HourRow[]).map((row) => ({ ...valuesOf(key, row), hour: row.hour, minutes: row.minutes }));
}

const READ_DAY = `SELECT visitors::float8, hours, ${VALUES} FROM daily_rollups
  WHERE merchant = $1 AND date = $2 AND shard = $3 AND generation = $4`;

/** Null when there is none. Throws what Postgres or the way to it says. */
export async function readDay(sql: Sql, key: DayKey, generation: number): Promise<DayRollup | null> {
  const [row] = (await sql.query(READ_DAY, [key.merchant, key.date, key.shard, generation])) as DayRow[];
  return row === undefined ? null : { ...valuesOf(key, row), visitors: row.visitors, hours: row.hours };
}

function valuesOf({ merchant, date, shard }: DayKey, row: Row): Omit<DayRollup, "visitors" | "hours"> {
  const dimensions: Rollup["dimensions"] = {};
  for (const dimension of DIMENSIONS) {
    const column = row[dimension] as Column | null;
    if (column !== null) dimensions[dimension] = column;
  }
  return {
    merchant,
    shard,
    date,
    currency: row.currency,
    seq: row.seq,
    totals: Object.fromEntries(MEASURES.map((measure) => [measure, row[measure]])) as Rollup["totals"],
    foreign: row.foreign_orders,
    anonymous: row.anonymous,
    identified: row.identified,
    dimensions,
    sketches: row.sketches ?? {},
  };
}
