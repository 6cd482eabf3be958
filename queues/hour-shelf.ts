// Hours of a day that is being counted, while nobody changes them: as text, in memory up to a bound and beyond it in a
// store (R2). A busy day's hours together are larger than what an isolate may have.

import type { Hour } from "../core/hour.ts";
import type { Rollup } from "../core/rollup.ts";
import { decodeHour, encodeHour } from "../core/rollup-codec.ts";

/** Where bytes rest under a name, and are overwritten by what is put under the same name. */
export interface ShelfStore {
  put(name: string, bytes: Uint8Array): Promise<void>;
  get(name: string): Promise<Uint8Array>;
  delete(names: string[]): Promise<void>;
}

export class HourShelf {
  readonly #store: ShelfStore;
  readonly #bytesMax: number;
  readonly #inMemory = new Map<number, Uint8Array>();
  readonly #stored = new Set<number>();
  /** Names in the store that have to go in the end. */
  readonly #names = new Set<string>();
  #bytes = 0;

  constructor(store: ShelfStore, bytesMax: number) {
    this.#store = store;
    this.#bytesMax = bytesMax;
  }

  has(hourMs: number): boolean {
    return this.#inMemory.has(hourMs) || this.#stored.has(hourMs);
  }

  /** The hour without live visits, as it is now. */
  async put(hour: Hour, merchant: string, shard: number): Promise<void> {
    const bytes = new TextEncoder().encode(JSON.stringify(encodeHour(hour, merchant, shard)));
    if (this.#bytes + bytes.length <= this.#bytesMax) {
      this.#inMemory.set(hour.startMs, bytes);
      this.#bytes += bytes.length;
      return;
    }
    const name = String(hour.startMs);
    this.#names.add(name);
    await this.#store.put(name, bytes);
    this.#stored.add(hour.startMs);
  }

  /** The hour as it was put; it stays. */
  async read(hourMs: number): Promise<Rollup> {
    const bytes = this.#inMemory.get(hourMs) ?? (await this.#store.get(String(hourMs)));
    return JSON.parse(new TextDecoder().decode(bytes)) as Rollup;
  }

  /** The hour, to be changed: it leaves the shelf. */
  async take(hourMs: number): Promise<Hour> {
    const hour = decodeHour(await this.read(hourMs));
    this.#bytes -= this.#inMemory.get(hourMs)?.length ?? 0;
    this.#inMemory.delete(hourMs);
    this.#stored.delete(hourMs);
    return hour;
  }

  /** Leaves nothing in the store. */
  async clear(): Promise<void> {
    this.#inMemory.clear();
    this.#stored.clear();
    if (this.#names.size > 0) await this.#store.delete([...this.#names]);
  }
}

/** Under a prefix of its own for each counting, so that two at a time do not meet. */
export const r2Shelf = (bucket: R2Bucket, prefix: string): ShelfStore => ({
  put: async (name, bytes) => void (await bucket.put(`${prefix}${name}`, bytes)),
  get: async (name) => {
    const object = await bucket.get(`${prefix}${name}`);
    if (object === null) throw new Error(`${prefix}${name} is gone`);
    return new Uint8Array(await object.arrayBuffer());
  },
  delete: (names) => bucket.delete(names.map((name) => `${prefix}${name}`)),
});
