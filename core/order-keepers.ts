// Which shards keep the claim of an order, so that it counts once whoever reports it: the one that the order id hashes
// to among all there ever were. Of a purchase that another shard keeps, that shard says who was first, durably, before the
// purchase is accepted; what a shard alone keeps is judged by its commit. When a merchant got more shards, that is another one than before; for a while the
// former one is asked as well, and first, so that what it was told before the change, or is told by those who have not heard of
// it, is known.

import type { Arrival } from "./admission.ts";
import { ORDER_FORMER_KEEPER_DAYS } from "./limits.ts";
import type { Merchant } from "./merchant.ts";
import type { AppendBatch } from "./messages.ts";
import { hashId } from "./recent-ids.ts";
import { addDays, dayAt } from "./zone.ts";

/** Asks that keeper for the order: false when it is another event's. */
export type Claim = (keeper: number, order: string, claimant: string, settled: boolean) => Promise<boolean>;

/** Marks the arrivals at this shard whose order is another event's. */
export async function claimOrders(
  { merchant, shard, receivedAtMs }: Pick<AppendBatch, "merchant" | "shard" | "receivedAtMs">,
  arrivals: readonly Arrival[],
  claim: Claim,
): Promise<void> {
  const asking = arrivals.map(async (arrival) => {
    const { name, transaction_id: order, id } = arrival.event;
    if (name !== "purchase" || order === undefined || arrival.elsewhere === true) return;
    const keepers = keepersOf(merchant, order, receivedAtMs);
    if (keepers.every((keeper) => keeper === shard)) return;
    arrival.orderTaken = false;
    // One after the other: whoever is first at the first one has it at all of them.
    for (const keeper of keepers)
      arrival.orderTaken ||= !(await claim(keeper, order, claimantOf(shard, id), arrival.stamp !== undefined));
  });
  await Promise.all(asking);
}

/** Each once, in the order in which all who report an order ask them. */
export function keepersOf(merchant: Merchant, order: string, receivedAtMs: number): number[] {
  const { lo } = hashId(order);
  if (merchant.spread === undefined) return [lo % merchant.shards];
  const { date } = dayAt(merchant.zone, receivedAtMs);
  const keepers = new Set<number>();
  let most = 0;
  for (const { from, shards } of merchant.spread) {
    if (shards <= most) continue;
    if (most > 0 && date <= addDays(from, ORDER_FORMER_KEEPER_DAYS)) keepers.add(lo % most);
    most = shards;
  }
  return [...keepers.add(lo % merchant.shards)];
}

/** Who holds an order at its keeper: an event and the shard that it came to. An event that the keeper has itself is its id alone. */
export const claimantOf = (shard: number, eventId: string): string => `${shard}:${eventId}`;

/**
 * Whether the order is the claimant's. `settled`: no other shard has its event or takes it without asking (core/once.ts), so
 * that a claim that the same event left at another shard is its own.
 */
export function holds(holder: string | null, claimant: string, settled: boolean): boolean {
  if (holder === claimant) return true;
  return settled && holder !== null && /^\d+:/.test(holder) && eventOf(holder) === eventOf(claimant);
}

const eventOf = (claimant: string): string => claimant.slice(claimant.indexOf(":") + 1);
