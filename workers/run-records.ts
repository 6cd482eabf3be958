// What R2 remembers of runs that were applied: their rules and their days, one small object a run. Postgres says the same as long
// as there is one; this is for the day when it has been lost.

import type { RunRecord } from "../core/seal-note.ts";
import { database } from "../migrations/database.ts";
import type { Env } from "./env.ts";

const PREFIX = "runs/";
const keyOf = (run: number): string => `${PREFIX}run-${String(run).padStart(12, "0")}.json`;

/** Replaces what was remembered of the run. `skipped`: days that it is applied without. */
export async function rememberRun(
  env: Env,
  run: number,
  state: RunRecord["state"],
  skipped: RunRecord["skipped"],
): Promise<void> {
  const [row] = await database(env)`
    SELECT id::float8 AS run, merchants, date_from::text AS "from", date_to::text AS "to", rules FROM replay_runs WHERE id = ${run}`;
  const record = { ...(row as Omit<RunRecord, "state" | "atMs" | "skipped">), state, atMs: Date.now(), skipped };
  await env.ARCHIVE.put(keyOf(run), JSON.stringify(record satisfies RunRecord));
}

export async function forgetRun(env: Env, run: number): Promise<void> {
  await env.ARCHIVE.delete(keyOf(run));
}

/** By number. */
export async function rememberedRuns(env: Env): Promise<RunRecord[]> {
  const records: RunRecord[] = [];
  let cursor: string | undefined;
  do {
    const page = await env.ARCHIVE.list({ prefix: PREFIX, ...(cursor === undefined ? {} : { cursor }) });
    for (const { key } of page.objects) {
      const object = await env.ARCHIVE.get(key);
      if (object !== null) records.push(await object.json<RunRecord>());
    }
    cursor = page.truncated ? page.cursor : undefined;
  } while (cursor !== undefined);
  return records;
}
