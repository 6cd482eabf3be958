// Of which merchant, or of which organisation, something is asked that only their admins and owners may see or do.

import type { Context } from "hono";
import { fail, ok, type Result } from "../core/result.ts";
import { database } from "../migrations/database.ts";
import { permitsAt } from "./access.ts";
import { refuse } from "./accounts-body.ts";
import { readConfig } from "./merchants.ts";
import { type Bound, forbidden, refusedIn } from "./organisations.ts";

export interface Whose {
  /** Null: nobody's but the operator's. */
  organisation: string | null;
  /** Null: all of the organisation. */
  merchant: string | null;
}

/** Of the merchant or organisation that is named, if the asker may say what opens it. */
export async function whoseOf(
  c: Context<Bound>,
  { merchant, organisation }: { merchant?: string | undefined; organisation?: string | undefined } = c.req.query(),
): Promise<Result<Whose, Response>> {
  if (merchant !== undefined && organisation === undefined) {
    const config = await readConfig(c.env, merchant);
    const access = c.get("access");
    if (config === null || !permitsAt(access, merchant, config.organisation, "read"))
      return fail(refuse(c, 404, "unknown_merchant", "There is no such merchant.", "#/merchant"));
    if (!permitsAt(access, merchant, config.organisation, "configure")) return fail(forbidden(c));
    return ok({ merchant, organisation: config.organisation });
  }
  if (organisation === undefined || merchant !== undefined)
    return fail(refuse(c, 400, "missing", "Say of which merchant or of which organisation, one of them."));
  const refusal = refusedIn(c, organisation, "configure");
  if (refusal !== null) return fail(refusal);
  const [row] = await database(c.env)`SELECT id FROM organisations WHERE id = ${organisation}`;
  if (row !== undefined) return ok({ merchant: null, organisation });
  return fail(refuse(c, 404, "unknown_organisation", "There is no such organisation.", "#/organisation"));
}
