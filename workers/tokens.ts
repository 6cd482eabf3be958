// /api/v1/tokens: what programs show instead of a person's session, for one merchant or all of an organisation's. For admins and
// owners of the organisation, and for the operator, who alone makes ops tokens, since nobody gives more than they have. What a
// token holds is told once, when it is made; Postgres has its hash. A change is in Postgres first and then in KV, so that it is
// everywhere within a minute.

import type { Context, Hono } from "hono";
import { z } from "zod";
import { TOKEN_NAME_CHARS_MAX, TOKEN_OVERLAP_HOURS_MAX, TOKENS_MAX } from "../core/limits.ts";
import { fail, ok, type Result } from "../core/result.ts";
import { beginningOf, freshToken, SCOPES, type TokenView } from "../core/token.ts";
import { database } from "../migrations/database.ts";
import { nameOf, permitsIn, roleIn } from "./access.ts";
import { readBody, refuse } from "./accounts-body.ts";
import { audited } from "./audit-log.ts";
import { freshId } from "./ids.ts";
import { hashOfToken, publishToken, type Token } from "./known-tokens.ts";
import { accountsApp, type Bound, forbidden } from "./organisations.ts";
import { whoseOf } from "./whose.ts";

const ID_LETTERS = 16;
const LISTED_MAX = 1_000;
const OVERLAP_HOURS = 24;

const expiresAt = z.iso
  .datetime({ offset: true })
  .refine((instant) => Date.parse(instant) > Date.now(), "This time has passed")
  .nullable();

export const made = z
  .strictObject({
    name: z.string().trim().min(1).max(TOKEN_NAME_CHARS_MAX),
    scope: z.enum(SCOPES),
    merchant: z.string().min(1).max(40).optional(),
    organisation: z.string().min(1).max(40).optional(),
    expires_at: expiresAt.default(null),
  })
  .refine(
    ({ merchant, organisation }) => (merchant === undefined) !== (organisation === undefined),
    "Say for which merchant or for which organisation, one of them",
  );

export const replaced = z.strictObject({
  overlap_hours: z.int().min(0).max(TOKEN_OVERLAP_HOURS_MAX).default(OVERLAP_HOURS),
  expires_at: expiresAt.optional(),
});

/** To be mounted at /api/v1/tokens, behind the guard. */
export const tokenRoutes = (): Hono<Bound> => {
  const app = accountsApp();
  app.get("/", list);
  app.post("/", create);
  app.post("/:id/rotate", rotate);
  app.delete("/:id", revoke);
  return app;
};

const instant = (column: string): string =>
  `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS ${column}`;

const VIEW = `id, name, scope, beginning, organisation, merchant,
  CASE WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN expires_at <= now() THEN 'expired' ELSE 'valid' END AS state,
  created_by, ${["created_at", "expires_at", "revoked_at", "last_used_at"].map(instant).join(", ")}`;

/** As the record shows one. */
const RECORDED = `json_build_object('id', id, 'name', name, 'scope', scope,
  'expires_at', to_char(expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))`;

async function list(c: Context<Bound>): Promise<Response> {
  const { merchant, organisation } = c.req.query();
  const isOperator = c.get("access").kind === "operator";
  const whose = isOperator && merchant === undefined && organisation === undefined ? null : await whoseOf(c);
  if (whose?.ok === false) return whose.failure;
  const of = whose?.value ?? null;
  const sql = database(c.env);
  const tokens = await sql`
    SELECT ${sql.unsafe(VIEW)} FROM tokens
    WHERE ${of === null}::boolean OR organisation IS NOT DISTINCT FROM ${of?.organisation ?? null}::text
      AND (${of?.merchant ?? null}::text IS NULL OR merchant = ${of?.merchant ?? null}::text)
    ORDER BY tokens.created_at DESC, id LIMIT ${LISTED_MAX}`;
  return c.json({ tokens });
}

async function create(c: Context<Bound>): Promise<Response> {
  const body = await readBody(c, made);
  if (!body.ok) return body.failure;
  const { name, scope, expires_at: expires } = body.value;
  const whose = await whoseOf(c, body.value);
  if (!whose.ok) return whose.failure;
  if (scope === "ops" && c.get("access").kind !== "operator") return operatorsOps(c);
  const { merchant, organisation } = whose.value;
  const token = freshToken(scope, (count) => crypto.getRandomValues(new Uint8Array(count)));
  const sql = database(c.env);
  const [row] = await sql`
    WITH changed AS (
      INSERT INTO tokens (id, hash, beginning, name, scope, organisation, merchant, created_by, expires_at)
      SELECT ${freshId("t_", ID_LETTERS)}, ${await hashOfToken(token)}, ${beginningOf(token)}, ${name}, ${scope},
        ${organisation}::text, ${merchant}::text, ${nameOf(c.get("access"))}, ${expires}::timestamptz
      WHERE (SELECT count(*) FROM tokens WHERE organisation IS NOT DISTINCT FROM ${organisation}::text
        AND (${organisation}::text IS NOT NULL OR merchant = ${merchant}::text)
        AND revoked_at IS NULL AND coalesce(expires_at > now(), true)) < ${TOKENS_MAX}
      RETURNING tokens.*, NULL::json AS before, ${sql.unsafe(RECORDED)} AS after
    ), ${audited(c, { action: "token made", merchant, organisation })} SELECT ${sql.unsafe(VIEW)} FROM changed`;
  if (row === undefined) return refuse(c, 409, "too_many", `There may be ${TOKENS_MAX} tokens at a time.`);
  return c.json({ ...row, token }, 201);
}

/** Another one in its place, while the former goes on for some hours, so that whoever uses it can change in peace. */
async function rotate(c: Context<Bound>): Promise<Response> {
  const body = await readBody(c, replaced);
  if (!body.ok) return body.failure;
  const found = await permitted(c);
  if (!found.ok) return found.failure;
  const former = found.value;
  if (former.scope === "ops" && c.get("access").kind !== "operator") return operatorsOps(c);
  if (former.state !== "valid") return refuse(c, 409, "not_valid", `This token is ${former.state}: make another one.`);
  const { overlap_hours: hours, expires_at: expires } = body.value;
  if (expires === undefined && former.expires_at !== null)
    return refuse(c, 400, "missing", "Say when the new one expires; null: never.", "#/expires_at");
  const token = freshToken(former.scope, (count) => crypto.getRandomValues(new Uint8Array(count)));
  const { merchant, organisation } = former;
  const sql = database(c.env);
  const [row] = await sql`
    WITH former AS (
      UPDATE tokens SET expires_at = least(coalesce(expires_at, 'infinity'), now() + ${hours} * interval '1 hour')
      WHERE id = ${former.id} AND revoked_at IS NULL AND coalesce(expires_at > now(), true)
      RETURNING *, ${sql.unsafe(RECORDED)} AS recorded
    ), changed AS (
      INSERT INTO tokens (id, hash, beginning, name, scope, organisation, merchant, created_by, expires_at)
      SELECT ${freshId("t_", ID_LETTERS)}, ${await hashOfToken(token)}, ${beginningOf(token)}, name, scope,
        organisation, merchant, ${nameOf(c.get("access"))}, ${expires ?? null}::timestamptz FROM former
      RETURNING tokens.*, (SELECT recorded FROM former) AS before, ${sql.unsafe(RECORDED)} AS after
    ), ${audited(c, { action: "token replaced", merchant, organisation })}
    SELECT ${sql.unsafe(VIEW)}, (SELECT hash FROM former) AS former_hash,
      (SELECT extract(epoch FROM expires_at)::float8 * 1000 FROM former) AS former_expires_ms FROM changed`;
  if (row === undefined) return refuse(c, 409, "not_valid", "This token is not valid any more: make another one.");
  const { former_hash: hash, former_expires_ms: expiresAtMs, ...view } = row;
  const { id, name, scope } = former;
  const kept: Token = { id, name, scope, organisation, merchant, expiresAtMs: expiresAtMs as number };
  await publishToken(c.env, hash as string, kept);
  return c.json({ ...view, token }, 201);
}

/** Again does no harm: if KV was out of reach, it is told now. */
async function revoke(c: Context<Bound>): Promise<Response> {
  const found = await permitted(c);
  if (!found.ok) return found.failure;
  const { id, merchant, organisation } = found.value;
  const sql = database(c.env);
  const [row] = await sql`
    WITH changed AS (
      UPDATE tokens SET revoked_at = now() WHERE id = ${id} AND revoked_at IS NULL
      RETURNING ${sql.unsafe(RECORDED)} AS before, NULL::json AS after
    ), ${audited(c, { action: "token revoked", merchant, organisation })} SELECT hash FROM tokens WHERE id = ${id}`;
  if (row !== undefined) await publishToken(c.env, row["hash"] as string, null);
  return c.body(null, 204);
}

/** The token that the address names. */
async function permitted(c: Context<Bound>): Promise<Result<TokenView, Response>> {
  const sql = database(c.env);
  const [row] = await sql`SELECT ${sql.unsafe(VIEW)} FROM tokens WHERE id = ${c.req.param("id") ?? ""}`;
  const unknown = fail(refuse(c, 404, "unknown_token", "There is no such token."));
  if (row === undefined) return unknown;
  const token = row as TokenView;
  const access = c.get("access");
  if (access.kind === "operator") return ok(token);
  if (token.organisation === null || roleIn(access, token.organisation) === null) return unknown;
  return permitsIn(access, token.organisation, "configure") ? ok(token) : fail(forbidden(c));
}

const operatorsOps = (c: Context): Response =>
  refuse(c, 403, "operator_only", "Only the operator makes tokens for operations.", "#/scope");
