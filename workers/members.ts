// /api/v1/members: who belongs to an organisation, and as what. Whoever is an admin may change others up to their own role;
// owners are made and unmade by owners.

import type { Context, Hono } from "hono";
import { z } from "zod";
import { database } from "../migrations/database.ts";
import { isAtLeast, type Role, ROLES } from "../core/role.ts";
import { roleIn } from "./access.ts";
import { readBody, refuse } from "./accounts-body.ts";
import { audited } from "./audit-log.ts";
import { forget } from "./auth-session.ts";
import { accountsApp, type Bound, forbidden, lastOwner, memberOf, refusedIn, removeMember } from "./organisations.ts";

export const role = z.enum(ROLES);

/** To be mounted at /api/v1/members, behind the guard. */
export const memberRoutes = (): Hono<Bound> => {
  const app = accountsApp();
  app.get("/", async (c) => {
    const organisation = c.req.query("organisation") ?? "";
    const refusal = refusedIn(c, organisation, "read");
    if (refusal !== null) return refusal;
    const members = await database(c.env)`
      SELECT p.id AS person, p.name, p.email, m.role, p.two_factor_enabled AS two_factor,
        to_char(m.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since
      FROM members m JOIN people p ON p.id = m.person WHERE m.organisation = ${organisation} ORDER BY p.name, p.id`;
    return c.json({ members });
  });
  app.patch("/:organisation/:person", change);
  app.delete("/:organisation/:person", async (c) => {
    const { organisation, person } = c.req.param();
    const access = c.get("access");
    const itself = access.kind === "person" && access.id === person;
    const refusal = refusedIn(c, organisation, itself ? "read" : "configure");
    if (refusal !== null) return refusal;
    const now = await roleOf(c, organisation, person);
    if (now === null) return unknownMember(c);
    if (!itself && !mayGive(c, organisation, now)) return forbidden(c);
    return removeMember(c, organisation, person);
  });
  return app;
};

/** Nobody gives or takes more than they have; the operator has everything. */
export function mayGive(c: Context<Bound>, organisation: string, given: Role): boolean {
  const access = c.get("access");
  const own = roleIn(access, organisation);
  return access.kind === "operator" || (own !== null && isAtLeast(own, given));
}

async function change(c: Context<Bound>): Promise<Response> {
  const organisation = c.req.param("organisation") ?? "";
  const person = c.req.param("person") ?? "";
  const body = await readBody(c, z.strictObject({ role }));
  if (!body.ok) return body.failure;
  const refusal = refusedIn(c, organisation, "configure");
  if (refusal !== null) return refusal;
  const given = body.value.role;
  const now = await roleOf(c, organisation, person);
  if (now === null) return unknownMember(c);
  if (!mayGive(c, organisation, given) || !mayGive(c, organisation, now)) return forbidden(c);
  const memberWith = memberOf(c.env);
  const [, rows = []] = await database(c.env).transaction((sql) => [
    sql`SELECT FROM organisations WHERE id = ${organisation} FOR UPDATE`,
    sql`WITH former AS (SELECT role FROM members WHERE organisation = ${organisation} AND person = ${person}), changed AS (
      UPDATE members m SET role = ${given} WHERE organisation = ${organisation} AND person = ${person}
        AND (${given} = 'owner' OR role <> 'owner' OR EXISTS (
          SELECT FROM members o WHERE o.organisation = m.organisation AND o.role = 'owner' AND o.person <> m.person))
      RETURNING person, role, ${memberWith("(SELECT role FROM former)")} AS before, ${memberWith("role")} AS after
    ), ${audited(c, { action: "member changed", merchant: null, organisation })} SELECT person, role FROM changed`,
  ]);
  forget();
  return rows[0] === undefined ? lastOwner(c) : c.json(rows[0]);
}

async function roleOf(c: Context<Bound>, organisation: string, person: string): Promise<Role | null> {
  const [row] = await database(c.env)`
    SELECT role FROM members WHERE organisation = ${organisation} AND person = ${person}`;
  return (row?.["role"] as Role | undefined) ?? null;
}

const unknownMember = (c: Context): Response => refuse(c, 404, "unknown_member", "Nobody of this id is a member.");
