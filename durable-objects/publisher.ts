// What leaves a shard: hours and books to the queue `rollups`, closed log segments to `events`, days that are over to
// `seal`. What is due is decided in core/flush.ts and core/closing.ts; here it is done. Nothing is forgotten until the
// consumers confirm, so a queue that is out of reach costs time and nothing else.

import { chunkKey } from "../core/archive.ts";
import { emptyNotes } from "../core/commit.ts";
import { planClosing, type ClosingPlan } from "../core/closing.ts";
import { planFlush, type FlushPlan } from "../core/flush.ts";
import { CHECKPOINT_LOG_BYTES_DUE } from "../core/limits.ts";
import type { ChunkMessage, SealMessage } from "../core/messages.ts";
import { EVERYTHING, snapshot } from "../core/rollup-codec.ts";
import type { ObjectBindings } from "./bindings.ts";
import { BODY_BYTES_MAX, booksMessage, chunkMessages, rollupMessages, segmentDates, sendAll } from "./outbox.ts";
import type { ShardMemory } from "./shard-memory.ts";

/** A seal takes longer than a write to Postgres: it is asked for again after so many times as long. */
const SEAL_REPEATS = 3;

export class Publisher {
  readonly #memory: ShardMemory;
  readonly #env: ObjectBindings;
  /** Merchant id and shard. */
  readonly #address: [string, number];
  /** Days that are over do not wait for their grace: ops said so. Until the object sleeps. */
  sealNow = false;

  constructor(memory: ShardMemory, env: ObjectBindings, address: [string, number]) {
    this.#memory = memory;
    this.#env = env;
    this.#address = address;
  }

  /** True when the last confirmation that a day has waited for has come. */
  get canSeal(): boolean {
    const { close, seal } = this.#planClosing();
    return close.length + seal.length > 0;
  }

  /**
   * Does what is due, or with `force` everything. `wake` is told when to come back. A queue out of reach is reported and
   * tried at the next alarm; with `force` it is also thrown.
   */
  async flush(force: boolean, wake: (atMs: number) => void): Promise<void> {
    const { segments, state } = this.#memory;
    if (state.merchant === null) return;
    let closing = this.#planClosing();
    if (closing.close.length > 0) {
      this.#closeDays(closing.close);
      closing = this.#planClosing();
    }
    const plan = this.#planFlush(force || closing.settle);
    if (plan.closeSegment) segments.close();
    if (plan.checkpoint || segments.archived.length > 0) this.#memory.checkpoint();
    const wakeAtMs = [plan.nextAlarmMs, closing.nextAlarmMs].filter((atMs) => atMs !== null);
    if (wakeAtMs.length > 0) wake(Math.min(...wakeAtMs));
    try {
      await this.#publish(plan);
      await this.#archive([...new Set([...plan.archive, ...(plan.closeSegment ? segments.unsent() : [])])]);
      await this.#askForSeals(closing.seal);
    } catch (error) {
      console.error(JSON.stringify({ event: "flush_failed", shard: this.#address.join("/"), error: String(error) }));
      if (force) throw error;
    }
  }

  #planFlush(force: boolean): FlushPlan {
    const { ledger, segments, bytesSinceCheckpoint } = this.#memory;
    const view = { nowMs: Date.now(), hours: ledger.hours, books: ledger.books, segments: segments.views() };
    return planFlush(
      { ...view, bytesSinceCheckpoint },
      {
        publishAfterMs: Number(this.#env.PUBLISH_AFTER_MS),
        archiveAfterMs: Number(this.#env.ARCHIVE_AFTER_MS),
        checkpointBytes: CHECKPOINT_LOG_BYTES_DUE,
        force,
      },
    );
  }

  #planClosing(): ClosingPlan {
    const { state, ledger, segments } = this.#memory;
    const open = [...state.days.values()].map(({ day, booksSeq, touchedMs }) => ({
      date: day.date,
      endMs: day.endMs,
      touchedMs: this.sealNow ? 0 : touchedMs,
      settled: ledger.hasConfirmed(day.date, day.startMs, day.endMs) && segments.hasArchived(booksSeq),
    }));
    const closed = [...state.closed].map(([date, { seq, booksSeq, touchedMs }]) => {
      const { confirmedSeq: sealedSeq = 0, sent = null } = ledger.seals.get(date) ?? {};
      const settled = ledger.hasConfirmed(date, 0, 0) && segments.hasArchived(Math.max(seq, booksSeq));
      return { date, seq, touchedMs: this.sealNow ? 0 : touchedMs, settled, sealedSeq, sent };
    });
    return planClosing(Date.now(), open, closed, {
      sealAfterMs: this.sealNow ? 0 : Number(this.#env.SEAL_AFTER_MS),
      repeatAfterMs: SEAL_REPEATS * Number(this.#env.PUBLISH_AFTER_MS),
    });
  }

  // A commit of its own, so that recovery knows too; then nothing of those days is kept but their books.
  #closeDays(dates: readonly string[]): void {
    const { state, ledger, storage } = this.#memory;
    const days = dates.map((date) => state.days.get(date)!.day);
    const notes = { ...emptyNotes(Date.now()), closed: [...dates] };
    this.#memory.commit({ seq: state.seq + 1, events: [], notes }, []);
    for (const { startMs, endMs } of days) {
      storage.dropHours(startMs, endMs);
      ledger.forgetHours(startMs, endMs);
    }
  }

  async #publish(plan: FlushPlan): Promise<void> {
    const { state, ledger } = this.#memory;
    // Snapshots first, without an await between them: each is its hour as of its sequence.
    const rollups = plan.hours.flatMap((hourMs) => {
      const hour = state.dayAt(hourMs).existingHour(hourMs);
      return hour === null ? [] : [snapshot(hour, ...this.#address, EVERYTHING)];
    });
    const books = plan.books.flatMap((date) => {
      const day = state.days.get(date) ?? state.closed.get(date);
      return day === undefined ? [] : [booksMessage(...this.#address, date, day.booksSeq, day.books)];
    });
    const messages = (await Promise.all(rollups.map((one) => rollupMessages(one, this.#env.ARCHIVE)))).flat();
    await sendAll(this.#env.ROLLUPS_QUEUE, [...messages, ...books]);
    const atMs = Date.now();
    for (const rollup of rollups) ledger.sentHour(rollup.hour, rollup.seq, atMs);
    for (const book of books) ledger.sentBooks(book.date, book.seq, atMs);
  }

  async #archive(firsts: readonly number[]): Promise<void> {
    const { segments, zone } = this.#memory;
    for (const first of firsts) {
      const segment = segments.read(first);
      if (segment === null) continue;
      const dates = segmentDates(segment, zone);
      const chunks = await chunkMessages(...this.#address, segment, dates);
      // Before sending: a consumer may confirm before the queue has answered.
      segments.sent(first, [...dates.keys()], Date.now());
      try {
        await sendAll(this.#env.EVENTS_QUEUE, chunks.filter(fitsMessage));
        for (const chunk of chunks) if (!fitsMessage(chunk)) await this.#keep(chunk);
      } catch (error) {
        segments.notSent(first);
        throw error;
      }
    }
  }

  /** A chunk that no message holds (one large commit): written to R2 from here, as its consumer would. */
  async #keep(chunk: ChunkMessage): Promise<void> {
    const { date, from, to } = chunk;
    const options = { onlyIf: { etagDoesNotMatch: "*" }, customMetadata: { events: String(chunk.events) } };
    await this.#env.ARCHIVE.put(chunkKey(chunk), chunk.body, options);
    this.#memory.segments.confirm({ kind: "chunk", date, from, to }, this.#memory.zone);
  }

  async #askForSeals(dates: readonly string[]): Promise<void> {
    const { state, ledger } = this.#memory;
    const messages = dates.map((date): SealMessage => {
      const { merchant, seq, closedSeq } = state.closed.get(date)!;
      return { kind: "seal", merchant, shard: this.#address[1], date, seq, closedSeq };
    });
    await sendAll(this.#env.SEAL_QUEUE, messages);
    for (const { date, seq } of messages) ledger.sentSeal(date, seq, Date.now());
  }
}

const fitsMessage = (chunk: ChunkMessage): boolean => chunk.body.length <= BODY_BYTES_MAX;
