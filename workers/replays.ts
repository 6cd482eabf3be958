// Replays for ops: POST / starts a run, GET / lists all kinds of runs, GET /:id says how one stands, GET /:id/diff what it would
// change; POST /:id/apply, /rollback, /cancel, /resume. To be mounted at /api/ops/replays behind the guard.

import { Hono, type Context } from "hono";
import type { RunState } from "../core/replay.ts";
import type { FindMerchant } from "./merchants.ts";
import { differenceOf } from "./replay-difference.ts";
import { cancelRun, listRuns, readRun, stateOf } from "./replay-store.ts";
import { switchRun } from "./replay-switch.ts";
import { goOn } from "./replay-units.ts";
import { bodyOf, type Bound, idOf, isRecord, noSuchRun, refused, smallBody, startRun, whoOf } from "./run-request.ts";

const RUNS_SHOWN = 50;
const ROWS_SHOWN = 50;
const ROWS_SHOWN_MAX = 10_000;

export const replayRoutes = (find: FindMerchant): Hono<Bound> => {
  const app = new Hono<Bound>();
  app.post("/", smallBody, (c) => startRun(c, find, "replay"));
  app.get("/", async (c) => c.json({ runs: await listRuns(c.env, RUNS_SHOWN) }));
  app.get("/:id", async (c) => {
    const run = await readRun(c.env, idOf(c));
    return run === null ? noSuchRun(c) : c.json(run);
  });
  app.get("/:id/diff", async (c) => {
    const limit = Number(c.req.query("limit") ?? ROWS_SHOWN);
    if (!Number.isInteger(limit) || limit < 0 || limit > ROWS_SHOWN_MAX)
      return refused(c, 400, { pointer: "#/limit", reason: "invalid", message: `limit: 0 to ${ROWS_SHOWN_MAX}.` });
    const run = idOf(c);
    if ((await stateOf(c.env, run)) === null) return noSuchRun(c);
    const { dimension = null, measure = null } = c.req.query();
    return c.json(await differenceOf(c.env, run, { limit, dimension, measure }));
  });
  app.post("/:id/resume", async (c) => {
    const run = idOf(c);
    if ((await stateOf(c.env, run)) === null) return noSuchRun(c);
    return c.json({ run, sent: await goOn(c.env, run) });
  });
  app.post("/:id/apply", (c) => switchTo(c, "apply", ["counting", "applying", "rolled_back"]));
  app.post("/:id/rollback", (c) => switchTo(c, "rollback", ["applying", "applied"]));
  app.post("/:id/cancel", async (c) => {
    const run = idOf(c);
    const found = await stateOf(c.env, run);
    if (found === null) return noSuchRun(c);
    const who = whoOf(await bodyOf(c));
    if (!who.ok) return refused(c, 400, who.failure);
    if (found.kind === "erasure") return wrongState(c, "cancelled", found.kind);
    if (await cancelRun(c.env, run, who.value)) return c.json({ run, state: "cancelled" });
    return wrongState(c, "cancelled", found.state);
  });
  return app;
};

async function switchTo(c: Context<Bound>, way: "apply" | "rollback", from: readonly RunState[]): Promise<Response> {
  const run = idOf(c);
  const found = await stateOf(c.env, run);
  if (found === null) return noSuchRun(c);
  const body = await bodyOf(c);
  const who = whoOf(body);
  if (!who.ok) return refused(c, 400, who.failure);
  const skipFailed = isRecord(body) ? (body["skip_failed"] ?? false) : false;
  if (typeof skipFailed !== "boolean")
    return refused(c, 400, { pointer: "#/skip_failed", reason: "invalid", message: "true or false." });
  const done = way === "apply" ? "applied" : "rolled back";
  if (!from.includes(found.state)) return wrongState(c, done, found.state);
  if (found.dropped) return wrongState(c, done, "dropped");
  if (!found.listed) return wrongState(c, done, "being listed");
  // An audit has no numbers of its own, before a rebuild there were none, and an erasure is for good.
  if (found.kind === "audit" || found.kind === "erasure" || (found.kind === "rebuild" && way === "rollback"))
    return wrongState(c, done, found.kind);
  const view = await switchRun(c.env, run, { way, who: who.value, skipFailed: skipFailed && way === "apply" });
  // Those that changed meanwhile are counted again.
  if (view.refused.some(({ reason }) => reason === "changed")) await goOn(c.env, run);
  return c.json(view, view.refused.length === 0 ? 200 : 409);
}

const wrongState = (c: Context<Bound>, done: string, state: string) =>
  refused(c, 409, { pointer: "#", reason: "wrong_state", message: `A run that is ${state} cannot be ${done}.` });
