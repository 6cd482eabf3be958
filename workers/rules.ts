// /api/v1/merchants/:id/rules: a merchant's rules of processing, in versions. A new version reaches the edge within a minute and
// holds from the next local day on; a preview counts days that are past by rules, saved or not, as a run of a replay, which
// shows the difference and can be applied and rolled back. To be mounted at /api/v1/merchants behind the guard.

import { Hono, type Context } from "hono";
import { textOf } from "../core/rules-fault.ts";
import { readRules as parseRules, TOO_LARGE } from "../core/rules-reader.ts";
import { NO_RULES, type Rules, versionOf, withoutGoals } from "../core/rules.ts";
import { type SavedRulesView, viewOfRules } from "../core/rules-view.ts";
import { addDays, dayAt } from "../core/zone.ts";
import { refuse } from "./accounts-body.ts";
import { type Bound, fieldsOf, orUnavailable, permitted, whoOf } from "./merchant-routes.ts";
import { type FindMerchant, published, readConfig } from "./merchants.ts";
import { replayRoutes } from "./replays.ts";
import { parseReplay } from "./run-request.ts";
import { createRun, readRun } from "./replay-store.ts";
import { goOn } from "./replay-units.ts";
import { listVersions, readRules, type SavedRules, saveRules } from "./rules-store.ts";
import type { Env } from "./env.ts";

const HISTORY_SHOWN = 50;
const WHY_CHARS_MAX = 1_000;
const PUBLISH_ATTEMPTS = 4;
const PUBLISH_AGAIN_MS = 1_100;

export const rulesRoutes = (find: FindMerchant): Hono<Bound> => {
  const app = new Hono<Bound>();
  const replays = replayRoutes(find);
  const route = (handle: (c: Context<Bound>, find: FindMerchant) => Promise<Response>) =>
    orUnavailable((c) => handle(c, find));
  app.get("/:id/rules", route(show));
  app.put("/:id/rules", route(change));
  app.get("/:id/rules/versions/:version", route(showVersion));
  app.post("/:id/rules/preview", route(preview));
  const run = (path: string, method: "GET" | "POST") => orUnavailable((c) => ofRun(c, find, replays, path, method));
  app.get("/:id/rules/runs/:run", run("", "GET"));
  app.get("/:id/rules/runs/:run/diff", run("/diff", "GET"));
  for (const way of ["apply", "rollback", "cancel", "resume"])
    app.post(`/:id/rules/runs/:run/${way}`, run(`/${way}`, "POST"));
  return app;
};

async function show(c: Context<Bound>, find: FindMerchant): Promise<Response> {
  const merchant = await permitted(c, find, "read");
  if (!merchant.ok) return merchant.failure;
  const [saved, history] = await Promise.all([
    readRules(c.env, merchant.value.id),
    listVersions(c.env, merchant.value.id, HISTORY_SHOWN),
  ]);
  c.header("etag", tagOf(saved));
  return c.json({ ...viewOf(saved), history });
}

async function showVersion(c: Context<Bound>, find: FindMerchant): Promise<Response> {
  const merchant = await permitted(c, find, "read");
  if (!merchant.ok) return merchant.failure;
  const version = Number(c.req.param("version"));
  const saved =
    version >= 1 && version < 2 ** 31 ? await readRules(c.env, merchant.value.id, Math.floor(version)) : null;
  if (saved === null) return refuse(c, 404, "unknown_version", "There is no such version.");
  return c.json(viewOf(saved));
}

/** Whoever changes rules says which version they have seen, so that two who do it at once do not undo each other. */
async function change(c: Context<Bound>, find: FindMerchant): Promise<Response> {
  const merchant = await permitted(c, find, "configure");
  if (!merchant.ok) return merchant.failure;
  const fields = await fieldsOf(c, ["rules", "version", "why", "who"]);
  if (!fields.ok) return fields.failure;
  const { rules: sent, version, why, who } = fields.value;
  const rules = parseRules(sent, "#/rules");
  if (!rules.ok) return refuse(c, 400, rules.failure.reason, rules.failure.message, rules.failure.pointer);
  const seen = seenBy(c.req.header("if-match"), version);
  if (seen === null)
    return refuse(
      c,
      428,
      "version_needed",
      'Say which version you change: If-Match: "3", or "version": 3; 0 for none.',
    );
  const { id, zone } = merchant.value;
  const before = await readRules(c.env, id);
  const goals = before?.rules.goals;
  const saved = await saveRules(c.env, id, {
    seen,
    rules: { ...rules.value, ...(goals === undefined ? {} : { goals }) },
    who: whoOf(c, who),
    why: textOf(why, WHY_CHARS_MAX),
  });
  if (saved === "too_large") return refuse(c, 400, "invalid", TOO_LARGE, "#/rules");
  if (saved === "changed") {
    c.header("etag", tagOf(before));
    const message = `The rules have changed: look at version ${before?.version ?? 0} first.`;
    return refuse(c, 412, "changed", message, "#/version");
  }
  await publish(c.env, id);
  const now = await readRules(c.env, id, saved);
  c.header("etag", tagOf(now));
  return c.json({ ...viewOf(now), holds_from: addDays(dayAt(zone, Date.now()).date, 1) });
}

/**
 * To be called after rules or goals have been saved. KV takes one write a second for a key, and of two who write at once the
 * older may come last: whoever has written looks whether it was the newest.
 */
export async function publish(env: Env, merchant: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const config = await readConfig(env, merchant);
    try {
      await published(env, merchant, config);
      if (versionOf(config?.merchant.rules) === versionOf((await readRules(env, merchant))?.rules)) return;
    } catch (error) {
      if (attempt === PUBLISH_ATTEMPTS) throw error;
    }
    if (attempt === PUBLISH_ATTEMPTS) return;
    await scheduler.wait(PUBLISH_AGAIN_MS);
  }
}

/** Starts a run of the merchant's days; of the rules that are saved, where none are sent. Nothing changes for readers. */
async function preview(c: Context<Bound>, find: FindMerchant): Promise<Response> {
  const merchant = await permitted(c, find, "configure");
  if (!merchant.ok) return merchant.failure;
  const fields = await fieldsOf(c, ["rules", "from", "to", "why", "who"]);
  if (!fields.ok) return fields.failure;
  const { rules, from, to, why = "a preview of rules" } = fields.value;
  const { id } = merchant.value;
  const request = { merchants: [id], from, to, preview: true, why, who: whoOf(c, fields.value["who"]) };
  const parsed = parseReplay({ ...request, rules: rules ?? {} });
  if (!parsed.ok) return refuse(c, 400, parsed.failure.reason, parsed.failure.message, parsed.failure.pointer);
  const counted: Rules = rules === undefined ? await presentRules(c.env, id) : parsed.value.rules;
  const run = await createRun(c.env, "replay", { ...parsed.value, rules: counted });
  await goOn(c.env, run);
  return c.json(await readRun(c.env, run), 202);
}

const presentRules = async (env: Env, merchant: string): Promise<Rules> =>
  withoutGoals((await readRules(env, merchant))?.rules ?? NO_RULES);

/** Runs of this merchant alone, as ops has them. */
async function ofRun(
  c: Context<Bound>,
  find: FindMerchant,
  replays: ReturnType<typeof replayRoutes>,
  path: string,
  method: "GET" | "POST",
): Promise<Response> {
  const merchant = await permitted(c, find, method === "GET" ? "read" : "configure");
  if (!merchant.ok) return merchant.failure;
  const id = Number(c.req.param("run"));
  const run = Number.isSafeInteger(id) && id > 0 ? await readRun(c.env, id) : null;
  if (run?.kind !== "replay" || run.merchants?.length !== 1 || run.merchants[0] !== merchant.value.id)
    return refuse(c, 404, "unknown_run", "There is no such run.");
  if (method === "GET") return replays.request(`/${id}${path}${new URL(c.req.url).search}`, {}, c.env);
  const fields = await fieldsOf(c, ["who"]);
  if (!fields.ok) return fields.failure;
  const body = JSON.stringify({ who: whoOf(c, fields.value["who"]) });
  return replays.request(`/${id}${path}`, { method, body }, c.env);
}

const tagOf = (saved: SavedRules | null): string => `"${saved?.version ?? 0}"`;

function viewOf(saved: SavedRules | null): SavedRulesView {
  const { version = 0, who = null, why = null, at = null, rules = NO_RULES } = saved ?? {};
  return { version, who, why, at, rules: viewOfRules(rules) };
}

/** Null when neither says. */
function seenBy(ifMatch: string | undefined, version: unknown): number | null {
  const tag = /^(?:W\/)?"(\d{1,9})"$/.exec(ifMatch?.trim() ?? "")?.[1];
  if (tag !== undefined) return Number(tag);
  return typeof version === "number" && Number.isInteger(version) && version >= 0 && version < 2 ** 31 - 1
    ? version
    : null;
}
