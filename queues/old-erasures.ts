// Looks once more at the days from which visitors were erased, after whoever was counting them meanwhile has ended: files that they
// have left, hours that came out of a queue late, and dead letters. The Worker's scheduled handler calls this; it touches no
// other day.

import { textOf } from "../core/error-text.ts";
import type { Merchant } from "../core/merchant.ts";
import { dayOf } from "../core/zone.ts";
import { database } from "../migrations/database.ts";
import type { Bindings } from "./bindings.ts";
import { eraseDay } from "./erase-day.ts";
import { eraseLetters } from "./erased-letters.ts";

/** A seal or a replay ends within a quarter of an hour, or its attempt is over. */
const RESTED_MS = 3_600_000;
/** Of one call; the next one goes on. */
const DAYS_MAX = 500;

type ErasedDay = Merchant & { date: string; shard: number };

/** Returns how many days it has looked at, and letters it has changed. */
export async function sweepErasures(
  env: Pick<Bindings, "ARCHIVE" | "DATABASE_URL" | "NEON_BRIDGE">,
  nowMs: number,
): Promise<number> {
  const sql = database(env);
  const rows = (await sql`
    SELECT DISTINCT d.date::text, d.shard::float8, m.id, m.name, m.zone, m.currency::text, m.domains, m.shards
    FROM erased_days d JOIN erasures e ON e.run = d.run JOIN merchants m ON m.id = e.merchant
    WHERE d.swept_at IS NULL AND d.at < to_timestamp(${nowMs - RESTED_MS}::float8 / 1000)
    ORDER BY 3, 1, 2 LIMIT ${DAYS_MAX}`) as ErasedDay[];
  for (const { date, shard, ...merchant } of rows) {
    const key = { merchant: merchant.id, date, shard };
    const hours = dayOf(merchant.zone, date).hours.map((hourMs) => new Date(hourMs).toISOString());
    try {
      await eraseDay(env, sql, key, merchant, true);
      // Nobody can go back to what was counted live.
      await sql`DELETE FROM hourly_rollups h WHERE h.date = ${date} AND h.hour = ANY(${hours}::timestamptz[])
        AND h.merchant = ${merchant.id} AND h.shard = ${shard} AND h.generation = 0
        AND (SELECT generation FROM day_book WHERE date = h.date AND merchant = h.merchant AND shard = h.shard) <> 0`;
      await sql`UPDATE erased_days SET swept_at = now() WHERE date = ${date} AND shard = ${shard} AND generation IS NOT NULL
        AND run IN (SELECT run FROM erasures WHERE merchant = ${merchant.id})`;
    } catch (error) {
      console.warn(`erasures: ${merchant.id}/${shard} ${date} was not looked at again: ${textOf(error)}`);
    }
  }
  return rows.length + (await eraseLetters(env.ARCHIVE, sql, nowMs));
}
