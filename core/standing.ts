// How a system stands, as the ops API shows it and the ops command prints it.

import type { ShardStatus } from "./messages.ts";

export interface UnsettledDay {
  merchant: string;
  date: string;
  shard: number;
  /** open: not sealed, and over for a day or more. unproven: counted again it was different. stale: late events wait. */
  state: "open" | "unproven" | "stale";
  /** What the seal found first, of an unproven day. */
  difference: Record<string, unknown> | null;
}

export interface MerchantStanding {
  merchant: string;
  /** The newest change of its day book in Postgres, ISO 8601; null when it has none. */
  published_at: string | null;
  /** Null: the objects did not answer. */
  shards: ShardStatus[] | null;
  unsettled: UnsettledDay[];
}

export interface Standing {
  at: string;
  /** Up to `letters_counted` are counted. */
  dead_letters: number;
  letters_counted: number;
  /** Days of all merchants that are not as they should be; `unsettled` of each merchant shows some. */
  days: { open: number; unproven: number; stale: number };
  /** Replays that are being counted or applied. */
  runs_under_way: number[];
  /** Those with traffic lately, or the one that was asked for. */
  merchants: MerchantStanding[];
}
