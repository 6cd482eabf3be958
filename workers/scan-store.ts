// Reads the events that a scan's plan asks about and gives what it found as tallies, by question and then by range. Sealed
// days are read from their derived files, the others are folded from what R2 and the objects have.

import type { Merchant } from "../core/merchant.ts";
import { ok, type Result } from "../core/result.ts";
import { planScanner } from "../core/scan.ts";
import type { ScanPlan } from "../core/scan-plan.ts";
import { ScanTallies } from "../core/scan-tallies.ts";
import type { Tally } from "../core/tally.ts";
import type { Env } from "./env.ts";
import { type DaysReading, readDays, type ScanFailure } from "./scan-reading.ts";

export type { ScanFailure } from "./scan-reading.ts";

export interface ScanReading extends Omit<DaysReading<unknown>, "days"> {
  /** By question, then by range; keys of rows by `rowKey`. */
  tallies: Tally[][];
}

export async function readScan(
  env: Env,
  merchant: Merchant,
  plan: ScanPlan,
  _nowMs: number,
): Promise<Result<ScanReading, ScanFailure>> {
  const { zone, ranges } = plan;
  const reading = await readDays(env, merchant, { zone, ranges, scanner: (isCut) => planScanner(plan, isCut) });
  if (!reading.ok) return reading;
  const { days, ...rest } = reading.value;
  const tallies = new ScanTallies(plan);
  for (const { day, found } of days) tallies.add(day, found);
  return ok({ ...rest, tallies: tallies.tallies() });
}
