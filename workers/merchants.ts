// A merchant's configuration at the edge: isolate cache ← KV ← Postgres. Costs Postgres nothing per event: it is asked
// once per merchant and day by the first isolate that misses. An id that nobody has is remembered by the isolate only.

import { MERCHANT_ID_CHARS_MAX } from "../core/limits.ts";
import type { Merchant } from "../core/merchant.ts";
import { database } from "../migrations/database.ts";
import type { Env } from "./env.ts";

const FRESH_MS = 60_000;
const UNKNOWN_FRESH_MS = 10_000;
const ISOLATE_ENTRIES_MAX = 10_000;
const KV_SECONDS = 86_400;
/** KV caches a read at the edge for at least this long. */
const KV_CACHE_SECONDS = 60;
const ID = new RegExp(`^m_[A-Za-z0-9]{1,${MERCHANT_ID_CHARS_MAX - 2}}$`);

/** How the routes are given `findMerchant`. */
export type FindMerchant = typeof findMerchant;

const isolate = new Map<string, { merchant: Merchant | null; untilMs: number }>();

/** Null when no merchant has the id. Throws when neither KV nor Postgres can say. */
export async function findMerchant(env: Env, id: string): Promise<Merchant | null> {
  if (!ID.test(id)) return null;
  const nowMs = Date.now();
  const cached = isolate.get(id);
  if (cached !== undefined && cached.untilMs > nowMs) return cached.merchant;
  const merchant = (await fromKv(env, id)) ?? (await fromPostgres(env, id));
  if (isolate.size >= ISOLATE_ENTRIES_MAX) isolate.clear();
  isolate.set(id, { merchant, untilMs: nowMs + (merchant === null ? UNKNOWN_FRESH_MS : FRESH_MS) });
  return merchant;
}

const key = (id: string): string => `merchant:${id}`;

const fromKv = (env: Env, id: string): Promise<Merchant | null> =>
  env.MERCHANTS.get<Merchant>(key(id), { type: "json", cacheTtl: KV_CACHE_SECONDS });

async function fromPostgres(env: Env, id: string): Promise<Merchant | null> {
  const rows = await database(env)`
    SELECT id, name, zone, currency, domains, shards FROM merchants WHERE id = ${id}`;
  const merchant = (rows[0] as Merchant | undefined) ?? null;
  if (merchant !== null) await env.MERCHANTS.put(key(id), JSON.stringify(merchant), { expirationTtl: KV_SECONDS });
  return merchant;
}
