// Runs of replays in Postgres: made, sent to the queue, looked at. What a run counts is in queues/replay.ts.

import { processing } from "../core/processing.ts";
import type { Merchant } from "../core/merchant.ts";
import type { RunState, RunView, UnitState } from "../core/replay.ts";
import type { RunRules } from "../core/rules.ts";
import { database } from "../migrations/database.ts";
import type { Env } from "./env.ts";

export interface ReplayRequest {
  /** Null: all. */
  merchants: string[] | null;
  /** Merchant-local dates, both included. */
  from: string;
  to: string;
  rules: RunRules;
  preview: boolean;
  who: string;
  why: string;
}

const FAILURES_SHOWN = 20;
/** Messages of one statement; a batch of the queue takes 100. */
const SENT_AT_ONCE = 1_000;
const BATCH_MESSAGES = 100;
/** A request stops sending after this long; asking to resume goes on. */
const SENDING_MS_MAX = 15_000;

/**
 * A run with a unit for each day of a shard that is closed: sealed, or found to differ from what was published. Returns its
 * id; nothing is sent yet.
 */
export async function createRun(env: Env, request: ReplayRequest): Promise<number> {
  const { merchants, from, to, rules, preview, who, why } = request;
  const [run] = await database(env)`
    WITH run AS (
      INSERT INTO replay_runs (who, why, merchants, date_from, date_to, rules, processing, preview)
      VALUES (${who}, ${why}, ${merchants}::text[], ${from}, ${to}, ${JSON.stringify(rules)},
        ${JSON.stringify(processing(rules))}, ${preview})
      RETURNING id
    ), units AS (
      INSERT INTO replay_units (run, merchant, date, shard)
      SELECT run.id, b.merchant, b.date, b.shard FROM run, day_book b JOIN merchants m ON m.id = b.merchant
      WHERE b.date BETWEEN ${from}::date AND ${to}::date AND (b.sealed_at IS NOT NULL OR b.proven IS NOT NULL)
        AND (${merchants}::text[] IS NULL OR b.merchant = ANY(${merchants}::text[]))
      RETURNING 1
    ), finished AS (SELECT count(*) AS units FROM units)
    INSERT INTO audit_log (who, action, subject)
    SELECT ${who}, 'replay', json_build_object('run', run.id, 'why', ${why}::text, 'from', ${from}::text, 'to', ${to}::text,
      'merchants', ${merchants}::text[], 'processing', ${JSON.stringify(processing(rules))}::json, 'units', finished.units)
    FROM run, finished RETURNING (subject ->> 'run')::float8 AS id`;
  const id = run!["id"] as number;
  await database(env)`UPDATE replay_runs SET finished_at = now()
    WHERE id = ${id} AND NOT EXISTS (SELECT FROM replay_units WHERE run = ${id})`;
  return id;
}

/**
 * Sends the messages of units that have not been sent, and again of those that nothing has been heard of while the whole run
 * stood still: a queue may lose them. Returns how many.
 */
export async function sendUnits(env: Env, run: number): Promise<number> {
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

/** Sends what was lost of every run that is under way. */
export async function resumeRuns(env: Env): Promise<void> {
  const runs = await database(env)`
    SELECT id::float8 FROM replay_runs WHERE state IN ('counting', 'applying') AND finished_at IS NULL`;
  for (const { id } of runs) await sendUnits(env, id as number);
}

interface RunRow extends Omit<RunView, "units" | "rows" | "failures"> {
  units: Partial<Record<UnitState | "applied", number>> | null;
  rows: number;
}

const RUN_COLUMNS = `r.id::float8, r.state, r.who, r.why, r.merchants, r.date_from::text AS "from", r.date_to::text AS "to",
  r.preview, r.rules, r.processing, ${["created_at", "finished_at", "applied_at", "rolled_back_at", "dropped_at"]
    .map((name) => `to_char(r.${name} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS ${name}`)
    .join(", ")},
  (SELECT coalesce(sum(rows), 0)::float8 FROM replay_units WHERE run = r.id) AS rows,
  (SELECT json_object_agg(state, n) FROM (
    SELECT state, count(*) AS n FROM replay_units WHERE run = r.id GROUP BY state
    UNION ALL SELECT 'applied', count(*) FROM replay_units WHERE run = r.id AND applied_at IS NOT NULL) AS counted
  ) AS units`;

/** The newest runs first. */
export async function listRuns(env: Env, limit: number): Promise<RunView[]> {
  const rows = await database(env).query(`SELECT ${RUN_COLUMNS} FROM replay_runs r ORDER BY r.id DESC LIMIT $1`, [
    limit,
  ]);
  return rows.map((row) => viewOf(row as RunRow, []));
}

export async function readRun(env: Env, run: number): Promise<RunView | null> {
  const sql = database(env);
  const [rows, failures] = await Promise.all([
    sql.query(`SELECT ${RUN_COLUMNS} FROM replay_runs r WHERE r.id = $1`, [run]),
    sql`SELECT merchant, date::text, shard::float8, coalesce(error, '') AS error FROM replay_units
      WHERE run = ${run} AND state = 'failed' ORDER BY merchant, date, shard LIMIT ${FAILURES_SHOWN}`,
  ]);
  const [row] = rows as RunRow[];
  return row === undefined ? null : viewOf(row, failures as RunView["failures"]);
}

function viewOf(row: RunRow, failures: RunView["failures"]): RunView {
  const { queued = 0, done = 0, failed = 0, applied = 0 } = row.units ?? {};
  return { ...row, units: { total: queued + done + failed, queued, done, failed, applied }, failures };
}

/** Counting ends, whatever is under way. False when the run is not being counted. */
export async function cancelRun(env: Env, run: number, who: string): Promise<boolean> {
  const cancelled = await database(env)`
    WITH run AS (
      UPDATE replay_runs SET state = 'cancelled', finished_at = coalesce(finished_at, now())
      WHERE id = ${run} AND state = 'counting' RETURNING id
    ) INSERT INTO audit_log (who, action, subject) SELECT ${who}, 'replay cancelled', json_build_object('run', id) FROM run
    RETURNING 1`;
  return cancelled.length > 0;
}

export async function stateOf(env: Env, run: number): Promise<{ state: RunState; dropped: boolean } | null> {
  const [row] = await database(env)`
    SELECT state, dropped_at IS NOT NULL AS dropped FROM replay_runs WHERE id = ${run}`;
  return (row as { state: RunState; dropped: boolean } | undefined) ?? null;
}
