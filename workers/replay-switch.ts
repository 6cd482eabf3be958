// Applying a run and rolling it back: the day book names another generation. All days of a merchant switch in one
// statement, so readers see all of the old or all of the new. A day that is no longer as it was when it was counted (a
// seal with late events, another run) is refused, the merchant's other days with it, and counted again.

import type { RefusalReason, RunState, SwitchView } from "../core/replay.ts";
import { NO_RULES } from "../core/rules.ts";
import { database } from "../migrations/database.ts";
import type { Env } from "./env.ts";

/** Merchants are switched one after the other; a request stops after this long and says how many are still to come. */
const SWITCHING_MS_MAX = 10_000;

interface Judged {
  date: string;
  shard: number;
  /** Null: it can be switched. */
  refusal: RefusalReason | null;
}

/**
 * The verdicts of a day's events when it switches to other numbers. Late events are in none of them before the seal that
 * counts them: how many there are is what the book says now.
 */
const verdictsOf = (switched: string): string => `((${switched})::jsonb - 'late' || CASE WHEN b.verdicts::jsonb ? 'late'
  THEN jsonb_build_object('late', b.verdicts::jsonb -> 'late') ELSE '{}' END)::json`;

/** A JSON column of what was written over. */
const orNull = (name: string): string =>
  `CASE WHEN json_typeof(u.former -> '${name}') <> 'null' THEN u.former -> '${name}' END`;

/** Of a merchant's units: measure → [before, after], over all its days. */
const TOTALS_OF_UNITS = `(SELECT json_object_agg(key, json_build_array(before, after)) FROM (
  SELECT t.key, sum((t.value ->> 0)::numeric) AS before, sum((t.value ->> 1)::numeric) AS after
  FROM units, json_each(units.difference -> 'totals') AS t GROUP BY t.key) AS totals)`;

/** The day book's rows of a merchant's units, locked: nobody changes them between the judgement and the switch. */
const LOCKED = `units AS MATERIALIZED (
    SELECT * FROM replay_units WHERE run = $1 AND merchant = $2
  ), book AS MATERIALIZED (
    SELECT b.* FROM day_book b JOIN units u ON (b.date, b.merchant, b.shard) = (u.date, u.merchant, u.shard)
    ORDER BY b.date, b.shard FOR UPDATE OF b
  )`;

/** $1 run, $2 merchant, $3 who. */
const APPLY = `WITH ${LOCKED}, judged AS MATERIALIZED (
    SELECT u.date, u.shard, CASE u.state WHEN 'queued' THEN 'unfinished' WHEN 'failed' THEN 'failed'
      ELSE CASE WHEN b.generation = u.base_generation AND b.sealed_seq IS NOT DISTINCT FROM u.sealed_seq THEN NULL
        WHEN b.generation = $1 THEN NULL ELSE 'changed' END END AS refusal
    FROM units u LEFT JOIN book b USING (date, shard)
  ), fit AS (
    SELECT bool_and(refusal IS NULL) AS all_fit FROM judged
  ), switched AS (
    UPDATE day_book b SET generation = $1, verdicts = ${verdictsOf("u.verdicts")}, proven = true, proof = u.proof,
      difference = NULL, counted_as = u.counted_as, sealed_seq = u.through, sealed_at = coalesce(b.sealed_at, now()), updated_at = now()
    FROM units u, fit
    WHERE all_fit AND b.generation <> $1 AND (b.date, b.merchant, b.shard) = (u.date, u.merchant, u.shard)
  ), noted AS (
    UPDATE replay_units u SET applied_at = now(), former = CASE WHEN b.generation = $1 THEN u.former ELSE json_build_object(
      'generation', b.generation, 'verdicts', b.verdicts, 'proven', b.proven, 'proof', b.proof, 'difference', b.difference, 'counted_as', b.counted_as) END
    FROM book b, fit WHERE all_fit AND u.run = $1 AND (u.date, u.merchant, u.shard) = (b.date, b.merchant, b.shard)
  ), counted_again AS (
    UPDATE replay_units u SET state = 'queued', attempts = 0, sent_at = NULL FROM judged
    WHERE judged.refusal = 'changed' AND u.run = $1 AND u.merchant = $2 AND (u.date, u.shard) = (judged.date, judged.shard)
  ), audited AS (
    INSERT INTO audit_log (who, action, merchant, subject)
    SELECT $3, 'replay applied', $2, json_build_object('run', r.id, 'why', r.why, 'processing', r.processing,
      'days', (SELECT count(*) FROM units), 'totals', ${TOTALS_OF_UNITS})
    FROM replay_runs r, fit WHERE r.id = $1 AND all_fit
  ) SELECT date::text, shard::float8, refusal FROM judged ORDER BY date, shard`;

/** The rules that a day was counted by, as jsonb. */
const rulesIn = (countedAs: string): string =>
  `coalesce((${countedAs} -> 'rules')::jsonb, '${JSON.stringify(NO_RULES)}')`;

/**
 * $1 run, $2 merchant, $3 who. A day that a seal has counted again since, with late events, stays as it is, unless the run's
 * rules are in it: then it takes another run to be rid of them. A later run has to be rolled back first.
 */
const ROLL_BACK = `WITH ${LOCKED}, judged AS MATERIALIZED (
    SELECT u.date, u.shard, CASE WHEN b.generation <> $1 AND (
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
    UPDATE replay_units u SET applied_at = NULL FROM fit WHERE all_fit AND u.run = $1 AND u.merchant = $2
  ), audited AS (
    INSERT INTO audit_log (who, action, merchant, subject)
    SELECT $3, 'replay rolled back', $2, json_build_object('run', $1::bigint, 'days', (SELECT count(*) FROM book WHERE generation = $1))
    FROM fit WHERE all_fit
  ) SELECT date::text, shard::float8, refusal FROM judged ORDER BY date, shard`;

const SWITCHES = {
  apply: { statement: APPLY, after: "applied", pending: "applied_at IS NULL" },
  rollback: { statement: ROLL_BACK, after: "rolled_back", pending: "applied_at IS NOT NULL" },
} as const;

const MERCHANTS_AT_ONCE = 200;

/** Switches as many merchants as fit into a request. Asked again, it goes on. */
export async function switchRun(env: Env, run: number, way: keyof typeof SWITCHES, who: string): Promise<SwitchView> {
  const sql = database(env);
  const { statement, after, pending } = SWITCHES[way];
  await sql`UPDATE replay_runs SET state = 'applying' WHERE id = ${run}`;
  const startedMs = Date.now();
  const refused: SwitchView["refused"] = [];
  let switched = 0;
  for (let last = ""; ;) {
    const rows = await sql.query(
      `SELECT DISTINCT merchant FROM replay_units WHERE run = $1 AND merchant > $2 AND ${pending} ORDER BY merchant LIMIT $3`,
      [run, last, MERCHANTS_AT_ONCE],
    );
    const merchants = rows.map(({ merchant }) => merchant as string);
    for (const merchant of merchants) {
      if (Date.now() - startedMs > SWITCHING_MS_MAX) return standing(env, run, { switched, refused, after, pending });
      const judged = (await sql.query(statement, [run, merchant, who])) as Judged[];
      const refusal = refusalOf(merchant, judged);
      if (refusal === null) switched++;
      else refused.push(refusal);
    }
    if (merchants.length < MERCHANTS_AT_ONCE) return standing(env, run, { switched, refused, after, pending });
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

/** How the run stands now: its end is noted when no merchant is left. */
async function standing(
  env: Env,
  run: number,
  {
    switched,
    refused,
    after,
    pending,
  }: Pick<SwitchView, "switched" | "refused"> & { after: RunState; pending: string },
): Promise<SwitchView> {
  const stamp = after === "applied" ? "applied_at" : "rolled_back_at";
  const [row] = await database(env).query(
    `WITH units AS MATERIALIZED (
      SELECT count(DISTINCT merchant) FILTER (WHERE ${pending})::float8 AS remaining,
        bool_or(applied_at IS NOT NULL) AS some_applied, bool_or(state = 'queued') AS some_queued
      FROM replay_units WHERE run = $1
    ) UPDATE replay_runs SET
      state = CASE WHEN remaining = 0 THEN $2 WHEN some_applied THEN 'applying' ELSE 'counting' END,
      ${stamp} = CASE WHEN remaining = 0 THEN now() ELSE ${stamp} END,
      finished_at = CASE WHEN some_queued THEN NULL ELSE finished_at END
    FROM units WHERE id = $1 RETURNING remaining, state`,
    [run, after],
  );
  const { remaining, state } = row as { remaining: number; state: RunState };
  return { run, state, switched, remaining: remaining - refused.length, refused };
}
