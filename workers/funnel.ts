// POST /funnel: how far visits went, step by step (core/funnel.ts says what may be asked). To be mounted at /api/v1 behind the
// guard. What was found of a sealed day is kept, so that the same funnel tomorrow reads one new day.

import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { findFuture, type Range, resolveRange, writtenInstant, writtenRange } from "../core/date-range.ts";
import { type FunnelQuery, parseFunnel, writtenSteps } from "../core/funnel.ts";
import { answerFunnel, type FunnelRow } from "../core/funnel-answer.ts";
import { funnelScanner, type FunnelFound } from "../core/funnel-scan.ts";
import { QUERY_BYTES_MAX } from "../core/limits.ts";
import type { Merchant } from "../core/merchant.ts";
import type { QueryFault } from "../core/query-fault.ts";
import { writtenFilter } from "../core/query-filters.ts";
import { fail, ok, type Result } from "../core/result.ts";
import type { Guarded } from "./access.ts";
import type { Env } from "./env.ts";
import type { FindMerchant } from "./merchants.ts";
import { tellQuota } from "./rate-limits.ts";
import { notKept, readAsked, type ReportRefusal } from "./report.ts";
import { type DaysReading, readDays, type ScanFailure } from "./scan-reading.ts";

type Bound = { Bindings: Env; Variables: Guarded };

export interface FunnelAnswer {
  results: FunnelRow[];
  meta: {
    /** Every event accepted before is counted; null when an object did not answer. */
    fresh_to: string | null;
    time_zone: string;
    generations: number[];
    /** What may be missing, since a source did not answer; null when nothing is. */
    stale: string | null;
    source: { kind: "scan"; files: number; cached_days: number };
    cost: { rows: number; bytes: number; ms: number };
  };
  /** The funnel as it was understood. */
  query: Record<string, unknown>;
}

interface Refusal extends Omit<ReportRefusal, "status"> {
  status: ReportRefusal["status"] | 413;
}

export const funnelRoutes = (find: FindMerchant): Hono<Bound> => {
  const app = new Hono<Bound>();
  app.post("/funnel", bodyLimit({ maxSize: QUERY_BYTES_MAX, onError: (c) => refused(c, TOO_LARGE) }), async (c) => {
    c.header("cache-control", "private, no-store");
    const answer = await answered(c, find, await c.req.text());
    return answer.ok ? c.json(answer.value) : refused(c, answer.failure);
  });
  return app;
};

async function answered(c: Context, find: FindMerchant, body: string): Promise<Result<FunnelAnswer, Refusal>> {
  const nowMs = Date.now();
  const json = jsonOf(body);
  if (json === undefined)
    return fail({ status: 400, pointer: "#", message: "The body is not JSON.", reason: "malformed" });
  const { env, access } = { env: c.env as Env, access: (c as Context<Bound>).get("access") };
  const asked = await readAsked(env, { find, access, body: json, parse: parseFunnel });
  if (!asked.ok) return asked;
  const { query, merchant } = asked.value;
  const range = rangeOf(query, merchant, nowMs);
  if (!range.ok) return fail({ status: 400, ...range.failure });
  const { steps, filter } = query;
  const goals = merchant.rules?.goals ?? [];
  const scanner = (isCut: boolean) => funnelScanner({ goals, steps, filter }, isCut);
  const reading = await readDays<FunnelFound>(env, merchant, { zone: merchant.zone, ranges: [range.value], scanner });
  if (!reading.ok) return fail(refusalOf(reading.failure));
  return ok(answerOf(query, merchant, range.value, reading.value, Date.now() - nowMs));
}

function rangeOf({ dateRange }: FunnelQuery, { zone }: Merchant, nowMs: number): Result<Range, QueryFault> {
  const range = resolveRange(dateRange, zone, nowMs, "minute", "#/date_range");
  return range.ok ? (findFuture(range.value, zone, nowMs, "#/date_range") ?? range) : range;
}

function answerOf(
  { merchant: id, steps, filter }: FunnelQuery,
  { zone }: Merchant,
  range: Range,
  { days, freshToMs, stale, generations, cost }: DaysReading<FunnelFound>,
  ms: number,
): FunnelAnswer {
  const counts = days.map(({ day, found }) => found[day.ofRange[0]!]!);
  return {
    results: answerFunnel(steps, counts),
    meta: {
      fresh_to: freshToMs === null ? null : writtenInstant(zone, freshToMs),
      time_zone: zone,
      generations,
      stale: stale.length === 0 ? null : stale.join(" "),
      source: { kind: "scan", files: cost.files, cached_days: cost.cached },
      cost: { rows: cost.rows, bytes: cost.bytes, ms },
    },
    query: {
      merchant: id,
      date_range: writtenRange(zone, range),
      steps: writtenSteps(steps),
      filters: filter === null ? [] : [writtenFilter(filter)],
    },
  };
}

function refusalOf(failure: ScanFailure): Refusal {
  if (failure.kind === "unavailable") return unavailable("The events cannot be read just now.");
  if (failure.kind === "not_kept") return notKept(failure, "a funnel follows each visit");
  const message = `This would look at too many single events (${failure.rows.toLocaleString("en")}). Ask for a shorter range.`;
  return { status: 400, pointer: "#/date_range", message, reason: "too_much" };
}

const TOO_LARGE: Refusal = {
  status: 413,
  pointer: "#",
  message: `A funnel has ${QUERY_BYTES_MAX} bytes at most.`,
  reason: "too_large",
};

const unavailable = (message: string): Refusal => ({
  status: 503,
  pointer: "#",
  message: `${message} Try again in a moment.`,
  reason: "unavailable",
});

function refused(c: Context, { status, quota, ...error }: Refusal): Response {
  if (quota !== undefined) tellQuota(c, quota);
  if (status === 429 || status === 503) c.header("retry-after", String(quota?.seconds ?? 5));
  return c.json({ error }, status);
}

/** Undefined when it is not JSON. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
