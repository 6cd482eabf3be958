// What travels between Worker, object, queues and consumers. Old code may meet new messages and the other way
// round while a deploy spreads, so fields are only ever added, and readers ignore what they do not know.

import type { Books } from "./books.ts";
import type { Asked } from "./given-up.ts";
import type { Merchant } from "./merchant.ts";
import type { RejectedExample } from "./rejected-example.ts";
import type { Dimension, Rollup } from "./rollup.ts";

/** Events of one shard, one JSON object a line. Text, since it goes into the log as it is. */
export interface AppendBatch {
  merchant: Merchant;
  shard: number;
  lines: string[];
  /** What the edge refused of the same request, by reason: for the books. */
  rejected: Record<string, number>;
  /** Some of those. */
  rejectedExamples?: RejectedExample[];
  /** So many of the lines, from the first on, may have been sent before: perhaps to another shard. */
  again?: number;
  receivedAtMs: number;
}

/**
 * One letter a line of the batch, in its order: a(ccepted), l (accepted, late: its day is sealed and will be counted
 * again), d(uplicate event id), o(rder already counted), g(one: the merchant has been erased, and nothing is taken).
 */
export type Receipts = string;

/** The object asks R2 to keep these events: one message is one R2 object. */
export interface ChunkMessage {
  kind: "chunk";
  merchant: string;
  shard: number;
  date: string;
  /** First and last log sequence that the chunk's events come from; with merchant, date and shard, its R2 key. */
  from: number;
  to: number;
  events: number;
  /** gzip of the NDJSON. */
  body: Uint8Array<ArrayBuffer>;
}

/** The object publishes an hour, whole or in parts by dimension. Body: gzip of a JSON `Rollup`. */
export interface RollupMessage {
  kind: "rollup";
  merchant: string;
  shard: number;
  hour: number;
  seq: number;
  /** Which part of how many; every part carries the totals. */
  part: number;
  parts: number;
  body: Uint8Array<ArrayBuffer>;
  /** Where in R2 the body is when it does not fit a message; whoever has written it to Postgres deletes it. */
  stored?: string;
}

/** The object's books of a day, published with its rollups. */
export interface BooksMessage {
  kind: "books";
  merchant: string;
  shard: number;
  date: string;
  seq: number;
  books: Books;
}

/**
 * The object asks for the seal of a day: all its events are in R2, all its hours and books in Postgres, and what comes
 * for it from now on is late. Asked again, with a higher sequence, when late events have come.
 */
export interface SealMessage {
  kind: "seal";
  /** The merchant as it was for the whole of that day. */
  merchant: Merchant;
  shard: number;
  date: string;
  /** The day's raw chunks in R2 hold everything up to this log sequence. */
  seq: number;
  /**
   * The sequence at which the day was closed: what was counted live is before it, and what is after it is late. The first
   * seal goes no further, however late it comes. Absent: `seq`.
   */
  closedSeq?: number | undefined;
}

/** Count a day again, as a unit of a run: its result rests beside what readers see. */
export interface ReplayMessage {
  kind: "replay";
  run: number;
  merchant: Merchant;
  shard: number;
  date: string;
}

/** Take a job (core/job.ts) further. */
export interface JobMessage {
  kind: "job";
  id: string;
}

/** Events that a shard could not take at once. */
export interface OverflowMessage {
  kind: "overflow";
  batch: AppendBatch;
}

export interface DeadLetter {
  kind: "dead-letter";
  queue: string;
  reason: string;
  /** The message as it came. */
  message: unknown;
}

/** What consumers tell the object once R2 or Postgres has it. */
export type Confirmation =
  | { kind: "chunk"; date: string; from: number; to: number }
  | { kind: "rollup"; hour: number; seq: number; part: number; parts: number }
  | { kind: "books"; date: string; seq: number }
  | { kind: "seal"; date: string; seq: number };

/** A report's question to a shard. Instants are [from, to). */
export interface HoursRequest {
  fromMs: number;
  toMs: number;
  dimensions: Dimension[];
  /** Include the minute series. */
  minutes: boolean;
  /** Include per-value sketches of `dimensions` (needed to merge visitors over several hours). */
  sketches: boolean;
  /** All hours in the range that the shard still holds, not only those that Postgres has not confirmed. */
  all: boolean;
}

export interface HoursAnswer {
  /** Whole hours: each replaces the Postgres row of the same hour and shard when its `seq` is higher. */
  hours: Rollup[];
  /** Hours in the range that Postgres has confirmed at their present sequence and that are therefore not sent. */
  confirmed: number[];
  /**
   * The sequences of `confirmed`, in its order. Postgres is read at the same time, so its row may be an older one: the
   * reader sees that by these, and asks again.
   */
  confirmedSeqs?: number[];
  /** The object's clock when it answered: everything accepted before is in `hours` or confirmed. */
  asOfMs: number;
  /** The log sequence that the answer is computed from: a cache key. */
  seq: number;
}

/** An open day as of one log sequence, for counting it again. Hours that are not here are those of `hours`. */
export interface OpenDay {
  /** As it is for the whole of that day. */
  merchant: Merchant;
  seq: number;
  /** The object's clock when it answered. */
  asOfMs: number;
  /** Events of the day, up to `seq`. */
  accepted: number;
  /** Segments of the log that R2 has not confirmed, ascending: their first sequences, and their events of the day, a line each. */
  segments: { from: number; lines: string }[];
  /** Those that live visits go on changing. */
  hours: Rollup[];
}

/** A day that no seal has made files of yet. */
export interface UnsealedDay {
  date: string;
  /** As it is for the whole of that day. */
  merchant: Merchant;
  /** Events that were accepted for it, late ones among them. */
  accepted: number;
  /** Of a day that is closed: what was counted came no later. Null while it is open. */
  closedSeq: number | null;
  /** Of an open day, segments of the log that R2 has not confirmed, ascending: their first sequences, and their events of the day, a line each. */
  segments: { from: number; lines: string }[];
}

export interface UnsealedDays {
  days: UnsealedDay[];
  /** The log sequence that all of it is as of. */
  seq: number;
  /** The object's clock when it answered. */
  asOfMs: number;
}

/** For ops and tests: how a shard stands. */
export interface ShardStatus {
  merchant: string;
  shard: number;
  seq: number;
  /** Events in the log that R2 has not confirmed. */
  unarchivedEvents: number;
  /** Hours and days' books that Postgres has not confirmed at their present sequence. */
  unpublishedHours: number;
  unpublishedBooks: number;
  liveVisits: number;
  hoursInMemory: number;
  nextAlarmMs: number | null;
  days: { date: string; books: Books; state?: "open" | "closed" | "sealed" }[];
  /** The newest of those that were refused, oldest first. */
  rejectedExamples?: RejectedExample[];
}

/** What the live socket says, on connecting, when asked ("now") and as things happen. */
export interface LiveSnapshot {
  kind: "live";
  atMs: number;
  /** Distinct visitors with an event in the last 5 minutes. */
  visitorsNow: number;
  /** The last 30 minutes, oldest first; the last one is the present, incomplete minute. */
  minutes: { atMs: number; visitors: number; pageviews: number; orders: number }[];
  /** Pages with the most visitors in the last 5 minutes. */
  pages: { page: string; visitors: number }[];
  /** Distinct visitors of those 30 minutes by country, the most first. Absent: of an object that does not tell yet. */
  countries?: { country: string; visitors: number }[];
  /** The newest orders, newest first. `gross` in minor units × 10⁴ of `currency`. */
  orders: { atMs: number; transactionId: string | null; gross: number; currency: string; country: string | null }[];
}

/** The secret that visitors of one merchant-local date are hashed with. */
export interface Salt {
  /** 32 random bytes. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Nobody may keep it longer. */
  expiresAtMs: number;
}

/** The RPC face of the salt keeper of one date. */
export interface SaltKeeperApi {
  salt(date: string): Promise<Salt>;
}

/** The RPC face of a merchant shard, as Workers and consumers call it. */
export interface MerchantShardApi {
  append(batch: AppendBatch): Promise<Receipts>;
  /**
   * Claims an order id for an event; false when another has it. Called by sibling shards. The claimant names its shard too:
   * an event that is sent again from another address, by who does not say so, may come to another shard, and must not be
   * counted there as well. `settled`: it has been seen to that it is not (core/once.ts).
   */
  claimOrder(merchant: Merchant, order: string, claimant: string, settled?: boolean): Promise<boolean>;
  /** Gives these ids up to a sibling shard, durably: a letter for each, h(as it already) or g(iven up). */
  giveUp(merchant: Merchant, asked: Asked[]): Promise<string>;
  /** "gone": the merchant has been erased, and what was written for it is to go too. */
  confirm(confirmations: Confirmation[]): Promise<"gone" | void>;
  hours(request: HoursRequest): Promise<HoursAnswer>;
  /**
   * The hours in [fromMs, toMs) that the shard holds, with their sequences: as long as this text is the same, so are they.
   * Empty when it holds none.
   */
  heldHours(fromMs: number, toMs: number): Promise<string>;
  /** Null when the day is not open in this shard. */
  openDay(date: string): Promise<OpenDay | null>;
  /** Of the dates from `from` to `to`, both included. */
  unsealedDays(from: string, to: string): Promise<UnsealedDays>;
  /**
   * Postgres has lost what it had confirmed: hours of open days and all books are published once more. What is not in the
   * object any more is R2's.
   */
  republish(): Promise<ShardStatus>;
  status(): Promise<ShardStatus>;
  /** Publishes and archives everything now, whatever its age and size. For ops and tests. */
  flush(): Promise<ShardStatus>;
  /** The same, and days that are over are closed and sealed without waiting for their grace. */
  seal(): Promise<ShardStatus>;
  /** Forgets everything, for good: from then on it takes nothing. */
  erase(): Promise<void>;
}
