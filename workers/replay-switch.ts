// Applying a run and rolling it back: the day book names another generation. All days of a merchant switch in one
// statement, so readers see all of the old or all of the new. A day that is no longer as it was when it was counted (a
// seal with late events, another run) is refused, the merchant's other days with it, and counted again.

import type { RefusalReason, RunState, SwitchView } from "../core/replay.ts";
import { NO_RULES } from "../core/rules.ts";
import type { RunRecord } from "../core/seal-note.ts";
import { FORMER, IS_OPEN, IS_UNCHANGED, TO_UNIT, TOTALS_OF_UNITS, verdictsOf } from "../migrations/day-switch.ts";
import { database } from "../migrations/database.ts";
import type { Env } from "./env.ts";
import { forgetRun, rememberRun } from "./run-records.ts";

/** Merchants are switched one after the other; a request stops after this long and says how many are still to come. */
const SWITCHING_MS_MAX = 10_000;

interface Judged {
  date: string;
  shard: number;
  /** Null: it can be switched. */
  refusal: RefusalReason | "skipped" | null;
}

/** A JSON column of what was written over. */
const orNull = (name: string): string =>
  `CASE WHEN json_typeof(u.former -> '${name}') <> 'null' THEN u.former -> '${name}' END`;

/** The day book's rows of a merchant's units, locked: nobody changes them between the judgement and the switch. */
const LOCKED = `units AS MATERIALIZED (
    SELECT * FROM replay_units WHERE run = $1 AND merchant = $2
  ), book AS MATERIALIZED (
    SELECT b.* FROM day_book b JOIN units u ON (b.date, b.merchant, b.shard) = (u.date, u.merchant, u.shard)
    ORDER BY b.date, b.shard FOR UPDATE OF b
  )`;

/** Counted as a preview, and the day goes on: the unit waits for its seal. */
const WAITS = `u.preview_at IS NOT NULL AND b.generation = 0 AND ${IS_OPEN}`;

/** $1 run, $2 merchant, $3 who, $4 whether days that could not be counted are left as they are: all shards of such a day. */
const APPLY = `WITH ${LOCKED}, skipped AS MATERIALIZED (
    SELECT date FROM units WHERE $4::boolean GROUP BY date HAVING bool_or(state = 'failed')
  ), judged AS MATERIALIZED (
    SELECT u.date, u.shard, CASE u.state WHEN 'queued' THEN 'unfinished' WHEN 'failed' THEN 'failed'
      ELSE CASE WHEN ${WAITS} THEN NULL WHEN u.preview_at IS NULL AND ${IS_UNCHANGED} THEN NULL
        WHEN b.generation = $1 THEN NULL ELSE 'changed' END END AS refusal
    FROM units u LEFT JOIN book b USING (date, shard) WHERE u.date NOT IN (SELECT date FROM skipped)
  ), fit AS (
    SELECT bool_and(refusal IS NULL) AS all_fit FROM judged
  ), switched AS (
    UPDATE day_book b SET ${TO_UNIT} FROM units u, fit
    WHERE all_fit AND u.preview_at IS NULL AND u.date NOT IN (SELECT date FROM skipped)
      AND b.generation <> $1 AND (b.date, b.merchant, b.shard) = (u.date, u.merchant, u.shard)
  ), noted AS (
    UPDATE replay_units u SET applied_at = now(), at_seal = u.preview_at IS NOT NULL,
      former = CASE WHEN u.preview_at IS NOT NULL THEN NULL WHEN b.generation = $1 THEN u.former ELSE ${FORMER} END
    FROM book b, fit WHERE all_fit AND u.run = $1 AND (u.date, u.merchant, u.shard) = (b.date, b.merchant, b.shard)
      AND u.date NOT IN (SELECT date FROM skipped)
  ), counted_again AS (
    UPDATE replay_units u SET state = 'queued', attempts = 0, sent_at = NULL FROM judged
    WHERE judged.refusal = 'changed' AND u.run = $1 AND u.merchant = $2 AND (u.date, u.shard) = (judged.date, judged.shard)
  ), audited AS (
    INSERT INTO audit_log (who, action, merchant, subject)
    SELECT $3, 'replay applied', $2, json_build_object('run', r.id, 'why', r.why, 'processing', r.processing,
      'days', (SELECT count(*) FROM judged), 'skipped', (SELECT coalesce(json_agg(date::text ORDER BY date), '[]') FROM skipped),
      'at_seal', (SELECT coalesce(json_agg(DISTINCT u.date::text), '[]') FROM units u JOIN judged USING (date) WHERE u.preview_at IS NOT NULL),
      'totals', ${TOTALS_OF_UNITS})
    FROM replay_runs r, fit WHERE r.id = $1 AND all_fit
  ) SELECT date::text, shard::float8, refusal FROM judged
    UNION ALL SELECT date::text, shard::float8, 'skipped' FROM units JOIN skipped USING (date) ORDER BY 1, 2`;

/** The rules that a day was counted by, as jsonb. */
const rulesIn = (countedAs: string): string =>
  `coalesce((${countedAs} -> 'rules')::jsonb, '${JSON.stringify(NO_RULES)}')`;

/**
 * $1 run, $2 merchant, $3 who. A day that a seal has counted again since, with late events, stays as it is, unless the run's
 * rules are in it: then it takes another run to be rid of them. A later run has to be rolled back first.
 */
const ROLL_BACK = `WITH ${LOCKED}, judged AS MATERIALIZED (
    SELECT u.date, u.shard, CASE WHEN u.former IS NOT NULL AND b.generation <> $1 AND (
      ${rulesIn("b.counted_as")} <> ${rulesIn("u.former -> 'counted_as'")} OR EXISTS (
        SELECT FROM replay_units later WHERE later.run = b.generation AND later.applied_at IS NOT NULL
          AND (later.merchant, later.date, later.shard) = ($2, u.date, u.shard))) THEN 'moved_on' END AS refusal
    FROM units u LEFT JOIN book b USING (date, shard) WHERE u.applied_at IS NOT NULL
  ), fit AS (
    SELECT bool_and(refusal IS NULL) AS all_fit FROM judged
  ), switched AS (
    UPDATE day_book b SET generation = (u.former ->> 'generation')::int, verdicts = ${verdictsOf("u.former -> 'verdicts'")},
      proven = (u.former ->> 'proven')::boolean, proof = u.former ->> 'proof',
      difference = ${orNull("difference")}, counted_as = ${orNull("counted_as")}, updated_at = now()
    FROM units u, fit
    WHERE all_fit AND b.generation = $1 AND (b.date, b.merchant, b.shard) = (u.date, u.merchant, u.shard)
  ), noted AS (
    UPDATE replay_units u SET applied_at = NULL, at_seal = false FROM fit WHERE all_fit AND u.run = $1 AND u.merchant = $2
  ), audited AS (
    INSERT INTO audit_log (who, action, merchant, subject)
    SELECT $3, 'replay rolled back', $2, json_build_object('run', $1::bigint, 'days', (SELECT count(*) FROM book WHERE generation = $1))
    FROM fit WHERE all_fit
  ) SELECT date::text, shard::float8, refusal FROM judged ORDER BY date, shard`;

/** Of a unit `u`: a day of its merchant that could not be counted. */
const IS_SKIPPED = `EXISTS (SELECT FROM replay_units f
  WHERE f.run = u.run AND f.merchant = u.merchant AND f.date = u.date AND f.state = 'failed')`;

const SWITCHES = {
  apply: { statement: APPLY, after: "applied", pending: "u.applied_at IS NULL" },
  rollback: { statement: ROLL_BACK, after: "rolled_back", pending: "u.applied_at IS NOT NULL" },
} as const;

const MERCHANTS_AT_ONCE = 200;

export interface Switch {
  way: keyof typeof SWITCHES;
  who: string;
  /** Apply the run without the days that could not be counted. */
  skipFailed: boolean;
}

/** Switches as many merchants as fit into a request. Asked again, it goes on. */
export async function switchRun(env: Env, run: number, how: Switch): Promise<SwitchView> {
  const view = await switchMerchants(env, run, how);
  if (view.state === "rolled_back") await rememberRun(env, run, "rolled_back", []);
  else if (view.state === "counting") await forgetRun(env, run);
  else if (view.remaining <= 0) await rememberRun(env, run, "applied", await notApplied(env, run));
  return view;
}

async function notApplied(env: Env, run: number): Promise<RunRecord["skipped"]> {
  const rows = await database(
    env,
  )`SELECT DISTINCT merchant, date::text FROM replay_units WHERE run = ${run} AND applied_at IS NULL`;
  return rows as RunRecord["skipped"];
}

async function switchMerchants(env: Env, run: number, { way, who, skipFailed }: Switch): Promise<SwitchView> {
  const sql = database(env);
  const { statement, after } = SWITCHES[way];
  const pending = skipFailed ? `${SWITCHES[way].pending} AND NOT ${IS_SKIPPED}` : SWITCHES[way].pending;
  await sql`UPDATE replay_runs SET state = 'applying' WHERE id = ${run}`;
  if (way === "apply") await rememberRun(env, run, "applied", []);
  const startedMs = Date.now();
  const so = {
    after,
    pending,
    switched: 0,
    refused: [] as SwitchView["refused"],
    skipped: [] as SwitchView["skipped"],
  };
  for (let last = ""; ;) {
    const rows = await sql.query(
      `SELECT DISTINCT merchant FROM replay_units u WHERE run = $1 AND merchant > $2 AND ${pending} ORDER BY merchant LIMIT $3`,
      [run, last, MERCHANTS_AT_ONCE],
    );
    const merchants = rows.map(({ merchant }) => merchant as string);
    for (const merchant of merchants) {
      if (Date.now() - startedMs > SWITCHING_MS_MAX) return standing(env, run, so);
      const parameters = [run, merchant, who, ...(way === "apply" ? [skipFailed] : [])];
      const judged = (await sql.query(statement, parameters)) as Judged[];
      const refusal = refusalOf(merchant, judged);
      if (refusal === null) so.switched++;
      else so.refused.push(refusal);
      const skipped = judged
        .filter(({ refusal: why }) => why === "skipped")
        .map(({ date, shard }) => ({ date, shard }));
      if (skipped.length > 0) so.skipped.push({ merchant, days: skipped });
    }
    if (merchants.length < MERCHANTS_AT_ONCE) return standing(env, run, so);
    last = merchants.at(-1)!;
  }
}

const GRAVEST: readonly RefusalReason[] = ["failed", "moved_on", "changed", "unfinished"];

function refusalOf(merchant: string, judged: readonly Judged[]): SwitchView["refused"][number] | null {
  const reason = GRAVEST.find((each) => judged.some(({ refusal }) => refusal === each));
  if (reason === undefined) return null;
  const days = judged.filter(({ refusal }) => refusal === reason).map(({ date, shard }) => ({ date, shard }));
  return { merchant, reason, days };
}

type Soon = Pick<SwitchView, "switched" | "refused" | "skipped"> & { after: RunState; pending: string };

/** How the run stands now: its end is noted when no merchant is left. */
async function standing(
  env: Env,
  run: number,
  { switched, refused, skipped, after, pending }: Soon,
): Promise<SwitchView> {
  const stamp = after === "applied" ? "applied_at" : "rolled_back_at";
  const [row] = await database(env).query(
    `WITH units AS MATERIALIZED (
      SELECT count(DISTINCT merchant) FILTER (WHERE ${pending})::float8 AS remaining,
        bool_or(applied_at IS NOT NULL) AS some_applied, bool_or(state = 'queued') AS some_queued
      FROM replay_units u WHERE run = $1
    ) UPDATE replay_runs SET
      state = CASE WHEN remaining = 0 THEN $2 WHEN some_applied THEN 'applying' ELSE 'counting' END,
      ${stamp} = CASE WHEN remaining = 0 THEN now() ELSE ${stamp} END,
      finished_at = CASE WHEN some_queued THEN NULL ELSE finished_at END
    FROM units WHERE id = $1 RETURNING remaining, state`,
    [run, after],
  );
  const { remaining, state } = row as { remaining: number; state: RunState };
  return { run, state, switched, remaining: remaining - refused.length, refused, skipped };
}
