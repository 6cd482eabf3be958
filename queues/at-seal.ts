// Runs that have been applied while a day was open wait for its seal. The seal proves what was counted live (law 5); then the
// day is counted by the run and, once each of its shards is, switched in one statement (law 8). That holds also where the
// seal found a difference, since a run is how it is put right; but never where events are missing.

import type { ReplayMessage, SealMessage } from "../core/messages.ts";
import { FORMER, IS_UNCHANGED, TO_UNIT, TOTALS_OF_UNITS } from "../migrations/day-switch.ts";
import type { Sql } from "../migrations/database.ts";
import type { DayKey } from "./published-day.ts";
import type { UnitKey } from "./replay-unit.ts";

/** The run that the day waits for, or has waited for; null when there is none. Of several the one that was applied last. */
export async function runOfSeal(
  sql: Sql,
  { merchant, date }: Pick<DayKey, "merchant" | "date">,
): Promise<number | null> {
  const [row] = await sql`
    SELECT u.run::float8 AS run FROM replay_units u JOIN replay_runs r ON r.id = u.run
    WHERE u.merchant = ${merchant} AND u.date = ${date} AND u.at_seal AND r.state IN ('applying', 'applied')
    ORDER BY r.applied_at DESC NULLS FIRST, u.run DESC LIMIT 1`;
  return (row as { run: number } | undefined)?.run ?? null;
}

/**
 * The unit of the run for this shard, to be counted now; null when it is not to be: counted already as the day is, switched
 * once, or found to be impossible. A shard whose day nobody knew of when the run was made gets one.
 */
export async function unitAtSeal(
  sql: Sql,
  run: number,
  { merchant, shard, date }: SealMessage,
): Promise<ReplayMessage | null> {
  const rows = await sql`
    INSERT INTO replay_units AS u (run, merchant, date, shard, at_seal, applied_at, sent_at)
    SELECT ${run}, b.merchant, b.date, b.shard, true, now(), now() FROM day_book b
    WHERE b.date = ${date} AND b.merchant = ${merchant.id} AND b.shard = ${shard} AND (b.sealed_at IS NOT NULL OR b.proven IS NOT NULL)
    ON CONFLICT (run, merchant, date, shard) DO UPDATE SET state = 'queued', attempts = 0
      WHERE u.at_seal AND u.former IS NULL AND (u.state = 'queued' OR u.state = 'done' AND (u.preview_at IS NOT NULL OR NOT EXISTS (
        SELECT FROM day_book b WHERE b.date = u.date AND b.merchant = u.merchant AND b.shard = u.shard
          AND b.generation = u.base_generation AND b.sealed_seq IS NOT DISTINCT FROM u.sealed_seq)))
    RETURNING run`;
  return rows.length === 0 ? null : { kind: "replay", run, merchant, shard, date };
}

/** $1 run, $2 merchant, $3 date. Nothing happens before every shard of the day has been closed and counted. */
const SWITCH = `WITH units AS MATERIALIZED (
    SELECT * FROM replay_units WHERE run = $1 AND merchant = $2 AND date = $3::date
  ), book AS MATERIALIZED (
    SELECT * FROM day_book WHERE date = $3::date AND merchant = $2 ORDER BY shard FOR UPDATE
  ), fit AS (
    SELECT bool_and(b.generation = $1 OR u.former IS NOT NULL OR coalesce(u.at_seal AND u.state = 'done' AND u.preview_at IS NULL
      AND ${IS_UNCHANGED} AND (SELECT coalesce(sum(value::bigint), 0) FROM json_each_text(u.verdicts))
        = b.accepted - coalesce((b.verdicts ->> 'late')::bigint, 0), false)) AS all_fit
    FROM book b LEFT JOIN units u USING (shard)
  ), switched AS (
    UPDATE day_book b SET ${TO_UNIT} FROM units u, fit
    WHERE all_fit AND u.former IS NULL AND b.generation <> $1 AND (b.date, b.merchant, b.shard) = (u.date, u.merchant, u.shard)
    RETURNING b.shard
  ), noted AS (
    UPDATE replay_units u SET applied_at = now(), former = ${FORMER}
    FROM book b, fit WHERE all_fit AND u.former IS NULL AND b.generation <> $1 AND u.run = $1
      AND (u.date, u.merchant, u.shard) = (b.date, b.merchant, b.shard)
  ), audited AS (
    INSERT INTO audit_log (who, action, merchant, subject)
    SELECT r.who, 'replay applied at the seal', $2, json_build_object('run', r.id, 'why', r.why, 'processing', r.processing,
      'date', $3::text, 'totals', ${TOTALS_OF_UNITS})
    FROM replay_runs r WHERE r.id = $1 AND EXISTS (SELECT FROM switched)
  ) SELECT count(*)::int AS switched FROM switched`;

/** Switches the day to what the run has counted, if all of it is there. Returns whether it did. */
export async function switchAtSeal(sql: Sql, { run, merchant, date }: Omit<UnitKey, "shard">): Promise<boolean> {
  const [row] = await sql.query(SWITCH, [run, merchant, date]);
  return (row as { switched: number }).switched > 0;
}
