// A merchant's configuration at the edge: isolate cache ← KV ← Postgres. Costs Postgres nothing per event: it is asked
// once per merchant and day by whoever finds that KV's copy has aged, and a change writes KV itself (`published`), so that it is
// everywhere within a minute. While Postgres is away an aged copy serves on. An id that nobody has is remembered by the
// isolate only.

import { MERCHANT_ID_CHARS_MAX } from "../core/limits.ts";
import type { Merchant } from "../core/merchant.ts";
import { RequestRate } from "../core/request-rate.ts";
import { database } from "../migrations/database.ts";
import { Coalescer } from "./coalescer.ts";
import type { Env } from "./env.ts";
import { readRules } from "./rules-store.ts";

/** With KV's own caching of reads at the edge: less than a minute until a change is everywhere. */
const FRESH_MS = 15_000;
const KV_CACHE_SECONDS = 30;
const UNKNOWN_FRESH_MS = 10_000;
const ISOLATE_ENTRIES_MAX = 10_000;
const PUBLISHED_FRESH_MS = 86_400_000;
/** A copy that a reader made may be older than a change that was written at the same moment. */
const READ_FRESH_MS = 3_600_000;
const KV_SECONDS = 30 * 86_400;
/** Made-up ids are not to keep Postgres busy: a merchant that has any traffic is known to KV. */
const asking = new RequestRate(2_000, 10_000);
const ID = new RegExp(`^m_[A-Za-z0-9]{1,${MERCHANT_ID_CHARS_MAX - 2}}$`);

/** What is known of a merchant at the edge besides what the path of an event needs. */
export interface MerchantConfig {
  merchant: Merchant;
  /** Whose it is; null: nobody's but the operator's. */
  organisation: string | null;
  /** Days that raw events are kept; null: for good. */
  retentionDays: number | null;
}

/** How the routes are given `findMerchant`. */
export type FindMerchant = typeof findMerchant;

interface Copy {
  config: MerchantConfig;
  /** From then on Postgres is asked whether it still holds. */
  freshUntilMs: number;
}

const isolate = new Map<string, { config: MerchantConfig | null; untilMs: number }>();
const lookups = new Coalescer<MerchantConfig | null>();

/** Null when no merchant has the id. Throws when neither KV nor Postgres can say. */
export const findMerchant = async (env: Env, id: string): Promise<Merchant | null> =>
  (await findConfig(env, id))?.merchant ?? null;

/** As `findMerchant`. */
export async function findConfig(env: Env, id: string): Promise<MerchantConfig | null> {
  if (!ID.test(id)) return null;
  const nowMs = Date.now();
  const cached = isolate.get(id);
  if (cached !== undefined && cached.untilMs > nowMs) return cached.config;
  const config = await lookups.join(id, () => fromKvOrPostgres(env, id, nowMs));
  remember(id, config, nowMs);
  return config;
}

/** What Postgres says now; null when no merchant has the id. Throws when it is away. */
export async function readConfig(env: Env, id: string): Promise<MerchantConfig | null> {
  const [row] = await database(env)`
    SELECT id, name, zone, currency::text, domains, shards, spread, organisation, retention_days
    FROM merchants WHERE id = ${id} AND deleted_at IS NULL`;
  return row === undefined ? null : withRules(env, configOf(row as MerchantRow));
}

/** With the newest of the merchant's rules. */
async function withRules(env: Env, config: MerchantConfig): Promise<MerchantConfig> {
  const saved = await readRules(env, config.merchant.id);
  const { rules: _, ...merchant } = config.merchant;
  return { ...config, merchant: saved === null ? merchant : { ...merchant, rules: saved.rules } };
}

export interface MerchantRow extends Omit<Merchant, "spread"> {
  spread: NonNullable<Merchant["spread"]> | null;
  organisation: string | null;
  retention_days: number | null;
}

export const configOf = ({ spread, organisation, retention_days, ...merchant }: MerchantRow): MerchantConfig => ({
  merchant: { ...merchant, ...(spread === null ? {} : { spread }) },
  organisation,
  retentionDays: retention_days,
});

/** To be called after Postgres has a change: null when the merchant is deleted. Throws when KV or Postgres is out of reach. */
export async function published(env: Env, id: string, config: MerchantConfig | null): Promise<void> {
  const whole = config === null ? null : await withRules(env, config);
  if (whole === null) await env.MERCHANTS.delete(key(id));
  else await keep(env, id, whole, PUBLISHED_FRESH_MS);
  remember(id, whole, Date.now());
}

const key = (id: string): string => `config:${id}`;

function remember(id: string, config: MerchantConfig | null, nowMs: number): void {
  if (isolate.size >= ISOLATE_ENTRIES_MAX) isolate.clear();
  isolate.set(id, { config, untilMs: nowMs + (config === null ? UNKNOWN_FRESH_MS : FRESH_MS) });
}

async function fromKvOrPostgres(env: Env, id: string, nowMs: number): Promise<MerchantConfig | null> {
  const copy = await env.MERCHANTS.get<Copy>(key(id), { type: "json", cacheTtl: KV_CACHE_SECONDS });
  if (copy !== null && copy.freshUntilMs > nowMs) return copy.config;
  try {
    if (copy === null && asking.take("postgres", nowMs) > 0) throw new Error("too many merchants that nobody knows");
    const config = await readConfig(env, id);
    if (config !== null) await keep(env, id, config, READ_FRESH_MS);
    else if (copy !== null) await env.MERCHANTS.delete(key(id));
    return config;
  } catch (error) {
    if (copy === null) throw error;
    console.warn(`merchants: ${id} not read, an older copy serves: ${String(error)}`);
    return copy.config;
  }
}

const LISTED_AT_ONCE = 100;

/** What KV keeps, some at a time: merchants with traffic in the last weeks. `cursor` is empty at the beginning, null in the end. */
export async function keptConfigs(
  env: Env,
  cursor: string,
): Promise<{ configs: MerchantConfig[]; cursor: string | null }> {
  const page = await env.MERCHANTS.list({
    prefix: key(""),
    limit: LISTED_AT_ONCE,
    ...(cursor === "" ? {} : { cursor }),
  });
  const copies = await Promise.all(page.keys.map(({ name }) => env.MERCHANTS.get<Copy>(name, { type: "json" })));
  const configs = copies.flatMap((copy) => (copy === null ? [] : [copy.config]));
  return { configs, cursor: page.list_complete ? null : page.cursor };
}

function keep(env: Env, id: string, config: MerchantConfig, freshMs: number): Promise<void> {
  const copy: Copy = { config, freshUntilMs: Date.now() + freshMs };
  return env.MERCHANTS.put(key(id), JSON.stringify(copy), { expirationTtl: KV_SECONDS });
}
