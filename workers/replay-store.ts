// Runs in Postgres: made, looked at, cancelled. Their units are made and sent in replay-units.ts, and counted in queues/replay.ts.

import { processing } from "../core/processing.ts";
import type { RunKind, RunState, RunView, UnitState } from "../core/replay.ts";
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

const SHOWN = 20;

/** A run that has no units yet: `goOn` makes and sends them. Returns its id. */
export async function createRun(env: Env, kind: RunKind, request: ReplayRequest): Promise<number> {
  const { merchants, from, to, rules, preview, who, why } = request;
  const [run] = await database(env)`
    WITH run AS (
      INSERT INTO replay_runs (kind, listing, who, why, merchants, date_from, date_to, rules, processing, preview)
      VALUES (${kind}, '', ${who}, ${why}, ${merchants}::text[], ${from}, ${to}, ${JSON.stringify(rules)},
        ${JSON.stringify(processing(rules))}, ${preview})
      RETURNING id
    ) INSERT INTO audit_log (who, action, subject)
    SELECT ${who}, ${kind}, json_build_object('run', run.id, 'why', ${why}::text, 'from', ${from}::text, 'to', ${to}::text,
      'merchants', ${merchants}::text[], 'processing', ${JSON.stringify(processing(rules))}::json)
    FROM run RETURNING (subject ->> 'run')::float8 AS id`;
  return run!["id"] as number;
}

interface RunRow extends Omit<RunView, "units" | "rows" | "failures" | "previews"> {
  units: Partial<Record<UnitState | "applied" | "open" | "waiting", number>> | null;
  rows: number;
}

const RUN_COLUMNS = `r.id::float8, r.kind, r.listing IS NULL AS listed, r.state, r.who, r.why, r.merchants, r.date_from::text AS "from", r.date_to::text AS "to",
  r.preview, r.rules, r.processing, ${["created_at", "finished_at", "applied_at", "rolled_back_at", "dropped_at"]
    .map((name) => `to_char(r.${name} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS ${name}`)
    .join(", ")},
  (SELECT coalesce(sum(rows), 0)::float8 FROM replay_units WHERE run = r.id) AS rows,
  (SELECT json_object_agg(state, n) FROM (
    SELECT state, count(*) AS n FROM replay_units WHERE run = r.id GROUP BY state
    UNION ALL SELECT 'applied', count(*) FROM replay_units WHERE run = r.id AND applied_at IS NOT NULL
    UNION ALL SELECT 'open', count(*) FROM replay_units WHERE run = r.id AND preview_at IS NOT NULL
    UNION ALL SELECT 'waiting', count(*) FROM replay_units WHERE run = r.id AND at_seal AND former IS NULL) AS counted
  ) AS units`;

/** The newest runs first. */
export async function listRuns(env: Env, limit: number): Promise<RunView[]> {
  const rows = await database(env).query(`SELECT ${RUN_COLUMNS} FROM replay_runs r ORDER BY r.id DESC LIMIT $1`, [
    limit,
  ]);
  return rows.map((row) => viewOf(row as RunRow, [], []));
}

export async function readRun(env: Env, run: number): Promise<RunView | null> {
  const sql = database(env);
  const [rows, failures, previews] = await Promise.all([
    sql.query(`SELECT ${RUN_COLUMNS} FROM replay_runs r WHERE r.id = $1`, [run]),
    sql`SELECT merchant, date::text, shard::float8, coalesce(error, '') AS error FROM replay_units
      WHERE run = ${run} AND state = 'failed' ORDER BY merchant, date, shard LIMIT ${SHOWN}`,
    sql`SELECT merchant, date::text, shard::float8, through::float8,
        to_char(preview_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS as_of
      FROM replay_units WHERE run = ${run} AND preview_at IS NOT NULL ORDER BY merchant, date, shard LIMIT ${SHOWN}`,
  ]);
  const [row] = rows as RunRow[];
  if (row === undefined) return null;
  return viewOf(row, failures as RunView["failures"], previews as RunView["previews"]);
}

function viewOf(row: RunRow, failures: RunView["failures"], previews: RunView["previews"]): RunView {
  const { queued = 0, done = 0, failed = 0, applied = 0, open = 0, waiting = 0 } = row.units ?? {};
  const units = { total: queued + done + failed, queued, done, failed, applied, open, waiting };
  return { ...row, units, failures, previews };
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

export interface Standing {
  kind: RunKind;
  state: RunState;
  listed: boolean;
  dropped: boolean;
}

export async function stateOf(env: Env, run: number): Promise<Standing | null> {
  const [row] = await database(env)`
    SELECT kind, state, listing IS NULL AS listed, dropped_at IS NOT NULL AS dropped FROM replay_runs WHERE id = ${run}`;
  return (row as Standing | undefined) ?? null;
}
