// POST /api/v1/merchants/:id/restore: a deleted merchant is as it was, while it has not been erased yet. For whoever may delete one.
// To be mounted at /api/v1/merchants behind the guard.

import { Hono, type Context } from "hono";
import { database } from "../migrations/database.ts";
import { nameOf, permitsAt } from "./access.ts";
import { refuse } from "./accounts-body.ts";
import { type Bound, orUnavailable } from "./merchant-routes.ts";
import { published, readConfig } from "./merchants.ts";

export const restoreRoutes = (): Hono<Bound> => {
  const app = new Hono<Bound>();
  app.post("/:id/restore", orUnavailable(restore));
  return app;
};

/** One that is not deleted is as it was already. */
async function restore(c: Context<Bound>): Promise<Response> {
  const id = c.req.param("id") ?? "";
  const sql = database(c.env);
  const [row] = await sql`
    SELECT m.organisation, e.id IS NOT NULL AS erased FROM merchants m LEFT JOIN erased_merchants e ON e.id = m.id WHERE m.id = ${id}`;
  const found = row as { organisation: string | null; erased: boolean } | undefined;
  const access = c.get("access");
  if (found === undefined || !permitsAt(access, id, found.organisation, "read"))
    return refuse(c, 404, "unknown_merchant", "There is no such merchant.");
  if (!permitsAt(access, id, found.organisation, "own"))
    return refuse(c, 403, "forbidden", "Your role does not allow this.");
  if (found.erased) return refuse(c, 409, "erased", "It is being erased: it cannot be restored any more.");
  await sql`
    WITH restored AS (
      UPDATE merchants SET deleted_at = NULL, updated_at = now() WHERE id = ${id} AND deleted_at IS NOT NULL
        AND NOT EXISTS (SELECT FROM erased_merchants WHERE id = ${id}) RETURNING id, organisation
    ) INSERT INTO audit_log (who, action, merchant, organisation, subject)
      SELECT ${nameOf(access)}, 'merchant restored', id, organisation, '{}' FROM restored`;
  await published(c.env, id, await readConfig(c.env, id));
  return c.body(null, 204);
}
