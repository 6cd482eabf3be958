// Audits for ops: POST / starts one over a range of days, GET /:id says what it has found, days that differ first. An audit is a
// run whose units change nothing; GET, resume and cancel of any run (workers/replays.ts) are for audits too. To be mounted at
// /api/ops/audits behind the guard.

import { Hono } from "hono";
import type { AuditView, AuditedDay } from "../core/audit.ts";
import { database } from "../migrations/database.ts";
import type { Env } from "./env.ts";
import type { FindMerchant } from "./merchants.ts";
import { readRun } from "./replay-store.ts";
import { type Bound, idOf, noSuchRun, refused, smallBody, startRun } from "./run-request.ts";

const DAYS_SHOWN = 1_000;
const DAYS_SHOWN_MAX = 10_000;

export const auditRoutes = (find: FindMerchant): Hono<Bound> => {
  const app = new Hono<Bound>();
  app.post("/", smallBody, (c) => startRun(c, find, "audit"));
  app.get("/:id", async (c) => {
    const limit = Number(c.req.query("limit") ?? DAYS_SHOWN);
    if (!Number.isInteger(limit) || limit < 0 || limit > DAYS_SHOWN_MAX)
      return refused(c, 400, { pointer: "#/limit", reason: "invalid", message: `limit: 0 to ${DAYS_SHOWN_MAX}.` });
    const view = await readAudit(c.env, idOf(c), limit);
    return view === null ? noSuchRun(c) : c.json(view);
  });
  return app;
};

/** Null when no audit has the number. */
async function readAudit(env: Env, id: number, limit: number): Promise<AuditView | null> {
  const sql = database(env);
  const [run, [counts], days] = await Promise.all([
    readRun(env, id),
    sql`SELECT (count(*) FILTER (WHERE findings::text = '[]'))::float8 AS proven,
      (count(*) FILTER (WHERE findings::text <> '[]'))::float8 AS differing FROM replay_units WHERE run = ${id} AND state = 'done'`,
    sql`SELECT merchant, date::text, shard::float8, rows::float8, findings FROM replay_units
      WHERE run = ${id} AND state = 'done' ORDER BY findings::text = '[]', merchant, date, shard LIMIT ${limit}`,
  ]);
  if (run?.kind !== "audit") return null;
  const { proven, differing } = counts as Pick<AuditView, "proven" | "differing">;
  return { run, proven, differing, days: days as AuditedDay[] };
}
