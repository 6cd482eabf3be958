// One question, one answer: a query as it was sent → planned (core/plan.ts) → read → answered (core/answer.ts). HTTP, GraphQL and
// whatever else asks comes through here, so that the same question has the same answer everywhere.

import { type Answer, answerCounted, type Counted, countRollups, sharesRows } from "../core/answer.ts";
import { HOURS_DROPPED, mayLackHours } from "../core/dropped-hours.ts";
import type { Merchant } from "../core/merchant.ts";
import { planReport, type RollupPlan } from "../core/plan.ts";
import { parseQuery, type Query } from "../core/query.ts";
import type { QueryFault } from "../core/query-fault.ts";
import type { QuotaLeft } from "../core/quota.ts";
import { fail, ok, type Result } from "../core/result.ts";
import type { ScanPlan } from "../core/scan-plan.ts";
import { NO_SEGMENTS, type Segments, segmentsAsked } from "../core/segments.ts";
import { type Access, permits } from "./access.ts";
import type { Env } from "./env.ts";
import type { FindMerchant } from "./merchants.ts";
import { takeOfMerchant } from "./rate-limits.ts";
import { type ReadFailure, readHours } from "./rollup-store.ts";
import { readScan, type ScanFailure } from "./scan-store.ts";
import { findSegments } from "./segments-store.ts";

export interface ReportRefusal extends Omit<QueryFault, "reason"> {
  status: 400 | 404 | 429 | 503;
  reason: string;
  /** Where it is the merchant's requests that are used up. */
  quota?: QuotaLeft;
}

export interface Asked<Question = Query> {
  query: Question;
  merchant: Merchant;
  /** Of the merchant's requests; null for the operator, whom nothing limits. */
  quota: QuotaLeft | null;
}

/** What is asked of which merchant, if the asker may; nothing has been read yet. */
export const findAsked = (
  env: Env,
  find: FindMerchant,
  access: Access,
  body: unknown,
): Promise<Result<Asked, ReportRefusal>> => readAsked(env, { find, access, body, parse: parseQuery });

interface Asking<Question> {
  find: FindMerchant;
  access: Access;
  body: unknown;
  parse: (body: unknown, segments: Segments) => Result<Question, QueryFault>;
}

/** The same of any question about a merchant. */
export async function readAsked<Question extends { merchant: string }>(
  env: Env,
  { find, access, body, parse }: Asking<Question>,
): Promise<Result<Asked<Question>, ReportRefusal>> {
  const named = segmentsAsked(body);
  const id = merchantIn(body);
  // What segments mean is the merchant's to say, so they can be read only when it is known.
  const early = named.length === 0 || id === null ? parse(body, NO_SEGMENTS) : null;
  if (early?.ok === false) return fail({ status: 400, ...early.failure });
  const merchant = await foundMerchant(env, find, early?.value.merchant ?? id ?? "");
  if (merchant === undefined) return unavailable("The list of merchants is unreachable.");
  if (merchant === null || !(await permits(access, merchant.id, "report"))) return fail(UNKNOWN_MERCHANT);
  const quota = access.kind === "operator" ? null : takeOfMerchant(env, merchant.id);
  if (quota?.allowed === false) return fail(tooMany(quota));
  if (early !== null) return ok({ query: early.value, merchant, quota });
  const segments = await foundSegments(env, { access, merchant: merchant.id, ids: named });
  if (segments === null) return unavailable("The saved segments are unreachable.");
  const query = parse(body, segments);
  return query.ok ? ok({ query: query.value, merchant, quota }) : fail({ status: 400, ...query.failure });
}

const merchantIn = (body: unknown): string | null =>
  typeof body === "object" && body !== null && "merchant" in body && typeof body.merchant === "string"
    ? body.merchant
    : null;

/** Null when they cannot be known now. */
async function foundSegments(env: Env, wanted: Parameters<typeof findSegments>[1]): Promise<Segments | null> {
  try {
    return await findSegments(env, wanted);
  } catch (error) {
    console.warn(`reports: segments not read: ${String(error)}`);
    return null;
  }
}

export async function answerAsked(
  env: Env,
  { query, merchant }: Pick<Asked, "query" | "merchant">,
  nowMs: number,
): Promise<Result<Answer, ReportRefusal>> {
  const startedMs = Date.now();
  const plan = planReport(query, merchant, nowMs);
  if (!plan.ok) return fail({ status: 400, ...plan.failure });
  const counted =
    plan.value.source === "rollup"
      ? await countKept(env, merchant, plan.value, nowMs)
      : await countScanned(env, merchant, plan.value.scan, plan.value.because, nowMs);
  if (!counted.ok) return counted;
  const answer = answerCounted(plan.value, counted.value);
  answer.meta.cost.ms = Date.now() - startedMs;
  return ok(answer);
}

/** From rollups; where values that the question tells apart share a row there, from single events, if those can all be read. */
async function countKept(
  env: Env,
  merchant: Merchant,
  plan: RollupPlan,
  nowMs: number,
): Promise<Result<Counted, ReportRefusal>> {
  const reading = await readHours(env, merchant, plan);
  if (!reading.ok) return refusalOfRollups(reading.failure);
  if (mayLackHours(reading.value, nowMs)) return countScanned(env, merchant, plan.scan, HOURS_DROPPED, nowMs);
  const counted = countRollups(plan, reading.value);
  if (!plan.discerning || !sharesRows(plan, counted)) return ok(counted);
  const scanned = await scan(env, merchant, plan.scan, nowMs);
  const isWhole = scanned.ok && scanned.value.stale.length === 0;
  return ok(isWhole ? scanned.value : { ...counted, inexact: true });
}

async function countScanned(
  env: Env,
  merchant: Merchant,
  plan: ScanPlan,
  because: string,
  nowMs: number,
): Promise<Result<Counted, ReportRefusal>> {
  const scanned = await scan(env, merchant, plan, nowMs);
  return scanned.ok ? scanned : refusalOfScan(scanned.failure, because);
}

async function scan(
  env: Env,
  merchant: Merchant,
  plan: ScanPlan,
  nowMs: number,
): Promise<Result<Counted, ScanFailure>> {
  const reading = await readScan(env, merchant, plan, nowMs);
  if (!reading.ok) return reading;
  const { cost, ...rest } = reading.value;
  const source = {
    kind: "scan" as const,
    postgres_rows: 0,
    object_hours: 0,
    files: cost.files,
    cached_days: cost.cached,
  };
  return ok({ ...rest, source, cost: { rows: cost.rows, bytes: cost.bytes } });
}

function refusalOfRollups(failure: ReadFailure) {
  if (failure.kind === "unavailable") return unavailable("Neither Postgres nor the counting objects answer.");
  return tooMuch("This range holds more than one answer can read. Ask for a shorter one.");
}

function refusalOfScan(failure: ScanFailure, because: string) {
  if (failure.kind === "unavailable") return unavailable("The events cannot be read just now.");
  if (failure.kind === "not_kept") return fail<ReportRefusal>(notKept(failure, because));
  const events = failure.rows.toLocaleString("en");
  return tooMuch(
    `This would look at too many single events for one answer (${events}), since ${because}. Ask for a shorter range, or as a job: POST /api/v1/jobs.`,
  );
}

const tooMuch = (message: string) =>
  fail<ReportRefusal>({ status: 400, pointer: "#/date_range", message, reason: "too_much" });

/** Nothing is said of a part of the range: whoever asks is told which part there is. */
export const notKept = ({ from, to }: { from: string; to: string }, because: string): ReportRefusal => ({
  status: 400,
  pointer: "#/date_range",
  reason: "not_kept",
  message: `This would look at single events, since ${because}, and those of ${from === to ? from : `${from} to ${to}`} are no longer kept. Ask for later days, or for what is kept as numbers: one dimension at a time, and filters on it.`,
});

const UNKNOWN_MERCHANT: ReportRefusal = {
  status: 404,
  pointer: "#/merchant",
  message: "There is no such merchant.",
  reason: "unknown_merchant",
};

const tooMany = (quota: QuotaLeft): ReportRefusal => ({
  status: 429,
  pointer: "#/merchant",
  message: `There may be ${quota.policy.requests.toLocaleString("en")} questions a minute about a merchant. Wait.`,
  reason: "too_many_requests",
  quota,
});

const unavailable = (message: string) =>
  fail<ReportRefusal>({
    status: 503,
    pointer: "#",
    message: `${message} Try again in a moment.`,
    reason: "unavailable",
  });

/** Undefined when it cannot be known now. */
async function foundMerchant(env: Env, find: FindMerchant, id: string): Promise<Merchant | null | undefined> {
  try {
    return await find(env, id);
  } catch (error) {
    console.warn(`reports: merchant not read: ${String(error)}`);
    return undefined;
  }
}
