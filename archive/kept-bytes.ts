// Bytes by name, as many as have room; what was not asked for longest goes first. They are copied, so that a small piece does not
// keep the large one in memory that it came in.

export class KeptBytes {
  readonly #max: number;
  /** Least recently used first. */
  readonly #kept = new Map<string, Uint8Array>();
  #size = 0;

  constructor(max: number) {
    this.#max = max;
  }

  get(name: string): Uint8Array | null {
    const bytes = this.#kept.get(name);
    if (bytes === undefined) return null;
    this.#kept.delete(name);
    this.#kept.set(name, bytes);
    return bytes;
  }

  /** What is there under the name stays. */
  keep(name: string, bytes: Uint8Array): void {
    if (this.#kept.has(name)) return;
    this.#kept.set(name, bytes.slice());
    this.#size += bytes.length;
    for (const [oldest, { length }] of this.#kept) {
      if (this.#size <= this.#max) break;
      this.#kept.delete(oldest);
      this.#size -= length;
    }
  }
}
