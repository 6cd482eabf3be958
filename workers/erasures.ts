// /api/v1/merchants/:id/erasures: POST { user } takes everything that came of a visitor with that supplied id out of the events
// and numbers, for good; GET says which have been asked for, GET /:run how one stands. To be mounted at /api/v1/merchants
// behind the guard.

import { Hono, type Context } from "hono";
import { USER_CHARS_MAX } from "../core/limits.ts";
import { textOf } from "../core/rules-fault.ts";
import { clean } from "../core/text.ts";
import { refuse } from "./accounts-body.ts";
import { createErasure, readErasures } from "./erasure-store.ts";
import { type Bound, fieldsOf, orUnavailable, permitted, whoOf } from "./merchant-routes.ts";
import type { FindMerchant } from "./merchants.ts";
import { goOn } from "./replay-units.ts";
import { identifiedVisitor } from "./visitor.ts";

const SHOWN = 100;
const WHY_CHARS_MAX = 1_000;

export const erasureRoutes = (find: FindMerchant): Hono<Bound> => {
  const app = new Hono<Bound>();
  const route = (handle: (c: Context<Bound>, find: FindMerchant) => Promise<Response>) =>
    orUnavailable((c) => handle(c, find));
  app.post("/:id/erasures", route(erase));
  app.get("/:id/erasures", route(list));
  app.get("/:id/erasures/:run", route(show));
  return app;
};

async function erase(c: Context<Bound>, find: FindMerchant): Promise<Response> {
  const merchant = await permitted(c, find, "configure");
  if (!merchant.ok) return merchant.failure;
  const fields = await fieldsOf(c, ["user", "why", "who"]);
  if (!fields.ok) return fields.failure;
  const { why, who } = fields.value;
  const user = userOf(fields.value["user"]);
  if (user === null)
    return refuse(c, 400, "invalid", `The id that was sent as "user": 1 to ${USER_CHARS_MAX} characters.`, "#/user");
  const visitor = await identifiedVisitor(c.env, merchant.value.id, user);
  const asked = { visitor, who: whoOf(c, who), why: textOf(why, WHY_CHARS_MAX) };
  const run = await createErasure(c.env, merchant.value, asked, Date.now());
  await goOn(c.env, run);
  const [view] = await readErasures(c.env, merchant.value, { run, limit: 1 });
  return c.json(view, 202);
}

/** As an event's is read. */
function userOf(value: unknown): string | null {
  const text = typeof value === "number" && Number.isFinite(value) ? String(value) : value;
  return typeof text === "string" && text !== "" && text.length <= USER_CHARS_MAX ? clean(text) : null;
}

async function list(c: Context<Bound>, find: FindMerchant): Promise<Response> {
  const merchant = await permitted(c, find, "configure");
  if (!merchant.ok) return merchant.failure;
  return c.json({ erasures: await readErasures(c.env, merchant.value, { run: null, limit: SHOWN }) });
}

async function show(c: Context<Bound>, find: FindMerchant): Promise<Response> {
  const merchant = await permitted(c, find, "configure");
  if (!merchant.ok) return merchant.failure;
  const run = Number(c.req.param("run"));
  const known = Number.isSafeInteger(run) && run > 0;
  const [view] = known ? await readErasures(c.env, merchant.value, { run, limit: 1 }) : [];
  return view === undefined ? refuse(c, 404, "unknown_erasure", "There is no such erasure.") : c.json(view);
}
