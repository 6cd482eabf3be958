// /api/v1/merchants/:id/annotations: notes at moments of a merchant's time, for charts. To be mounted at /api/v1/merchants behind
// the guard. Whoever looks through a shared link reads them too, but not who wrote them.

import type { AnnotationView } from "../core/annotation-view.ts";
import { Hono, type Context } from "hono";
import { z } from "zod";
import { ANNOTATION_TEXT_CHARS_MAX, ANNOTATIONS_MAX } from "../core/limits.ts";
import { database } from "../migrations/database.ts";
import type { Access } from "./access.ts";
import { readBody, refuse } from "./accounts-body.ts";
import { audited, auditOf } from "./audit-log.ts";
import { freshId } from "./ids.ts";
import { type Bound, orUnavailable, permitted } from "./merchant-routes.ts";
import type { FindMerchant } from "./merchants.ts";

const ID_LETTERS = 12;

const fields = {
  date: z.iso.date(),
  hour: z.int().min(0).max(23).nullable(),
  text: z.string().trim().min(1).max(ANNOTATION_TEXT_CHARS_MAX),
};
export const newAnnotation = z.strictObject({ ...fields, hour: fields.hour.default(null) });
export const changedAnnotation = z.strictObject(fields).partial();
const wanted = z.object({ from: z.iso.date().default("0001-01-01"), to: z.iso.date().default("9999-12-31") });

export const annotationRoutes = (find: FindMerchant): Hono<Bound> => {
  const app = new Hono<Bound>();
  const route = (handle: (c: Context<Bound>, find: FindMerchant) => Promise<Response>) =>
    orUnavailable((c) => handle(c, find));
  app.get("/:id/annotations", route(list));
  app.post("/:id/annotations", route(create));
  app.patch("/:id/annotations/:annotation", route(change));
  app.delete("/:id/annotations/:annotation", route(remove));
  return app;
};

async function list(c: Context<Bound>, find: FindMerchant): Promise<Response> {
  const merchant = await permitted(c, find, "report");
  if (!merchant.ok) return merchant.failure;
  const range = wanted.safeParse(c.req.query());
  if (!range.success)
    return refuse(c, 400, "invalid", "A local date, YYYY-MM-DD.", `#/${String(range.error.issues[0]!.path[0])}`);
  const { from, to } = range.data;
  const rows = await database(c.env)`
    SELECT id, to_char(date, 'YYYY-MM-DD') AS date, hour, text, who FROM annotations
    WHERE merchant = ${merchant.value.id} AND date BETWEEN ${from}::date AND ${to}::date
    ORDER BY date, hour NULLS FIRST, created_at, id`;
  const isMember = c.get("access").kind !== "link";
  const annotations = (rows as AnnotationView[]).map((row) => ({ ...row, who: isMember ? row.who : null }));
  return c.json({ annotations });
}

async function create(c: Context<Bound>, find: FindMerchant): Promise<Response> {
  const merchant = await permitted(c, find, "annotate");
  if (!merchant.ok) return merchant.failure;
  const body = await readBody(c, newAnnotation);
  if (!body.ok) return body.failure;
  const { date, hour, text } = body.value;
  const sql = database(c.env);
  const [row] = await sql`
    WITH changed AS (
      INSERT INTO annotations AS a (id, merchant, date, hour, text, who)
      SELECT ${freshId("n_", ID_LETTERS)}, ${merchant.value.id}, ${date}::date, ${hour}::smallint, ${text}, ${authorOf(c.get("access"))}
      WHERE (SELECT count(*) FROM annotations WHERE merchant = ${merchant.value.id}) < ${ANNOTATIONS_MAX}
      RETURNING a.*, NULL::json AS before, ${sql.unsafe(recordOf("a"))} AS after
    ), ${audited(c, await auditOf(c.env, "annotation made", merchant.value))}
    SELECT id, to_char(date, 'YYYY-MM-DD') AS date, hour, text, who FROM changed`;
  if (row === undefined) return refuse(c, 409, "too_many", `A merchant has ${ANNOTATIONS_MAX} annotations at most.`);
  return c.json(row as AnnotationView, 201);
}

async function change(c: Context<Bound>, find: FindMerchant): Promise<Response> {
  const merchant = await permitted(c, find, "annotate");
  if (!merchant.ok) return merchant.failure;
  const body = await readBody(c, changedAnnotation);
  if (!body.ok) return body.failure;
  const { date, hour, text } = body.value;
  const sql = database(c.env);
  const [row] = await sql`
    WITH former AS MATERIALIZED (
      SELECT * FROM annotations WHERE merchant = ${merchant.value.id} AND id = ${c.req.param("annotation")} FOR UPDATE
    ), changed AS (
      UPDATE annotations a SET date = coalesce(${date}::date, a.date), text = coalesce(${text}, a.text),
        hour = CASE WHEN ${hour === undefined} THEN a.hour ELSE ${hour}::smallint END,
        who = ${authorOf(c.get("access"))}, updated_at = now()
      FROM former WHERE a.id = former.id
      RETURNING a.*, ${sql.unsafe(recordOf("former"))} AS before, ${sql.unsafe(recordOf("a"))} AS after
    ), ${audited(c, await auditOf(c.env, "annotation changed", merchant.value))}
    SELECT id, to_char(date, 'YYYY-MM-DD') AS date, hour, text, who FROM changed`;
  return row === undefined ? unknown(c) : c.json(row as AnnotationView);
}

async function remove(c: Context<Bound>, find: FindMerchant): Promise<Response> {
  const merchant = await permitted(c, find, "annotate");
  if (!merchant.ok) return merchant.failure;
  const sql = database(c.env);
  const gone = await sql`
    WITH changed AS (
      DELETE FROM annotations a WHERE merchant = ${merchant.value.id} AND id = ${c.req.param("annotation")}
      RETURNING ${sql.unsafe(recordOf("a"))} AS before, NULL::json AS after
    ), ${audited(c, await auditOf(c.env, "annotation deleted", merchant.value))} SELECT 1 FROM changed`;
  return gone.length === 0 ? unknown(c) : c.body(null, 204);
}

/** For the record of changes. */
const recordOf = (table: "a" | "former"): string =>
  `json_build_object('id', ${table}.id, 'date', ${table}.date, 'hour', ${table}.hour, 'text', ${table}.text)`;

/** For people to read beside the text. */
const authorOf = (access: Access): string =>
  access.kind === "person" || access.kind === "token" ? access.name : "operator";

const unknown = (c: Context): Response => refuse(c, 404, "unknown_annotation", "There is no such annotation.");
