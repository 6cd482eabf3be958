// Single events are kept as long as their merchant says, in raw files and derived ones alike; numbers stay. The Worker's scheduled
// handler calls this: Postgres says which merchants have a retention and days past it, and no other merchant is touched. A
// day says so in the day book before its files go, so whatever is interrupted is gone on with the next night.

import { derivedPrefix, rawNameOf, rawPrefix } from "../core/archive.ts";
import { textOf } from "../core/error-text.ts";
import { database, type Sql } from "../migrations/database.ts";
import type { Bindings } from "./bindings.ts";

/** Events may come 72 hours late, and are counted with the others of their day: whatever a merchant says, days are kept as long. */
const KEPT_DAYS_MIN = 4;
/** While an earlier day of the merchant waits, the others are looked at again for so long: their files may not all have gone. */
const TRIED_DAYS = 7;
/** Of one call; the next one goes on. */
const DAYS_MAX = 2_000;
const DAYS_OF_MERCHANT_MAX = 200;

type Store = Pick<Bindings, "ARCHIVE" | "DATABASE_URL" | "NEON_BRIDGE">;

interface Expired {
  merchant: string;
  /** Ascending. */
  dates: string[];
  /** The first date that is to be kept. */
  keptFrom: string;
}

/** Returns how many days it has dropped the events of. */
export async function dropExpiredEvents(env: Store, nowMs: number): Promise<number> {
  const sql = database(env);
  let dropped = 0;
  for (const expired of await expiredDays(sql, nowMs)) {
    try {
      dropped += await dropOf(env, sql, expired);
    } catch (error) {
      console.warn(`retention: events of ${expired.merchant} were not all dropped: ${textOf(error)}`);
    }
  }
  return dropped;
}

/** A descent of the key for each merchant that has a retention: days that have had events have a rollup. Today is as its last zone has it. */
async function expiredDays(sql: Sql, nowMs: number): Promise<Expired[]> {
  const rows = await sql`
    SELECT m.id AS merchant, min(kept.since)::text AS "keptFrom", json_agg(past.date::text ORDER BY past.date) AS dates
    FROM merchants m
    CROSS JOIN LATERAL (SELECT (to_timestamp(${nowMs}::float8 / 1000) AT TIME ZONE regexp_replace(m.zone, '^.*=', ''))::date
      - greatest(m.retention_days, ${KEPT_DAYS_MIN}::int) AS since) AS kept
    CROSS JOIN LATERAL (
      SELECT DISTINCT r.date FROM daily_rollups r
      WHERE r.merchant = m.id AND r.date >= coalesce(m.events_from, '0001-01-01') AND r.date < kept.since
        AND NOT EXISTS (SELECT FROM day_book b WHERE b.date = r.date AND b.merchant = r.merchant
          AND b.events_dropped_at < now() - ${TRIED_DAYS}::int * interval '1 day')
      ORDER BY r.date LIMIT ${DAYS_OF_MERCHANT_MAX}
    ) AS past
    WHERE m.retention_days IS NOT NULL AND m.deleted_at IS NULL
    GROUP BY m.id ORDER BY m.id LIMIT ${DAYS_MAX}`;
  let days = 0;
  return (rows as Expired[]).filter(({ dates }) => (days += dates.length) <= DAYS_MAX + DAYS_OF_MERCHANT_MAX);
}

async function dropOf(env: Store, sql: Sql, { merchant, dates, keptFrom }: Expired): Promise<number> {
  const left: string[] = [];
  let files = 0;
  for (const date of dates) {
    if (await markDropped(sql, merchant, date)) files += await dropFiles(env.ARCHIVE, merchant, date);
    else left.push(date);
  }
  // There may be more than were asked for.
  const isAll = dates.length < DAYS_OF_MERCHANT_MAX;
  const from = left[0] ?? (isAll ? keptFrom : dates.at(-1)!);
  await sql`UPDATE merchants SET events_from = ${from} WHERE id = ${merchant} AND events_from IS DISTINCT FROM ${from}::date`;
  const dropped = dates.length - left.length;
  if (files > 0)
    await sql`INSERT INTO audit_log (who, action, merchant, organisation, subject)
      SELECT 'schedule', 'events dropped', id, organisation, json_build_object('from', ${dates[0]}::text, 'to', ${dates.at(-1)}::text,
        'days', ${dropped}::int, 'files', ${files}::int, 'retention_days', retention_days) FROM merchants WHERE id = ${merchant}`;
  return dropped;
}

/** False when some shard's day has events that have not been counted. */
async function markDropped(sql: Sql, merchant: string, date: string): Promise<boolean> {
  const [row] = await sql`
    WITH book AS MATERIALIZED (
      SELECT shard, sealed_at IS NOT NULL AND stale_seq IS NULL AND verdicts ->> 'late' IS NULL AS is_settled FROM day_book
      WHERE date = ${date} AND merchant = ${merchant} FOR UPDATE
    ), dropped AS (
      UPDATE day_book SET events_dropped_at = coalesce(events_dropped_at, now())
      WHERE date = ${date} AND merchant = ${merchant} AND (SELECT bool_and(is_settled) FROM book)
    ) SELECT coalesce(bool_and(is_settled), true) AS settled FROM book`;
  return (row as { settled: boolean }).settled;
}

/** All but chunks, which hold what has come since. Returns how many there were. */
async function dropFiles(bucket: R2Bucket, merchant: string, date: string): Promise<number> {
  let dropped = 0;
  for (const prefix of [derivedPrefix(merchant, date), rawPrefix(merchant, date)]) {
    let cursor: string | undefined;
    do {
      const page = await bucket.list({ prefix, ...(cursor === undefined ? {} : { cursor }) });
      const keys = page.objects.flatMap(({ key }) => (rawNameOf(key)?.kind === "chunk" ? [] : [key]));
      if (keys.length > 0) await bucket.delete(keys);
      dropped += keys.length;
      cursor = page.truncated ? page.cursor : undefined;
    } while (cursor !== undefined);
  }
  return dropped;
}
