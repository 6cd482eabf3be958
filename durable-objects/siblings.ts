// The other shards of a merchant, asked to give up ids of events that may have come to one of them first (core/once.ts).
// Whoever arrives while they are being asked shares the next round, as requests share a commit: when a whole merchant's
// visitors send again after an outage, a sibling gets a request for each round and not for each of them.

import { shardObject } from "../core/address.ts";
import { type Asked, shardOfStamp } from "../core/given-up.ts";
import { ASKED_IDS_MAX, PENDING_BYTES_MAX } from "../core/limits.ts";
import type { Merchant } from "../core/merchant.ts";
import type { ShardState } from "../core/shard.ts";
import type { ObjectBindings } from "./bindings.ts";

/** How many shards there may be: an isolate that has not heard of a change yet, or a message that has rested, says less. */
export const shardsOf = (state: ShardState, merchant: Merchant, asked: readonly Asked[] = []): number =>
  Math.max(
    merchant.shards,
    state.merchant?.shards ?? 1,
    ...asked.map(([id]) => shardOfStamp(state.givenUp.stampOf(id) ?? 0) + 1),
  );

interface Waiting {
  merchant: Merchant;
  /** How many shards there may be. */
  shards: number;
  asked: Asked[];
  bytes: number;
  resolve: (had: boolean[]) => void;
  reject: (error: unknown) => void;
}

export class Siblings {
  readonly #env: ObjectBindings;
  readonly #shard: number;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #running = false;

  /** Of this shard. */
  constructor(env: ObjectBindings, shard: number) {
    this.#env = env;
    this.#shard = shard;
  }

  /**
   * For each id: true when one of them has it, false when all have given it up. `bytes` is what waits for the answer. Rejects
   * when too much waits already, or when one of them does not answer.
   */
  ask(merchant: Merchant, shards: number, asked: Asked[], bytes: number): Promise<boolean[]> {
    if (this.#waitingBytes + bytes > PENDING_BYTES_MAX) {
      return Promise.reject(new Error("overloaded: too many events wait for other shards"));
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push({ merchant, shards, asked, bytes, resolve, reject });
      this.#waitingBytes += bytes;
      if (!this.#running) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#waiting.length > 0) {
      const group = this.#takeGroup();
      try {
        const had = await this.#round(group);
        let from = 0;
        for (const { asked, resolve } of group) resolve(had.slice(from, (from += asked.length)));
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
      for (const { bytes } of group) this.#waitingBytes -= bytes;
    }
    this.#running = false;
  }

  async #round(group: readonly Waiting[]): Promise<boolean[]> {
    const { merchant } = group.at(-1)!;
    const asked = group.flatMap((waiting) => waiting.asked);
    const others = Array.from({ length: Math.max(...group.map(({ shards }) => shards)) }, (_, shard) => shard).filter(
      (shard) => shard !== this.#shard,
    );
    const answers = await Promise.all(
      others.map((shard) => shardObject(this.#env.MERCHANT_SHARD, merchant.id, shard).giveUp(merchant, asked)),
    );
    return asked.map((_, i) => answers.some((letters) => letters[i] === "h"));
  }

  /** As many as one request to a sibling, and its log row, may hold; at least one. */
  #takeGroup(): Waiting[] {
    let ids = 0;
    let n = 0;
    while (n < this.#waiting.length && (n === 0 || ids + this.#waiting[n]!.asked.length <= ASKED_IDS_MAX)) {
      ids += this.#waiting[n++]!.asked.length;
    }
    return this.#waiting.splice(0, n);
  }
}
