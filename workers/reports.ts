// The reports API: /query, posted as JSON or written into the address (core/query.ts says what may be asked), and
// GET /metrics, the catalogue of what can be asked. To be mounted at /api/v1 behind the guard. Answers leave in the form
// that is asked for, refusals as JSON with a status that means what it says; only a bug is a 500.

import { Hono, type Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { CATALOGUE } from "../core/catalogue.ts";
import { QUERY_BYTES_MAX } from "../core/limits.ts";
import type { QueryFault } from "../core/query-fault.ts";
import { bodyOf } from "../core/query-parameters.ts";
import { fail, ok, type Result } from "../core/result.ts";
import type { Guarded } from "./access.ts";
import { answerKept, type ShownAnswer } from "./answer-cache.ts";
import { cacheControlOf, demandOf, isUnchanged } from "./conditional.ts";
import type { Env } from "./env.ts";
import { type Format, formatOf, formatted } from "./formats.ts";
import type { FindMerchant } from "./merchants.ts";
import { tellQuota } from "./rate-limits.ts";
import { findAsked, type ReportRefusal } from "./report.ts";

type Bound = { Bindings: Env; Variables: Guarded };

const RETRY_AFTER_SECONDS = "5";

export const reports = (find: FindMerchant): Hono<Bound> => {
  const app = new Hono<Bound>();
  app.use(async (c, next) => {
    await next();
    if (!c.res.headers.has("cache-control")) c.header("cache-control", "private, no-store");
  });
  app.post("/query", bodyLimit({ maxSize: QUERY_BYTES_MAX, onError: tooLarge }), async (c) => {
    const asked = await answered(c, find, jsonOf(await c.req.text()));
    return asked.ok ? c.body(...sent(asked.value)) : asked.failure;
  });
  app.get("/query", (c) => answerInAddress(c, find));
  app.get("/metrics", (c) => c.json(CATALOGUE));
  return app;
};

interface Answered {
  answer: ShownAnswer;
  format: Format;
}

/** The answer to a body, or the refusal. Who asks is looked at before anything that is kept. */
async function answered(
  c: Context<Bound>,
  find: FindMerchant,
  body: Result<unknown, Refusal>,
): Promise<Result<Answered, Response>> {
  const nowMs = Date.now();
  const format = formatOf(c);
  if (!format.ok) return fail(refused(c, 400, { pointer: "#/format", message: format.failure, reason: "malformed" }));
  if (!body.ok) return fail(refused(c, 400, body.failure));
  const asked = await findAsked(c.env, find, c.get("access"), body.value);
  if (!asked.ok) return fail(refusedAs(c, asked.failure));
  if (asked.value.quota !== null) tellQuota(c, asked.value.quota);
  const answer = await answerKept(c.env, asked.value, nowMs, demandOf(c.req.header("cache-control")));
  if (!answer.ok) return fail(refusedAs(c, answer.failure));
  return ok({ answer: answer.value, format: format.value });
}

/** What browsers and proxies of one person may keep, and ask about by its tag. */
async function answerInAddress(c: Context<Bound>, find: FindMerchant): Promise<Response> {
  const url = new URL(c.req.url);
  if (url.search.length > QUERY_BYTES_MAX) return tooLarge(c);
  url.searchParams.delete("format");
  const body = bodyOf(url.searchParams);
  const asked = await answered(c, find, body);
  if (!asked.ok) return asked.failure;
  const { answer, format } = asked.value;
  const etag = `"${answer.name}-${format}"`;
  c.header("etag", etag);
  c.header("vary", "accept, authorization, cookie");
  c.header("cache-control", cacheControlOf(answer, body.ok ? body.value : null, Date.now()));
  if (isUnchanged(c.req.header("if-none-match"), etag)) return c.body(null, 304);
  return c.body(...sent(asked.value));
}

function sent({ answer, format }: Answered): [string | ReadableStream, 200, Record<string, string>] {
  const { body, headers } = formatted(answer.text, format);
  return [body, 200, { ...headers, "x-countinghouse-answer": answer.from }];
}

function refusedAs(c: Context<Bound>, { status, quota, ...refusal }: ReportRefusal): Response {
  if (quota !== undefined) tellQuota(c, quota);
  if (status === 503) c.header("retry-after", RETRY_AFTER_SECONDS);
  if (status === 429) c.header("retry-after", String(quota?.seconds ?? RETRY_AFTER_SECONDS));
  return c.json({ error: refusal }, status);
}

function jsonOf(text: string): Result<unknown, Refusal> {
  try {
    return ok(JSON.parse(text) as unknown);
  } catch {
    return fail({ pointer: "#", message: "The body is not JSON.", reason: "malformed" });
  }
}

type Refusal = Omit<QueryFault, "reason"> & { reason: string };

const refused = (c: Context<Bound>, status: 400 | 404 | 413, refusal: Refusal): Response =>
  c.json({ error: refusal }, status);

const tooLarge = (c: Context<Bound>): Response =>
  refused(c, 413, { pointer: "#", message: `A query has ${QUERY_BYTES_MAX} bytes at most.`, reason: "too_large" });
