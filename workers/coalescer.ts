// Work that several want at the same time is done once: whoever asks while it is under way gets what comes of it. Whoever
// needs it as of now waits for the next one, which all who wait share. What is shared must not belong to a request: text and
// numbers, no streams.

import { waitUntil } from "cloudflare:workers";
import { within } from "./within.ts";

/** Whose work it is may be gone by then, and nobody would ever say. */
const PATIENCE_MS = 15_000;

export class Coalescer<Value> {
  readonly #running = new Map<string, Promise<Value>>();
  readonly #next = new Map<string, Promise<Value>>();

  /** May have begun before the call. */
  async join(key: string, work: () => Promise<Value>): Promise<Value> {
    const running = this.#running.get(key);
    if (running === undefined) return this.#start(key, work);
    const shared = await within(PATIENCE_MS, running);
    return shared.ok ? shared.value : work();
  }

  /** Begins after the call. */
  async joinNext(key: string, work: () => Promise<Value>): Promise<Value> {
    const running = this.#running.get(key);
    if (running === undefined) return this.#start(key, work);
    let next = this.#next.get(key);
    if (next === undefined) {
      next = within(PATIENCE_MS, running).then(() => {
        this.#next.delete(key);
        return this.#start(key, work);
      });
      this.#next.set(key, next);
    }
    const shared = await within(2 * PATIENCE_MS, next);
    return shared.ok ? shared.value : work();
  }

  #start(key: string, work: () => Promise<Value>): Promise<Value> {
    const promise = work().finally(() => {
      if (this.#running.get(key) === promise) this.#running.delete(key);
    });
    this.#running.set(key, promise);
    // Goes on for the others when the one who began it hangs up.
    waitUntil(promise.catch(() => null));
    return promise;
  }
}
