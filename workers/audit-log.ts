// The record of who changed what: merchants, members, invitations, rules, tokens, links, segments, annotations, replays. An entry is a part of the statement that
// makes the change, so there is none without the other. It names people who act by their address, others by their ids alone, and
// holds no secret.

import type { UnsafeRawSql } from "@neondatabase/serverless";
import type { Context } from "hono";
import type { Merchant } from "../core/merchant.ts";
import { database } from "../migrations/database.ts";
import { type Guarded, nameOf } from "./access.ts";
import type { Env } from "./env.ts";
import { findConfig } from "./merchants.ts";

export type AuditAction =
  | `merchant ${"made" | "changed" | "deleted" | "given away"}`
  | `organisation ${"made" | "renamed" | "deleted"}`
  | `member ${"added" | "changed" | "removed"}`
  | `invitation ${"made" | "withdrawn"}`
  | `token ${"made" | "replaced" | "revoked"}`
  | `link ${"made" | "changed" | "revoked"}`
  | `segment ${"made" | "changed" | "deleted"}`
  | `annotation ${"made" | "changed" | "deleted"}`;

export interface Audited {
  action: AuditAction;
  merchant: string | null;
  /** Of which it is when it happens; raw SQL where only the row says. */
  organisation: string | null | UnsafeRawSql;
}

/** Of something of a merchant's, whose organisation is looked up. */
export const auditOf = async (env: Env, action: AuditAction, { id }: Merchant): Promise<Audited> => ({
  action,
  merchant: id,
  organisation: (await findConfig(env, id))?.organisation ?? null,
});

/**
 * A part of a WITH: an entry for each row of the part named `changed`, which says by its columns `before` and `after` (json) what
 * was and what is.
 */
export const audited = (
  c: Context<{ Bindings: Env; Variables: Guarded }>,
  { action, merchant, organisation }: Audited,
) => database(c.env)`
  audited AS (
    INSERT INTO audit_log (who, action, merchant, organisation, subject)
    SELECT ${nameOf(c.get("access"))}::text, ${action}::text, ${merchant}::text, ${organisation}::text,
      json_build_object('before', changed.before, 'after', changed.after) FROM changed
  )`;
