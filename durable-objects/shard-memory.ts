// What a merchant shard has in memory, and how it comes back: the checkpoint, then the log rows after it (law 4). Holds
// the parts that committing and publishing share.

import type { Event } from "../core/event.ts";
import { logBytesOf } from "../core/given-up.ts";
import { CHECKPOINT_LOG_BYTES_MAX, CHUNK_BYTES_TARGET } from "../core/limits.ts";
import type { Commit, ShardState } from "../core/shard.ts";
import { loadCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import { Ledger } from "./ledger.ts";
import { Segments } from "./segments.ts";
import { ShardStorage } from "./shard-storage.ts";

export class ShardMemory {
  readonly storage: ShardStorage;
  readonly state: ShardState;
  readonly segments: Segments;
  readonly ledger: Ledger;
  /** Log bytes that recovery would have to fold again. */
  bytesSinceCheckpoint = 0;
  /** Position of the first event id in memory, and of the first that the checkpoint does not have. */
  readonly #idsBase: number;
  #idsSaved: number;
  readonly #durable: DurableObjectStorage;

  constructor(durable: DurableObjectStorage) {
    this.#durable = durable;
    this.storage = new ShardStorage(durable.sql);
    const { state, seq, idsBase } = loadCheckpoint(this.storage);
    this.state = state;
    this.#idsBase = idsBase;
    this.#idsSaved = idsBase + state.eventIds.added;
    this.segments = new Segments(this.storage);
    this.ledger = new Ledger(this.storage);
    this.segments.markArchived(this.ledger.archived);
    for (const row of this.segments.rowsAfter(seq)) {
      const events = row.events === "" ? [] : row.events.split("\n").map((line) => JSON.parse(line) as Event);
      state.apply({ seq: row.seq, events, notes: row.notes });
      this.bytesSinceCheckpoint += row.events.length + logBytesOf(row.notes.givenUp ?? []);
    }
    this.ledger.observe(state);
  }

  /**
   * Logs a commit and applies it. Without an await inside, so either all of it becomes durable or none. When it throws,
   * nothing is logged and memory is not to be trusted any more.
   */
  commit(commit: Commit, lines: readonly string[]): void {
    this.#durable.transactionSync(() => {
      this.segments.append(commit.seq, lines, commit.notes);
      this.state.apply(commit);
    });
    this.ledger.observe(this.state);
    for (const line of lines) this.bytesSinceCheckpoint += line.length + 1;
    this.bytesSinceCheckpoint += logBytesOf(commit.notes.givenUp ?? []);
    if (this.segments.openBytes >= CHUNK_BYTES_TARGET) this.segments.close();
    if (this.bytesSinceCheckpoint >= CHECKPOINT_LOG_BYTES_MAX) this.checkpoint();
  }

  /** Segments that R2 has confirmed go with it: recovery does not need their rows any more. */
  checkpoint(): void {
    this.#durable.transactionSync(() => saveCheckpoint(this.storage, this.state, this.#idsBase, this.#idsSaved));
    this.#idsSaved = this.#idsBase + this.state.eventIds.added;
    this.bytesSinceCheckpoint = 0;
    this.segments.dropArchived();
  }

  get zone(): string {
    return this.state.merchant?.zone ?? "Etc/UTC";
  }
}
