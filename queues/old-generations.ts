// Generations of replays that nobody sees any more: a month after the last thing that happened to a run, what it counted and
// what it replaced are removed, but for what readers see and what a younger run may still be rolled back to. And runs whose
// messages were lost go on. The Worker's scheduled handler calls this; it touches days of replays, and no others.

import { derivedFileKey } from "../core/archive.ts";
import { dayOf } from "../core/zone.ts";
import { database, type Sql } from "../migrations/database.ts";
import type { Bindings } from "./bindings.ts";
import type { UnitKey } from "./replay-unit.ts";

const KEPT_DAYS = 30;
/** Of one call; the next one goes on. */
const UNITS_MAX = 2_000;
const UNITS_AT_ONCE = 200;

interface OldUnit extends UnitKey {
  zone: string;
  /** Neither seen nor to be rolled back to. */
  generations: number[];
}

/** Returns how many units it has tidied. */
export async function dropOldGenerations(
  env: Pick<Bindings, "ARCHIVE" | "DATABASE_URL" | "NEON_BRIDGE">,
  nowMs: number,
): Promise<number> {
  const sql = database(env);
  const beforeMs = nowMs - KEPT_DAYS * 86_400_000;
  let dropped = 0;
  while (dropped < UNITS_MAX) {
    const units = await oldUnits(sql, beforeMs);
    for (const unit of units) await dropUnit(env, sql, unit);
    dropped += units.length;
    if (units.length < UNITS_AT_ONCE) break;
  }
  return dropped;
}

/** A cancelled run is old at once. Erasures leave nothing that nobody sees, and go on until they are done. */
const IS_OLD = `(state = 'cancelled' OR greatest(created_at, applied_at, rolled_back_at) < to_timestamp($1 / 1000.0))`;

async function oldUnits(sql: Sql, beforeMs: number): Promise<OldUnit[]> {
  // Marked first, so that from here on nobody rolls back to what is being removed.
  await sql.query(
    `UPDATE replay_runs SET dropped_at = now(),
      state = CASE WHEN state IN ('counting', 'applying') THEN 'cancelled' ELSE state END
    WHERE dropped_at IS NULL AND kind <> 'erasure' AND ${IS_OLD.replace("$1", "$1::float8")}`,
    [beforeMs],
  );
  const rows = await sql`
    SELECT u.run::float8, u.merchant, u.date::text, u.shard::float8, coalesce(m.zone, 'Etc/UTC') AS zone,
      coalesce((SELECT json_agg(DISTINCT g) FROM unnest(ARRAY[u.run, u.base_generation, (u.former ->> 'generation')::bigint]) AS g
        WHERE g IS NOT NULL AND g IS DISTINCT FROM b.generation AND NOT EXISTS (
          SELECT FROM replay_runs young JOIN replay_units o ON o.run = young.id
          WHERE young.dropped_at IS NULL AND (o.merchant, o.date, o.shard) = (u.merchant, u.date, u.shard)
            AND g IN (o.run, o.base_generation, (o.former ->> 'generation')::bigint))), '[]') AS generations
    FROM replay_units u JOIN replay_runs r ON r.id = u.run
    LEFT JOIN day_book b ON (b.date, b.merchant, b.shard) = (u.date, u.merchant, u.shard)
    LEFT JOIN merchants m ON m.id = u.merchant
    WHERE r.dropped_at IS NOT NULL AND u.dropped_at IS NULL
    ORDER BY u.run, u.merchant, u.date, u.shard LIMIT ${UNITS_AT_ONCE}`;
  return rows as OldUnit[];
}

async function dropUnit(env: Pick<Bindings, "ARCHIVE">, sql: Sql, unit: OldUnit): Promise<void> {
  const { run, merchant, date, shard, zone, generations } = unit;
  const hours = dayOf(zone, date).hours.map((hourMs) => new Date(hourMs).toISOString());
  const files = generations.map((generation) => derivedFileKey(merchant, date, shard, generation));
  if (files.length > 0) await env.ARCHIVE.delete(files);
  // What readers see is looked at again: it may have changed since the unit was read.
  await sql.transaction([
    sql`DELETE FROM hourly_rollups h WHERE h.date = ${date} AND h.hour = ANY(${hours}::timestamptz[])
      AND h.merchant = ${merchant} AND h.shard = ${shard} AND h.generation = ANY(${generations}::int[])
      AND h.generation NOT IN (SELECT generation FROM day_book WHERE date = h.date AND merchant = h.merchant AND shard = h.shard)`,
    sql`DELETE FROM daily_rollups d WHERE d.merchant = ${merchant} AND d.date = ${date} AND d.shard = ${shard}
      AND d.generation = ANY(${generations}::int[])
      AND d.generation NOT IN (SELECT generation FROM day_book WHERE date = d.date AND merchant = d.merchant AND shard = d.shard)`,
    sql`UPDATE replay_units SET dropped_at = now()
      WHERE run = ${run} AND merchant = ${merchant} AND date = ${date} AND shard = ${shard}`,
  ]);
}
