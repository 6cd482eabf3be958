// A job: a question that takes longer than one answer may. What its events say is found out some days at a time, which the
// store of scans remembers, and then the whole is asked, which by then has little left to read. So a job's answer is the
// answer, and can begin anywhere again. Pure.

import type { Range } from "./date-range.ts";
import type { Plan } from "./plan.ts";
import { scannedDays } from "./scan-days.ts";
import type { Day } from "./zone.ts";

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
  /** Local days whose part is known, of how many. */
  daysDone: number;
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
  daysDone: 0,
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
  progress: { days: job.days, days_done: job.daysDone },
  asked_at: new Date(job.askedAtMs).toISOString(),
  expires_at: new Date(job.askedAtMs + JOB_KEPT_MS).toISOString(),
  query: job.query,
  error: job.failure,
  result: job.state === "done" ? `/api/v1/jobs/${job.id}/result` : null,
});

/** The whole local days that a plan looks at the events of, in their order; none when rollups answer. */
export function daysOfJob(plan: Plan): Day[] {
  if (plan.source === "rollup" && !plan.discerning) return [];
  const scanned = scannedDays(plan.zone, plan.scan.ranges);
  return scanned.filter(({ cuts }) => cuts.includes(null)).map(({ day }) => day);
}

/** Up to so many of the days, those from the one at `from` on that touch each other, as one range. */
export function nextDays(
  days: readonly Day[],
  from: number,
  stride: number,
): { count: number; first: string; range: Range } {
  const some = days.slice(from, from + stride);
  const gap = some.findIndex(({ startMs }, at) => at > 0 && startMs !== some[at - 1]!.endMs);
  const together = gap < 0 ? some : some.slice(0, gap);
  const [first, last] = [together[0]!, together.at(-1)!];
  const range = { fromMs: first.startMs, toMs: last.endMs, days: { first: first.date, last: last.date } };
  return { count: together.length, first: first.date, range };
}
