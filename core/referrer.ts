// The page that a visit came from, if it is another site's: host and path, without scheme, "www.", query and trailing
// slash. The merchant's own pages and a developer's own machine are no referrers: then it is as if there were none.

import type { Merchant } from "./merchant.ts";
import { dimensionValue } from "./dimension-value.ts";
import { memo } from "./memo.ts";
import { addressOf } from "./page.ts";

export interface Referrer {
  host: string;
  /** What the dimension shows. */
  referrer: string;
}

/** `hostname` is the event's own, as `pageOf` gives it. */
export const referrerOf = (text: string | undefined, hostname: string, merchant: Merchant): Referrer | null => {
  if (text === undefined) return null;
  const referrer = readReferrer(text);
  return referrer === null || isOwn(referrer.host, hostname, merchant.domains) ? null : referrer;
};

const readReferrer = memo((text: string): Referrer | null => {
  // A word with a slash or a dot in it could be read as a relative URL; a referrer never is one.
  const address = text.startsWith("/") ? undefined : addressOf(text);
  if (address === undefined || address.host === "" || isLocal(address.host)) return null;
  return { host: address.host, referrer: dimensionValue(address.host + address.path.replace(/\/+$/, "")) };
});

const isLocal = (host: string): boolean =>
  host === "localhost" ||
  host.endsWith(".localhost") ||
  host === "[::1]" ||
  host.startsWith("127.") ||
  host === "0.0.0.0";

const isOwn = (host: string, hostname: string, domains: readonly string[]): boolean =>
  host === hostname || domains.some((domain) => host === domain || host.endsWith(`.${domain}`));
