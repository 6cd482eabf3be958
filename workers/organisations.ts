// /api/v1/organisations: what merchants belong to, and who is who in one. Every change of members holds the organisation's
// row for its moment, so that whatever happens at once, an organisation has an owner.

import { Hono, type Context } from "hono";
import { z } from "zod";
import { ORGANISATION_NAME_CHARS_MAX, ORGANISATIONS_OF_PERSON_MAX } from "../core/limits.ts";
import { database } from "../migrations/database.ts";
import { type Access, type Action, type Guarded, permitsIn, roleIn } from "./access.ts";
import { readBody, refuse, unavailable } from "./accounts-body.ts";
import { audited } from "./audit-log.ts";
import { forget } from "./auth-session.ts";
import type { Env } from "./env.ts";
import { freshId } from "./ids.ts";

export type Bound = { Bindings: Env; Variables: Guarded };

const ID_LETTERS = 10;
const LISTED_MAX = 1_000;

export const named = z.strictObject({ name: z.string().trim().min(1).max(ORGANISATION_NAME_CHARS_MAX) });

/** To be mounted at /api/v1/organisations, behind the guard. */
export const organisationRoutes = (): Hono<Bound> => {
  const app = accountsApp();
  app.get("/", list);
  app.post("/", create);
  app.get("/:id", async (c) => {
    const refusal = refusedIn(c, c.req.param("id"), "read");
    return refusal ?? answered(c, await find(c.env, c.get("access"), [c.req.param("id")]));
  });
  app.patch("/:id", rename);
  app.delete("/:id", remove);
  app.post("/:id/transfer", transfer);
  app.post("/:id/leave", leave);
  return app;
};

/** What the routes of people and what they belong to have in common. */
export function accountsApp(): Hono<Bound> {
  const app = new Hono<Bound>();
  app.use(async (c, next) => {
    await next();
    c.header("cache-control", "private, no-store");
  });
  app.onError((error, c) => {
    console.warn(`accounts: ${c.req.method} ${c.req.routePath} not answered: ${String(error)}`);
    return unavailable(c);
  });
  return app;
}

/** Null when the asker may do this in the organisation; who is nobody in it does not learn that it exists. */
export function refusedIn(c: Context<Bound>, organisation: string, action: Action): Response | null {
  const access = c.get("access");
  if (permitsIn(access, organisation, action)) return null;
  return roleIn(access, organisation) === null ? unknownOrganisation(c) : forbidden(c);
}

export const forbidden = (c: Context): Response => refuse(c, 403, "forbidden", "Your role does not allow this.");

export const unknownOrganisation = (c: Context): Response =>
  refuse(c, 404, "unknown_organisation", "There is no such organisation.");

/** For what only somebody who is signed in can do: the operator is nobody's member. */
export const notAPerson = (c: Context): Response =>
  refuse(c, 403, "person_only", "Only somebody who is signed in with an account may do this.");

async function list(c: Context<Bound>): Promise<Response> {
  const access = c.get("access");
  const ids = access.kind === "operator" ? null : access.kind === "person" ? Object.keys(access.roles) : [];
  return c.json({ organisations: await find(c.env, access, ids) });
}

async function create(c: Context<Bound>): Promise<Response> {
  const body = await readBody(c, named);
  if (!body.ok) return body.failure;
  const access = c.get("access");
  if (access.kind === "person" && Object.keys(access.roles).length >= ORGANISATIONS_OF_PERSON_MAX)
    return refuse(c, 409, "too_many", `A person belongs to ${ORGANISATIONS_OF_PERSON_MAX} organisations at most.`);
  const id = freshId("o_", ID_LETTERS);
  const person = access.kind === "person" ? access.id : null;
  await database(c.env)`
    WITH changed AS (
      INSERT INTO organisations AS o (id, name) VALUES (${id}, ${body.value.name})
      RETURNING id, NULL::json AS before, json_build_object('name', o.name) AS after
    ), ${audited(c, { action: "organisation made", merchant: null, organisation: id })}
    INSERT INTO members (organisation, person, role)
    SELECT changed.id, ${person}, 'owner' FROM changed WHERE ${person}::text IS NOT NULL`;
  forget();
  return c.json({ id, name: body.value.name, role: access.kind === "person" ? "owner" : null }, 201);
}

async function rename(c: Context<Bound>): Promise<Response> {
  const id = c.req.param("id") ?? "";
  const body = await readBody(c, named);
  if (!body.ok) return body.failure;
  const refusal = refusedIn(c, id, "configure");
  if (refusal !== null) return refusal;
  const rows = await database(c.env)`
    WITH former AS MATERIALIZED (
      SELECT * FROM organisations WHERE id = ${id} FOR UPDATE
    ), changed AS (
      UPDATE organisations o SET name = ${body.value.name} FROM former WHERE o.id = former.id
      RETURNING o.id, json_build_object('name', former.name) AS before, json_build_object('name', o.name) AS after
    ), ${audited(c, { action: "organisation renamed", merchant: null, organisation: id })} SELECT id FROM changed`;
  return rows.length === 0 ? unknownOrganisation(c) : answered(c, await find(c.env, c.get("access"), [id]));
}

/** Only one without merchants: whoever deletes those means to. */
async function remove(c: Context<Bound>): Promise<Response> {
  const id = c.req.param("id") ?? "";
  const refusal = refusedIn(c, id, "own");
  if (refusal !== null) return refusal;
  const [, rows = []] = await database(c.env).transaction((sql) => [
    sql`SELECT FROM organisations WHERE id = ${id} FOR UPDATE`,
    sql`WITH changed AS (
      DELETE FROM organisations o WHERE id = ${id} AND NOT EXISTS (SELECT FROM merchants WHERE organisation = o.id)
      RETURNING id, json_build_object('name', name) AS before, NULL::json AS after
    ), ${audited(c, { action: "organisation deleted", merchant: null, organisation: id })} SELECT id FROM changed`,
  ]);
  forget();
  if (rows.length > 0) return c.body(null, 204);
  const [left] = await find(c.env, c.get("access"), [id]);
  if (left === undefined) return unknownOrganisation(c);
  return refuse(c, 409, "has_merchants", "It has merchants: delete them, or give them away, first.");
}

/** Makes another member an owner, and the giver an admin. */
async function transfer(c: Context<Bound>): Promise<Response> {
  const id = c.req.param("id") ?? "";
  const body = await readBody(c, z.strictObject({ person: z.string().min(1).max(40) }));
  if (!body.ok) return body.failure;
  const refusal = refusedIn(c, id, "own");
  if (refusal !== null) return refusal;
  const access = c.get("access");
  const giver = access.kind === "person" ? access.id : null;
  const { person } = body.value;
  const memberWith = memberOf(c.env);
  const [, given = []] = await database(c.env).transaction((sql) => [
    sql`SELECT FROM organisations WHERE id = ${id} FOR UPDATE`,
    sql`WITH former AS (SELECT role FROM members WHERE organisation = ${id} AND person = ${person}), changed AS (
      UPDATE members SET role = 'owner' WHERE organisation = ${id} AND person = ${person}
      RETURNING person, ${memberWith("(SELECT role FROM former)")} AS before, ${memberWith("role")} AS after
    ), ${audited(c, { action: "member changed", merchant: null, organisation: id })} SELECT person FROM changed`,
    sql`WITH changed AS (
      UPDATE members m SET role = 'admin' WHERE organisation = ${id} AND person = ${giver} AND person <> ${person}
        AND EXISTS (SELECT FROM members o WHERE o.organisation = m.organisation AND o.person = ${person})
      RETURNING ${memberWith("'owner'")} AS before, ${memberWith("role")} AS after
    ), ${audited(c, { action: "member changed", merchant: null, organisation: id })} SELECT 1`,
  ]);
  forget();
  if (given.length > 0) return c.body(null, 204);
  return refuse(c, 404, "unknown_member", "Nobody of this id is a member.", "#/person");
}

async function leave(c: Context<Bound>): Promise<Response> {
  const id = c.req.param("id") ?? "";
  const refusal = refusedIn(c, id, "read");
  if (refusal !== null) return refusal;
  const access = c.get("access");
  if (access.kind !== "person") return notAPerson(c);
  return removeMember(c, id, access.id);
}

/** As the record shows them: the id tells members who it is, and nobody else. `role` is SQL. */
export const memberOf = (env: Env) => (role: string) =>
  database(env).unsafe(`json_build_object('person', person, 'role', ${role})`);

/** The last owner stays. */
export async function removeMember(c: Context<Bound>, organisation: string, person: string): Promise<Response> {
  const memberWith = memberOf(c.env);
  const [, , rows = []] = await database(c.env).transaction((sql) => [
    sql`SELECT FROM organisations WHERE id = ${organisation} FOR UPDATE`,
    sql`WITH changed AS (
      DELETE FROM members m WHERE organisation = ${organisation} AND person = ${person} AND (role <> 'owner' OR EXISTS (
        SELECT FROM members o WHERE o.organisation = m.organisation AND o.role = 'owner' AND o.person <> m.person))
      RETURNING ${memberWith("role")} AS before, NULL::json AS after
    ), ${audited(c, { action: "member removed", merchant: null, organisation })} SELECT 1`,
    sql`SELECT role FROM members WHERE organisation = ${organisation} AND person = ${person}`,
  ]);
  forget();
  return rows.length === 0 ? c.body(null, 204) : lastOwner(c);
}

export const lastOwner = (c: Context): Response =>
  refuse(c, 409, "last_owner", "An organisation needs an owner: make somebody else one first.");

interface Organisation {
  id: string;
  name: string;
  members: number;
  merchants: number;
}

/** Those of the ids, or all; by name, with the asker's role. */
async function find(env: Env, access: Access, ids: string[] | null): Promise<object[]> {
  const rows = await database(env)`
    SELECT id, name, (SELECT count(*) FROM members WHERE organisation = o.id)::int AS members,
      (SELECT count(*) FROM merchants WHERE organisation = o.id AND deleted_at IS NULL)::int AS merchants
    FROM organisations o WHERE ${ids}::text[] IS NULL OR id = ANY (${ids}::text[]) ORDER BY name, id LIMIT ${LISTED_MAX}`;
  return (rows as Organisation[]).map((row) => ({ ...row, role: roleIn(access, row.id) }));
}

const answered = (c: Context, [found]: object[]): Response =>
  found === undefined ? unknownOrganisation(c) : c.json(found);
