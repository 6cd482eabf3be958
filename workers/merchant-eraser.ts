// What a deleted merchant has left, erased: what its objects hold, KV, R2 and Postgres. The Worker's scheduled handler calls this,
// some days after the deletion, so that a mistake can be taken back until then. First it is noted that the merchant is gone, and from
// then on nothing of it is written any more; then everything is removed, and an hour or more later, when whatever was under way has
// ended, once more. Whatever interrupts it, the next night goes on.

import { LETTERS_PREFIX, merchantOf, readLetter } from "../core/dead-letter.ts";
import { shardObject } from "../core/address.ts";
import { textOf } from "../core/error-text.ts";
import { addDays, dayAt, dayOf } from "../core/zone.ts";
import { database, type Sql } from "../migrations/database.ts";
import type { Env } from "./env.ts";
import { published } from "./merchants.ts";
import { forgetRun } from "./run-records.ts";

export const GRACE_DAYS = 7;
/** A seal or a replay ends within a quarter of an hour, or its attempt is over. */
const RESTED_MS = 3_600_000;
/** Of one call; the next one goes on. */
const MERCHANTS_MAX = 100;
const ERASING_MS_MAX = 240_000;
const KEYS_AT_ONCE = 1_000;
/** Dates that Postgres may have hours and books of though neither R2 nor a rollup of the day says so. */
const DATES_PAST = 100;
const DATES_AHEAD = 2;

interface Deleted {
  id: string;
  zone: string;
  shards: number;
  /** This has been done once. */
  again: boolean;
}

/** What was removed, by what it was. */
type Removed = Record<string, number>;

class NotToday extends Error {}

/** Returns how many merchants are erased now, of whom nothing was found any more. */
export async function eraseMerchants(env: Env, nowMs: number): Promise<number> {
  const sql = database(env);
  const rows = await sql`
    SELECT m.id, m.zone, m.shards::float8, e.id IS NOT NULL AS again
    FROM merchants m LEFT JOIN erased_merchants e ON e.id = m.id
    WHERE m.deleted_at < to_timestamp(${nowMs - GRACE_DAYS * 86_400_000}::float8 / 1000)
      AND (e.begun_at IS NULL OR e.begun_at < to_timestamp(${nowMs - RESTED_MS}::float8 / 1000))
    ORDER BY m.deleted_at, m.id LIMIT ${MERCHANTS_MAX}`;
  const untilMs = Date.now() + ERASING_MS_MAX;
  let erased = 0;
  for (const merchant of rows as Deleted[]) {
    try {
      if (await eraseMerchant(env, sql, merchant, nowMs, untilMs)) erased++;
    } catch (error) {
      if (error instanceof NotToday) break;
      console.warn(`erasure: ${merchant.id} is not erased yet: ${textOf(error)}`);
    }
  }
  return erased;
}

/** True when this was not the first time, and nothing was left. */
async function eraseMerchant(env: Env, sql: Sql, merchant: Deleted, nowMs: number, untilMs: number): Promise<boolean> {
  const { id, again } = merchant;
  await sql`INSERT INTO erased_merchants (id, removed)
    SELECT id, '{}' FROM merchants WHERE id = ${id} AND deleted_at IS NOT NULL ON CONFLICT DO NOTHING`;
  await published(env, id, null);
  const dates = new Set<string>();
  const removed: Removed = { objects: await eraseObjects(env, merchant, dates) };
  for (const prefix of [`raw/merchant=${id}/`, `events/merchant=${id}/`, `outbox/${id}/`, `jobs/${id}/`])
    removed["files"] = (removed["files"] ?? 0) + (await removeFiles(env.ARCHIVE, prefix, dates, untilMs));
  removed["letters"] = await removeLetters(env.ARCHIVE, id, untilMs);
  Object.assign(removed, await removeRows(env, sql, merchant, { dates, nowMs, untilMs }));
  const isNothing = Object.entries(removed).every(([what, n]) => what === "objects" || n === 0);
  await note(sql, id, removed);
  if (!again || !isNothing) return false;
  await finish(sql, id);
  return true;
}

/** Objects are the same ones each time. */
async function note(sql: Sql, id: string, removed: Removed): Promise<void> {
  const [row] = await sql`SELECT removed FROM erased_merchants WHERE id = ${id}`;
  const { removed: before } = row as { removed: Removed };
  const sums = Object.entries(removed).map(([what, n]) => [what, what === "objects" ? n : (before[what] ?? 0) + n]);
  await sql`UPDATE erased_merchants SET removed = ${JSON.stringify(Object.fromEntries(sums))}::json WHERE id = ${id}`;
}

async function eraseObjects(env: Env, { id, shards }: Deleted, dates: Set<string>): Promise<number> {
  for (let shard = 0; shard < shards; shard++) {
    const object = shardObject(env.MERCHANT_SHARD, id, shard);
    for (const { date } of (await object.status()).days) dates.add(date);
    await object.erase();
  }
  return shards;
}

async function removeFiles(bucket: R2Bucket, prefix: string, dates: Set<string>, untilMs: number): Promise<number> {
  let removed = 0;
  for (;;) {
    if (Date.now() > untilMs) throw new NotToday();
    const { objects, truncated } = await bucket.list({ prefix, limit: KEYS_AT_ONCE });
    for (const { key } of objects) {
      const [, date] = /\/date=(\d{4}-\d\d-\d\d)\//.exec(key) ?? [];
      if (date !== undefined) dates.add(date);
    }
    if (objects.length > 0) await bucket.delete(objects.map(({ key }) => key));
    removed += objects.length;
    if (!truncated) return removed;
  }
}

/** Messages that could not be handled: whose each is stands in it. */
async function removeLetters(bucket: R2Bucket, merchant: string, untilMs: number): Promise<number> {
  let removed = 0;
  let cursor: string | undefined;
  do {
    const page = await bucket.list({ prefix: LETTERS_PREFIX, ...(cursor === undefined ? {} : { cursor }) });
    for (const { key } of page.objects) {
      if (Date.now() > untilMs) throw new NotToday();
      const letter = readLetter((await (await bucket.get(key))?.text()) ?? "");
      if (!letter.ok || merchantOf(letter.value.message) !== merchant) continue;
      await bucket.delete(key);
      removed++;
    }
    cursor = page.truncated ? page.cursor : undefined;
  } while (cursor !== undefined);
  return removed;
}

interface Rows {
  dates: Set<string>;
  nowMs: number;
  untilMs: number;
}

async function removeRows(
  env: Env,
  sql: Sql,
  { id, zone }: Deleted,
  { dates, nowMs, untilMs }: Rows,
): Promise<Removed> {
  const today = dayAt(zone, nowMs).date;
  for (let days = -DATES_PAST; days <= DATES_AHEAD; days++) dates.add(addDays(today, days));
  for (const { date } of await sql`SELECT DISTINCT date::text FROM daily_rollups WHERE merchant = ${id}`)
    dates.add(date as string);
  const removed: Removed = { hours: 0, books: 0 };
  for (const date of dates) {
    if (Date.now() > untilMs) throw new NotToday();
    const hours = dayOf(zone, date).hours.map((hourMs) => new Date(hourMs).toISOString());
    const [ofHours, ofBooks] = await sql.transaction([
      sql`DELETE FROM hourly_rollups WHERE date = ${date} AND hour = ANY(${hours}::timestamptz[]) AND merchant = ${id} RETURNING 1`,
      sql`DELETE FROM day_book WHERE date = ${date} AND merchant = ${id} RETURNING 1`,
    ]);
    removed["hours"]! += ofHours!.length;
    removed["books"]! += ofBooks!.length;
  }
  for (const [what, table] of OF_MERCHANT) {
    const rows = await sql.query(`DELETE FROM ${table} WHERE merchant = $1 RETURNING 1`, [id]);
    removed[what] = rows.length;
  }
  const runs = await sql`DELETE FROM replay_runs r WHERE merchants = ARRAY[${id}::text]
    AND NOT EXISTS (SELECT FROM replay_units WHERE run = r.id) RETURNING id::float8`;
  for (const { id: run } of runs) await forgetRun(env, run as number);
  removed["runs"] = runs.length;
  return removed;
}

/** In this order: days of erasures go with their erasures, and units refer to runs. */
const OF_MERCHANT = [
  ["days", "daily_rollups"],
  ["units", "replay_units"],
  ["erasures", "erasures"],
  ["rules", "rules_versions"],
  ["tokens", "tokens"],
  ["segments", "segments"],
  ["annotations", "annotations"],
  ["links", "links"],
] as const;

/** Of the merchant its id stays, and the record of who changed what. */
async function finish(sql: Sql, id: string): Promise<void> {
  await sql.transaction([
    sql`INSERT INTO audit_log (who, action, merchant, organisation, subject)
      SELECT 'schedule', 'merchant erased', m.id, m.organisation, e.removed FROM merchants m JOIN erased_merchants e ON e.id = m.id
      WHERE m.id = ${id}`,
    sql`DELETE FROM merchants WHERE id = ${id}`,
    sql`UPDATE erased_merchants SET finished_at = now() WHERE id = ${id}`,
  ]);
}
