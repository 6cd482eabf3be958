// Group commit: requests that arrive while a commit is being made durable share the next one, so a row is paid for once
// however many requests it holds. A request is answered when storage has confirmed its row (law 1). Nothing is pending
// once nobody waits.

import { planCommit, type CommitRequest } from "../core/commit.ts";
import { COMMIT_WINDOW_MS, LOG_ROW_BYTES_MAX, PENDING_BYTES_MAX } from "../core/limits.ts";
import type { Receipts } from "../core/messages.ts";
import type { ShardMemory } from "./shard-memory.ts";

interface Waiting {
  request: CommitRequest;
  bytes: number;
  resolve: (receipts: Receipts) => void;
  reject: (error: unknown) => void;
}

export class GroupCommit {
  readonly #memory: ShardMemory;
  readonly #shard: number;
  readonly #durable: () => Promise<void>;
  readonly #committed: () => void;
  readonly #abort: (reason: string) => void;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #running = false;
  /** The last commit was shared. */
  #underLoad = false;

  /**
   * `durable` resolves when what has been written is; `committed` is called as soon as a commit is in memory; `abort` must
   * end the object, which then comes back from its log.
   */
  constructor(
    memory: ShardMemory,
    shard: number,
    durable: () => Promise<void>,
    committed: () => void,
    abort: (why: string) => void,
  ) {
    this.#memory = memory;
    this.#shard = shard;
    this.#durable = durable;
    this.#committed = committed;
    this.#abort = abort;
  }

  /** Rejects when too much waits already, or when storage refuses; then nothing of the request has been counted. */
  add(request: CommitRequest, bytes: number): Promise<Receipts> {
    if (this.#waitingBytes + bytes > PENDING_BYTES_MAX) {
      return Promise.reject(new Error("overloaded: too many events wait for a commit"));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, bytes, resolve, reject });
      this.#waitingBytes += bytes;
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      // One turn of the event loop, so that requests which have arrived already share this commit.
      await scheduler.wait(0);
      if (this.#underLoad) await this.#gather();
      const group = this.#takeGroup();
      this.#underLoad = group.length > 1;
      try {
        const receipts = this.#commit(group.map(({ request }) => request));
        await this.#durable();
        group.forEach((waiting, i) => waiting.resolve(receipts[i]!));
      } catch (error) {
        for (const waiting of group) waiting.reject(error);
      }
    }
    this.#running = false;
  }

  /** Each commit makes all requests wait for storage: under load it waits for company, as long as some still comes. */
  async #gather(): Promise<void> {
    for (let waitedMs = 0; waitedMs < COMMIT_WINDOW_MS; waitedMs++) {
      const before = this.#waiting.length;
      await scheduler.wait(1);
      if (this.#waiting.length === before) return;
    }
  }

  #commit(requests: readonly CommitRequest[]): Receipts[] {
    const { commit, lines, receipts } = planCommit(this.#memory.state, requests, this.#shard);
    try {
      this.#memory.commit(commit, lines);
    } catch (error) {
      this.#abort(`a commit failed: ${String(error)}`);
      throw error;
    }
    this.#committed();
    return receipts;
  }

  /** As many waiting requests as one row may hold; at least one. */
  #takeGroup(): Waiting[] {
    let bytes = 0;
    let n = 0;
    while (n < this.#waiting.length && (n === 0 || bytes + this.#waiting[n]!.bytes <= LOG_ROW_BYTES_MAX)) {
      bytes += this.#waiting[n++]!.bytes;
    }
    this.#waitingBytes -= bytes;
    return this.#waiting.splice(0, n);
  }
}
