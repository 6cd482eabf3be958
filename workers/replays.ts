// Replays for ops: POST / starts a run, GET / lists them, GET /:id says how one stands, GET /:id/diff what it would change;
// POST /:id/apply, /rollback, /cancel, /resume. To be mounted at /api/ops/replays behind the guard.

import { Hono, type Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { REPORT_DAYS_MAX } from "../core/limits.ts";
import type { RunState } from "../core/replay.ts";
import { fail, ok, type Result } from "../core/result.ts";
import { readRunRules } from "../core/rules-reader.ts";
import type { Env } from "./env.ts";
import type { FindMerchant } from "./merchants.ts";
import { differenceOf } from "./replay-difference.ts";
import { cancelRun, createRun, listRuns, readRun, type ReplayRequest, stateOf } from "./replay-store.ts";
import { switchRun } from "./replay-switch.ts";
import { goOn } from "./replay-units.ts";

type Bound = { Bindings: Env };

const BODY_BYTES_MAX = 262_144;
const MERCHANTS_MAX = 10_000;
const TEXT_CHARS_MAX = 1_000;
const RUNS_SHOWN = 50;
const ROWS_SHOWN = 50;
const ROWS_SHOWN_MAX = 10_000;

export interface Fault {
  /** A JSON pointer into the body. */
  pointer: string;
  reason: string;
  message: string;
}

export const replayRoutes = (find: FindMerchant): Hono<Bound> => {
  const app = new Hono<Bound>();
  app.post("/", bodyLimit({ maxSize: BODY_BYTES_MAX, onError: tooLarge }), (c) => start(c, find));
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
    if (await cancelRun(c.env, run, who.value)) return c.json({ run, state: "cancelled" });
    return wrongState(c, "cancelled", found.state);
  });
  return app;
};

async function start(c: Context<Bound>, find: FindMerchant): Promise<Response> {
  const request = parseReplay(await bodyOf(c));
  if (!request.ok) return refused(c, 400, request.failure);
  for (const [at, id] of (request.value.merchants ?? []).entries())
    if ((await find(c.env, id)) === null) {
      const fault = { pointer: `#/merchants/${at}`, reason: "unknown_merchant", message: "There is no such merchant." };
      return refused(c, 404, fault);
    }
  const run = await createRun(c.env, "replay", request.value);
  await goOn(c.env, run);
  return c.json(await readRun(c.env, run), 202);
}

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
  // An audit has no numbers of its own, and before a rebuild there were none.
  if (found.kind === "audit" || (found.kind === "rebuild" && way === "rollback"))
    return wrongState(c, done, found.kind);
  const view = await switchRun(c.env, run, { way, who: who.value, skipFailed: skipFailed && way === "apply" });
  // Those that changed meanwhile are counted again.
  if (view.refused.some(({ reason }) => reason === "changed")) await goOn(c.env, run);
  return c.json(view, view.refused.length === 0 ? 200 : 409);
}

/** Fails with what is wrong first. */
export function parseReplay(body: unknown): Result<ReplayRequest, Fault> {
  if (!isRecord(body)) return invalid("#", "Send a JSON object.");
  const { merchants, all, from, to, rules, preview = false, why } = body;
  const who = whoOf(body);
  if (!who.ok) return who;
  if (!isText(why)) return invalid("#/why", "Say why: it stays in the record.");
  if (!isDate(from)) return invalid("#/from", "A merchant-local date, YYYY-MM-DD.");
  if (!isDate(to)) return invalid("#/to", "A merchant-local date, YYYY-MM-DD.");
  const days = (Date.parse(to) - Date.parse(from)) / 86_400_000 + 1;
  if (days < 1 || days > REPORT_DAYS_MAX)
    return invalid("#/to", `1 to ${REPORT_DAYS_MAX} days, the last one included.`);
  if (typeof preview !== "boolean") return invalid("#/preview", "true or false.");
  const whose = whoseOf(merchants, all);
  if (!whose.ok) return whose;
  const counted = readRunRules(rules, "#/rules");
  if (!counted.ok) return counted;
  return ok({ merchants: whose.value, from, to, rules: counted.value, preview, who: who.value, why });
}

function whoseOf(merchants: unknown, all: unknown): Result<string[] | null, Fault> {
  if (all === true && merchants === undefined) return ok(null);
  if (all !== undefined && all !== false) return invalid("#/all", "Either all: true, or merchants.");
  const ids = Array.isArray(merchants) ? (merchants as unknown[]) : [];
  if (ids.length === 0 || ids.length > MERCHANTS_MAX || !ids.every((id) => typeof id === "string"))
    return invalid("#/merchants", `1 to ${MERCHANTS_MAX} merchants' ids, or all: true.`);
  return ok([...new Set(ids)]);
}

function whoOf(body: unknown): Result<string, Fault> {
  const who = isRecord(body) ? body["who"] : undefined;
  return isText(who) ? ok(who) : invalid("#/who", "Say who you are: it stays in the record.");
}

async function bodyOf(c: Context<Bound>): Promise<unknown> {
  try {
    return JSON.parse(await c.req.text()) as unknown;
  } catch {
    return null;
  }
}

/** 0, which no run has, for what is no id. */
const idOf = (c: Context<Bound>): number => {
  const id = Number(c.req.param("id"));
  return Number.isSafeInteger(id) && id > 0 ? id : 0;
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string =>
  typeof value === "string" && value.trim() !== "" && value.length <= TEXT_CHARS_MAX && !value.includes("\0");
const isDate = (value: unknown): value is string =>
  typeof value === "string" && /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value));

const invalid = (pointer: string, message: string) => fail<Fault>({ pointer, reason: "invalid", message });
const refused = (c: Context<Bound>, status: 400 | 404 | 409 | 413, error: Fault) => c.json({ error }, status);
const noSuchRun = (c: Context<Bound>) =>
  refused(c, 404, { pointer: "#", reason: "unknown_run", message: "There is no such run." });
const wrongState = (c: Context<Bound>, done: string, state: string) =>
  refused(c, 409, { pointer: "#", reason: "wrong_state", message: `A run that is ${state} cannot be ${done}.` });
const tooLarge = (c: Context<Bound>) =>
  refused(c, 413, { pointer: "#", reason: "too_large", message: `A replay takes ${BODY_BYTES_MAX} bytes at most.` });
