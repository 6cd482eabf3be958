// Shared links as Postgres has them, remembered for seconds: whoever looks at a link's page asks with every report.

import { waitUntil } from "cloudflare:workers";
import { database } from "../migrations/database.ts";
import type { Env } from "./env.ts";
import { Remembered } from "./remembered.ts";

export interface Link {
  id: string;
  merchant: string;
  /** As migrations/password-hash.ts writes it; null: none is asked for. */
  password_hash: string | null;
  public: boolean;
  origins: string[];
  /** Whose merchant it is, for those who look at it. */
  owner: string;
  expiresAtMs: number | null;
  revoked: boolean;
}

const ID = /^l_[0-9a-z]{1,40}$/;

const remembered = new Remembered<Link | null>();

/** Null when there is none, or its merchant is gone. Throws when it cannot be known now. */
export async function findLink(env: Env, id: string): Promise<Link | null> {
  return ID.test(id) ? remembered.get(id, () => readLink(env, id)) : null;
}

async function readLink(env: Env, id: string): Promise<Link | null> {
  const [row] = await database(env)`
    SELECT l.id, l.merchant, l.password_hash, l.public, l.origins, coalesce(o.name, m.name) AS owner,
      extract(epoch FROM l.expires_at)::float8 * 1000 AS "expiresAtMs", l.revoked_at IS NOT NULL AS revoked
    FROM links l JOIN merchants m ON m.id = l.merchant AND m.deleted_at IS NULL
      LEFT JOIN organisations o ON o.id = m.organisation
    WHERE l.id = ${id}`;
  return (row as Link | undefined) ?? null;
}

/** After a change. */
export const forgetLink = (id: string): void => remembered.forget(id);

/** Why a link opens nothing any more; null when it does. */
export function overOf({ revoked, expiresAtMs }: Link, nowMs: number): { reason: string; message: string } | null {
  if (revoked) return { reason: "link_revoked", message: "This link has been withdrawn." };
  if (expiresAtMs === null || nowMs < expiresAtMs) return null;
  return { reason: "link_expired", message: "This link has expired." };
}

/** Written once an hour at most. */
export function noteOpened(env: Env, id: string): void {
  const noted = database(env)`
    UPDATE links SET opened_at = now() WHERE id = ${id} AND coalesce(opened_at, '-infinity') < now() - interval '1 hour'`;
  waitUntil(noted.catch((error: unknown) => console.warn(`links: opening of ${id} not noted: ${String(error)}`)));
}
