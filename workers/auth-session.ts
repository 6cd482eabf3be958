// Who a session belongs to, for the guard: the cookie that better-auth set, checked and looked up without it. One query
// tells the person and their roles, and the isolate keeps the answer for seconds, so that a page of reports costs Postgres
// one look-up. Whoever changes anything is looked up anew. What is revoked here is forgotten here at once, and elsewhere
// within those seconds. While Postgres is away, whoever was seen lately may go on reading.

import type { Context } from "hono";
import { getSignedCookie } from "hono/cookie";
import { database } from "../migrations/database.ts";
import type { Role } from "../core/role.ts";
import type { Env } from "./env.ts";

export const COOKIE_PREFIX = "countinghouse";
export const SESSION_SECONDS = 30 * 86_400;

const FRESH_MS = 10_000;
/** How long an answer is believed when Postgres cannot give another. */
const STALE_MS = 600_000;
const ISOLATE_ENTRIES_MAX = 10_000;

export interface Person {
  id: string;
  email: string;
  name: string;
  /** Of the session, not what its cookie holds. */
  session: string;
  /** By organisation. */
  roles: Readonly<Record<string, Role>>;
}

interface Known {
  person: Person | null;
  atMs: number;
  expiresAtMs: number;
}

const isolate = new Map<string, Known>();

/** Null when nobody is signed in. `fresh`: as Postgres says now. Throws when it cannot be known now. */
export async function signedIn(c: Context, env: Env, fresh: boolean): Promise<Person | null> {
  const token = await sessionToken(c, env);
  if (token === null) return null;
  if (fresh) return look(env, token, Date.now());
  const nowMs = Date.now();
  const known = isolate.get(token);
  if (known !== undefined && nowMs < Math.min(known.atMs + FRESH_MS, known.expiresAtMs)) return known.person;
  try {
    return await look(env, token, nowMs);
  } catch (error) {
    if (known !== undefined && nowMs < Math.min(known.atMs + STALE_MS, known.expiresAtMs)) return known.person;
    throw error;
  }
}

/** After a change of roles or sessions: what this isolate knew is looked up again. */
export const forget = (): void => isolate.clear();

/** Its name. */
export const sessionCookie = (c: Context): string =>
  `${new URL(c.req.url).protocol === "https:" ? "__Secure-" : ""}${COOKIE_PREFIX}.session_token`;

async function sessionToken(c: Context, env: Env): Promise<string | null> {
  if (!env.AUTH_SECRET) return null;
  return (await getSignedCookie(c, env.AUTH_SECRET, sessionCookie(c))) || null;
}

async function look(env: Env, token: string, nowMs: number): Promise<Person | null> {
  const [row] = await database(env)`
    SELECT s.id AS session, extract(epoch FROM s.expires_at)::float8 * 1000 AS "expiresAtMs", p.id, p.email, p.name,
      coalesce((SELECT json_object_agg(m.organisation, m.role) FROM members m WHERE m.person = p.id), '{}') AS roles
    FROM sessions s JOIN people p ON p.id = s.person WHERE s.token = ${token} AND s.expires_at > now()`;
  if (isolate.size >= ISOLATE_ENTRIES_MAX) isolate.clear();
  const { expiresAtMs, ...person } = (row ?? { expiresAtMs: Infinity }) as Person & { expiresAtMs: number };
  const known = { person: row === undefined ? null : person, atMs: nowMs, expiresAtMs };
  isolate.set(token, known);
  return known.person;
}
