// Event ids that a shard has given up: another one asked for them, since the event may have come here first and has
// not been counted here. Whatever still comes here under such an id has to ask around itself (core/once.ts).
//
// Each time of asking has a stamp, and no two shards ever have the same one, so that of two who ask at the same time one
// goes before the other. What a shard remembers of an id is the highest stamp that it gave it up to; oldest out first.

import { GIVEN_UP_IDS_MAX } from "./limits.ts";

/** An id and the stamp of whoever asks for it. */
export type Asked = [id: string, stamp: number];

/** More than there are shards, for good: stamps are in logs. */
const SHARDS = 1_024;

/** A stamp of this shard that is higher than the one that the shard gave the id up to, if it ever did. */
export const stampAfter = (former: number | undefined, shard: number): number =>
  (Math.floor((former ?? 0) / SHARDS) + 1) * SHARDS + shard;

/** Whose stamp it is. */
export const shardOfStamp = (stamp: number): number => stamp % SHARDS;

/** About what they take in the log. */
export const logBytesOf = (asked: readonly Asked[]): number => asked.reduce((sum, [id]) => sum + id.length + 16, 0);

export class GivenUp {
  readonly #stamps = new Map<string, number>();

  get size(): number {
    return this.#stamps.size;
  }

  /** Undefined when the id has not been given up. */
  stampOf(id: string): number | undefined {
    return this.#stamps.get(id);
  }

  add(id: string, stamp: number): void {
    if (stamp <= (this.#stamps.get(id) ?? 0)) return;
    this.#stamps.delete(id);
    if (this.#stamps.size >= GIVEN_UP_IDS_MAX) this.#stamps.delete(this.#stamps.keys().next().value!);
    this.#stamps.set(id, stamp);
  }

  /** Oldest first. */
  all(): Asked[] {
    return [...this.#stamps];
  }
}
