// What is sent to start a run, of whatever kind, and to change one: read, judged, and refused in one form.

import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { REPORT_DAYS_MAX } from "../core/limits.ts";
import type { RunKind } from "../core/replay.ts";
import { fail, ok, type Result } from "../core/result.ts";
import { readRunRules } from "../core/rules-reader.ts";
import type { Env } from "./env.ts";
import type { FindMerchant } from "./merchants.ts";
import { passRememberedRuns } from "./rebuild-store.ts";
import { createRun, readRun, type ReplayRequest } from "./replay-store.ts";
import { goOn } from "./replay-units.ts";

export type Bound = { Bindings: Env };

const BODY_BYTES_MAX = 262_144;
const MERCHANTS_MAX = 10_000;
const TEXT_CHARS_MAX = 1_000;

export interface Fault {
  /** A JSON pointer into the body. */
  pointer: string;
  reason: string;
  message: string;
}

/** Whatever day R2 may have. */
const EVER = { from: "1970-01-01", to: "2999-12-31" };

/** Makes the run that is asked for and begins with it: 202 and how it stands. */
export async function startRun(c: Context<Bound>, find: FindMerchant, kind: RunKind): Promise<Response> {
  const sent = await bodyOf(c);
  // Audits and rebuilds count each day by its own rules, and there is nothing to look at before they are done.
  const asked = kind === "replay" || !isRecord(sent) ? sent : { ...sent, preview: false, rules: undefined };
  const request =
    kind === "rebuild" && isRecord(asked) ? parseReplay({ ...EVER, ...asked }, Infinity) : parseReplay(asked);
  if (!request.ok) return refused(c, 400, request.failure);
  // Postgres may have lost its merchants: a rebuild puts them back.
  if (kind !== "rebuild")
    for (const [at, id] of (request.value.merchants ?? []).entries())
      if ((await find(c.env, id)) === null) {
        const message = "There is no such merchant.";
        return refused(c, 404, { pointer: `#/merchants/${at}`, reason: "unknown_merchant", message });
      }
  if (kind === "rebuild") await passRememberedRuns(c.env);
  const run = await createRun(c.env, kind, request.value);
  await goOn(c.env, run);
  return c.json(await readRun(c.env, run), 202);
}

/** Fails with what is wrong first. */
export function parseReplay(body: unknown, daysMax = REPORT_DAYS_MAX): Result<ReplayRequest, Fault> {
  if (!isRecord(body)) return invalid("#", "Send a JSON object.");
  const { merchants, all, from, to, rules, preview = false, why } = body;
  const who = whoOf(body);
  if (!who.ok) return who;
  if (!isText(why)) return invalid("#/why", "Say why: it stays in the record.");
  if (!isDate(from)) return invalid("#/from", "A merchant-local date, YYYY-MM-DD.");
  if (!isDate(to)) return invalid("#/to", "A merchant-local date, YYYY-MM-DD.");
  const days = (Date.parse(to) - Date.parse(from)) / 86_400_000 + 1;
  if (days < 1 || days > daysMax) return invalid("#/to", `1 to ${daysMax} days, the last one included.`);
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

export function whoOf(body: unknown): Result<string, Fault> {
  const who = isRecord(body) ? body["who"] : undefined;
  return isText(who) ? ok(who) : invalid("#/who", "Say who you are: it stays in the record.");
}

export async function bodyOf(c: Context<Bound>): Promise<unknown> {
  try {
    return JSON.parse(await c.req.text()) as unknown;
  } catch {
    return null;
  }
}

/** 0, which no run has, for what is no id. */
export const idOf = (c: Context<Bound>): number => {
  const id = Number(c.req.param("id"));
  return Number.isSafeInteger(id) && id > 0 ? id : 0;
};

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string =>
  typeof value === "string" && value.trim() !== "" && value.length <= TEXT_CHARS_MAX && !value.includes("\0");
const isDate = (value: unknown): value is string =>
  typeof value === "string" && /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value));

const invalid = (pointer: string, message: string) => fail<Fault>({ pointer, reason: "invalid", message });
export const refused = (c: Context<Bound>, status: 400 | 404 | 409, error: Fault) => c.json({ error }, status);
export const noSuchRun = (c: Context<Bound>) =>
  refused(c, 404, { pointer: "#", reason: "unknown_run", message: "There is no such run." });
const tooLarge = (c: Context) =>
  c.json({ error: { pointer: "#", reason: "too_large", message: `At most ${BODY_BYTES_MAX} bytes.` } }, 413);

export const smallBody: MiddlewareHandler = bodyLimit({ maxSize: BODY_BYTES_MAX, onError: tooLarge });
