// GET /api/v1/audit: who changed what and when, of a merchant or an organisation, the newest first. For admins and owners; and for the
// operator, who may ask for all there is. Whoever is given a merchant does not see who changed it before.

import type { AuditEntry } from "../core/audit-entry.ts";
import type { Context, Hono } from "hono";
import { AUDIT_ENTRIES_MAX } from "../core/limits.ts";
import { database } from "../migrations/database.ts";
import { refuse } from "./accounts-body.ts";
import type { Env } from "./env.ts";
import { accountsApp, type Bound } from "./organisations.ts";
import { type Whose, whoseOf } from "./whose.ts";

const SHOWN = 50;

/** To be mounted at /api/v1/audit, behind the guard. */
export const auditLogRoutes = (): Hono<Bound> => {
  const app = accountsApp();
  app.get("/", show);
  return app;
};

async function show(c: Context<Bound>): Promise<Response> {
  const { merchant, organisation, before = "", limit = String(SHOWN) } = c.req.query();
  const isOperator = c.get("access").kind === "operator";
  const isWhole = isOperator && merchant === undefined && organisation === undefined;
  const whose = isWhole ? null : await whoseOf(c);
  if (whose?.ok === false) return whose.failure;
  if (!/^[1-9]\d{0,2}$/.test(limit) || Number(limit) > AUDIT_ENTRIES_MAX)
    return refuse(c, 400, "invalid", `limit: 1 to ${AUDIT_ENTRIES_MAX}.`, "#/limit");
  if (!/^\d{0,15}$/.test(before)) return refuse(c, 400, "invalid", "before: the id of an entry.", "#/before");
  const page = { before: before === "" ? null : Number(before), limit: Number(limit) };
  const rows = await read(c.env, whose?.value ?? null, { ...page, isOperator });
  const entries = rows.map(viewOf);
  return c.json({ entries, next: entries.length === page.limit ? entries.at(-1)!.id : null });
}

interface Row extends Omit<AuditEntry, "before" | "after" | "details"> {
  subject: Record<string, unknown>;
}

interface Page {
  before: number | null;
  limit: number;
  isOperator: boolean;
}

/** Entries of replays, and those from before organisations were recorded, are of whoever has the merchant now. */
async function read(env: Env, of: Whose | null, { before, limit, isOperator }: Page): Promise<Row[]> {
  const sql = database(env);
  const { merchant = null, organisation = null } = of ?? {};
  const page = sql`(${before}::bigint IS NULL OR id < ${before}::bigint) ORDER BY id DESC LIMIT ${limit}`;
  const found =
    merchant !== null
      ? sql`SELECT * FROM audit_log WHERE merchant = ${merchant}
          AND (${isOperator}::boolean OR organisation IS NULL OR organisation = ${organisation}) AND ${page}`
      : organisation !== null
        ? sql`(SELECT * FROM audit_log WHERE organisation = ${organisation} AND ${page}) UNION ALL
            (SELECT * FROM audit_log WHERE organisation IS NULL
              AND merchant IN (SELECT id FROM merchants WHERE organisation = ${organisation}) AND ${page})
            ORDER BY id DESC LIMIT ${limit}`
        : sql`SELECT * FROM audit_log WHERE ${page}`;
  const rows = await sql`
    SELECT id::float8, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at, who, action, merchant, organisation, subject
    FROM (${found}) AS found ORDER BY found.id DESC`;
  return rows as Row[];
}

function viewOf({ subject, ...entry }: Row): AuditEntry {
  const { before = null, after = null, ...details } = subject;
  const isSame = (key: string): boolean =>
    JSON.stringify((before as Fields)?.[key]) === JSON.stringify((after as Fields)?.[key]);
  const differing = (fields: Fields, other: Fields): Fields =>
    fields === null || other === null
      ? fields
      : Object.fromEntries(Object.entries(fields).filter(([key]) => IDENTITY.has(key) || !isSame(key)));
  return {
    ...entry,
    before: differing(before as Fields, after as Fields),
    after: differing(after as Fields, before as Fields),
    details,
  };
}

type Fields = Record<string, unknown> | null;

/** Says of what the change is, though it stays the same. */
const IDENTITY = new Set(["id", "person"]);
