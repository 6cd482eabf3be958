// Takes a job further, for a while: the days that are not known yet, some at a time, then the whole. How far it has come is
// written down after each step, by whoever has read it as it was; of two at once the slower one stops.

import { daysOfJob, isOver, type Job, type JobFailure, nextDays } from "../core/job.ts";
import { type Plan, planReport } from "../core/plan.ts";
import { fail, ok, type Result } from "../core/result.ts";
import type { Env } from "./env.ts";
import { readJob, type StoredJob, writeJob, writeResult } from "./job-store.ts";
import type { FindMerchant } from "./merchants.ts";
import { answerAsked, type Asked, findAsked, type ReportRefusal } from "./report.ts";
import { readScan } from "./scan-store.ts";

/** Past so long another message goes on: one that takes very long is given to somebody else meanwhile. */
const TURN_MS = 30_000;
/** Attempts at one message: something is away for a quarter of an hour. */
const ATTEMPTS_MAX = 8;

export interface Turn {
  env: Env;
  find: FindMerchant;
  /** Of the message, from 1. */
  attempts: number;
  turnMs?: number;
  answer?: typeof answerAsked;
  scan?: typeof readScan;
}

/** "again": something was away; the message is to come again. */
export async function takeFurther(id: string, turn: Turn): Promise<"done" | "again"> {
  const { env, find, attempts, turnMs = TURN_MS, answer = answerAsked, scan = readScan } = turn;
  const startedMs = Date.now();
  let stored = await readJob(env, id, startedMs);
  if (stored === null || isOver(stored.job)) return "done";
  // Whether this may be asked was seen when it was.
  const asked = await findAsked(env, find, { kind: "operator" }, stored.job.query);
  const found = asked.ok ? planOf(asked.value, stored.job) : asked;
  if (!found.ok) return refused(env, stored, found.failure, attempts);
  const { plan, merchant } = found.value;
  const days = daysOfJob(plan);
  while (stored.job.daysDone < days.length) {
    if (Date.now() - startedMs >= turnMs) {
      await env.JOBS_QUEUE.send({ kind: "job", id });
      return "done";
    }
    const job: Job = stored.job;
    const { count, first, range } = nextDays(days, job.daysDone, job.stride);
    const known = await scan(env, merchant, { ...plan.scan, ranges: [range] }, job.askedAtMs);
    let next: Job;
    if (known.ok) next = { ...job, state: "running", daysDone: job.daysDone + count };
    else if (known.failure.kind === "unavailable") return refused(env, stored, AWAY, attempts);
    else if (count > 1) next = { ...job, state: "running", stride: Math.ceil(count / 2) };
    else return refused(env, stored, tooMuch(first), attempts);
    const written = await writeJob(env, { ...next, movedAtMs: Date.now() }, stored.etag);
    if (written === null) return "done";
    stored = written;
  }
  const whole = await answer(env, found.value, stored.job.askedAtMs);
  if (!whole.ok) return refused(env, stored, whole.failure, attempts);
  const { results, meta, query } = whole.value;
  // No number that lacks something is kept for a day.
  if (meta.stale !== null) return refused(env, stored, { ...AWAY, message: meta.stale }, attempts);
  const nowMs = Date.now();
  const tookMs = nowMs - stored.job.askedAtMs;
  await writeResult(env, id, JSON.stringify({ results, meta: { ...meta, took_ms: tookMs }, query }));
  await writeJob(env, { ...stored.job, state: "done", movedAtMs: nowMs }, stored.etag);
  return "done";
}

const AWAY = {
  status: 503,
  pointer: "#",
  reason: "unavailable",
  message: "The events could not be read for a while.",
} as const;

const tooMuch = (date: string): ReportRefusal => ({
  status: 400,
  pointer: "#/date_range",
  reason: "too_much",
  message: `${date} alone has more events than can be looked at.`,
});

function planOf(asked: Asked, { askedAtMs }: Job): Result<Asked & { plan: Plan }, ReportRefusal> {
  const plan = planReport(asked.query, asked.merchant, askedAtMs);
  return plan.ok ? ok({ ...asked, plan: plan.value }) : fail({ status: 400, ...plan.failure });
}

async function refused(
  env: Env,
  { job, etag }: StoredJob,
  { status, ...failure }: ReportRefusal,
  attempts: number,
): Promise<"done" | "again"> {
  if (status === 503 && attempts < ATTEMPTS_MAX) return "again";
  await writeJob(env, { ...job, state: "failed", failure: ofQuery(failure), movedAtMs: Date.now() }, etag);
  return "done";
}

/** The query is a part of what is sent for a job. */
export const ofQuery = <Failure extends JobFailure>(failure: Failure): Failure => ({
  ...failure,
  pointer: failure.pointer.replace(/^#/, "#/query"),
});
