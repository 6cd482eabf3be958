// How often one sender may call: so many requests in a window, counted by whoever holds this (an isolate). It stops a
// script that has run wild, not an attack from many addresses.

const SENDERS_MAX = 10_000;

export class RequestRate {
  readonly #requests: number;
  readonly #windowMs: number;
  readonly #windows = new Map<string, { startMs: number; requests: number }>();

  constructor(requests: number, windowMs: number) {
    this.#requests = requests;
    this.#windowMs = windowMs;
  }

  /** As `take`, of the next one, without counting it. */
  wait(sender: string, nowMs: number): number {
    const window = this.#windows.get(sender);
    if (window === undefined || nowMs - window.startMs >= this.#windowMs || window.requests < this.#requests) return 0;
    return Math.ceil((window.startMs + this.#windowMs - nowMs) / 1_000);
  }

  /** Counts a request; 0 when it may pass, else the seconds until one may. */
  take(sender: string, nowMs: number): number {
    const window = this.#windows.get(sender);
    if (window === undefined || nowMs - window.startMs >= this.#windowMs) {
      if (this.#windows.size >= SENDERS_MAX) this.#windows.clear();
      this.#windows.set(sender, { startMs: nowMs, requests: 1 });
      return 0;
    }
    window.requests++;
    return window.requests <= this.#requests ? 0 : Math.ceil((window.startMs + this.#windowMs - nowMs) / 1_000);
  }
}
