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
  /** Those with traffic lately or with a day that is not as it should be, or the one that was asked for. */
  merchants: MerchantStanding[];
  /** Where more of them follow, the id to ask after; null when these were all. */
  next: string | null;
}

/** All merchants of a standing, page after page, added up. */
export interface WholeStanding {
  merchants: number;
  shards: number;
  /** Merchants of whom an object did not answer. */
  silent: string[];
  /** What is in objects alone: events that R2, hours and books that Postgres has not confirmed. */
  unarchived_events: number;
  unpublished_hours: number;
  unpublished_books: number;
  live_visits: number;
  /** Of the merchants with something unpublished, whose books Postgres has had longest, and since when; null where there is none. */
  behind: { merchant: string; published_at: string | null } | null;
}

export function wholeOf(merchants: readonly MerchantStanding[]): WholeStanding {
  const whole: WholeStanding = {
    merchants: merchants.length,
    shards: 0,
    silent: [],
    unarchived_events: 0,
    unpublished_hours: 0,
    unpublished_books: 0,
    live_visits: 0,
    behind: null,
  };
  for (const { merchant, published_at, shards } of merchants) {
    if (shards === null) whole.silent.push(merchant);
    let unpublished = 0;
    for (const shard of shards ?? []) {
      whole.shards++;
      whole.unarchived_events += shard.unarchivedEvents;
      whole.unpublished_hours += shard.unpublishedHours;
      whole.unpublished_books += shard.unpublishedBooks;
      whole.live_visits += shard.liveVisits;
      unpublished += shard.unpublishedHours + shard.unpublishedBooks;
    }
    if (unpublished === 0) continue;
    if (whole.behind === null || (published_at ?? "") < (whole.behind.published_at ?? ""))
      whole.behind = { merchant, published_at };
  }
  return whole;
}

/** True when a person should look. */
export const wantsALook = ({ shards, unsettled }: MerchantStanding): boolean => shards === null || unsettled.length > 0;
