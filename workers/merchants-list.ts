// Which merchants somebody may see, by name. As Postgres has them; while it is away, as this isolate or KV last saw the
// same list, so that a dashboard opens and shows what the counting objects know.

import type { ListedMerchant, MerchantList } from "../core/merchant-list.ts";
import { waitUntil } from "cloudflare:workers";
import { zoneAt } from "../core/zone.ts";
import { database } from "../migrations/database.ts";
import { type Access, permitsAt, roleIn } from "./access.ts";
import type { Env } from "./env.ts";

type Lister = Exclude<Access, { kind: "link" }>;

interface Listing {
  atMs: number;
  merchants: Omit<ListedMerchant, "role">[];
}

export const MERCHANTS_LISTED_MAX = 1_000;
const KV_SECONDS = 7 * 86_400;
const ISOLATE_ENTRIES_MAX = 1_000;

const isolate = new Map<string, Listing>();

/** Throws when Postgres is away and nobody remembers the list. */
export async function listMerchants(env: Env, access: Access): Promise<MerchantList> {
  if (access.kind === "link") return { merchants: [], as_of: null };
  const key = access.kind === "operator" ? "listing:operator" : `listing:${access.id}`;
  try {
    const listing = { atMs: Date.now(), merchants: await fromPostgres(env, access) };
    waitUntil(remember(env, key, listing));
    return { merchants: seenBy(access, listing), as_of: null };
  } catch (error) {
    const listing = isolate.get(key) ?? (await env.MERCHANTS.get<Listing>(key, { type: "json" }));
    if (listing === null) throw error;
    console.warn(`merchants: not listed, an older list serves: ${String(error)}`);
    return { merchants: seenBy(access, listing), as_of: new Date(listing.atMs).toISOString() };
  }
}

/** A list is what it was; what somebody may see is what they may now. */
const seenBy = (access: Access, { merchants }: Listing): ListedMerchant[] =>
  merchants
    .filter(({ id, organisation }) => permitsAt(access, id, organisation, "read"))
    .map((merchant) => ({
      ...merchant,
      zone: zoneAt(merchant.zone, Date.now()),
      role: merchant.organisation === null ? null : roleIn(access, merchant.organisation),
    }));

async function fromPostgres(env: Env, access: Lister): Promise<Listing["merchants"]> {
  const { organisations, merchant } = boundsOf(access);
  const rows = await database(env)`
    SELECT id, name, zone, currency::text, shards, organisation FROM merchants
    WHERE deleted_at IS NULL AND (${organisations}::text[] IS NULL OR organisation = ANY (${organisations}::text[]))
      AND (${merchant}::text IS NULL OR id = ${merchant})
    ORDER BY name, id LIMIT ${MERCHANTS_LISTED_MAX}`;
  return rows as Listing["merchants"];
}

/** Null: whichever. */
function boundsOf(access: Lister): { organisations: string[] | null; merchant: string | null } {
  if (access.kind === "operator") return { organisations: null, merchant: null };
  if (access.kind === "person") return { organisations: Object.keys(access.roles), merchant: null };
  const { organisation, merchant } = access;
  return { organisations: organisation === null ? null : [organisation], merchant };
}

/** KV is written only when the list has changed. */
async function remember(env: Env, key: string, listing: Listing): Promise<void> {
  const before = isolate.get(key) ?? (await env.MERCHANTS.get<Listing>(key, { type: "json" }).catch(() => null));
  if (isolate.size >= ISOLATE_ENTRIES_MAX) isolate.clear();
  isolate.set(key, listing);
  if (JSON.stringify(before?.merchants) === JSON.stringify(listing.merchants)) return;
  await env.MERCHANTS.put(key, JSON.stringify(listing), { expirationTtl: KV_SECONDS }).catch((error: unknown) =>
    console.warn(`merchants: list not kept: ${String(error)}`),
  );
}
