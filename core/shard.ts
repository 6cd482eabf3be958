// One shard of a merchant as a state that is a fold of its log (law 4): admission (what counts once), the open days,
// the books. Every change comes in a commit, which is one log row; `apply` is the only thing that changes state, live
// and on recovery alike. Storage and clock are the object's; none of them is here.

import { addTo, type Books } from "./books.ts";
import { DayState, type LoadHour } from "./day.ts";
import type { Event } from "./event.ts";
import { foldEvent } from "./fold.ts";
import { type Asked, GivenUp } from "./given-up.ts";
import { EVENT_IDS_MAX, ORDER_IDS_MAX } from "./limits.ts";
import { commerceOf } from "./commerce.ts";
import type { Merchant } from "./merchant.ts";
import type { LiveSnapshot } from "./messages.ts";
import { RecentIds } from "./recent-ids.ts";
import { keptExamples, type RejectedExample } from "./rejected-example.ts";
import { versionOf } from "./rules.ts";
import { dayAt, dayOf, isSameDay } from "./zone.ts";

/** What a log row says besides its events. Counts are by merchant-local date. */
export interface Notes {
  receivedAtMs: number;
  received: Record<string, number>;
  duplicate: Record<string, number>;
  rejected: Record<string, Record<string, number>>;
  /** Some of the rejected. */
  rejectedExamples?: RejectedExample[];
  /** [order id, event id]: claims that sibling shards asked this one to keep. */
  claims: [string, string][];
  /** Event ids that other shards asked for and this one has not. */
  givenUp?: Asked[];
  /** The merchant from here on, when it is new or has changed. */
  merchant?: Merchant;
  /** Days that are closed with this commit: what comes for them from now on is late. */
  closed?: string[];
}

/** A day that is closed: its counters are Postgres' and R2's now, only its books go on. */
export interface ClosedDay {
  /** As it was for the whole of that day. */
  merchant: Merchant;
  books: Books;
  booksSeq: number;
  /** Sequence that its seal must cover: of the closing, or of the latest late event. */
  seq: number;
  /** Of the closing: what was counted live came before. */
  closedSeq: number;
  touchedMs: number;
}

/** Accepted after its day was closed: counted when the day is sealed again. */
export const LATE = "late";

export interface Commit {
  seq: number;
  events: readonly Event[];
  notes: Notes;
}

type LiveOrder = LiveSnapshot["orders"][number];

const LIVE_ORDERS = 10;

export class ShardState {
  merchant: Merchant | null = null;
  /** Sequence of the last commit applied. */
  seq = 0;
  /** Open days. */
  readonly days = new Map<string, DayState>();
  readonly closed = new Map<string, ClosedDay>();
  readonly eventIds: RecentIds;
  readonly givenUp = new GivenUp();
  /** Order id → the event that has it; oldest first. */
  readonly orders = new Map<string, string>();
  /** The newest orders, newest first, for the live view. */
  liveOrders: LiveOrder[] = [];
  /** Oldest first. */
  rejectedExamples: RejectedExample[] = [];
  readonly #loadHour: LoadHour;

  /** `secret`: 32 random bits; nothing that is counted depends on them. */
  constructor(loadHour: LoadHour, secret = 0) {
    this.eventIds = new RecentIds(EVENT_IDS_MAX, secret);
    this.#loadHour = loadHour;
  }

  apply(commit: Commit): void {
    const { seq, notes } = commit;
    // As it was planned: days may have left since, so that judging again could come to something else.
    if (notes.merchant !== undefined) this.merchant = notes.merchant;
    for (const event of commit.events) this.#applyEvent(event, commit);
    for (const [order, eventId] of notes.claims) this.claim(order, eventId);
    for (const [id, stamp] of notes.givenUp ?? []) this.givenUp.add(id, stamp);
    for (const [date, n] of Object.entries(notes.received)) this.#book(date, commit).received += n;
    for (const [date, n] of Object.entries(notes.duplicate)) this.#book(date, commit).duplicate += n;
    for (const [date, reasons] of Object.entries(notes.rejected)) {
      for (const [reason, n] of Object.entries(reasons)) addTo(this.#book(date, commit).rejected, reason, n);
    }
    if (notes.rejectedExamples !== undefined)
      this.rejectedExamples = keptExamples(this.rejectedExamples, notes.rejectedExamples, notes.receivedAtMs);
    for (const date of notes.closed ?? []) this.#close(date, commit);
    this.seq = seq;
  }

  /** The state of the merchant-local day that holds the instant. */
  dayAt(ms: number): DayState {
    const day = dayAt(this.#zone(), ms);
    return this.days.get(day.date) ?? this.addDay(new DayState(day, this.merchant!, this.#loadHour));
  }

  /** True when the local day that holds the instant is closed, so that an event of it is late. */
  isClosedAt(ms: number): boolean {
    return this.closed.size > 0 && this.merchant !== null && this.closed.has(dayAt(this.merchant.zone, ms).date);
  }

  addDay(state: DayState): DayState {
    this.days.set(state.day.date, state);
    return state;
  }

  /** Puts back a day from a checkpoint, with the merchant as it was for that day. */
  restoreDay(date: string, merchant: Merchant): DayState {
    return this.addDay(new DayState(dayOf(merchant.zone, date), merchant, this.#loadHour));
  }

  /**
   * What the merchant is once a commit has said that it is this one. Another zone is taken when it is one for later days: otherwise
   * days would overlap, and one date would be two days. Of rules the newest version stays: for a minute after a change the edge knows
   * both, here and there.
   */
  merchantAfter(merchant: Merchant): Merchant {
    const { zone, rules } = this.merchant ?? merchant;
    const isOlder = rules !== undefined && versionOf(merchant.rules) < versionOf(rules);
    return { ...merchant, ...(this.#keepsDays(merchant.zone) ? {} : { zone }), ...(isOlder ? { rules } : {}) };
  }

  /** By that zone the days that there are begin and end as they do. */
  #keepsDays(zone: string): boolean {
    if (this.merchant === null || this.merchant.zone === zone) return true;
    return (
      [...this.days.values()].every(({ day }) => isSameDay(day, dayOf(zone, day.date))) &&
      [...this.closed].every(([date, { merchant }]) => isSameDay(dayOf(merchant.zone, date), dayOf(zone, date)))
    );
  }

  /** Who has the order: null when nobody. */
  orderHolder(order: string): string | null {
    return this.orders.get(order) ?? null;
  }

  claim(order: string, eventId: string): void {
    if (this.orders.has(order)) return;
    if (this.orders.size >= ORDER_IDS_MAX) this.orders.delete(this.orders.keys().next().value!);
    this.orders.set(order, eventId);
  }

  #applyEvent(event: Event, { seq, notes }: Commit): void {
    this.eventIds.add(event.id);
    // Claims that another shard keeps are remembered here too: harmless, and it saves asking again.
    if (event.name === "purchase" && event.transaction_id !== undefined) {
      this.claim(event.transaction_id, event.id);
      // Where its claim was here before it, and named its shard too: from now on it is known to have been counted.
      this.orders.set(event.transaction_id, event.id);
    }
    const { date } = dayAt(this.#zone(), event.occurred_at);
    const closed = this.closed.get(date);
    if (closed !== undefined) {
      closed.books.accepted++;
      addTo(closed.books.verdicts, LATE);
      closed.seq = seq;
      closed.touchedMs = notes.receivedAtMs;
      return;
    }
    const day = this.dayAt(event.occurred_at);
    const verdict = foldEvent(day, event, seq);
    day.touchedMs = notes.receivedAtMs;
    if (event.name === "purchase" && verdict === "counted") this.#showOrder(event, day.merchant.currency);
  }

  #close(date: string, { seq, notes }: Commit): void {
    const day = this.days.get(date);
    if (day === undefined) return;
    const { merchant, books, booksSeq } = day;
    this.closed.set(date, { merchant, books, booksSeq, seq, closedSeq: seq, touchedMs: notes.receivedAtMs });
    this.days.delete(date);
  }

  #showOrder(event: Event, currency: string): void {
    const order: LiveOrder = {
      atMs: event.occurred_at,
      transactionId: event.transaction_id ?? null,
      gross: commerceOf(event, currency)?.trade.gross ?? 0,
      currency,
      country: event.country ?? null,
    };
    this.liveOrders = [order, ...this.liveOrders].sort((a, b) => b.atMs - a.atMs).slice(0, LIVE_ORDERS);
  }

  #book(date: string, { seq, notes }: Commit): Books {
    const day =
      this.closed.get(date) ??
      this.days.get(date) ??
      this.addDay(new DayState(dayOf(this.#zone(), date), this.merchant!, this.#loadHour));
    day.booksSeq = seq;
    // A duplicate for a closed day changes its books, and nothing that a seal counts.
    if (!this.closed.has(date)) day.touchedMs = notes.receivedAtMs;
    return day.books;
  }

  #zone(): string {
    if (this.merchant === null) throw new Error("a commit came before its merchant");
    return this.merchant.zone;
  }
}
