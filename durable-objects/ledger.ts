// How each hour and each day's books of a shard stand with Postgres, and each closed day with its seal: the sequence of
// the last change, the last one sent and the last one confirmed. Confirmations are kept in one row; what was sent is
// forgotten with the memory, which at worst sends it again.

import type { Publishable } from "../core/flush.ts";
import type { Confirmation } from "../core/messages.ts";
import type { ShardState } from "../core/shard.ts";
import type { ShardStorage } from "./shard-storage.ts";

interface ConfirmedRecord {
  hours: [number, number][];
  books: [string, number][];
  seals: [string, number][];
  /** Log segments that R2 has and that the next checkpoint drops. */
  archived: number[];
}

export class Ledger {
  readonly hours = new Map<number, Publishable>();
  readonly books = new Map<string, Publishable>();
  /** Closed days. */
  readonly seals = new Map<string, Publishable>();
  /** Parts of an hour that Postgres has, by "hour seq". */
  readonly #parts = new Map<string, Set<number>>();
  /** Segments that R2 had when the object slept. */
  readonly archived: number[] = [];
  readonly #storage: ShardStorage;

  constructor(storage: ShardStorage) {
    this.#storage = storage;
    for (const [hourMs, seq] of storage.hourSeqs()) this.hours.set(hourMs, { seq, confirmedSeq: 0, sent: null });
    const body = storage.loadConfirmed();
    if (body === null) return;
    const record = JSON.parse(body) as ConfirmedRecord;
    for (const [hourMs, confirmedSeq] of record.hours) entry(this.hours, hourMs).confirmedSeq = confirmedSeq;
    for (const [date, confirmedSeq] of record.books) entry(this.books, date).confirmedSeq = confirmedSeq;
    for (const [date, confirmedSeq] of record.seals) entry(this.seals, date).confirmedSeq = confirmedSeq;
    this.archived = record.archived;
  }

  /** Takes over the sequences of everything that is in memory. */
  observe(state: ShardState): void {
    for (const day of state.days.values()) {
      for (const hour of day.hours.values()) entry(this.hours, hour.startMs).seq = hour.seq;
      entry(this.books, day.day.date).seq = day.booksSeq;
    }
    for (const [date, day] of state.closed) {
      entry(this.books, date).seq = day.booksSeq;
      entry(this.seals, date).seq = day.seq;
    }
  }

  /** Hours of a day that is closed are Postgres' alone. */
  forgetHours(fromMs: number, toMs: number): void {
    for (const hourMs of this.hours.keys()) if (hourMs >= fromMs && hourMs < toMs) this.hours.delete(hourMs);
  }

  /** Hours and books are to be published again. */
  forgetConfirmed(): void {
    for (const one of [...this.hours.values(), ...this.books.values()]) {
      one.confirmedSeq = 0;
      one.sent = null;
    }
    this.#parts.clear();
  }

  /** True when Postgres has the day's books and every hour in [fromMs, toMs) at their present sequence. */
  hasConfirmed(date: string, fromMs: number, toMs: number): boolean {
    const books = this.books.get(date);
    if (books !== undefined && books.confirmedSeq < books.seq) return false;
    return [...this.hours].every(([hourMs, one]) => hourMs < fromMs || hourMs >= toMs || one.confirmedSeq >= one.seq);
  }

  sentHour(hourMs: number, seq: number, atMs: number): void {
    // The hour's day may have been closed meanwhile.
    const hour = this.hours.get(hourMs);
    if (hour !== undefined) hour.sent = { seq, atMs };
  }

  sentSeal(date: string, seq: number, atMs: number): void {
    entry(this.seals, date).sent = { seq, atMs };
  }

  sentBooks(date: string, seq: number, atMs: number): void {
    entry(this.books, date).sent = { seq, atMs };
  }

  confirm(confirmation: Exclude<Confirmation, { kind: "chunk" }>): void {
    if (confirmation.kind !== "rollup") {
      const one = entry(confirmation.kind === "books" ? this.books : this.seals, confirmation.date);
      one.confirmedSeq = Math.max(one.confirmedSeq, confirmation.seq);
      return;
    }
    const { hour: hourMs, seq, part, parts } = confirmation;
    const key = `${hourMs} ${seq}`;
    const confirmed = this.#parts.get(key) ?? new Set();
    confirmed.add(part);
    if (confirmed.size < parts) {
      this.#parts.set(key, confirmed);
      return;
    }
    this.#parts.delete(key);
    const hour = this.hours.get(hourMs);
    if (hour !== undefined) hour.confirmedSeq = Math.max(hour.confirmedSeq, seq);
  }

  /** `archived`: segments that R2 has. */
  save(archived: number[]): void {
    const record: ConfirmedRecord = {
      hours: confirmedIn(this.hours),
      books: confirmedIn(this.books),
      seals: confirmedIn(this.seals),
      archived,
    };
    this.#storage.saveConfirmed(JSON.stringify(record));
  }
}

function entry<Key>(map: Map<Key, Publishable>, key: Key): Publishable {
  let one = map.get(key);
  if (one === undefined) {
    one = { seq: 0, confirmedSeq: 0, sent: null };
    map.set(key, one);
  }
  return one;
}

const confirmedIn = <Key>(map: Map<Key, Publishable>): [Key, number][] =>
  [...map].filter(([, one]) => one.confirmedSeq > 0).map(([key, one]) => [key, one.confirmedSeq]);
