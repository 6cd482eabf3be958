// For tests: a shard without its object. It takes events in, checkpoints, forgets and recovers as the object does
// (admission, one commit, apply; hours and live visits as JSON), with a map for storage.

import { Admission, type Receipt } from "./admission.ts";
import { addTo, type Books } from "./books.ts";
import type { Event } from "./event.ts";
import type { Hour } from "./hour.ts";
import type { Merchant } from "./merchant.ts";
import { decodeHour, encodeHour, EVERYTHING, snapshot } from "./rollup-codec.ts";
import type { Rollup } from "./rollup.ts";
import { type ClosedDay, type Commit, type Notes, ShardState } from "./shard.ts";
import { encodeVisit, restoreVisit, type VisitRecord } from "./visit-codec.ts";
import { dayAt } from "./zone.ts";

interface DayRecord {
  date: string;
  merchant: Merchant;
  books: Books;
  booksSeq: number;
  touchedMs: number;
  watermarkMs: number;
  sweptMs: number;
  visits: VisitRecord[];
}

interface Checkpoint {
  seq: number;
  merchant: Merchant | null;
  days: DayRecord[];
  closed: [string, ClosedDay][];
  orders: [string, string][];
  liveOrders: ShardState["liveOrders"];
  ids: number[];
}

export class Rehearsal {
  state: ShardState;
  readonly log: string[] = [];
  /** Hours that were brought back into memory. */
  loads = 0;
  readonly #merchant: Merchant;
  readonly #hours = new Map<number, string>();
  #checkpoint: string | null = null;
  #checkpointRows = 0;

  constructor(merchant: Merchant) {
    this.#merchant = merchant;
    this.state = this.#emptyState();
  }

  /** One commit: a letter for each event, as in `Receipts`. `rejected` are the door's, of the same day as `receivedAtMs`. */
  append(events: readonly Event[], rejected: Record<string, number> = {}, receivedAtMs = 0): string {
    const admission = new Admission(this.state);
    const notes: Notes = { receivedAtMs, received: {}, duplicate: {}, rejected: {}, claims: [] };
    if (this.state.merchant === null) notes.merchant = this.#merchant;
    const accepted: Event[] = [];
    const letters = events.map((event): Receipt => {
      const letter = admission.judge({ line: "", event, orderTaken: false });
      const { date } = dayAt(this.#merchant.zone, event.occurred_at);
      addTo(notes.received, date);
      if (letter === "a" || letter === "l") accepted.push(event);
      else addTo(notes.duplicate, date);
      return letter;
    });
    for (const [reason, n] of Object.entries(rejected)) {
      const { date } = dayAt(this.#merchant.zone, receivedAtMs);
      addTo(notes.received, date, n);
      addTo((notes.rejected[date] ??= {}), reason, n);
    }
    this.#commit(accepted, notes);
    return letters.join("");
  }

  /** A commit that closes days; their hours are dropped at once, as the object does. */
  close(dates: string[], atMs = 0): void {
    for (const date of dates) {
      const { day } = this.state.days.get(date)!;
      for (const hourMs of this.#hours.keys())
        if (hourMs >= day.startMs && hourMs < day.endMs) this.#hours.delete(hourMs);
    }
    this.#commit([], { receivedAtMs: atMs, received: {}, duplicate: {}, rejected: {}, claims: [], closed: dates });
  }

  /** Writes down what changed, and lets go of every hour that no live visit needs. */
  checkpoint(): void {
    const days = [...this.state.days.values()].map((day): DayRecord => {
      for (const hour of day.hours.values()) if (hour.dirty) this.#save(hour);
      return {
        date: day.day.date,
        merchant: day.merchant,
        books: day.books,
        booksSeq: day.booksSeq,
        touchedMs: day.touchedMs,
        watermarkMs: day.watermarkMs,
        sweptMs: day.sweptMs,
        visits: [...day.visits.values()].flat().map(encodeVisit),
      };
    });
    const { seq, merchant, closed, orders, liveOrders, eventIds } = this.state;
    const ids = [...eventIds.since(0)];
    const record: Checkpoint = { seq, merchant, days, closed: [...closed], orders: [...orders], liveOrders, ids };
    this.#checkpoint = JSON.stringify(record);
    this.#checkpointRows = this.log.length;
    for (const day of this.state.days.values()) {
      for (const hour of day.hours.values()) if (hour.live.size === 0) day.hours.delete(hour.startMs);
    }
  }

  /** Dies, and comes back from the checkpoint and the log rows after it. */
  recover(): void {
    this.state = this.#emptyState();
    if (this.#checkpoint !== null) this.#restore(JSON.parse(this.#checkpoint) as Checkpoint);
    for (const row of this.log.slice(this.#checkpointRows)) this.state.apply(JSON.parse(row) as Commit);
  }

  /** Every hour as readers see it. */
  rollups(): Rollup[] {
    const inMemory = [...this.state.days.values()].flatMap((day) => [...day.hours.keys()]);
    return [...new Set([...inMemory, ...this.#hours.keys()])]
      .sort((a, b) => a - b)
      .map((hourMs) => snapshot(this.state.dayAt(hourMs).existingHour(hourMs)!, this.#merchant.id, 0, EVERYTHING));
  }

  /** All that is ever asked of a shard, to the letter. */
  everything(): string {
    const { seq, orders, closed, liveOrders } = this.state;
    const days = [...this.state.days.values()].map(({ day, books, touchedMs }) => [day.date, books, touchedMs]);
    return JSON.stringify({ rollups: this.rollups(), days, closed: [...closed], seq, orders: [...orders], liveOrders });
  }

  #commit(events: Event[], notes: Notes): void {
    const commit: Commit = { seq: this.state.seq + 1, events, notes };
    this.log.push(JSON.stringify(commit));
    this.state.apply(commit);
  }

  #emptyState(): ShardState {
    return new ShardState((hourMs) => {
      const body = this.#hours.get(hourMs);
      if (body === undefined) return null;
      this.loads++;
      return decodeHour(JSON.parse(body) as Rollup);
    });
  }

  #save(hour: Hour): void {
    this.#hours.set(hour.startMs, JSON.stringify(encodeHour(hour, "", 0)));
    hour.dirty = false;
  }

  #restore(record: Checkpoint): void {
    const { state } = this;
    state.seq = record.seq;
    state.merchant = record.merchant;
    state.liveOrders = record.liveOrders;
    state.eventIds.restore(Uint8Array.from(record.ids));
    for (const [order, eventId] of record.orders) state.claim(order, eventId);
    for (const [date, day] of record.closed) state.closed.set(date, day);
    for (const { date, merchant, visits, ...rest } of record.days) {
      const day = state.restoreDay(date, merchant);
      Object.assign(day, rest);
      for (const visit of visits) restoreVisit(day, visit);
    }
  }
}
