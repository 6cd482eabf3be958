// The reports API: POST /query (core/query.ts says what may be asked), GET /merchants, and GET /metrics, the catalogue of
// what can be asked. To be mounted at /api/v1 behind the guard. Whatever is sent, the answer is JSON with a status that
// means what it says; only a bug is a 500.

import { Hono, type Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { NAMED_RANGES } from "../core/date-range.ts";
import { INTERVALS } from "../core/interval.ts";
import { QUERY_BYTES_MAX } from "../core/limits.ts";
import { groupOf, METRIC_NAMES, METRICS } from "../core/metrics.ts";
import type { QueryFault } from "../core/query-fault.ts";
import { DIMENSIONS } from "../core/rollup.ts";
import { database } from "../migrations/database.ts";
import type { Guarded } from "./access.ts";
import type { Env } from "./env.ts";
import type { FindMerchant } from "./merchants.ts";
import { answerAsked, findAsked, type ReportRefusal } from "./report.ts";

type Bound = { Bindings: Env; Variables: Guarded };

const MERCHANTS_MAX = 1_000;
const RETRY_AFTER_SECONDS = "5";

export const reports = (find: FindMerchant): Hono<Bound> => {
  const app = new Hono<Bound>();
  app.use(async (c, next) => {
    await next();
    c.header("cache-control", "private, no-store");
  });
  app.post("/query", bodyLimit({ maxSize: QUERY_BYTES_MAX, onError: tooLarge }), (c) => answerQuery(c, find));
  app.get("/merchants", listMerchants);
  app.get("/metrics", (c) => c.json(CATALOGUE));
  return app;
};

async function answerQuery(c: Context<Bound>, find: FindMerchant): Promise<Response> {
  const startedMs = Date.now();
  const body = jsonOf(await c.req.text());
  if (body === undefined)
    return refused(c, 400, { pointer: "#", message: "The body is not JSON.", reason: "malformed" });
  const asked = await findAsked(c.env, find, c.get("access"), body);
  if (!asked.ok) return refusedAs(c, asked.failure);
  const answer = await answerAsked(c.env, asked.value, startedMs);
  if (!answer.ok) return refusedAs(c, answer.failure);
  const { results, meta, query: resolved } = answer.value;
  return c.json({ results, meta: { ...meta, took_ms: Date.now() - startedMs }, query: resolved });
}

const refusedAs = (c: Context<Bound>, { status, ...refusal }: ReportRefusal): Response =>
  c.json({ error: refusal }, status, status === 503 ? { "retry-after": RETRY_AFTER_SECONDS } : {});

async function listMerchants(c: Context<Bound>): Promise<Response> {
  try {
    const merchants = await database(c.env).query(
      "SELECT id, name, zone, currency::text, shards FROM merchants ORDER BY name, id LIMIT $1",
      [MERCHANTS_MAX],
    );
    return c.json({ merchants });
  } catch (error) {
    console.warn(`reports: merchants not listed: ${String(error)}`);
    return unavailable(c, "Postgres is unreachable.");
  }
}

/** Undefined when it is not JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

type Refusal = Omit<QueryFault, "reason"> & { reason: string };

const refused = (c: Context<Bound>, status: 400 | 404 | 413, refusal: Refusal): Response =>
  c.json({ error: refusal }, status);

const unavailable = (c: Context<Bound>, message: string): Response =>
  c.json({ error: { pointer: "#", message: `${message} Try again in a moment.`, reason: "unavailable" } }, 503, {
    "retry-after": RETRY_AFTER_SECONDS,
  });

const tooLarge = (c: Context<Bound>): Response =>
  refused(c, 413, { pointer: "#", message: `A query has ${QUERY_BYTES_MAX} bytes at most.`, reason: "too_large" });

/** The same entries that answers are computed from. */
const CATALOGUE = {
  metrics: METRIC_NAMES.map((name) => {
    const { label, definition, kind, groups } = METRICS[name];
    const dimensions = DIMENSIONS.filter((dimension) => groups.includes(groupOf(dimension)));
    return { name, label, definition, kind, dimensions, by_minute: groups.includes("minute") };
  }),
  dimensions: DIMENSIONS,
  intervals: INTERVALS,
  date_ranges: NAMED_RANGES,
};
