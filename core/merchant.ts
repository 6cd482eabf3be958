// A merchant as the path of an event needs it: what the edge caches in KV and what the fold is told.

import { type Rules, withoutGoals } from "./rules.ts";
import type { Spread } from "./spread.ts";

export interface Merchant {
  /** Public: stands in the script tag. "m_" and letters or digits. */
  id: string;
  name: string;
  /** IANA time zone, or one after the other with the date each holds from (zone-changes.ts); its days and hours are the merchant's. */
  zone: string;
  /** ISO 4217. */
  currency: string;
  /** Host names of the merchant's sites, without "www.". */
  domains: string[];
  /** Objects that the merchant's visitors are or were spread over: as many are asked. */
  shards: number;
  /** Over how many of them on which day (core/spread.ts); absent: all of them, always. */
  spread?: Spread;
  /** The newest version of them; absent: none has been saved. */
  rules?: Rules;
}

/** As the fold needs it. */
export const forCounting = (merchant: Merchant): Merchant =>
  merchant.rules === undefined ? merchant : { ...merchant, rules: withoutGoals(merchant.rules) };

/** Rules of one version are the same rules. */
export const sameMerchant = (a: Merchant | null, b: Merchant): boolean => textOf(a) === textOf(b);

const textOf = (merchant: Merchant | null): string => {
  if (merchant === null) return "";
  const { rules, ...rest } = merchant;
  return JSON.stringify([rest, rules?.version ?? rules ?? null]);
};
