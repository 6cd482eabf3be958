// /api/v1/merchants/:id/links: addresses under which one merchant's reports are open without an account: with a password or
// without, until a time, to be shown in frames of some pages. To be mounted at /api/v1/merchants behind the guard. A link that is
// withdrawn stays on the list for a month, and whoever still has it is told so. Each change stands in the record.

import type { LinkView } from "../core/link-view.ts";
import { Hono, type Context } from "hono";
import { z } from "zod";
import {
  LINK_ORIGINS_MAX,
  LINK_PASSWORD_CHARS_MIN,
  LINKS_MAX,
  PASSWORD_CHARS_MAX,
  SHARED_NAME_CHARS_MAX,
} from "../core/limits.ts";
import { database } from "../migrations/database.ts";
import { hashPassword } from "../migrations/password-hash.ts";
import { nameOf } from "./access.ts";
import { readBody, refuse } from "./accounts-body.ts";
import { audited, auditOf } from "./audit-log.ts";
import { freshId } from "./ids.ts";
import { forgetLink } from "./links-store.ts";
import { type Bound, orUnavailable, permitted } from "./merchant-routes.ts";
import type { FindMerchant } from "./merchants.ts";

/** 120 bits: of a link without a password the id is the secret. */
const ID_LETTERS = 24;
const WITHDRAWN_DAYS = 30;

/** Hosts may hold stars, quotes and semicolons, which mean something in a policy. */
const ORIGIN = /^https?:\/\/[a-z0-9.-]+(?::\d+)?$/;

const origin = z
  .string()
  .max(300)
  .transform((text, c) => {
    const home = URL.parse(text)?.origin ?? "";
    if (ORIGIN.test(home) && (text === home || text === `${home}/`)) return home;
    c.addIssue("An origin is such as https://shop.example, without path and stars");
    return z.NEVER;
  });

const fields = {
  name: z.string().trim().min(1).max(SHARED_NAME_CHARS_MAX),
  password: z.string().min(LINK_PASSWORD_CHARS_MIN).max(PASSWORD_CHARS_MAX).nullable(),
  public: z.boolean(),
  expires_at: z.iso
    .datetime({ offset: true })
    .refine((text) => Date.parse(text) > Date.now(), "It would have expired already")
    .nullable(),
  origins: z
    .array(origin)
    .max(LINK_ORIGINS_MAX)
    .transform((origins) => [...new Set(origins)]),
};
export const newLink = z.strictObject({
  name: fields.name,
  password: fields.password.default(null),
  public: fields.public.default(false),
  expires_at: fields.expires_at.default(null),
  origins: fields.origins.default([]),
});
export const changedLink = z.strictObject(fields).partial();

export const linkRoutes = (find: FindMerchant): Hono<Bound> => {
  const app = new Hono<Bound>();
  const route = (handle: (c: Context<Bound>, find: FindMerchant) => Promise<Response>) =>
    orUnavailable(async (c) => {
      c.header("cache-control", "private, no-store");
      return handle(c, find);
    });
  app.get("/:id/links", route(list));
  app.post("/:id/links", route(create));
  app.patch("/:id/links/:link", route(change));
  app.delete("/:id/links/:link", route(revoke));
  return app;
};

async function list(c: Context<Bound>, find: FindMerchant): Promise<Response> {
  const merchant = await permitted(c, find, "configure");
  if (!merchant.ok) return merchant.failure;
  return c.json({ links: await readLinks(c, merchant.value.id, null) });
}

async function create(c: Context<Bound>, find: FindMerchant): Promise<Response> {
  const merchant = await permitted(c, find, "configure");
  if (!merchant.ok) return merchant.failure;
  const body = await readBody(c, newLink);
  if (!body.ok) return body.failure;
  const { name, password, expires_at, origins, public: isPublic } = body.value;
  if (isPublic && password !== null) return publicWithPassword(c);
  const id = freshId("l_", ID_LETTERS);
  const hash = password === null ? null : await hashPassword(password);
  const sql = database(c.env);
  const [, rows = []] = await sql.transaction([
    sql`DELETE FROM links WHERE merchant = ${merchant.value.id} AND revoked_at < now() - ${WITHDRAWN_DAYS} * interval '1 day'`,
    sql`
      WITH changed AS (
        INSERT INTO links AS l (id, merchant, name, password_hash, public, origins, expires_at, who)
        SELECT ${id}, ${merchant.value.id}, ${name}, ${hash}, ${isPublic}, ${origins}::text[], ${expires_at}::timestamptz,
          ${nameOf(c.get("access"))}
        WHERE (SELECT count(*) FROM links WHERE merchant = ${merchant.value.id} AND revoked_at IS NULL) < ${LINKS_MAX}
        RETURNING l.id, NULL::json AS before, ${sql.unsafe(recordOf("l"))} AS after
      ), ${audited(c, await auditOf(c.env, "link made", merchant.value))} SELECT id FROM changed`,
  ]);
  if (rows.length === 0) return refuse(c, 409, "too_many", `A merchant has ${LINKS_MAX} links at most.`);
  return c.json((await readLinks(c, merchant.value.id, id))[0], 201);
}

async function change(c: Context<Bound>, find: FindMerchant): Promise<Response> {
  const merchant = await permitted(c, find, "configure");
  if (!merchant.ok) return merchant.failure;
  const body = await readBody(c, changedLink);
  if (!body.ok) return body.failure;
  const id = c.req.param("link") ?? "";
  const [former] = await readLinks(c, merchant.value.id, id);
  if (former === undefined) return unknown(c);
  if (former.state === "revoked") return refuse(c, 409, "link_revoked", "It has been withdrawn: make another one.");
  const { name, password, expires_at, origins, public: isPublic } = body.value;
  const asks = password === undefined ? former.password : password !== null;
  if ((isPublic ?? former.public) && asks) return publicWithPassword(c);
  const hash = typeof password === "string" ? await hashPassword(password) : null;
  const sql = database(c.env);
  await sql`
    WITH former AS MATERIALIZED (SELECT * FROM links WHERE id = ${id} AND merchant = ${merchant.value.id} FOR UPDATE),
    changed AS (
      UPDATE links l SET name = coalesce(${name}, l.name), public = coalesce(${isPublic}::boolean, l.public),
        password_hash = CASE WHEN ${password === undefined} THEN l.password_hash ELSE ${hash} END,
        expires_at = CASE WHEN ${expires_at === undefined} THEN l.expires_at ELSE ${expires_at}::timestamptz END,
        origins = coalesce(${origins}::text[], l.origins)
      FROM former WHERE l.id = former.id
      RETURNING ${sql.unsafe(recordOf("former"))} AS before, ${sql.unsafe(recordOf("l"))} AS after
    ), ${audited(c, await auditOf(c.env, "link changed", merchant.value))} SELECT 1`;
  forgetLink(id);
  return c.json((await readLinks(c, merchant.value.id, id))[0]);
}

/** It stays on the list, and whoever has its address is told. */
async function revoke(c: Context<Bound>, find: FindMerchant): Promise<Response> {
  const merchant = await permitted(c, find, "configure");
  if (!merchant.ok) return merchant.failure;
  const id = c.req.param("link") ?? "";
  const sql = database(c.env);
  const [, [known]] = (await sql.transaction([
    sql`
      WITH changed AS (
        UPDATE links l SET revoked_at = now() WHERE id = ${id} AND merchant = ${merchant.value.id} AND revoked_at IS NULL
        RETURNING ${sql.unsafe(recordOf("l"))} AS before, NULL::json AS after
      ), ${audited(c, await auditOf(c.env, "link revoked", merchant.value))} SELECT 1`,
    sql`SELECT id FROM links WHERE id = ${id} AND merchant = ${merchant.value.id}`,
  ])) as [unknown, object[]];
  forgetLink(id);
  return known === undefined ? unknown(c) : c.body(null, 204);
}

/** Those of the merchant, or the one; the newest first. */
async function readLinks(c: Context<Bound>, merchant: string, id: string | null): Promise<LinkView[]> {
  const { origin: home } = new URL(c.req.url);
  const rows = await database(c.env)`
    SELECT id, name, password_hash IS NOT NULL AS password, public, origins, who, created_at, expires_at, revoked_at, opened_at,
      CASE WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN expires_at <= now() THEN 'expired' ELSE 'open' END AS state
    FROM links WHERE merchant = ${merchant} AND (${id}::text IS NULL OR id = ${id}) ORDER BY created_at DESC, id`;
  return (rows as LinkView[]).map((row) => ({ ...row, url: `${home}/share/${row.id}` }));
}

/** For the record: not the id, which opens some links. */
const recordOf = (table: "l" | "former"): string =>
  `json_build_object('name', ${table}.name, 'password', ${table}.password_hash IS NOT NULL, 'public', ${table}.public,
    'origins', ${table}.origins, 'expires_at', ${table}.expires_at)`;

const publicWithPassword = (c: Context): Response =>
  refuse(c, 400, "invalid", "What is open to everybody asks for no password.", "#/public");

const unknown = (c: Context): Response => refuse(c, 404, "unknown_link", "There is no such link.");
