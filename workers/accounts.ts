// /api/v1/me: who is asking, and where they are signed in. A session is named by its id, never by what its cookie holds, and
// can be ended from any other.

import type { Hono } from "hono";
import { database } from "../migrations/database.ts";
import { refuse } from "./accounts-body.ts";
import { forget } from "./auth-session.ts";
import { accountsApp, type Bound, notAPerson } from "./organisations.ts";

/** To be mounted at /api/v1/me, behind the guard. */
export const meRoutes = (): Hono<Bound> => {
  const app = accountsApp();
  app.get("/", (c) => {
    const access = c.get("access");
    const { kind } = access;
    const nobody = { operator: kind === "operator", person: null, roles: {}, token: null };
    if (kind === "operator" || kind === "link") return c.json(nobody);
    if (kind === "token") {
      const { id, name, scope, organisation, merchant } = access;
      return c.json({ ...nobody, token: { id, name, scope, organisation, merchant } });
    }
    const { id, name, email, roles } = access;
    return c.json({ ...nobody, person: { id, name, email }, roles });
  });
  app.get("/sessions", async (c) => {
    const access = c.get("access");
    if (access.kind !== "person") return notAPerson(c);
    const sql = database(c.env);
    const [sessions, [person]] = await Promise.all([
      sql`
        SELECT id, user_agent, id = ${access.session} AS current,
          to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since,
          to_char(expires_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS until
        FROM sessions WHERE person = ${access.id} AND expires_at > now() ORDER BY created_at DESC, id`,
      sql`SELECT two_factor_enabled FROM people WHERE id = ${access.id}`,
    ]);
    return c.json({ sessions, two_factor: person?.["two_factor_enabled"] === true });
  });
  /** All but the one that asks. */
  app.delete("/sessions", async (c) => {
    const access = c.get("access");
    if (access.kind !== "person") return notAPerson(c);
    await database(c.env)`DELETE FROM sessions WHERE person = ${access.id} AND id <> ${access.session}`;
    forget();
    return c.body(null, 204);
  });
  app.delete("/sessions/:id", async (c) => {
    const access = c.get("access");
    if (access.kind !== "person") return notAPerson(c);
    const ended = await database(c.env)`
      DELETE FROM sessions WHERE person = ${access.id} AND id = ${c.req.param("id")} RETURNING id`;
    forget();
    return ended.length > 0 ? c.body(null, 204) : refuse(c, 404, "unknown_session", "You have no such session.");
  });
  return app;
};
