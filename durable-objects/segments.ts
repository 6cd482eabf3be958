// The log as segments: rows go to the open one; a closed one is immutable, goes to R2 as it is, and is dropped once R2
// has all of it and a checkpoint covers it. A segment is closed by the next one's existence, so its range, and with it
// its R2 keys, are the same after any crash.

import type { SegmentView } from "../core/flush.ts";
import type { Confirmation } from "../core/messages.ts";
import type { Notes } from "../core/shard.ts";
import { segmentDates, type ClosedSegment } from "./outbox.ts";
import type { LogRow, ShardStorage } from "./shard-storage.ts";

interface Segment {
  first: number;
  last: number;
  bytes: number;
  events: number;
  openedAtMs: number;
  closed: boolean;
  sentAtMs: number | null;
  /** Dates whose chunk R2 has not confirmed; null when not known since the object woke. */
  waitingFor: Set<string> | null;
  archived: boolean;
}

export class Segments {
  readonly #storage: ShardStorage;
  #segments: Segment[];

  constructor(storage: ShardStorage) {
    this.#storage = storage;
    const firsts = storage.segments();
    this.#segments = firsts.map((first, i) => {
      const closed = i < firsts.length - 1;
      return { ...newSegment(first, 0), ...storage.segmentSize(first), closed };
    });
  }

  get openBytes(): number {
    return this.#open()?.bytes ?? 0;
  }

  /** Segments that R2 has; the next checkpoint drops them. */
  get archived(): number[] {
    return this.#segments.filter((segment) => segment.archived).map((segment) => segment.first);
  }

  *rowsAfter(seq: number): Generator<LogRow> {
    for (const segment of this.#segments) if (segment.last > seq) yield* this.#storage.rows(segment.first, seq);
  }

  append(seq: number, lines: readonly string[], notes: Notes): void {
    let open = this.#open();
    if (open === undefined) {
      open = newSegment(seq, notes.receivedAtMs);
      this.#storage.createSegment(seq);
      this.#segments.push(open);
    }
    if (open.bytes === 0) open.openedAtMs = notes.receivedAtMs;
    open.last = seq;
    for (const line of lines) open.bytes += line.length + 1;
    open.events += lines.length;
    this.#storage.appendRow(open.first, open, lines.join("\n"), JSON.stringify(notes));
  }

  /** Closes the open segment by opening the next. */
  close(): void {
    const open = this.#open();
    if (open === undefined) return;
    open.closed = true;
    const next = newSegment(open.last + 1, 0);
    this.#storage.createSegment(next.first);
    this.#segments.push(next);
  }

  views(): SegmentView[] {
    return this.#segments.filter((segment) => !segment.archived);
  }

  /** True when R2 has every event that came up to this sequence. */
  hasArchived(seq: number): boolean {
    return this.#segments.every((segment) => segment.archived || segment.first > seq || segment.bytes === 0);
  }

  /** Closed segments that have not been put on the queue since the object woke. */
  unsent(): number[] {
    return this.#segments
      .filter((segment) => segment.closed && !segment.archived && segment.sentAtMs === null)
      .map((segment) => segment.first);
  }

  /** Null when R2 has it already and it is gone. */
  read(first: number): ClosedSegment | null {
    const segment = this.#find(first);
    if (segment === undefined) return null;
    return { first, last: segment.last, rows: [...this.#storage.rows(first, 0)].map((row) => row.events) };
  }

  sent(first: number, dates: string[], atMs: number): void {
    const segment = this.#find(first);
    if (segment === undefined) return;
    segment.sentAtMs = atMs;
    segment.waitingFor ??= new Set(dates);
    if (segment.waitingFor.size === 0) segment.archived = true;
  }

  notSent(first: number): void {
    const segment = this.#find(first);
    if (segment !== undefined) segment.sentAtMs = null;
  }

  confirm(confirmation: Extract<Confirmation, { kind: "chunk" }>, zone: string): void {
    const segment = this.#find(confirmation.from);
    if (segment === undefined || !segment.closed || segment.last !== confirmation.to) return;
    segment.waitingFor ??= new Set(segmentDates(this.read(segment.first)!, zone).keys());
    segment.waitingFor.delete(confirmation.date);
    if (segment.waitingFor.size === 0) segment.archived = true;
  }

  /** What R2 had before the object slept. */
  markArchived(firsts: readonly number[]): void {
    for (const first of firsts) {
      const segment = this.#find(first);
      if (segment !== undefined) segment.archived = true;
    }
  }

  dropArchived(): void {
    for (const first of this.archived) this.#storage.dropSegment(first);
    this.#segments = this.#segments.filter((segment) => !segment.archived);
  }

  unarchivedEvents(): number {
    return this.#segments.reduce((sum, segment) => sum + (segment.archived ? 0 : segment.events), 0);
  }

  #open(): Segment | undefined {
    const last = this.#segments.at(-1);
    return last?.closed === false ? last : undefined;
  }

  #find(first: number): Segment | undefined {
    return this.#segments.find((segment) => segment.first === first);
  }
}

const newSegment = (first: number, openedAtMs: number): Segment => ({
  first,
  last: first - 1,
  bytes: 0,
  events: 0,
  openedAtMs,
  closed: false,
  sentAtMs: null,
  waitingFor: null,
  archived: false,
});
