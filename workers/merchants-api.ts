// /api/v1/merchants: which one may see, making one, how each is set up. A change is in Postgres first and then in KV, so
// that it is everywhere within a minute. The time zone and over how many objects visitors are spread change with a local day.
// What would make sums add different money, the currency, can be changed only until the first event.

import { Hono, type Context } from "hono";
import { z } from "zod";
import {
  DOMAIN_CHARS_MAX,
  DOMAINS_MAX,
  MERCHANT_NAME_CHARS_MAX,
  MERCHANTS_OF_ORGANISATION_MAX,
  RETENTION_DAYS_MAX,
  SHARDS_MAX,
  ZONES_MAX,
} from "../core/limits.ts";
import type { Merchant } from "../core/merchant.ts";
import { isCurrency } from "../core/money.ts";
import { fail, ok, type Result } from "../core/result.ts";
import { respread, shardsEver } from "../core/spread.ts";
import { addDays, dayAt, dayOf, isZone, zoneAt } from "../core/zone.ts";
import { isOne, lastZone, withZone, zonesIn } from "../core/zone-changes.ts";
import { database } from "../migrations/database.ts";
import { type Action, type Guarded, permitsAt, permitsIn, roleIn } from "./access.ts";
import { readBody, refuse, unavailable } from "./accounts-body.ts";
import { audited } from "./audit-log.ts";
import type { Env } from "./env.ts";
import { freshId } from "./ids.ts";
import { publishToken } from "./known-tokens.ts";
import { forgetLink } from "./links-store.ts";
import { configOf, type MerchantConfig, type MerchantRow, published, readConfig } from "./merchants.ts";
import { listMerchants } from "./merchants-list.ts";
import { askShards } from "./shards.ts";

type Bound = { Bindings: Env; Variables: Guarded };

const ID_LETTERS = 10;
/** A change this close to midnight could reach the edge after it. */
const SPREADING_MS = 10 * 60_000;

const HOST = /^(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)*$/;

const domain = z
  .string()
  .trim()
  .toLowerCase()
  .max(DOMAIN_CHARS_MAX)
  .transform((host) => host.replace(/^www\./, ""))
  .refine((host) => HOST.test(host), "A domain is a host name, such as shop.example, without https:// and path");

const settings = {
  name: z.string().trim().min(1).max(MERCHANT_NAME_CHARS_MAX),
  domains: z
    .array(domain)
    .max(DOMAINS_MAX)
    .transform((domains) => [...new Set(domains)]),
  zone: z.string().max(64).refine(isZone, "A zone is one of IANA's, such as Europe/Berlin"),
  currency: z.string().max(3).refine(isCurrency, "A currency is one of ISO 4217's codes, such as EUR"),
  shards: z.int().min(1).max(SHARDS_MAX),
  retention_days: z.int().min(1).max(RETENTION_DAYS_MAX).nullable(),
};

const organisation = z.string().min(1).max(40);

export const created = z.strictObject({
  organisation: organisation.nullable().default(null),
  name: settings.name,
  zone: settings.zone,
  currency: settings.currency,
  domains: settings.domains.default([]),
  shards: settings.shards.default(1),
  retention_days: settings.retention_days.default(null),
});

export const changed = z.strictObject(settings).partial();

/** To be mounted at /api/v1/merchants, behind the guard. */
export const merchantRoutes = (): Hono<Bound> => {
  const app = new Hono<Bound>();
  app.use(async (c, next) => {
    await next();
    c.header("cache-control", "private, no-store");
  });
  app.onError((error, c) => {
    console.warn(`merchants: ${c.req.method} not answered: ${String(error)}`);
    return unavailable(c);
  });
  app.get("/", async (c) => c.json(await listMerchants(c.env, c.get("access"))));
  app.post("/", create);
  app.get("/:id", async (c) => {
    const config = await permitted(c, "read");
    return config.ok ? c.json(viewOf(c, config.value)) : config.failure;
  });
  app.patch("/:id", change);
  app.delete("/:id", remove);
  app.post("/:id/transfer", transfer);
  return app;
};

async function create(c: Context<Bound>): Promise<Response> {
  const body = await readBody(c, created);
  if (!body.ok) return body.failure;
  const { name, zone, currency, domains, shards, retention_days } = body.value;
  const access = c.get("access");
  if (body.value.organisation === null && access.kind !== "operator")
    return refuse(c, 400, "missing", "Say which organisation it belongs to.", "#/organisation");
  const refusal = body.value.organisation === null ? null : refusedAt(c, body.value.organisation);
  if (refusal !== null) return refusal;
  if (shards !== 1 && access.kind !== "operator") return operatorsShards(c);
  const id = freshId("m_", ID_LETTERS);
  const sql = database(c.env);
  const rows = await sql`
    WITH changed AS (
      INSERT INTO merchants AS m (id, name, zone, currency, domains, shards, retention_days, organisation)
      SELECT ${id}, ${name}, ${zone}, ${currency}, ${domains}::text[], ${shards}::int,
        ${retention_days}::int, o.id
      FROM (SELECT 1) AS one LEFT JOIN organisations o ON o.id = ${body.value.organisation}
      WHERE (${body.value.organisation}::text IS NULL OR o.id IS NOT NULL)
        AND (SELECT count(*) FROM merchants WHERE organisation = ${body.value.organisation}) < ${MERCHANTS_OF_ORGANISATION_MAX}
      RETURNING m.*, NULL::json AS before, ${sql.unsafe(settingsOf("m"))} AS after
    ), ${audited(c, { action: "merchant made", merchant: id, organisation: body.value.organisation })}
    SELECT id, name, zone, currency::text, domains, shards, spread, organisation, retention_days FROM changed`;
  if (rows[0] === undefined) return unknownOrganisation(c);
  const config = configOf(rows[0] as MerchantRow);
  await published(c.env, config.merchant.id, config);
  return c.json(viewOf(c, config), 201);
}

async function change(c: Context<Bound>): Promise<Response> {
  const body = await readBody(c, changed);
  if (!body.ok) return body.failure;
  const config = await permitted(c, "configure");
  if (!config.ok) return config.failure;
  const { merchant } = config.value;
  const { name, domains, zone, currency, shards, retention_days } = body.value;
  if (shards !== undefined && c.get("access").kind !== "operator") return operatorsShards(c);
  const isOther = currency !== undefined && currency !== merchant.currency;
  const isMoving = zone !== undefined && zone !== lastZone(merchant.zone);
  const isCounting = (isOther || isMoving) && (await hasEvents(c.env, merchant));
  if (isOther && isCounting) return refuse(c, 409, "has_events", HAS_EVENTS, "#/currency");
  const zones = isMoving && isCounting ? moved(c, merchant, zone) : ok(isMoving ? zone : merchant.zone);
  if (!zones.ok) return zones.failure;
  const spread = shards === undefined ? null : respread(merchant, dayOfChange(merchant, Date.now()), shards);
  const sql = database(c.env);
  const [row] = await sql`
    WITH former AS MATERIALIZED (
      SELECT * FROM merchants WHERE id = ${merchant.id} AND deleted_at IS NULL FOR UPDATE
    ), changed AS (
      UPDATE merchants m SET name = coalesce(${name}, m.name), domains = coalesce(${domains}::text[], m.domains),
        zone = ${zones.value}, currency = coalesce(${currency}, m.currency),
        retention_days = CASE WHEN ${retention_days === undefined} THEN m.retention_days ELSE ${retention_days}::int END,
        spread = coalesce(${spread === null ? null : JSON.stringify(spread)}::json, m.spread),
        shards = coalesce(${spread === null ? null : shardsEver(spread)}::int, m.shards), updated_at = now()
      FROM former WHERE m.id = former.id
      RETURNING m.*, ${sql.unsafe(settingsOf("former"))} AS before, ${sql.unsafe(settingsOf("m"))} AS after
    ), ${audited(c, { action: "merchant changed", merchant: merchant.id, organisation: config.value.organisation })}
    SELECT id, name, zone, currency::text, domains, shards, spread, organisation, retention_days FROM changed`;
  if (row === undefined) return unknownMerchant(c);
  const now = configOf(row as MerchantRow);
  await published(c.env, merchant.id, now);
  return c.json(viewOf(c, now));
}

/** Marks it: from now on nobody sees it and nothing is collected for it. What it left is erased later. */
async function remove(c: Context<Bound>): Promise<Response> {
  const config = await permitted(c, "own");
  if (!config.ok) return config.failure;
  const { id } = config.value.merchant;
  const sql = database(c.env);
  await sql`
    WITH changed AS (
      UPDATE merchants m SET deleted_at = now(), updated_at = now() WHERE id = ${id} AND deleted_at IS NULL
      RETURNING ${sql.unsafe(settingsOf("m"))} AS before, NULL::json AS after
    ), ${audited(c, { action: "merchant deleted", merchant: id, organisation: config.value.organisation })} SELECT 1`;
  await published(c.env, id, null);
  return c.body(null, 204);
}

/** To another organisation, of which the giver must be an admin at least. */
async function transfer(c: Context<Bound>): Promise<Response> {
  const body = await readBody(c, z.strictObject({ organisation }));
  if (!body.ok) return body.failure;
  const config = await permitted(c, "own");
  if (!config.ok) return config.failure;
  const refusal = refusedAt(c, body.value.organisation);
  if (refusal !== null) return refusal;
  const { merchant, organisation: giver } = config.value;
  const [row] = await database(c.env)`
    WITH changed AS (
      UPDATE merchants m SET organisation = o.id, updated_at = now() FROM organisations o
      WHERE m.id = ${merchant.id} AND m.deleted_at IS NULL AND o.id = ${body.value.organisation}
      RETURNING m.*, json_build_object('organisation', ${giver}::text) AS before,
        json_build_object('organisation', o.id) AS after
    ), ${audited(c, { action: "merchant given away", merchant: merchant.id, organisation: giver })}, revoked AS (
      UPDATE tokens t SET revoked_at = now() FROM changed
      WHERE t.merchant = changed.id AND t.revoked_at IS NULL AND changed.organisation IS DISTINCT FROM ${giver}
      RETURNING t.hash
    ), withdrawn AS (
      UPDATE links l SET revoked_at = now() FROM changed
      WHERE l.merchant = changed.id AND l.revoked_at IS NULL AND changed.organisation IS DISTINCT FROM ${giver}
      RETURNING l.id
    )
    SELECT id, name, zone, currency::text, domains, shards, spread, organisation, retention_days,
      (SELECT coalesce(json_agg(hash), '[]') FROM revoked) AS revoked,
      (SELECT coalesce(json_agg(id), '[]') FROM withdrawn) AS withdrawn FROM changed`;
  if (row === undefined) return unknownOrganisation(c);
  const { revoked, withdrawn, ...given } = row as MerchantRow & { revoked: string[]; withdrawn: string[] };
  const now = configOf(given);
  await published(c.env, now.merchant.id, now);
  // They open nothing by now, and are not to begin again if the merchant comes back.
  await Promise.all(revoked.map((hash) => publishToken(c.env, hash, null)));
  for (const link of withdrawn) forgetLink(link);
  return c.json(viewOf(c, now));
}

/** As the record shows them. */
const settingsOf = (row: string): string =>
  `json_build_object(${["name", "domains", "zone", "currency", "shards", "spread", "retention_days"]
    .map((column) => `'${column}', ${row}.${column}`)
    .join()})`;

/** Null when the asker may put a merchant into the organisation. */
function refusedAt(c: Context<Bound>, id: string): Response | null {
  if (permitsIn(c.get("access"), id, "configure")) return null;
  return roleIn(c.get("access"), id) === null ? unknownOrganisation(c) : forbidden(c, "#/organisation");
}

/** The merchant that the address names, as it is now, if the asker may do this to it. */
async function permitted(c: Context<Bound>, action: Action): Promise<Result<MerchantConfig, Response>> {
  const access = c.get("access");
  const config = await readConfig(c.env, c.req.param("id") ?? "");
  if (config === null) return fail(unknownMerchant(c));
  const { merchant, organisation: owner } = config;
  if (!permitsAt(access, merchant.id, owner, "read")) return fail(unknownMerchant(c));
  return permitsAt(access, merchant.id, owner, action) ? ok(config) : fail(forbidden(c));
}

function viewOf(c: Context<Bound>, { merchant, organisation: owner, retentionDays }: MerchantConfig): object {
  const { id, name, domains, zone, currency, shards, spread } = merchant;
  const role = owner === null ? null : roleIn(c.get("access"), owner);
  return {
    id,
    name,
    domains,
    zone: zoneAt(zone, Date.now()),
    zones: isOne(zone) ? null : zonesIn(zone),
    currency,
    shards,
    spread: spread ?? null,
    retention_days: retentionDays,
    organisation: owner,
    role,
  };
}

/** The first local day that begins after the change has reached the edge. */
const dayOfChange = ({ zone }: Merchant, nowMs: number): string => addDays(dayAt(zone, nowMs + SPREADING_MS).date, 1);

async function hasEvents(env: Env, merchant: Merchant): Promise<boolean> {
  const shards = await askShards(env, merchant, (shard) => shard.status());
  return shards.some(({ seq }) => seq > 0);
}

/** Days up to the change stay those of the zone that they were counted by. */
function moved(c: Context, merchant: Merchant, zone: string): Result<string, Response> {
  const from = dayOfChange(merchant, Date.now());
  const zones = withZone(merchant.zone, from, zone);
  if (zones === null)
    return fail(refuse(c, 409, "too_many", `A merchant may have ${ZONES_MAX} zones, one after the other.`, "#/zone"));
  // Half round the world eastward the day could be over before it began.
  if (dayOf(zones, from).hours.length > 0) return ok(zones);
  return fail(refuse(c, 409, "no_such_day", `${from} would have no hours. Go by way of a zone in between.`, "#/zone"));
}

const HAS_EVENTS =
  "There are events already, and their sums are in the currency as it is. Make another merchant for another one.";

const forbidden = (c: Context, pointer?: string): Response =>
  refuse(c, 403, "forbidden", "Your role does not allow this.", pointer);

const operatorsShards = (c: Context): Response =>
  refuse(c, 403, "operator_only", "Only the operator may say over how many objects visitors are spread.", "#/shards");

const unknownMerchant = (c: Context): Response => refuse(c, 404, "unknown_merchant", "There is no such merchant.");

const unknownOrganisation = (c: Context): Response =>
  refuse(c, 404, "unknown_organisation", "There is no such organisation.", "#/organisation");
