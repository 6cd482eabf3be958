// The reports API: POST /query (core/query.ts says what may be asked), GET /merchants, and GET /metrics, the catalogue of
// what can be asked. To be mounted at /api/v1 behind the guard. Whatever is sent, the answer is JSON with a status that
// means what it says; only a bug is a 500.

import { Hono, type Context } from "hono";
import { bodyLimit } from "hono/body-limit";
import { answerReport } from "../core/answer.ts";
import { NAMED_RANGES } from "../core/date-range.ts";
import { INTERVALS } from "../core/interval.ts";
import { QUERY_BYTES_MAX } from "../core/limits.ts";
import type { Merchant } from "../core/merchant.ts";
import { groupOf, METRIC_NAMES, METRICS } from "../core/metrics.ts";
import { planReport } from "../core/plan.ts";
import { parseQuery } from "../core/query.ts";
import type { QueryFault } from "../core/query-fault.ts";
import { DIMENSIONS } from "../core/rollup.ts";
import { database } from "../migrations/database.ts";
import type { Env } from "./env.ts";
import type { FindMerchant } from "./merchants.ts";
import { readHours } from "./rollup-store.ts";

type Bound = { Bindings: Env };

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
  const query = parseQuery(body);
  if (!query.ok) return refused(c, 400, query.failure);
  const merchant = await foundMerchant(c.env, find, query.value.merchant);
  if (merchant === undefined) return unavailable(c, "The list of merchants is unreachable.");
  if (merchant === null)
    return refused(c, 404, {
      pointer: "#/merchant",
      message: "There is no such merchant.",
      reason: "unknown_merchant",
    });
  const plan = planReport(query.value, merchant, startedMs);
  if (!plan.ok) return refused(c, 400, plan.failure);
  const reading = await readHours(c.env, merchant, plan.value);
  if (!reading.ok) {
    if (reading.failure.kind === "unavailable")
      return unavailable(c, "Neither Postgres nor the counting objects answer.");
    const message = "This range holds more than one answer can read. Ask for a shorter one.";
    return refused(c, 400, { pointer: "#/date_range", message, reason: "too_much" });
  }
  const { results, meta, query: resolved } = answerReport(plan.value, reading.value);
  return c.json({ results, meta: { ...meta, took_ms: Date.now() - startedMs }, query: resolved });
}

/** Undefined when it cannot be known now. */
async function foundMerchant(env: Env, find: FindMerchant, id: string): Promise<Merchant | null | undefined> {
  try {
    return await find(env, id);
  } catch (error) {
    console.warn(`reports: merchant not read: ${String(error)}`);
    return undefined;
  }
}

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
