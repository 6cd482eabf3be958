// Erasures of visitors as they are asked for and as they stand. One is a run of the replay over every day of which R2 has a file;
// days that are not sealed follow at their seals. Of the visitor nothing is kept but the hash, so that seals can look for it.

import { rawNameOf } from "../core/archive.ts";
import type { ErasureView } from "../core/erasure-view.ts";
import type { Merchant } from "../core/merchant.ts";
import { processing } from "../core/processing.ts";
import { OWN_RULES } from "../core/rules.ts";
import { dayAt } from "../core/zone.ts";
import { database } from "../migrations/database.ts";
import type { Env } from "./env.ts";
import type { Listing } from "./replay-units.ts";
import { askShards } from "./shards.ts";

/** Keys of one slice. */
const KEYS_AT_ONCE = 1_000;
const EVER = "0001-01-01";
const DATES_SHOWN = 1_000;

export interface ErasureRequest {
  visitor: string;
  who: string;
  why: string | null;
}

/** A run that has no units yet. Returns its id, which is the erasure's. */
export async function createErasure(
  env: Env,
  { id, zone }: Merchant,
  { visitor, who, why }: ErasureRequest,
  nowMs: number,
): Promise<number> {
  const today = dayAt(zone, nowMs).date;
  const [row] = await database(env)`
    WITH run AS (
      INSERT INTO replay_runs (kind, listing, who, why, merchants, date_from, date_to, rules, processing, preview)
      VALUES ('erasure', '', ${who}, ${why ?? "a visitor asked for it"}, ${[id]}::text[], ${EVER}, ${today},
        ${JSON.stringify(OWN_RULES)}, ${JSON.stringify(processing(OWN_RULES))}, false)
      RETURNING id
    ), erasure AS (
      INSERT INTO erasures (run, merchant, visitor, asked_at, who, why)
      SELECT id, ${id}, ${visitor}, to_timestamp(${nowMs}::float8 / 1000), ${who}, ${why} FROM run
    ), audited AS (
      INSERT INTO audit_log (who, action, merchant, organisation, subject)
      SELECT ${who}, 'erasure asked for', m.id, m.organisation, json_build_object('run', run.id, 'why', ${why}::text)
      FROM run, merchants m WHERE m.id = ${id}
    ) SELECT id::float8 FROM run`;
  return row!["id"] as number;
}

/** Units of the next slice of the days of which R2 has a file; how far they have come, or null when that was all. */
export async function listFiled(env: Env, { run, merchants, listing }: Listing): Promise<string | null> {
  const [merchant = ""] = merchants ?? [];
  const prefix = `raw/merchant=${merchant}/`;
  const page = await env.ARCHIVE.list({
    prefix,
    limit: KEYS_AT_ONCE,
    ...(listing === "" ? {} : { startAfter: listing }),
  });
  const days = page.objects.flatMap(({ key }) => {
    const [, date, shard] = /\/date=(\d{4}-\d\d-\d\d)\/s(\d\d)-/.exec(key) ?? [];
    return date === undefined || rawNameOf(key)?.kind !== "file" ? [] : [{ date, shard: Number(shard) }];
  });
  await database(env)`INSERT INTO replay_units (run, merchant, date, shard)
    SELECT DISTINCT ${run}::bigint, ${merchant}, date, shard
    FROM json_to_recordset(${JSON.stringify(days)}::json) AS d (date date, shard smallint) ON CONFLICT DO NOTHING`;
  return page.truncated ? page.objects.at(-1)!.key : null;
}

interface Row {
  id: number;
  visitor: string;
  asked_at: string;
  asked_ms: number;
  who: string;
  why: string | null;
  listed: boolean;
  queued: number;
  done: number;
  failed: number;
  erased: ErasureView["erased"];
  events: number;
}

/** The newest first; `run`: that one alone. Throws when Postgres or one of the objects does not answer. */
export async function readErasures(
  env: Env,
  merchant: Merchant,
  { run, limit }: { run: number | null; limit: number },
): Promise<ErasureView[]> {
  const [rows, shards] = await Promise.all([
    database(env)`
      SELECT e.run::float8 AS id, e.visitor, e.who, e.why, r.listing IS NULL AS listed,
        to_char(e.asked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS asked_at,
        (extract(epoch FROM e.asked_at) * 1000)::float8 AS asked_ms, u.queued, u.done, u.failed, d.erased, d.events
      FROM erasures e JOIN replay_runs r ON r.id = e.run CROSS JOIN LATERAL (
        SELECT (count(*) FILTER (WHERE state = 'queued'))::float8 AS queued, (count(*) FILTER (WHERE state = 'done'))::float8 AS done,
          (count(*) FILTER (WHERE state = 'failed'))::float8 AS failed FROM replay_units WHERE run = e.run
      ) AS u CROSS JOIN LATERAL (
        SELECT coalesce(json_agg(json_build_object('date', date::text, 'events', events) ORDER BY date)
            FILTER (WHERE n <= ${DATES_SHOWN}), '[]') AS erased,
          coalesce(sum(events), 0)::float8 AS events
        FROM (SELECT date, sum(events)::float8 AS events, row_number() OVER (ORDER BY date) AS n
          FROM erased_days WHERE run = e.run AND generation IS NOT NULL GROUP BY date) AS days
      ) AS d
      WHERE e.merchant = ${merchant.id} AND (${run}::bigint IS NULL OR e.run = ${run}::bigint)
      ORDER BY e.run DESC LIMIT ${limit}`,
    askShards(env, merchant, (shard) => shard.status()),
  ]);
  const unsealed = shards.flatMap(({ days }) => days.flatMap(({ date, state }) => (state === "sealed" ? [] : [date])));
  return (rows as Row[]).map((row) => viewOf(row, merchant, unsealed));
}

function viewOf(row: Row, { id, zone }: Merchant, unsealed: readonly string[]): ErasureView {
  const { listed, queued, done, failed, asked_ms: askedMs, ...rest } = row;
  const today = dayAt(zone, askedMs).date;
  const following = [...new Set(unsealed.filter((date) => date <= today))].toSorted();
  const isUnderWay = !listed || queued > 0;
  const state = isUnderWay ? "running" : failed > 0 ? "failed" : following.length > 0 ? "following" : "done";
  return { ...rest, merchant: id, state, days: { queued, done, failed, listed }, following };
}
