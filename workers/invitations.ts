// /api/v1/invitations: asking somebody into an organisation by mail. What the mail holds is kept as a hash, works once, for
// seven days, and only for whoever has confirmed the address that it was sent to.

import type { Context, Hono } from "hono";
import { z } from "zod";
import { toHex } from "../core/hex.ts";
import { MEMBERS_MAX } from "../core/limits.ts";
import { database } from "../migrations/database.ts";
import { nameOf } from "./access.ts";
import { readBody, refuse } from "./accounts-body.ts";
import { tried } from "./attempts.ts";
import { audited } from "./audit-log.ts";
import { mailToInvite } from "./auth-mail.ts";
import { email } from "./auth-routes.ts";
import { forget } from "./auth-session.ts";
import { freshId } from "./ids.ts";
import { sendMail } from "./mail.ts";
import { mayGive, role } from "./members.ts";
import { accountsApp, type Bound, forbidden, notAPerson, refusedIn } from "./organisations.ts";

const TOKEN_LETTERS = 40;
const HOLDS_DAYS = 7;
const MAILS_A_DAY_MAX = 100;
const DAY_SECONDS = 86_400;

/** To be mounted at /api/v1/invitations, behind the guard. */
export const invitationRoutes = (): Hono<Bound> => {
  const app = accountsApp();
  app.get("/", async (c) => {
    const organisation = c.req.query("organisation") ?? "";
    const refusal = refusedIn(c, organisation, "configure");
    if (refusal !== null) return refusal;
    const invitations = await database(c.env)`
      SELECT id, email, role, to_char(expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS expires_at
      FROM invitations WHERE organisation = ${organisation} AND accepted_at IS NULL AND expires_at > now() ORDER BY email`;
    return c.json({ invitations });
  });
  app.post("/", invite);
  app.post("/accept", accept);
  app.delete("/:id", withdraw);
  return app;
};

/** Again to the same address: the former mail stops working. */
async function invite(c: Context<Bound>): Promise<Response> {
  const body = await readBody(c, z.strictObject({ organisation: z.string().min(1).max(40), email, role }));
  if (!body.ok) return body.failure;
  const { organisation, ...invited } = body.value;
  const refusal = refusedIn(c, organisation, "configure");
  if (refusal !== null) return refusal;
  if (!mayGive(c, organisation, invited.role)) return forbidden(c);
  const wait = await tried(c.env, [
    { what: "invitations of", who: organisation, max: MAILS_A_DAY_MAX, windowSeconds: DAY_SECONDS },
  ]);
  if (wait !== null) {
    c.header("retry-after", String(wait));
    return refuse(c, 429, "too_many_attempts", `An organisation may invite ${MAILS_A_DAY_MAX} people a day.`);
  }
  const token = freshId("", TOKEN_LETTERS);
  const access = c.get("access");
  const [row] = await database(c.env)`
    WITH changed AS (
      INSERT INTO invitations AS i (id, organisation, email, role, token_hash, invited_by, expires_at)
      SELECT ${freshId("i_", 16)}, o.id, ${invited.email}, ${invited.role}, ${await hashOf(token)},
        ${access.kind === "person" ? access.id : null}, now() + ${HOLDS_DAYS} * interval '1 day'
      FROM organisations o WHERE o.id = ${organisation}
        AND (SELECT count(*) FROM members WHERE organisation = o.id) < ${MEMBERS_MAX}
      ON CONFLICT (organisation, email) WHERE accepted_at IS NULL DO UPDATE SET role = excluded.role,
        token_hash = excluded.token_hash, invited_by = excluded.invited_by, expires_at = excluded.expires_at
      RETURNING id, email, role, NULL::json AS before, ${recorded(c)} AS after
    ), ${audited(c, { action: "invitation made", merchant: null, organisation })} SELECT id, email, role FROM changed`;
  if (row === undefined) return refuse(c, 409, "too_many", `An organisation has ${MEMBERS_MAX} members at most.`);
  const { origin } = new URL(c.req.url);
  const by = access.kind === "operator" ? "The operator" : nameOf(access);
  await sendMail(c.env, mailToInvite(origin, invited, by, token));
  return c.json(row, 201);
}

async function accept(c: Context<Bound>): Promise<Response> {
  const body = await readBody(c, z.strictObject({ token: z.string().min(1).max(100) }));
  if (!body.ok) return body.failure;
  const access = c.get("access");
  if (access.kind !== "person") return notAPerson(c);
  // Whoever is a member already keeps the higher role: an invitation never takes anything away.
  const sql = database(c.env);
  const [row] = await sql`
    WITH accepted AS (
      UPDATE invitations SET accepted_at = now() WHERE token_hash = ${await hashOf(body.value.token)}
        AND accepted_at IS NULL AND expires_at > now() AND email = ${access.email}
      RETURNING organisation, role
    ), changed AS (
      INSERT INTO members AS m (organisation, person, role) SELECT organisation, ${access.id}, role FROM accepted
      ON CONFLICT (organisation, person) DO UPDATE SET role = CASE
        WHEN array_position(ARRAY['viewer', 'analyst', 'admin', 'owner'], excluded.role)
          > array_position(ARRAY['viewer', 'analyst', 'admin', 'owner'], m.role) THEN excluded.role ELSE m.role END
      RETURNING m.organisation, m.role, NULL::json AS before, json_build_object('person', m.person, 'role', m.role) AS after
    ), ${audited(c, { action: "member added", merchant: null, organisation: sql.unsafe("changed.organisation") })}
    SELECT organisation, role FROM changed`;
  forget();
  if (row !== undefined) return c.json(row);
  const message = "This invitation does not hold: it is over, was used or withdrawn, or was sent to another address.";
  return refuse(c, 404, "unknown_invitation", message, "#/token");
}

async function withdraw(c: Context<Bound>): Promise<Response> {
  const id = c.req.param("id") ?? "";
  const [found] = await database(c.env)`SELECT organisation FROM invitations WHERE id = ${id} AND accepted_at IS NULL`;
  const unknown = refuse(c, 404, "unknown_invitation", "There is no such invitation.");
  if (found === undefined) return unknown;
  const refusal = refusedIn(c, found["organisation"] as string, "configure");
  if (refusal !== null) return refusal.status === 404 ? unknown : refusal;
  const organisation = found["organisation"] as string;
  await database(c.env)`
    WITH changed AS (
      DELETE FROM invitations WHERE id = ${id} AND accepted_at IS NULL RETURNING ${recorded(c)} AS before, NULL::json AS after
    ), ${audited(c, { action: "invitation withdrawn", merchant: null, organisation })} SELECT 1`;
  return c.body(null, 204);
}

/** What the record shows of one: whoever was invited may never have wanted to be in it. */
const recorded = (c: Context<Bound>) =>
  database(c.env).unsafe(
    `json_build_object('id', id, 'email', left(email, 1) || '…@' || split_part(email, '@', 2), 'role', role)`,
  );

async function hashOf(token: string): Promise<string> {
  return toHex(new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(token))));
}
