// Erasures of visitors in Postgres, as the consumers read and write them: who has asked until when, which days have been begun,
// and the switch of a day, after which nothing that was counted before is left of it.

import type { DayRollup } from "../core/day-rollup.ts";
import type { ErasedCounts, Erasure } from "../core/erasure.ts";
import type { CountedAs } from "../core/processing.ts";
import { verdictsOf } from "../migrations/day-switch.ts";
import type { Sql } from "../migrations/database.ts";
import type { DayBook } from "./day-book.ts";
import type { DayKey } from "./published-day.ts";
import { WRITE_DAYS } from "./statement.ts";

/** Those asked for since: an event is of a day that began before it was received. */
export async function erasuresSince(sql: Sql, merchant: string, sinceMs: number): Promise<Erasure[]> {
  const rows = await sql`
    SELECT run::float8, visitor, (extract(epoch FROM asked_at) * 1000)::float8 AS "untilMs" FROM erasures
    WHERE merchant = ${merchant} AND asked_at >= to_timestamp(${sinceMs}::float8 / 1000) ORDER BY run`;
  return rows as Erasure[];
}

/** Of `d`: a day of the merchant's erasures. */
const OF_DAY = "d.date = $1::date AND d.shard = $2 AND d.run IN (SELECT run FROM erasures WHERE merchant = $3)";
const parametersOf = ({ date, shard, merchant }: DayKey) => [date, shard, merchant];

/** begun: its numbers have not been switched. untidied: files of before may be there still. */
export async function standingOf(sql: Sql, key: DayKey): Promise<"begun" | "untidied" | null> {
  const [row] = await sql.query(
    `SELECT bool_or(d.generation IS NULL) AS begun FROM erased_days d WHERE ${OF_DAY} AND d.tidied_at IS NULL`,
    parametersOf(key),
  );
  const { begun } = row as { begun: boolean | null };
  return begun === null ? null : begun ? "begun" : "untidied";
}

/** To be noted before anything changes. `found`: by the erasures whose events were found; `all`: how many in all, ever. */
export async function begin(sql: Sql, { date, shard }: DayKey, found: ErasedCounts, all: ErasedCounts): Promise<void> {
  const days = Object.keys(found).map((run) => ({ run, events: all[run] }));
  await sql`INSERT INTO erased_days (run, date, shard, events)
    SELECT run, ${date}, ${shard}, events FROM json_to_recordset(${JSON.stringify(days)}::json) AS d (run bigint, events int)
    ON CONFLICT (run, date, shard) DO UPDATE
      SET events = excluded.events, generation = NULL, at = now(), tidied_at = NULL, swept_at = NULL`;
}

export interface ErasedDay {
  /** As it was when it was counted. */
  book: DayBook;
  generation: number;
  /** First instants of the day's hours. */
  hours: readonly number[];
  daily: DayRollup;
  verdicts: Record<string, number>;
  proof: string;
  countedAs: CountedAs;
}

const DIVISION_BY_ZERO = "22012";

/**
 * Readers see the day as it was counted; all other numbers of it are removed, and whoever is counting it by what was there
 * before writes no more. False when the day is no longer as it was.
 */
export async function switchErased(sql: Sql, key: DayKey, erased: ErasedDay): Promise<boolean> {
  const { merchant, date, shard } = key;
  const { book, generation, hours, daily, verdicts, proof, countedAs } = erased;
  const instants = hours.map((hourMs) => new Date(hourMs).toISOString());
  const isAsRead = sql`SELECT 1 / count(*) FROM (
    SELECT FROM day_book WHERE date = ${date} AND merchant = ${merchant} AND shard = ${shard}
      AND generation = ${book.generation} AND sealed_seq = ${book.sealedSeq} FOR UPDATE) AS mine`;
  const switched = sql.query(
    `UPDATE day_book b SET generation = $4, verdicts = ${verdictsOf("$5::json")}, proven = true, proof = $6, difference = NULL,
      counted_as = $7::json, updated_at = now() WHERE b.date = $1 AND b.shard = $2 AND b.merchant = $3`,
    [date, shard, merchant, generation, JSON.stringify(verdicts), proof, JSON.stringify(countedAs)],
  );
  // Units that are being counted are begun anew; those that are done see that the day has changed.
  const superseded = sql`UPDATE replay_units u SET claim = claim + 1, sent_at = NULL FROM replay_runs r
    WHERE r.id = u.run AND r.kind <> 'erasure' AND u.state = 'queued'
      AND u.merchant = ${merchant} AND u.date = ${date} AND u.shard = ${shard}`;
  const audited = sql.query(
    `INSERT INTO audit_log (who, action, merchant, organisation, subject)
      SELECT e.who, 'visitor erased', e.merchant, m.organisation,
        json_build_object('run', d.run, 'date', d.date::text, 'shard', d.shard, 'events', d.events)
      FROM erased_days d JOIN erasures e ON e.run = d.run JOIN merchants m ON m.id = e.merchant
      WHERE ${OF_DAY} AND d.generation IS NULL`,
    parametersOf(key),
  );
  const noted = sql.query(
    `UPDATE erased_days d SET generation = $4, at = now(), tidied_at = NULL, swept_at = NULL WHERE ${OF_DAY} AND d.generation IS NULL`,
    [...parametersOf(key), generation],
  );
  try {
    await sql.transaction([
      isAsRead,
      sql.query(WRITE_DAYS, [JSON.stringify([daily]), generation]),
      switched,
      superseded,
      sql`DELETE FROM hourly_rollups WHERE date = ${date} AND hour = ANY(${instants}::timestamptz[])
        AND merchant = ${merchant} AND shard = ${shard} AND generation <> ${generation}`,
      sql`DELETE FROM daily_rollups WHERE merchant = ${merchant} AND date = ${date} AND shard = ${shard}
        AND generation <> ${generation}`,
      audited,
      noted,
    ]);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === DIVISION_BY_ZERO) return false;
    throw error;
  }
}

/** A run whose file of the day is gone counts the day again before it is applied. */
export async function countAgainLater(sql: Sql, { merchant, date, shard }: DayKey, run: number): Promise<void> {
  await sql`WITH unit AS (
      UPDATE replay_units SET state = 'queued', attempts = 0, claim = claim + 1, sent_at = NULL
      WHERE run = ${run} AND merchant = ${merchant} AND date = ${date} AND shard = ${shard} AND state = 'done' AND applied_at IS NULL
      RETURNING run
    ) UPDATE replay_runs r SET finished_at = NULL FROM unit WHERE r.id = unit.run`;
}

export async function tidied(sql: Sql, key: DayKey): Promise<void> {
  await sql.query(
    `UPDATE erased_days d SET tidied_at = now() WHERE ${OF_DAY} AND d.generation IS NOT NULL AND d.tidied_at IS NULL`,
    parametersOf(key),
  );
}
