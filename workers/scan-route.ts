// What routes have in common that go through single events for something of their own (funnels, properties): who may ask, over which
// range, what a reading says of itself, and how it is refused. What was found of a sealed day is kept, so that the same
// question tomorrow reads one new day.

import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import {
  type DateRange,
  findFuture,
  type Range,
  resolveRange,
  writtenInstant,
  writtenRange,
} from "../core/date-range.ts";
import { QUERY_BYTES_MAX } from "../core/limits.ts";
import type { Merchant } from "../core/merchant.ts";
import { zoneAt } from "../core/zone.ts";
import type { QueryFault } from "../core/query-fault.ts";
import { fail, ok, type Result } from "../core/result.ts";
import type { Scanner } from "../core/scanner.ts";
import type { Segments } from "../core/segments.ts";
import type { Guarded } from "./access.ts";
import type { Env } from "./env.ts";
import type { FindMerchant } from "./merchants.ts";
import { tellQuota } from "./rate-limits.ts";
import { notKept, readAsked, type ReportRefusal } from "./report.ts";
import { type DaysReading, readDays, type ScanFailure } from "./scan-reading.ts";

type Bound = { Bindings: Env; Variables: Guarded };

interface ScanQuery {
  merchant: string;
  dateRange: DateRange;
}

export interface ScanMeta {
  /** Every event accepted before is counted; null when an object did not answer. */
  fresh_to: string | null;
  time_zone: string;
  generations: number[];
  /** What may be missing, since a source did not answer; null when nothing is. */
  stale: string | null;
  source: { kind: "scan"; files: number; cached_days: number };
  cost: { rows: number; bytes: number; ms: number };
}

export interface ScanAnswer<Row> {
  results: Row[];
  meta: ScanMeta;
  /** The question as it was understood. */
  query: Record<string, unknown>;
}

/** A kind of question. What is found is by cut of a day. */
export interface ScanKind<Query extends ScanQuery, OfCut, Row> {
  parse: (body: unknown, segments: Segments) => Result<Query, QueryFault>;
  scanner: (query: Query, merchant: Merchant, isCut: boolean) => Scanner<OfCut[]>;
  /** From what was found of each day of each shard. */
  results: (query: Query, found: readonly OfCut[]) => Row[];
  /** Why single events are needed, for who asks about days that have none any more: "a funnel follows each visit". */
  because: string;
  /** What the query says besides merchant and dates. */
  written: (query: Query) => Record<string, unknown>;
}

interface Refusal extends Omit<ReportRefusal, "status"> {
  status: ReportRefusal["status"] | 413;
}

export function scanRoute<Query extends ScanQuery, OfCut, Row>(
  find: FindMerchant,
  path: string,
  kind: ScanKind<Query, OfCut, Row>,
): Hono<Bound> {
  const app = new Hono<Bound>();
  app.post(path, bodyLimit({ maxSize: QUERY_BYTES_MAX, onError: (c) => refused(c, TOO_LARGE) }), async (c) => {
    c.header("cache-control", "private, no-store");
    const answer = await answered(c, find, kind);
    return answer.ok ? c.json(answer.value) : refused(c, answer.failure);
  });
  return app;
}

async function answered<Query extends ScanQuery, OfCut, Row>(
  c: Context<Bound>,
  find: FindMerchant,
  kind: ScanKind<Query, OfCut, Row>,
): Promise<Result<ScanAnswer<Row>, Refusal>> {
  const nowMs = Date.now();
  const json = jsonOf(await c.req.text());
  if (json === undefined)
    return fail({ status: 400, pointer: "#", message: "The body is not JSON.", reason: "malformed" });
  const { env } = c;
  const asked = await readAsked(env, { find, access: c.get("access"), body: json, parse: kind.parse });
  if (!asked.ok) return asked;
  const { query, merchant } = asked.value;
  const range = rangeOf(query, merchant, nowMs);
  if (!range.ok) return fail({ status: 400, ...range.failure });
  const scanner = (isCut: boolean) => kind.scanner(query, merchant, isCut);
  const reading = await readDays<OfCut[]>(env, merchant, { zone: merchant.zone, ranges: [range.value], scanner });
  if (!reading.ok) return fail(refusalOf(reading.failure, kind.because));
  return ok({
    results: kind.results(
      query,
      reading.value.days.map(({ day, found }) => found[day.ofRange[0]!]!),
    ),
    meta: metaOf(zoneAt(merchant.zone, range.value.toMs - 1), reading.value, Date.now() - nowMs),
    query: { merchant: query.merchant, date_range: writtenRange(merchant.zone, range.value), ...kind.written(query) },
  });
}

function rangeOf({ dateRange }: ScanQuery, { zone }: Merchant, nowMs: number): Result<Range, QueryFault> {
  const range = resolveRange(dateRange, zone, nowMs, "minute", "#/date_range");
  return range.ok ? (findFuture(range.value, zone, nowMs, "#/date_range") ?? range) : range;
}

const metaOf = (zone: string, { freshToMs, stale, generations, cost }: DaysReading<unknown>, ms: number): ScanMeta => ({
  fresh_to: freshToMs === null ? null : writtenInstant(zone, freshToMs),
  time_zone: zone,
  generations,
  stale: stale.length === 0 ? null : stale.join(" "),
  source: { kind: "scan", files: cost.files, cached_days: cost.cached },
  cost: { rows: cost.rows, bytes: cost.bytes, ms },
});

function refusalOf(failure: ScanFailure, because: string): Refusal {
  if (failure.kind === "unavailable") return UNAVAILABLE;
  if (failure.kind === "not_kept") return notKept(failure, because);
  const message = `This would look at too many single events (${failure.rows.toLocaleString("en")}). Ask for a shorter range.`;
  return { status: 400, pointer: "#/date_range", message, reason: "too_much" };
}

const TOO_LARGE: Refusal = {
  status: 413,
  pointer: "#",
  message: `A question has ${QUERY_BYTES_MAX} bytes at most.`,
  reason: "too_large",
};

const UNAVAILABLE: Refusal = {
  status: 503,
  pointer: "#",
  message: "The events cannot be read just now. Try again in a moment.",
  reason: "unavailable",
};

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
