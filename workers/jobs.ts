// Jobs over HTTP, to be mounted at /api/v1/jobs behind the guard: POST asks for one, GET says how it stands, GET …/result gives
// the answer in any form, DELETE drops it. For those who may read the merchant's reports; to all others there is no such job.

import { Hono, type Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { daysOfJob, isOver, type Job, jobView, merchantOfJob, newJob } from "../core/job.ts";
import { JOBS_MAX, JOBS_UNDER_WAY_MAX, QUERY_BYTES_MAX } from "../core/limits.ts";
import { planReport } from "../core/plan.ts";
import type { Query } from "../core/query.ts";
import { conjunctsOf, writtenFilter } from "../core/query-filters.ts";
import { segmentsAsked } from "../core/segments.ts";
import { type Guarded, permits } from "./access.ts";
import { refuse } from "./accounts-body.ts";
import type { Env } from "./env.ts";
import { formatOf, formatted } from "./formats.ts";
import { freshId } from "./ids.ts";
import { ofQuery } from "./job-runner.ts";
import { readJob, readResult, removeFiles, standings, type StoredJob, writeJob } from "./job-store.ts";
import type { FindMerchant } from "./merchants.ts";
import { tellQuota } from "./rate-limits.ts";
import { findAsked, type ReportRefusal } from "./report.ts";

type Bound = { Bindings: Env; Variables: Guarded };

const ID_LETTERS = 16;
/** One that has not moved for so long may have lost its message: another one does no harm. */
const STILL_MS = 60_000;
const POLL_SECONDS = "2";

export const jobRoutes = (find: FindMerchant): Hono<Bound> => {
  const app = new Hono<Bound>();
  app.use(async (c, next) => {
    await next();
    c.header("cache-control", "private, no-store");
  });
  app.onError((error, c) => {
    console.warn(`jobs: ${c.req.method} not answered: ${String(error)}`);
    c.header("retry-after", "5");
    return refuse(c, 503, "unavailable", "Jobs cannot be reached just now. Try again in a moment.");
  });
  const tooLarge = (c: Context) => refuse(c, 413, "too_large", `A query has ${QUERY_BYTES_MAX} bytes at most.`);
  app.post("/", bodyLimit({ maxSize: QUERY_BYTES_MAX, onError: tooLarge }), (c) => askFor(c, find));
  app.get("/:id", async (c) => {
    const stored = await permitted(c);
    if (stored === null) return unknown(c);
    await nudge(c.env, stored.job);
    if (!isOver(stored.job)) c.header("retry-after", POLL_SECONDS);
    return c.json(jobView(stored.job));
  });
  app.get("/:id/result", result);
  app.delete("/:id", async (c) => {
    const stored = await permitted(c);
    if (stored === null) return unknown(c);
    await removeFiles(c.env, stored.job.id, true);
    return c.body(null, 204);
  });
  return app;
};

async function askFor(c: Context<Bound>, find: FindMerchant): Promise<Response> {
  const sent = queryIn(await c.req.text());
  if (sent === undefined)
    return refuse(
      c,
      400,
      "malformed",
      'Send { "query": { … } }, what POST /api/v1/query takes, and nothing beside it.',
    );
  const nowMs = Date.now();
  const asked = await findAsked(c.env, find, c.get("access"), sent);
  if (!asked.ok) return refusedAs(c, asked.failure);
  const { query, merchant, quota } = asked.value;
  if (quota !== null) tellQuota(c, quota);
  const plan = planReport(query, merchant, nowMs);
  if (!plan.ok) return refusedAs(c, { status: 400, ...plan.failure });
  const others = await standings(c.env, merchant.id, nowMs);
  const underWay = others.filter((other) => !other.isOver);
  for (const other of underWay) await nudge(c.env, { ...other, state: "queued" });
  if (underWay.length >= JOBS_UNDER_WAY_MAX || others.length >= JOBS_MAX)
    return refuse(
      c,
      429,
      "too_many_jobs",
      `A merchant has ${JOBS_UNDER_WAY_MAX} jobs under way and ${JOBS_MAX} a day at most. Wait for one, or delete one.`,
    );
  const id = freshId(`${merchant.id}-`, ID_LETTERS);
  const days = daysOfJob(plan.value).length;
  const job = newJob({ id, merchant: merchant.id, query: settled(sent, query), askedAtMs: nowMs, days });
  await writeJob(c.env, job, null);
  await c.env.JOBS_QUEUE.send({ kind: "job", id });
  c.header("location", `/api/v1/jobs/${id}`);
  c.header("retry-after", POLL_SECONDS);
  return c.json(jobView(job), 202);
}

/** What segments mean is settled when it is asked. */
const settled = (sent: unknown, { filter }: Query): unknown =>
  segmentsAsked(sent).length === 0 ? sent : { ...(sent as object), filters: conjunctsOf(filter).map(writtenFilter) };

async function result(c: Context<Bound>): Promise<Response> {
  const stored = await permitted(c);
  if (stored === null) return unknown(c);
  const format = formatOf(c);
  if (!format.ok) return refuse(c, 400, "malformed", format.failure, "#/format");
  const text = stored.job.state === "done" ? await readResult(c.env, stored.job.id) : null;
  if (text === null) return refuse(c, 409, "not_done", `The job is ${stored.job.state}: it has no result.`);
  const { body, headers } = formatted(text, format.value);
  return c.body(body, 200, headers);
}

/** Null when there is none that the asker may know of. */
async function permitted(c: Context<Bound>): Promise<StoredJob | null> {
  const id = c.req.param("id") ?? "";
  const merchant = merchantOfJob(id);
  if (merchant === null || !(await permits(c.get("access"), merchant, "read"))) return null;
  return readJob(c.env, id, Date.now());
}

async function nudge(env: Env, { id, state, movedAtMs }: Pick<Job, "id" | "state" | "movedAtMs">): Promise<void> {
  if (!isOver({ state }) && Date.now() - movedAtMs > STILL_MS) await env.JOBS_QUEUE.send({ kind: "job", id });
}

const unknown = (c: Context): Response => refuse(c, 404, "unknown_job", "There is no such job, or not any more.");

const refusedAs = (c: Context, refusal: ReportRefusal): Response => {
  const { status, pointer, reason, message } = ofQuery(refusal);
  if (status === 503) c.header("retry-after", "5");
  if (refusal.quota !== undefined) {
    tellQuota(c, refusal.quota);
    c.header("retry-after", String(refusal.quota.seconds));
  }
  return refuse(c, status, reason, message, pointer);
};

/** Undefined when there is none, or something else beside it. */
function queryIn(text: string): unknown {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body !== "object" || body === null || !("query" in body)) return undefined;
    return Object.keys(body).length === 1 ? body.query : undefined;
  } catch {
    return undefined;
  }
}
