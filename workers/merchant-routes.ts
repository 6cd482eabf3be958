// What the routes of one merchant's configuration have in common: the merchant, if the asker may do this to it; the body;
// and who it is, for the record.

import type { Context } from "hono";
import type { Merchant } from "../core/merchant.ts";
import { fail, ok, type Result } from "../core/result.ts";
import { writesNul } from "../core/text.ts";
import { type Action, type Guarded, nameOf, permits } from "./access.ts";
import { NO_NUL, refuse, unavailable } from "./accounts-body.ts";
import { readJson } from "./body.ts";
import type { Env } from "./env.ts";
import type { FindMerchant } from "./merchants.ts";

export type Bound = { Bindings: Env; Variables: Guarded };

const WHO_CHARS_MAX = 200;

/** Whoever may not know of a merchant hears the same as of one that there is not. */
export async function permitted(
  c: Context<Bound>,
  find: FindMerchant,
  action: Action,
): Promise<Result<Merchant, Response>> {
  const access = c.get("access");
  const merchant = await find(c.env, c.req.param("id") ?? "");
  if (merchant === null || !(await permits(access, merchant.id, "report")))
    return fail(refuse(c, 404, "unknown_merchant", "There is no such merchant."));
  if (await permits(access, merchant.id, action)) return ok(merchant);
  return fail(refuse(c, 403, "forbidden", "Your role does not allow this."));
}

/** An object with none but these keys; what is none, or no JSON, is refused. */
export async function fieldsOf(
  c: Context<Bound>,
  keys: readonly string[],
): Promise<Result<Record<string, unknown>, Response>> {
  const body = await readJson(c.req.raw);
  if (!body.ok) {
    const { status, reason, message } = body.failure;
    return fail(refuse(c, status === 413 ? 413 : 400, reason, message));
  }
  const fields = body.value;
  if (typeof fields !== "object" || fields === null || Array.isArray(fields))
    return fail(refuse(c, 400, "invalid", "Send a JSON object."));
  if (writesNul(JSON.stringify(fields))) return fail(refuse(c, 400, "invalid", NO_NUL));
  const unknown = Object.keys(fields).find((key) => !keys.includes(key));
  if (unknown === undefined) return ok(fields as Record<string, unknown>);
  const message = keys.length === 0 ? "Nothing is asked for here." : `One of: ${keys.join(", ")}.`;
  return fail(refuse(c, 400, "unknown_key", message, `#/${unknown.slice(0, 64)}`));
}

/** Of the operator, who is several people, what they say. */
export function whoOf(c: Context<Bound>, said: unknown): string {
  const access = c.get("access");
  if (access.kind !== "operator" || typeof said !== "string" || said.trim() === "") return nameOf(access);
  return said.trim().slice(0, WHO_CHARS_MAX);
}

/** What a handler throws is Postgres, KV or an object out of reach. */
export const orUnavailable =
  (handle: (c: Context<Bound>) => Promise<Response>) =>
  async (c: Context<Bound>): Promise<Response> => {
    try {
      return await handle(c);
    } catch (error) {
      console.warn(JSON.stringify({ event: "configuration_unavailable", path: c.req.path, error: String(error) }));
      return unavailable(c);
    }
  };
