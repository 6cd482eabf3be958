// How everything stands: GET /status, of one merchant (?merchant=) or of those with traffic lately and those with a day that is not
// as it should be, some at a time (?after=). To be mounted at /api/ops behind the guard. Postgres and R2 tell of all; only
// the objects of the merchants that are shown are asked.

import { Hono } from "hono";
import { LETTERS_PREFIX } from "../core/dead-letter.ts";
import type { Merchant } from "../core/merchant.ts";
import type { ShardStatus } from "../core/messages.ts";
import type { MerchantStanding, Standing, UnsettledDay } from "../core/standing.ts";
import { database } from "../migrations/database.ts";
import { refuse } from "./accounts-body.ts";
import type { Env } from "./env.ts";
import type { FindMerchant } from "./merchants.ts";
import { askShards } from "./shards.ts";

const MERCHANTS_SHOWN = 50;
const DAYS_SHOWN = 20;
const LETTERS_COUNTED = 1_000;

export const standingRoutes = (find: FindMerchant): Hono<{ Bindings: Env }> => {
  const app = new Hono<{ Bindings: Env }>();
  app.get("/status", async (c) => {
    const asked = c.req.query("merchant");
    if (asked !== undefined && (await find(c.env, asked)) === null)
      return refuse(c, 404, "unknown_merchant", "There is no such merchant.", "#/merchant");
    const after = c.req.query("after") ?? "";
    const [ids, whole, letters] = await Promise.all([
      asked === undefined ? lately(c.env, after) : [asked],
      readWhole(c.env),
      c.env.ARCHIVE.list({ prefix: LETTERS_PREFIX, limit: LETTERS_COUNTED }),
    ]);
    const standing: Standing = {
      at: new Date().toISOString(),
      dead_letters: letters.objects.length,
      letters_counted: LETTERS_COUNTED,
      ...whole,
      merchants: await Promise.all(ids.map((id) => readMerchant(c.env, find, id))),
      next: asked === undefined && ids.length === MERCHANTS_SHOWN ? ids.at(-1)! : null,
    };
    return c.json(standing);
  });
  return app;
};

/** In the order of their ids, those after `after`. */
async function lately(env: Env, after: string): Promise<string[]> {
  const rows = await database(env)`
    SELECT merchant FROM day_book WHERE merchant > ${after} AND (
      date >= current_date - 1 OR sealed_at IS NULL OR proven = false OR stale_seq IS NOT NULL)
    GROUP BY merchant ORDER BY merchant LIMIT ${MERCHANTS_SHOWN}`;
  return rows.map(({ merchant }) => merchant as string);
}

/** A day of whatever zone is over for a day when its date is two days back. */
const STATE = `CASE WHEN proven = false THEN 'unproven' WHEN sealed_at IS NULL THEN 'open' ELSE 'stale' END`;
const UNSETTLED = `(sealed_at IS NULL AND date < current_date - 1 OR proven = false OR stale_seq IS NOT NULL)`;

async function readWhole(env: Env): Promise<Pick<Standing, "days" | "runs_under_way">> {
  const sql = database(env);
  const [states, runs] = await Promise.all([
    sql.query(`SELECT ${STATE} AS state, count(*)::float8 AS n FROM day_book WHERE ${UNSETTLED} GROUP BY 1`),
    sql`SELECT id::float8 FROM replay_runs WHERE finished_at IS NULL AND state = 'counting' OR state = 'applying' ORDER BY id`,
  ]);
  const countOf = (name: string): number => (states.find(({ state }) => state === name)?.["n"] as number) ?? 0;
  return {
    days: { open: countOf("open"), unproven: countOf("unproven"), stale: countOf("stale") },
    runs_under_way: runs.map(({ id }) => id as number),
  };
}

async function readMerchant(env: Env, find: FindMerchant, id: string): Promise<MerchantStanding> {
  const sql = database(env);
  const [[newest], unsettled, merchant] = await Promise.all([
    sql`SELECT to_char(max(updated_at) AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at FROM day_book
      WHERE merchant = ${id} AND date >= current_date - 7`,
    sql.query(
      `SELECT merchant, date::text, shard::float8, ${STATE} AS state, difference FROM day_book
      WHERE merchant = $1 AND ${UNSETTLED} ORDER BY date DESC, shard LIMIT $2`,
      [id, DAYS_SHOWN],
    ),
    find(env, id),
  ]);
  return {
    merchant: id,
    published_at: (newest?.["at"] as string | null | undefined) ?? null,
    shards: merchant === null ? null : await statusesOf(env, merchant),
    unsettled: unsettled as UnsettledDay[],
  };
}

/** Null when one of them does not answer. */
async function statusesOf(env: Env, merchant: Merchant): Promise<ShardStatus[] | null> {
  try {
    return await askShards(env, merchant, (shard) => shard.status());
  } catch (error) {
    console.warn(`status: a shard of ${merchant.id} did not answer: ${String(error)}`);
    return null;
  }
}
