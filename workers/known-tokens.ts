// Which token somebody shows: isolate ← KV ← Postgres, as merchants are (merchants.ts). It costs Postgres nothing per request: whoever
// changes tokens writes KV (`publishToken`), so that one that is revoked opens nothing within a minute, and Postgres is asked
// when KV's copy has aged. Looked up by SHA-256 of what is shown: as it is random and long, the time that takes says nothing
// that helps in guessing it. Small, since collecting loads it.

import { waitUntil } from "cloudflare:workers";
import { toHex } from "../core/hex.ts";
import { RequestRate } from "../core/request-rate.ts";
import { type Scope, scopeOfToken } from "../core/token.ts";
import { database } from "../migrations/database.ts";
import { Coalescer } from "./coalescer.ts";
import type { Env } from "./env.ts";

/** With KV's own caching of reads at the edge: less than a minute until a change is everywhere. */
const FRESH_MS = 15_000;
const KV_CACHE_SECONDS = 30;
const ISOLATE_ENTRIES_MAX = 10_000;
const COPY_FRESH_MS = 86_400_000;
const KV_SECONDS = 30 * 86_400;
/** KV takes one write a second for a key. */
const KV_ATTEMPTS = 3;
const KV_AGAIN_MS = 1_100;
/** At most so often is it noted that a token is used. */
const NOTED_MS = 3_600_000;

export interface Token {
  id: string;
  name: string;
  scope: Scope;
  /** Whose merchants it opens; null: nobody's but the operator's. */
  organisation: string | null;
  /** Null: all of the organisation's. */
  merchant: string | null;
  /** Null: never. */
  expiresAtMs: number | null;
}

interface Copy {
  /** Null: there is none any more. */
  token: Token | null;
  /** From then on Postgres is asked whether it still holds. */
  freshUntilMs: number;
}

const isolate = new Map<string, { token: Token | null; untilMs: number }>();
const lookups = new Coalescer<Token | null>();
const noted = new Map<string, number>();
/** Made-up tokens with the right letters at the end are not to keep Postgres busy. */
const asking = new RequestRate(500, 10_000);

/** Null for a token that is unknown, expired or revoked. Throws when that cannot be known now. */
export async function findToken(env: Env, text: string): Promise<Token | null> {
  if (scopeOfToken(text) === null) return null;
  const hash = await hashOfToken(text);
  const nowMs = Date.now();
  const cached = isolate.get(hash);
  const isFresh = cached !== undefined && cached.untilMs > nowMs;
  const token = isFresh ? cached.token : await lookups.join(hash, () => fromKvOrPostgres(env, hash, nowMs));
  if (!isFresh) remember(hash, token, nowMs);
  if (token === null || (token.expiresAtMs !== null && token.expiresAtMs <= nowMs)) return null;
  noteUse(env, token.id, nowMs);
  return token;
}

export async function hashOfToken(text: string): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))));
}

/** To be called after Postgres has a change: null when it is revoked. Throws when KV is out of reach. */
export async function publishToken(env: Env, hash: string, token: Token | null): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await keep(env, hash, token);
      break;
    } catch (error) {
      if (attempt === KV_ATTEMPTS) throw error;
      await scheduler.wait(KV_AGAIN_MS);
    }
  }
  remember(hash, token, Date.now());
}

const keyOf = (hash: string): string => `token:${hash}`;

function remember(hash: string, token: Token | null, nowMs: number): void {
  if (isolate.size >= ISOLATE_ENTRIES_MAX) isolate.clear();
  isolate.set(hash, { token, untilMs: nowMs + FRESH_MS });
}

async function fromKvOrPostgres(env: Env, hash: string, nowMs: number): Promise<Token | null> {
  const copy = await env.MERCHANTS.get<Copy>(keyOf(hash), { type: "json", cacheTtl: KV_CACHE_SECONDS });
  if (copy !== null && copy.freshUntilMs > nowMs) return copy.token;
  try {
    if (asking.take("postgres", nowMs) > 0) throw new Error("too many tokens that nobody knows");
    const token = await readToken(env, hash);
    if (token !== null || copy !== null) waitUntil(renew(env, hash, token));
    return token;
  } catch (error) {
    if (copy === null) throw error;
    console.warn(`tokens: not read, an older copy serves: ${String(error)}`);
    return copy.token;
  }
}

/** What was read may have been changed before it was written, and the change overwritten: so it is read once more. */
async function renew(env: Env, hash: string, token: Token | null): Promise<void> {
  try {
    await publishToken(env, hash, token);
    const now = await readToken(env, hash);
    if (JSON.stringify(now) !== JSON.stringify(token)) await publishToken(env, hash, now);
  } catch (error) {
    console.warn(`tokens: copy not renewed: ${String(error)}`);
  }
}

function keep(env: Env, hash: string, token: Token | null): Promise<void> {
  const copy: Copy = { token, freshUntilMs: Date.now() + COPY_FRESH_MS };
  return env.MERCHANTS.put(keyOf(hash), JSON.stringify(copy), { expirationTtl: KV_SECONDS });
}

async function readToken(env: Env, hash: string): Promise<Token | null> {
  const [row] = await database(env)`
    SELECT id, name, scope, organisation, merchant, extract(epoch FROM expires_at)::float8 * 1000 AS "expiresAtMs"
    FROM tokens WHERE hash = ${hash} AND revoked_at IS NULL`;
  return (row as Token | undefined) ?? null;
}

/** After the answer; nobody waits for it. */
function noteUse(env: Env, id: string, nowMs: number): void {
  if (nowMs - (noted.get(id) ?? 0) < NOTED_MS) return;
  if (noted.size >= ISOLATE_ENTRIES_MAX) noted.clear();
  noted.set(id, nowMs);
  const note = database(env)`
    UPDATE tokens SET last_used_at = now()
    WHERE id = ${id} AND (last_used_at IS NULL OR last_used_at <= now() - interval '1 hour')`;
  waitUntil(note.catch((error: unknown) => console.warn(`tokens: use not noted: ${String(error)}`)));
}
