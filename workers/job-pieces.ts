// What is known of a job's days, a piece at a time, and all pieces put together as the answer: the same parts of days, put
// together by the same code, as when one scan goes through all of them.

import { answerCounted, type Answer } from "../core/answer.ts";
import type { ScannedDay } from "../core/scan-days.ts";
import type { EventsPlan } from "../core/plan.ts";
import { planScanner } from "../core/scan.ts";
import type { DayParts } from "../core/scan-part.ts";
import { ScanTallies } from "../core/scan-tallies.ts";
import type { NextPiece } from "../core/job.ts";
import type { Merchant } from "../core/merchant.ts";
import { ok, type Result } from "../core/result.ts";
import type { Env } from "./env.ts";
import { type readDays, type ScanCost, type ScanFailure } from "./scan-reading.ts";

export interface Piece {
  /** What was found of each shard's day, by its date. */
  found: [string, DayParts][];
  freshToMs: number | null;
  stale: string[];
  generations: number[];
  cost: ScanCost;
}

export async function findPiece(
  env: Env,
  merchant: Merchant,
  plan: EventsPlan,
  { ranges }: NextPiece,
  read: typeof readDays,
): Promise<Result<Piece, ScanFailure>> {
  const scan = { ...plan.scan, ranges };
  const reading = await read(env, merchant, { zone: plan.zone, ranges, scanner: (isCut) => planScanner(scan, isCut) });
  if (!reading.ok) return reading;
  const { days, ...rest } = reading.value;
  return ok({ found: days.map(({ day, found }) => [day.day.date, found]), ...rest });
}

/** `pieces` come one after the other, so that not all are in memory. */
export async function answerOf(
  plan: EventsPlan,
  days: readonly ScannedDay[],
  pieces: AsyncIterable<Piece>,
): Promise<Answer> {
  const byDate = new Map(days.map((day) => [day.day.date, day]));
  const tallies = new ScanTallies(plan.scan);
  const cost: ScanCost = { files: 0, rows: 0, bytes: 0, cached: 0 };
  const generations = new Set<number>();
  let freshToMs: number | null = Number.POSITIVE_INFINITY;
  for await (const piece of pieces) {
    for (const [date, found] of piece.found) tallies.add(byDate.get(date)!, found);
    for (const generation of piece.generations) generations.add(generation);
    for (const each of ["files", "rows", "bytes", "cached"] as const) cost[each] += piece.cost[each];
    freshToMs = freshToMs === null || piece.freshToMs === null ? null : Math.min(freshToMs, piece.freshToMs);
  }
  const { files, cached, rows, bytes } = cost;
  return answerCounted(plan, {
    tallies: tallies.tallies(),
    freshToMs,
    stale: [],
    generations: [...generations].sort((a, b) => a - b),
    source: { kind: "scan", postgres_rows: 0, object_hours: 0, files, cached_days: cached },
    cost: { rows, bytes },
  });
}
