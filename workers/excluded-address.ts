// Whether a request comes from an address that its merchant has excluded. This is the one place where an address is held
// against the rules: all that the event keeps of it is a mark.

import { rangesOf } from "../core/address-rules.ts";
import type { Merchant } from "../core/merchant.ts";
import type { Rules } from "../core/rules.ts";

/** Ranges are read once for each copy of the rules that the isolate has. */
const read = new WeakMap<Rules, (address: string) => boolean>();

export function isExcludedAddress({ rules }: Merchant, address: string): boolean {
  if (rules?.excludedAddresses === undefined || address === "") return false;
  let isIn = read.get(rules);
  if (isIn === undefined) {
    isIn = rangesOf(rules.excludedAddresses);
    read.set(rules, isIn);
  }
  return isIn(address);
}
