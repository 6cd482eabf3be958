// The day book as the seal reads and writes it. A seal becomes true in one statement, and only if the day is still as it
// was when the seal began: of two that run at once the second does nothing.

import type { Books } from "../core/books.ts";
import type { DayRollup } from "../core/day-rollup.ts";
import type { CountedAs } from "../core/processing.ts";
import type { Sql } from "../migrations/database.ts";
import type { DayKey } from "./published-day.ts";
import { WRITE_DAYS } from "./statement.ts";

/** Of its verdicts "late" are those that came after the close. */
export interface DayBook extends Books {
  /** The one that readers see. */
  generation: number;
  /** Log sequence that the last seal has counted up to; null while there was none. */
  sealedSeq: number | null;
  /** What the numbers that readers see were counted by; null while there was no seal. */
  countedAs: CountedAs | null;
  /** Why the day could not be sealed. */
  difference: Record<string, unknown> | null;
  /** Its single events are no longer kept. */
  isDropped: boolean;
}

/** Null when Postgres has no books of the day. */
export async function readDayBook(sql: Sql, { merchant, date, shard }: DayKey): Promise<DayBook | null> {
  const [row] = await sql`
    SELECT generation, received::float8, accepted::float8, duplicate::float8, rejected, verdicts, sealed_seq::float8 AS "sealedSeq", counted_as AS "countedAs", difference,
      events_dropped_at IS NOT NULL AS "isDropped"
    FROM day_book WHERE date = ${date} AND merchant = ${merchant} AND shard = ${shard}`;
  return (row as DayBook | undefined) ?? null;
}

/** Nothing of the merchant is to be written any more. */
export async function isErased(sql: Sql, merchant: string): Promise<boolean> {
  return (await sql`SELECT id FROM erased_merchants WHERE id = ${merchant}`).length > 0;
}

/** A number that no other generation has. */
export async function nextGeneration(sql: Sql): Promise<number> {
  const [row] = await sql`SELECT nextval('rollup_generations')::float8 AS generation`;
  return (row as { generation: number }).generation;
}

export interface Sealed {
  /** What `readDayBook` gave when the seal began. */
  formerSeq: number | null;
  formerGeneration: number;
  seq: number;
  generation: number;
  daily: DayRollup;
  /** Events that were counted, by verdict. */
  verdicts: Record<string, number>;
  proof: string;
  countedAs: CountedAs;
}

// Late events that came meanwhile are accepted and not in these verdicts: they stay "late" until the next seal.
const SEAL = `
WITH daily AS (${WRITE_DAYS}),
counted AS (SELECT coalesce(sum(value::bigint), 0) AS events FROM json_each_text($8::json)),
book AS (
  UPDATE day_book b SET generation = $2::int, sealed_at = now(), sealed_seq = $7, proven = true, proof = $9,
    difference = NULL, counted_as = $10::json, updated_at = now(),
    verdicts = CASE WHEN b.accepted > counted.events
      THEN ($8::jsonb || jsonb_build_object('late', b.accepted - counted.events))::json ELSE $8::json END,
    stale_seq = CASE WHEN b.accepted > counted.events THEN b.stale_seq END
  FROM counted
  WHERE b.date = $3 AND b.merchant = $4 AND b.shard = $5 AND b.sealed_seq IS NOT DISTINCT FROM $6::bigint
    AND b.generation = $11::int
  RETURNING b.date), lowered AS (
  UPDATE merchants SET events_from = least(events_from, $3::date) WHERE id = $4 AND events_from > $3::date)
SELECT count(*)::int AS sealed FROM book`;

/** False when the day has been sealed by someone else since it was read, or readers see other numbers of it by now. */
export async function writeSeal(sql: Sql, { merchant, date, shard }: DayKey, sealed: Sealed): Promise<boolean> {
  const { daily, generation, formerSeq, formerGeneration, seq, verdicts, proof, countedAs } = sealed;
  const [row] = await sql.query(SEAL, [
    JSON.stringify([daily]),
    generation,
    date,
    merchant,
    shard,
    formerSeq,
    seq,
    JSON.stringify(verdicts),
    proof,
    JSON.stringify(countedAs),
    formerGeneration,
  ]);
  return (row as { sealed: number }).sealed === 1;
}

/** Notes why the day could not be sealed; it stays as it is. False when it has been sealed by someone else meanwhile. */
export async function writeUnproven(
  sql: Sql,
  { merchant, date, shard }: DayKey,
  formerSeq: number | null,
  difference: Record<string, unknown>,
): Promise<boolean> {
  const rows = await sql`
    UPDATE day_book SET proven = false, proof = NULL, difference = ${JSON.stringify(difference)}::json, updated_at = now()
    WHERE date = ${date} AND merchant = ${merchant} AND shard = ${shard}
      AND sealed_seq IS NOT DISTINCT FROM ${formerSeq}::bigint
    RETURNING date`;
  return rows.length > 0;
}

/** Generations of a day that someone may see again: the live one, the present one, and those of replays. */
export async function generationsInUse(sql: Sql, { merchant, date, shard }: DayKey): Promise<number[]> {
  const rows = await sql`
    SELECT 0::float8 AS generation
    UNION SELECT generation FROM day_book WHERE date = ${date} AND merchant = ${merchant} AND shard = ${shard}
    UNION SELECT unnest(ARRAY[run, base_generation, (former ->> 'generation')::bigint]) FROM replay_units
      WHERE date = ${date} AND merchant = ${merchant} AND shard = ${shard}`;
  return (rows as { generation: number | null }[]).flatMap(({ generation }) => generation ?? []);
}

/** Removes the rows of every other generation. `hours`: first instants of the day's. */
export async function dropOtherGenerations(
  sql: Sql,
  { merchant, date, shard }: DayKey,
  hours: readonly number[],
  kept: readonly number[],
): Promise<void> {
  const instants = hours.map((hourMs) => new Date(hourMs).toISOString());
  await sql.transaction([
    sql`DELETE FROM hourly_rollups WHERE date = ${date} AND hour = ANY(${instants}::timestamptz[])
      AND merchant = ${merchant} AND shard = ${shard} AND generation <> ALL(${kept}::int[])`,
    sql`DELETE FROM daily_rollups WHERE merchant = ${merchant} AND date = ${date} AND shard = ${shard}
      AND generation <> ALL(${kept}::int[])`,
  ]);
}
