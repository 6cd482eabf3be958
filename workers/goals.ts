// /api/v1/merchants/:id/goals: a merchant's goals, by name. They are kept with the rules, so that each change is a version with
// who made it and when; reports look them up when they are asked. To be mounted at /api/v1/merchants behind the guard.

import { Hono, type Context } from "hono";
import type { Goal } from "../core/field.ts";
import { readGoal, wireGoal } from "../core/goals.ts";
import { GOALS_MAX } from "../core/limits.ts";
import { fail, ok, type Result } from "../core/result.ts";
import { TOO_LARGE } from "../core/rules-reader.ts";
import { NO_RULES } from "../core/rules.ts";
import { refuse } from "./accounts-body.ts";
import { type Bound, fieldsOf, orUnavailable, permitted, whoOf } from "./merchant-routes.ts";
import type { FindMerchant } from "./merchants.ts";
import { publish } from "./rules.ts";
import { readRules, saveRules } from "./rules-store.ts";

const KEYS = ["goal_type", "event_name", "page_path", "display_name", "value"];
/** Somebody else may change rules at the same moment. */
const ATTEMPTS = 5;

export const goalRoutes = (find: FindMerchant): Hono<Bound> => {
  const app = new Hono<Bound>();
  const route = (handle: (c: Context<Bound>, find: FindMerchant) => Promise<Response>) =>
    orUnavailable((c) => handle(c, find));
  app.get("/:id/goals", route(list));
  app.post("/:id/goals", route(create));
  app.put("/:id/goals/:name", route(replace));
  app.delete("/:id/goals/:name", route(remove));
  return app;
};

async function list(c: Context<Bound>, find: FindMerchant): Promise<Response> {
  const merchant = await permitted(c, find, "report");
  if (!merchant.ok) return merchant.failure;
  const saved = await readRules(c.env, merchant.value.id);
  return c.json({ goals: (saved?.rules.goals ?? []).map(wireGoal) });
}

async function create(c: Context<Bound>, find: FindMerchant): Promise<Response> {
  const merchant = await permitted(c, find, "configure");
  if (!merchant.ok) return merchant.failure;
  const goal = await goalOf(c);
  if (!goal.ok) return goal.failure;
  const { name } = goal.value;
  const answer = await changed(c, merchant.value.id, `goal ${name} made`, (goals) => {
    if (goals.length >= GOALS_MAX) return fail(refuse(c, 409, "too_many", `There may be ${GOALS_MAX} goals.`));
    if (goals.some((one) => one.name === name)) return fail(taken(c));
    return ok([...goals, goal.value]);
  });
  return answer ?? c.json(wireGoal(goal.value), 201);
}

async function replace(c: Context<Bound>, find: FindMerchant): Promise<Response> {
  const merchant = await permitted(c, find, "configure");
  if (!merchant.ok) return merchant.failure;
  const goal = await goalOf(c);
  if (!goal.ok) return goal.failure;
  const former = c.req.param("name");
  const answer = await changed(c, merchant.value.id, `goal ${former} changed`, (goals) => {
    const others = goals.filter(({ name }) => name !== former);
    if (others.length === goals.length) return fail(unknownGoal(c));
    if (others.some(({ name }) => name === goal.value.name)) return fail(taken(c));
    return ok(goals.map((one) => (one.name === former ? goal.value : one)));
  });
  return answer ?? c.json(wireGoal(goal.value));
}

async function remove(c: Context<Bound>, find: FindMerchant): Promise<Response> {
  const merchant = await permitted(c, find, "configure");
  if (!merchant.ok) return merchant.failure;
  const former = c.req.param("name");
  const answer = await changed(c, merchant.value.id, `goal ${former} removed`, (goals) => {
    const others = goals.filter(({ name }) => name !== former);
    return others.length === goals.length ? fail(unknownGoal(c)) : ok(others);
  });
  return answer ?? c.body(null, 204);
}

async function goalOf(c: Context<Bound>): Promise<Result<Goal, Response>> {
  const fields = await fieldsOf(c, KEYS);
  if (!fields.ok) return fields;
  const goal = readGoal(fields.value, "#");
  if (goal.ok) return goal;
  return fail(refuse(c, 400, goal.failure.reason, goal.failure.message, goal.failure.pointer));
}

/** Saves what becomes of the goals as a new version, unless it is refused: then the refusal. */
async function changed(
  c: Context<Bound>,
  merchant: string,
  why: string,
  become: (goals: readonly Goal[]) => Result<readonly Goal[], Response>,
): Promise<Response | null> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const before = await readRules(c.env, merchant);
    const { goals: former = [], ...rules } = before?.rules ?? NO_RULES;
    const goals = become(former);
    if (!goals.ok) return goals.failure;
    const kept = goals.value.length === 0 ? rules : { ...rules, goals: goals.value };
    const saved = await saveRules(c.env, merchant, {
      seen: before?.version ?? 0,
      rules: kept,
      who: whoOf(c, null),
      why,
    });
    if (saved === "too_large") return refuse(c, 400, "invalid", TOO_LARGE);
    if (saved === "changed") continue;
    await publish(c.env, merchant);
    return null;
  }
  return refuse(c, 409, "changed", "Somebody else is changing the rules. Try again.");
}

const taken = (c: Context<Bound>) =>
  refuse(c, 409, "exists", "There is a goal of this name already.", "#/display_name");
const unknownGoal = (c: Context<Bound>) => refuse(c, 404, "unknown_goal", "There is no goal of this name.");
