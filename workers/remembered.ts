// What an isolate remembers of Postgres for seconds, so that a page of reports costs one look-up. When Postgres cannot be asked,
// what was known lately still holds. A change is forgotten here at once, and elsewhere within those seconds.

const FRESH_MS = 10_000;
/** How long it is believed when Postgres cannot say anew. */
const STALE_MS = 600_000;
const ENTRIES_MAX = 10_000;

export class Remembered<Value> {
  readonly #kept = new Map<string, { value: Value; atMs: number }>();

  /** Throws what `read` throws when nothing is known. */
  async get(key: string, read: () => Promise<Value>): Promise<Value> {
    const nowMs = Date.now();
    const known = this.#kept.get(key);
    if (known !== undefined && nowMs < known.atMs + FRESH_MS) return known.value;
    try {
      const value = await read();
      if (this.#kept.size >= ENTRIES_MAX) this.#kept.clear();
      this.#kept.set(key, { value, atMs: nowMs });
      return value;
    } catch (error) {
      if (known !== undefined && nowMs < known.atMs + STALE_MS) return known.value;
      throw error;
    }
  }

  forget(key: string): void {
    this.#kept.delete(key);
  }
}
