// How often a token may ask, and how often one merchant may be asked about, in a minute. Cloudflare's rate limiter counts for all
// isolates of a place; it says yes or no and no more, and is asked beside the request, which does not wait: once it has said no,
// this isolate lets nothing pass for the rest of the minute. What is left, which clients want to hear, is what this isolate has
// counted: others may have let some pass too. Whoever is limited is told apart by ids of tokens and merchants, never by an address.

import { waitUntil } from "cloudflare:workers";
import type { Context } from "hono";
import { MERCHANT_REQUESTS_A_MINUTE_MAX, TOKEN_REQUESTS_A_MINUTE_MAX } from "../core/limits.ts";
import { limitHeader, policyHeader, QuotaCounter, type QuotaLeft } from "../core/quota.ts";
import type { Env } from "./env.ts";

const MINUTE_MS = 60_000;

/** The numbers stand in wrangler.toml too. */
const ofTokens = new QuotaCounter({ name: "token", requests: TOKEN_REQUESTS_A_MINUTE_MAX, windowMs: MINUTE_MS });
const ofMerchants = new QuotaCounter({
  name: "merchant",
  requests: MERCHANT_REQUESTS_A_MINUTE_MAX,
  windowMs: MINUTE_MS,
});

/** Counts a request of a token. */
export const takeOfToken = (env: Env, id: string): QuotaLeft => take(env.TOKEN_RATE, ofTokens, id);

/** Counts a question about a merchant, whoever asks. */
export const takeOfMerchant = (env: Env, id: string): QuotaLeft => take(env.MERCHANT_RATE, ofMerchants, id);

function take(limiter: RateLimit, counter: QuotaCounter, key: string): QuotaLeft {
  const nowMs = Date.now();
  const quota = counter.take(key, nowMs);
  if (quota.allowed) waitUntil(askPlace(limiter, key, () => counter.exhaust(key, nowMs)));
  return quota;
}

/** Without the limiter, the isolate's own count holds. */
async function askPlace(limiter: RateLimit, key: string, onExhausted: () => void): Promise<void> {
  try {
    const { success } = await limiter.limit({ key });
    if (!success) onExhausted();
  } catch (error) {
    console.warn(`rate limits: not counted: ${String(error)}`);
  }
}

/** Beside those of other policies. */
export function tellQuota(c: Context, quota: QuotaLeft): void {
  c.header("ratelimit-policy", policyHeader(quota), { append: true });
  c.header("ratelimit", limitHeader(quota), { append: true });
}
