// /api/v1/merchants/:id/segments: saved filters of a merchant, for everybody who reads it or for oneself alone. To be mounted at
// /api/v1/merchants behind the guard. What is saved is what a query would make of it, so a segment can be used as it is. Who changed
// what of those for everybody is recorded; what somebody keeps for themselves is nobody else's business.

import { Hono, type Context } from "hono";
import { z } from "zod";
import { SEGMENTS_MAX, SHARED_NAME_CHARS_MAX } from "../core/limits.ts";
import { conjunctsOf, parseFilters, writtenFilter } from "../core/query-filters.ts";
import { fail, ok, type Result } from "../core/result.ts";
import { segmentsNamed } from "../core/segments.ts";
import { database } from "../migrations/database.ts";
import { nameOf } from "./access.ts";
import { readBody, refuse } from "./accounts-body.ts";
import { audited, auditOf } from "./audit-log.ts";
import { freshId } from "./ids.ts";
import { type Bound, orUnavailable, permitted } from "./merchant-routes.ts";
import type { FindMerchant } from "./merchants.ts";
import { forgetSegments, personOf } from "./segments-store.ts";

const ID_LETTERS = 12;

const fields = { name: z.string().trim().min(1).max(SHARED_NAME_CHARS_MAX), filters: z.array(z.unknown()).min(1) };
export const newSegment = z.strictObject({ ...fields, personal: z.boolean().default(false) });
export const changedSegment = z.strictObject(fields).partial();

export const segmentRoutes = (find: FindMerchant): Hono<Bound> => {
  const app = new Hono<Bound>();
  const route = (handle: (c: Context<Bound>, find: FindMerchant) => Promise<Response>) =>
    orUnavailable((c) => handle(c, find));
  app.get("/:id/segments", route(list));
  app.post("/:id/segments", route(create));
  app.patch("/:id/segments/:segment", route(change));
  app.delete("/:id/segments/:segment", route(remove));
  return app;
};

async function list(c: Context<Bound>, find: FindMerchant): Promise<Response> {
  const merchant = await permitted(c, find, "read");
  if (!merchant.ok) return merchant.failure;
  const rows = await database(c.env)`
    SELECT id, name, filters, person IS NOT NULL AS personal, who, created_at, updated_at
    FROM segments WHERE merchant = ${merchant.value.id} AND (person IS NULL OR person = ${personOf(c.get("access"))})
    ORDER BY lower(name), id`;
  return c.json({ segments: rows });
}

async function create(c: Context<Bound>, find: FindMerchant): Promise<Response> {
  const merchant = await permitted(c, find, "annotate");
  if (!merchant.ok) return merchant.failure;
  const body = await readBody(c, newSegment);
  if (!body.ok) return body.failure;
  const access = c.get("access");
  if (body.value.personal && access.kind !== "person")
    return refuse(c, 403, "person_only", "Only somebody who is signed in has segments of their own.", "#/personal");
  const filters = filtersOf(c, body.value.filters);
  if (!filters.ok) return filters.failure;
  const sql = database(c.env);
  const [row] = await sql`
    WITH saved AS (
      INSERT INTO segments AS s (id, merchant, name, filters, person, who)
      SELECT ${freshId("g_", ID_LETTERS)}, ${merchant.value.id}, ${body.value.name}, ${JSON.stringify(filters.value)}::json,
        ${body.value.personal ? personOf(access) : null}, ${nameOf(access)}
      WHERE (SELECT count(*) FROM segments WHERE merchant = ${merchant.value.id}) < ${SEGMENTS_MAX}
      RETURNING s.*, NULL::json AS before, ${sql.unsafe(recordOf("s"))} AS after
    ), ${recorded(c)}, ${audited(c, await auditOf(c.env, "segment made", merchant.value))}
    SELECT id, name, filters, person IS NOT NULL AS personal, who, created_at, updated_at FROM saved`;
  forgetSegments(merchant.value.id);
  if (row === undefined) return refuse(c, 409, "too_many", `A merchant has ${SEGMENTS_MAX} segments at most.`);
  return c.json(row, 201);
}

async function change(c: Context<Bound>, find: FindMerchant): Promise<Response> {
  const merchant = await permitted(c, find, "annotate");
  if (!merchant.ok) return merchant.failure;
  const body = await readBody(c, changedSegment);
  if (!body.ok) return body.failure;
  const filters = body.value.filters === undefined ? ok(null) : filtersOf(c, body.value.filters);
  if (!filters.ok) return filters.failure;
  const sql = database(c.env);
  const [row] = await sql`
    WITH former AS MATERIALIZED (
      SELECT * FROM segments WHERE merchant = ${merchant.value.id} AND id = ${c.req.param("segment")}
        AND (person IS NULL OR person = ${personOf(c.get("access"))}) FOR UPDATE
    ), saved AS (
      UPDATE segments s SET name = coalesce(${body.value.name}, s.name),
        filters = coalesce(${filters.value === null ? null : JSON.stringify(filters.value)}::json, s.filters),
        who = ${nameOf(c.get("access"))}, updated_at = now()
      FROM former WHERE s.id = former.id
      RETURNING s.*, ${sql.unsafe(recordOf("former"))} AS before, ${sql.unsafe(recordOf("s"))} AS after
    ), ${recorded(c)}, ${audited(c, await auditOf(c.env, "segment changed", merchant.value))}
    SELECT id, name, filters, person IS NOT NULL AS personal, who, created_at, updated_at FROM saved`;
  forgetSegments(merchant.value.id);
  return row === undefined ? unknown(c) : c.json(row);
}

async function remove(c: Context<Bound>, find: FindMerchant): Promise<Response> {
  const merchant = await permitted(c, find, "annotate");
  if (!merchant.ok) return merchant.failure;
  const sql = database(c.env);
  const gone = await sql`
    WITH saved AS (
      DELETE FROM segments s WHERE merchant = ${merchant.value.id} AND id = ${c.req.param("segment")}
        AND (person IS NULL OR person = ${personOf(c.get("access"))})
      RETURNING s.person, ${sql.unsafe(recordOf("s"))} AS before, NULL::json AS after
    ), ${recorded(c)}, ${audited(c, await auditOf(c.env, "segment deleted", merchant.value))} SELECT 1 FROM saved`;
  forgetSegments(merchant.value.id);
  return gone.length === 0 ? unknown(c) : c.body(null, 204);
}

const recordOf = (table: "s" | "former"): string =>
  `json_build_object('id', ${table}.id, 'name', ${table}.name, 'filters', ${table}.filters)`;

/** Of what was saved, what is recorded. */
const recorded = (c: Context<Bound>) =>
  database(c.env)`changed AS (SELECT before, after FROM saved WHERE person IS NULL)`;

/** As a query has them when it is understood. */
function filtersOf(c: Context, written: unknown[]): Result<unknown[], Response> {
  if (segmentsNamed(written).length > 0)
    return fail(refuse(c, 400, "invalid_filter", "Segments do not go within one another.", "#/filters"));
  const filter = parseFilters(written);
  if (filter.ok) return ok(conjunctsOf(filter.value).map(writtenFilter));
  return fail(refuse(c, 400, filter.failure.reason, filter.failure.message, filter.failure.pointer));
}

const unknown = (c: Context): Response => refuse(c, 404, "unknown_segment", "There is no such segment.");
