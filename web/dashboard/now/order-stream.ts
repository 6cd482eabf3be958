// Orders as they come, kept while the page is open: the live view tells of the newest only. Pure.

import type { LiveSnapshot } from "../../../core/messages.ts";

export type LiveOrder = LiveSnapshot["orders"][number];

/** More than anybody scrolls through. */
export const ORDERS_KEPT = 100;

export const keyOf = ({ atMs, transactionId, gross }: LiveOrder): string => transactionId ?? `${atMs} ${gross}`;

/** Those known and those that are new, newest first, each once; the same array when nothing is new. */
export function withOrders(known: readonly LiveOrder[], told: readonly LiveOrder[]): readonly LiveOrder[] {
  const keys = new Set(known.map(keyOf));
  const added = told.filter((order) => !keys.has(keyOf(order)));
  if (added.length === 0) return known;
  return [...added, ...known].sort((a, b) => b.atMs - a.atMs).slice(0, ORDERS_KEPT);
}
