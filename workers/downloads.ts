// Files of a merchant's days for other tools: GET /merchants/:id/files lists them with addresses that open for some hours, to
// be mounted behind the guard at /api/v1/merchants; and those addresses themselves, GET and HEAD of /api/v1/files/…, to be
// mounted before it, since who has one needs no session. They give ranges of bytes, so that a tool that reads Parquet by HTTP
// reads the columns it needs and no more.

import { Hono, type Context } from "hono";
import { z } from "zod";
import { REPORT_DAYS_MAX } from "../core/limits.ts";
import { fail, ok, type Result } from "../core/result.ts";
import { daysBetween } from "../core/zone.ts";
import { type Guarded, permits } from "./access.ts";
import { refuse } from "./accounts-body.ts";
import { type ByteRange, byteRangeOf, placeOf } from "./byte-range.ts";
import { isUnchanged } from "./conditional.ts";
import { KINDS, listDayFiles } from "./day-files.ts";
import type { Env } from "./env.ts";
import type { FindMerchant } from "./merchants.ts";
import { isSigned, signedPath } from "./signed-address.ts";

type Bound = { Bindings: Env; Variables: Guarded };

const FILES_OPEN_SECONDS = 6 * 3_600;

const asked = z.object({ from: z.iso.date(), to: z.iso.date(), kind: z.enum(KINDS) });

type AskedFiles = z.infer<typeof asked>;

function read(parameters: Record<string, string>): Result<AskedFiles, { pointer: string; message: string }> {
  const { success, data, error } = asked.safeParse(parameters);
  if (!success) {
    const { path, message } = error.issues[0]!;
    return fail({ pointer: `#/${path.join("/")}`, message });
  }
  if (data.from > data.to) return fail({ pointer: "#/to", message: "It ends before it starts" });
  if (daysBetween(data.from, data.to) < REPORT_DAYS_MAX) return ok(data);
  return fail({ pointer: "#/to", message: `Ask for ${REPORT_DAYS_MAX} days at most` });
}

export const fileListRoutes = (find: FindMerchant): Hono<Bound> => {
  const app = new Hono<Bound>();
  app.get("/:id/files", async (c) => {
    try {
      return await list(c, find);
    } catch (error) {
      console.warn(`files: not listed: ${String(error)}`);
      c.header("retry-after", "5");
      return refuse(c, 503, "unavailable", "The files cannot be listed just now. Try again in a moment.");
    }
  });
  return app;
};

/** All that there is of a merchant, and not only numbers: for those who may also set it up. */
async function list(c: Context<Bound>, find: FindMerchant): Promise<Response> {
  const id = c.req.param("id") ?? "";
  const merchant = await find(c.env, id);
  if (merchant === null || !(await permits(c.get("access"), merchant.id, "configure")))
    return refuse(c, 404, "unknown_merchant", "There is no such merchant.");
  const wanted = read(c.req.query());
  if (!wanted.ok) {
    const { pointer, message } = wanted.failure;
    return refuse(c, 400, "malformed", `${message}. Use ?kind=raw|derived&from=2026-01-01&to=2026-01-31.`, pointer);
  }
  const { kind, ...range } = wanted.value;
  const { files, next } = await listDayFiles(c.env, merchant.id, kind, range);
  const { origin } = new URL(c.req.url);
  const expires = Math.floor(Date.now() / 1_000) + FILES_OPEN_SECONDS;
  const shown = await Promise.all(
    files.map(async ({ key, ...file }) => ({
      name: key,
      ...file,
      url: origin + (await signedPath(c.env, key, expires)),
    })),
  );
  return c.json({ kind, files: shown, next, expires_at: new Date(expires * 1_000).toISOString() }, 200, NO_STORE);
}

const NO_STORE = { "cache-control": "private, no-store" };

export const fileRoutes = (): Hono<{ Bindings: Env }> => {
  const app = new Hono<{ Bindings: Env }>();
  app.get("/:key{.+}", async (c) => {
    const key = c.req.param("key");
    const expires = Number(c.req.query("expires"));
    try {
      if (!Number.isSafeInteger(expires) || !(await isSigned(c.env, key, expires, c.req.query("signature") ?? "")))
        return refuse(c, 404, "not_found", NO_FILE);
      if (expires * 1_000 <= Date.now())
        return refuse(c, 403, "expired", "The address was good until its time. List the files again for another one.");
      return await serve(c, key);
    } catch (error) {
      console.warn(JSON.stringify({ event: "file_not_sent", key, error: String(error) }));
      c.header("retry-after", "5");
      return refuse(c, 503, "unavailable", "The file cannot be read just now. Try again in a moment.");
    }
  });
  return app;
};

const NO_FILE = "There is no such file, or its address is not complete.";

async function serve(c: Context, key: string): Promise<Response> {
  const env = c.env as Env;
  const range = byteRangeOf(c.req.header("range"));
  const asksFirst = c.req.raw.method === "HEAD" || c.req.header("if-none-match") !== undefined;
  if (asksFirst) {
    const head = await env.ARCHIVE.head(key);
    if (head === null) return refuse(c, 404, "not_found", NO_FILE);
    if (isUnchanged(c.req.header("if-none-match"), head.httpEtag))
      return new Response(null, { status: 304, headers: headersOf(head) });
    if (c.req.raw.method === "HEAD")
      return new Response(null, { headers: { ...headersOf(head), "content-length": String(head.size) } });
  }
  const ifRange = c.req.header("if-range");
  // Half of a file that has been replaced is no use beside half of the other.
  const file = await get(env.ARCHIVE, key, range, ifRange);
  if (file === null) return refuse(c, 404, "not_found", NO_FILE);
  if (file === "unsatisfiable") return unsatisfiable(c, (await env.ARCHIVE.head(key))?.size ?? 0);
  const { object, isPart } = file;
  const headers: Record<string, string> = headersOf(object);
  if (!isPart) return new Response(object.body, { headers });
  const place = placeOf(range!, object.size);
  if (place === null) return unsatisfiable(c, object.size);
  headers["content-range"] = `bytes ${place.first}-${place.last}/${object.size}`;
  return new Response(object.body, { status: 206, headers });
}

function unsatisfiable(c: Context, bytes: number): Response {
  c.header("content-range", `bytes */${bytes}`);
  return c.json({ error: { pointer: "#", reason: "unsatisfiable", message: `The file has ${bytes} bytes.` } }, 416);
}

type Got = { object: R2ObjectBody; isPart: boolean };

/** The range, or all of it where that is right: without one, or when `ifRange` is not the tag of what is there. */
async function get(
  bucket: R2Bucket,
  key: string,
  range: ByteRange | null,
  ifRange: string | undefined,
): Promise<Got | "unsatisfiable" | null> {
  if (range !== null) {
    if ("suffix" in range && range.suffix === 0) return "unsatisfiable";
    const condition = ifRange === undefined ? {} : { onlyIf: { etagMatches: ifRange.replaceAll('"', "") } };
    const part = await ranged(bucket, key, { range, ...condition });
    if (part === "unsatisfiable" || part === null) return part;
    if ("body" in part) return { object: part as R2ObjectBody, isPart: true };
  }
  const object = await bucket.get(key);
  return object === null ? null : { object, isPart: false };
}

async function ranged(
  bucket: R2Bucket,
  key: string,
  options: R2GetOptions & { range: ByteRange },
): Promise<R2Object | null | "unsatisfiable"> {
  try {
    return await bucket.get(key, options);
  } catch (error) {
    const head = await bucket.head(key);
    if (head !== null && placeOf(options.range, head.size) === null) return "unsatisfiable";
    throw error;
  }
}

const headersOf = (object: R2Object): Record<string, string> => ({
  "content-type": object.key.endsWith(".parquet") ? "application/vnd.apache.parquet" : "application/gzip",
  "content-disposition": `attachment; filename="${object.key.replaceAll("/", "-")}"`,
  "accept-ranges": "bytes",
  etag: object.httpEtag,
  "last-modified": object.uploaded.toUTCString(),
  "cache-control": "private, no-cache",
});
