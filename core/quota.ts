// How many requests somebody may make in a window of time, as one counter knows, and how that is told in the headers
// RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers). Windows begin at the same moments for all.

const KEYS_MAX = 10_000;

export interface Policy {
  /** A word without quotes. */
  name: string;
  requests: number;
  windowMs: number;
}

export interface QuotaLeft {
  policy: Policy;
  /** False: this request is one too many. */
  allowed: boolean;
  left: number;
  /** Until the next window. */
  seconds: number;
}

export class QuotaCounter {
  readonly #policy: Policy;
  #window = 0;
  readonly #requests = new Map<string, number>();

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  /** Counts a request. */
  take(key: string, nowMs: number): QuotaLeft {
    const { requests, windowMs } = this.#policy;
    const window = this.#turnTo(nowMs);
    const taken = (this.#requests.get(key) ?? 0) + 1;
    this.#requests.set(key, taken);
    const seconds = Math.max(1, Math.ceil(((window + 1) * windowMs - nowMs) / 1_000));
    return { policy: this.#policy, allowed: taken <= requests, left: Math.max(0, requests - taken), seconds };
  }

  /** Another counter has said that no more are left in the window of `nowMs`. */
  exhaust(key: string, nowMs: number): void {
    if (Math.floor(nowMs / this.#policy.windowMs) !== this.#window) return;
    this.#turnTo(nowMs);
    this.#requests.set(key, this.#policy.requests);
  }

  #turnTo(nowMs: number): number {
    const window = Math.floor(nowMs / this.#policy.windowMs);
    if (window !== this.#window || this.#requests.size >= KEYS_MAX) this.#requests.clear();
    this.#window = window;
    return window;
  }
}

export const policyHeader = ({ policy: { name, requests, windowMs } }: QuotaLeft): string =>
  `"${name}";q=${requests};w=${windowMs / 1_000}`;

export const limitHeader = ({ policy, left, seconds }: QuotaLeft): string => `"${policy.name}";r=${left};t=${seconds}`;
