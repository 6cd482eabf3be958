// Takes a job further, for a while: what its days say, a piece at a time, then all of it together. How far it has come is
// written down after each step, by whoever has read it as it was; of two at once the slower one stops.

import type { Answer } from "../core/answer.ts";
import { daysDone, daysOfJob, isOver, type Job, type JobFailure, nextPiece } from "../core/job.ts";
import type { Merchant } from "../core/merchant.ts";
import { type EventsPlan, planReport } from "../core/plan.ts";
import type { ScannedDay } from "../core/scan-days.ts";
import type { Env } from "./env.ts";
import { answerOf, findPiece, type Piece } from "./job-pieces.ts";
import { readJob, readPiece, removeFiles, type StoredJob, writeJob, writePiece, writeResult } from "./job-store.ts";
import type { FindMerchant } from "./merchants.ts";
import { answerAsked, findAsked, notKept, type ReportRefusal } from "./report.ts";
import { readDays } from "./scan-reading.ts";

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
  read?: typeof readDays;
}

/** "again": something was away; the message is to come again. */
export async function takeFurther(id: string, turn: Turn): Promise<"done" | "again"> {
  const { env, find, attempts } = turn;
  const stored = await readJob(env, id, Date.now());
  if (stored === null || isOver(stored.job)) return "done";
  // Whether this may be asked was seen when it was.
  const asked = await findAsked(env, find, { kind: "operator" }, stored.job.query);
  if (!asked.ok) return refused(env, stored, asked.failure, attempts);
  const plan = planReport(asked.value.query, asked.value.merchant, stored.job.askedAtMs);
  if (!plan.ok) return refused(env, stored, { status: 400, ...plan.failure }, attempts);
  const days = daysOfJob(plan.value);
  if (plan.value.source === "scan" && days.length > 0)
    return scanFurther(stored, { plan: plan.value, days, merchant: asked.value.merchant }, turn);
  const answer = await answerAsked(env, asked.value, stored.job.askedAtMs);
  return answer.ok ? finished(env, stored, answer.value, attempts) : refused(env, stored, answer.failure, attempts);
}

async function scanFurther(
  begun: StoredJob,
  { plan, days, merchant }: { plan: EventsPlan; days: readonly ScannedDay[]; merchant: Merchant },
  { env, attempts, turnMs = TURN_MS, read = readDays }: Turn,
): Promise<"done" | "again"> {
  const untilMs = Date.now() + turnMs;
  let stored = begun;
  for (let from = daysDone(stored.job); from < days.length; from = daysDone(stored.job)) {
    const { job, etag } = stored;
    if (Date.now() >= untilMs) {
      await env.JOBS_QUEUE.send({ kind: "job", id: job.id });
      return "done";
    }
    const next = nextPiece(plan, days, from, job.stride);
    const piece = await findPiece(env, merchant, plan, next, read);
    let moved: Partial<Job>;
    if (!piece.ok && piece.failure.kind === "unavailable") return refused(env, stored, AWAY, attempts);
    else if (!piece.ok && piece.failure.kind === "not_kept")
      return refused(env, stored, notKept(piece.failure, plan.because), attempts);
    else if (!piece.ok && next.days === 1) return refused(env, stored, tooMuch(next.first), attempts);
    else if (!piece.ok) moved = { stride: Math.ceil(next.days / 2) };
    // No number that lacks something is kept for a day.
    else if (piece.value.stale.length > 0)
      return refused(env, stored, { ...AWAY, message: piece.value.stale.join(" ") }, attempts);
    else {
      await writePiece(env, job.id, from, next.days, piece.value);
      moved = { pieces: [...job.pieces, next.days] };
    }
    const written = await writeJob(env, { ...job, ...moved, state: "running", movedAtMs: Date.now() }, etag);
    if (written === null) return "done";
    stored = written;
  }
  const answer = await answerOf(plan, days, piecesOf(env, stored.job));
  return finished(env, stored, answer, attempts);
}

async function* piecesOf(env: Env, { id, pieces }: Job): AsyncGenerator<Piece> {
  let from = 0;
  for (const days of pieces) {
    yield await readPiece<Piece>(env, id, from, days);
    from += days;
  }
}

async function finished(env: Env, stored: StoredJob, answer: Answer, attempts: number): Promise<"done" | "again"> {
  const { results, meta, query } = answer;
  if (meta.stale !== null) return refused(env, stored, { ...AWAY, message: meta.stale }, attempts);
  const nowMs = Date.now();
  const { id, askedAtMs } = stored.job;
  await writeResult(env, id, JSON.stringify({ results, meta: { ...meta, took_ms: nowMs - askedAtMs }, query }));
  await writeJob(env, { ...stored.job, state: "done", movedAtMs: nowMs }, stored.etag);
  await removeFiles(env, id, false);
  return "done";
}

const AWAY: ReportRefusal = {
  status: 503,
  pointer: "#",
  reason: "unavailable",
  message: "The events could not be read for a while.",
};

const tooMuch = (date: string): ReportRefusal => ({
  status: 400,
  pointer: "#/date_range",
  reason: "too_much",
  message: `${date} alone has more events, or makes more rows, than can be looked at.`,
});

async function refused(
  env: Env,
  { job, etag }: StoredJob,
  { status, ...failure }: ReportRefusal,
  attempts: number,
): Promise<"done" | "again"> {
  if (status === 503 && attempts < ATTEMPTS_MAX) return "again";
  await writeJob(env, { ...job, state: "failed", failure: ofQuery(failure), movedAtMs: Date.now() }, etag);
  await removeFiles(env, job.id, false);
  return "done";
}

/** The query is a part of what is sent for a job. */
export const ofQuery = <Failure extends JobFailure>(failure: Failure): Failure => ({
  ...failure,
  pointer: failure.pointer.replace(/^#/, "#/query"),
});
