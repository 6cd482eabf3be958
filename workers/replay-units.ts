// The units of a run: made a slice at a time, since a run may be of a million days, and sent to the queue. Both go on where they
// were when they are asked for again, by the command that follows a run or by the nightly schedule.

import type { Merchant } from "../core/merchant.ts";
import type { RunKind } from "../core/replay.ts";
import { database, type Sql } from "../migrations/database.ts";
import type { Env } from "./env.ts";
import { listFiled } from "./erasure-store.ts";
import { listLost } from "./rebuild-store.ts";

/** Units of one statement. */
const MADE_AT_ONCE = 2_000;
/** Messages of one statement; a batch of the queue takes 100. */
const SENT_AT_ONCE = 1_000;
const BATCH_MESSAGES = 100;
/** A request stops making and sending after this long each; asking to resume goes on. */
const MAKING_MS_MAX = 10_000;
const SENDING_MS_MAX = 15_000;

/** Makes what units there are still to make, and sends what is due. Returns how many messages were sent. */
export async function goOn(env: Env, run: number): Promise<number> {
  await makeUnits(env, run);
  return sendUnits(env, run);
}

/** Does so for every run that is under way. */
export async function resumeRuns(env: Env): Promise<void> {
  const runs = await database(env)`
    SELECT id::float8 FROM replay_runs WHERE state IN ('counting', 'applying') AND finished_at IS NULL ORDER BY id`;
  for (const { id } of runs) await goOn(env, id as number);
}

export interface Listing {
  run: number;
  kind: RunKind;
  /** Null: all. */
  merchants: string[] | null;
  from: string;
  to: string;
  /** Empty at the beginning. */
  listing: string;
}

async function makeUnits(env: Env, run: number): Promise<void> {
  const sql = database(env);
  const startedMs = Date.now();
  while (Date.now() - startedMs < MAKING_MS_MAX) {
    const [row] = await sql`
      SELECT id::float8 AS run, kind, merchants, date_from::text AS "from", date_to::text AS "to", listing
      FROM replay_runs WHERE id = ${run} AND listing IS NOT NULL AND state = 'counting'`;
    if (row === undefined) return;
    const so = row as Listing;
    const listing = await listed(env, so);
    // Two at a time make the same units, which is no harm.
    await sql`UPDATE replay_runs SET listing = ${listing}, finished_at = CASE WHEN ${listing}::text IS NULL AND NOT EXISTS (
        SELECT FROM replay_units WHERE run = ${run} AND state = 'queued') THEN now() END
      WHERE id = ${run} AND listing = ${so.listing}`;
  }
}

const listed = (env: Env, listing: Listing): Promise<string | null> => {
  if (listing.kind === "rebuild") return listLost(env, listing);
  return listing.kind === "erasure" ? listFiled(env, listing) : listDays(database(env), listing);
};

/**
 * The next slice of the days that the day book has, in the order of date, merchant and shard; how far they have come, or null
 * when that was all. Open days are counted as previews; an audit has nothing to prove of them.
 */
async function listDays(sql: Sql, { run, kind, merchants, from, to, listing }: Listing): Promise<string | null> {
  const [date = from, merchant = "", shard = "-1"] = listing === "" ? [] : listing.split("/");
  const [last] = await sql`
    WITH slice AS MATERIALIZED (
      SELECT b.merchant, b.shard FROM day_book b JOIN merchants m ON m.id = b.merchant
      WHERE b.date = ${date} AND (b.merchant, b.shard) > (${merchant}, ${shard}::int)
        AND (${merchants}::text[] IS NULL OR b.merchant = ANY(${merchants}::text[]))
        AND (${kind} <> 'audit' OR b.sealed_at IS NOT NULL OR b.proven IS NOT NULL)
      ORDER BY b.merchant, b.shard LIMIT ${MADE_AT_ONCE}
    ), made AS (
      INSERT INTO replay_units (run, merchant, date, shard) SELECT ${run}, merchant, ${date}, shard FROM slice
      ON CONFLICT DO NOTHING
    )
    SELECT merchant, shard::float8, (SELECT count(*)::int FROM slice) AS n FROM slice ORDER BY merchant DESC, shard DESC LIMIT 1`;
  const slice = last as { merchant: string; shard: number; n: number } | undefined;
  if (slice?.n === MADE_AT_ONCE) return `${date}/${slice.merchant}/${slice.shard}`;
  const [next] = await sql`SELECT min(date)::text AS date FROM day_book WHERE date > ${date} AND date <= ${to}`;
  const { date: following } = next as { date: string | null };
  return following === null ? null : `${following}//-1`;
}

/**
 * Sends the messages of units that have not been sent, and again of those that nothing has been heard of while the whole run
 * stood still: a queue may lose them. Returns how many.
 */
async function sendUnits(env: Env, run: number): Promise<number> {
  const sql = database(env);
  const startedMs = Date.now();
  let sent = 0;
  while (Date.now() - startedMs < SENDING_MS_MAX) {
    const rows = await sql`
      WITH due AS (
        SELECT u.merchant, u.date, u.shard FROM replay_units u JOIN replay_runs r ON r.id = u.run
        WHERE u.run = ${run} AND u.state = 'queued' AND r.state IN ('counting', 'applying') AND (u.sent_at IS NULL
          OR greatest(u.sent_at, r.progress_at) < now() - ${Number(env.PUBLISH_AFTER_MS)} * interval '1 millisecond')
        ORDER BY u.merchant, u.date, u.shard LIMIT ${SENT_AT_ONCE} FOR UPDATE OF u SKIP LOCKED
      ), marked AS (
        UPDATE replay_units u SET sent_at = now() FROM due
        WHERE u.run = ${run} AND (u.merchant, u.date, u.shard) = (due.merchant, due.date, due.shard)
        RETURNING u.merchant, u.date, u.shard
      )
      SELECT marked.date::text, marked.shard::float8, m.id, m.name, m.zone, m.currency::text, m.domains, m.shards
      FROM marked JOIN merchants m ON m.id = marked.merchant ORDER BY marked.merchant, marked.date, marked.shard`;
    if (rows.length === 0) break;
    const units = rows as (Merchant & { date: string; shard: number })[];
    const messages = units.map(({ date, shard, ...merchant }) => ({
      contentType: "v8" as const,
      body: { kind: "replay" as const, run, date, shard, merchant },
    }));
    for (let at = 0; at < messages.length; at += BATCH_MESSAGES)
      await env.REPLAY_QUEUE.sendBatch(messages.slice(at, at + BATCH_MESSAGES));
    sent += rows.length;
  }
  return sent;
}
