// A job: a question that takes longer than one answer may. What the events of its days say is found out a piece at a time, kept,
// and put together in the end by what puts every answer together, so a job's answer is the answer. Pure.

import type { Range } from "./date-range.ts";
import type { Plan } from "./plan.ts";
import { type ScannedDay, scannedDays } from "./scan-days.ts";

export const JOB_STATES = ["queued", "running", "done", "failed"] as const;
export type JobState = (typeof JOB_STATES)[number];

/** As it rests in R2. Fields are only ever added. */
export interface Job {
  id: string;
  merchant: string;
  /** The query as it was sent. */
  query: unknown;
  /** What named ranges mean is settled then. */
  askedAtMs: number;
  state: JobState;
  /** What is known of its days, in their order: how many each piece has. */
  pieces: number[];
  /** Local days whose events are looked at one by one; none where rollups answer. */
  days: number;
  /** How many are tried at a time: fewer after some have been too many. */
  stride: number;
  failure: JobFailure | null;
  /** When it last came further. */
  movedAtMs: number;
}

export interface JobFailure {
  pointer: string;
  reason: string;
  message: string;
}

export interface JobView {
  id: string;
  merchant: string;
  state: JobState;
  progress: { days: number; days_done: number };
  asked_at: string;
  /** From then on neither the job nor its result is there. */
  expires_at: string;
  query: unknown;
  error: JobFailure | null;
  /** Where its result is; null before it is done. */
  result: string | null;
}

export const JOB_KEPT_MS = 86_400_000;
const STRIDE_DAYS = 8;

export const newJob = (given: Pick<Job, "id" | "merchant" | "query" | "askedAtMs" | "days">): Job => ({
  ...given,
  state: "queued",
  pieces: [],
  stride: STRIDE_DAYS,
  failure: null,
  movedAtMs: given.askedAtMs,
});

export const isOver = ({ state }: Pick<Job, "state">): boolean => state === "done" || state === "failed";
export const isExpired = ({ askedAtMs }: Pick<Job, "askedAtMs">, nowMs: number): boolean =>
  nowMs >= askedAtMs + JOB_KEPT_MS;

/** The merchant in the id: who may not know of the one is not told of the other. Null when it is no id. */
export const merchantOfJob = (id: string): string | null =>
  /^(m_[A-Za-z0-9]{1,30})-[0-9a-z]{16}$/.exec(id)?.[1] ?? null;

export const jobView = (job: Job): JobView => ({
  id: job.id,
  merchant: job.merchant,
  state: job.state,
  progress: { days: job.days, days_done: daysDone(job) },
  asked_at: new Date(job.askedAtMs).toISOString(),
  expires_at: new Date(job.askedAtMs + JOB_KEPT_MS).toISOString(),
  query: job.query,
  error: job.failure,
  result: job.state === "done" ? `/api/v1/jobs/${job.id}/result` : null,
});

export const daysDone = ({ pieces }: Pick<Job, "pieces">): number => pieces.reduce((sum, days) => sum + days, 0);

/** The local days that a plan looks at the events of, in their order; none when rollups answer. */
export const daysOfJob = (plan: Plan): ScannedDay[] =>
  plan.source === "scan" ? scannedDays(plan.zone, plan.scan.ranges) : [];

export interface NextPiece {
  days: number;
  first: string;
  /** The plan's ranges, as far as they are of these days. */
  ranges: Range[];
}

/** Up to so many of the days from the one at `from` on, as long as they touch each other. */
export function nextPiece(plan: Plan, days: readonly ScannedDay[], from: number, stride: number): NextPiece {
  const some = days.slice(from, from + stride).map(({ day }) => day);
  const gap = some.findIndex(({ startMs }, at) => at > 0 && startMs !== some[at - 1]!.endMs);
  const together = gap < 0 ? some : some.slice(0, gap);
  const [first, last] = [together[0]!, together.at(-1)!];
  const ranges = plan.scan.ranges.map(({ fromMs, toMs }) => ({
    fromMs: Math.max(fromMs, first.startMs),
    toMs: Math.min(toMs, last.endMs),
    days: null,
  }));
  return { days: together.length, first: first.date, ranges };
}
