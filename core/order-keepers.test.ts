import { expect, test } from "vitest";
import type { Arrival } from "./admission.ts";
import type { Merchant } from "./merchant.ts";
import { claimantOf, claimOrders, holds, keepersOf } from "./order-keepers.ts";
import { hashId } from "./recent-ids.ts";
import { respread, shardsEver } from "./spread.ts";

const AT_MS = Date.UTC(2026, 2, 9, 23, 30);
const DAY_MS = 86_400_000;
const merchant: Merchant = { id: "m", name: "", zone: "Europe/Berlin", currency: "EUR", domains: [], shards: 1 };
const respreadTo = (before: Merchant, from: string, shards: number): Merchant => {
  const spread = respread(before, from, shards);
  return { ...before, spread, shards: shardsEver(spread) };
};
const orders = Array.from({ length: 200 }, (_, n) => `order ${n}`);

test("an order has one keeper as long as the merchant has as many shards as ever, and all shards keep some", () => {
  for (const shards of [1, 3, 64]) {
    const keepers = orders.map((order) => keepersOf({ ...merchant, shards }, order, AT_MS));
    expect(keepers).toEqual(orders.map((order) => [hashId(order).lo % shards]));
    expect(new Set(keepers.flat()).size).toBeGreaterThan(shards * 0.9 - 4);
  }
});

test("after the merchant got more shards the former keeper is asked first, for as long as it may know something that matters", () => {
  const raised = respreadTo(merchant, "2026-03-10", 4);
  const keeperOf = (order: string, days: number) => keepersOf(raised, order, AT_MS + days * DAY_MS);
  const [elsewhere] = orders.filter((order) => hashId(order).lo % 4 === 3);
  expect([keeperOf(elsewhere!, -1), keeperOf(elsewhere!, 0), keeperOf(elsewhere!, 31)]).toEqual([
    [0, 3],
    [0, 3],
    [0, 3],
  ]);
  expect(keeperOf(elsewhere!, 32)).toEqual([3]);
  const [same] = orders.filter((order) => hashId(order).lo % 4 === 0);
  expect(keeperOf(same!, 0)).toEqual([0]);
});

test("fewer shards change no keeper, and of several changes each former keeper is asked, oldest first", () => {
  const changed = [2, 8, 3, 16].reduce(
    (now, shards, n) => respreadTo(now, `2026-03-${10 + n}`, shards),
    respreadTo(merchant, "2026-03-09", 1),
  );
  for (const order of orders) {
    const { lo } = hashId(order);
    expect(keepersOf(changed, order, AT_MS + 5 * DAY_MS)).toEqual([...new Set([0, lo % 2, lo % 8, lo % 16])]);
    expect(keepersOf(respreadTo(changed, "2026-03-20", 2), order, AT_MS + 400 * DAY_MS)).toEqual([lo % 16]);
  }
});

/** Keepers with their claims, as objects keep them. */
class Keepers {
  readonly claims = new Map<string, string>();
  claim = async (keeper: number, order: string, claimant: string, settled: boolean): Promise<boolean> => {
    const key = `${keeper} ${order}`;
    if (!this.claims.has(key)) this.claims.set(key, claimant);
    return holds(this.claims.get(key)!, claimant, settled);
  };
}

test("who has not heard of the change and who has agree about an order, whoever comes first", async () => {
  const before = { ...merchant, shards: 2 };
  const after = respreadTo(before, "2026-03-10", 5);
  const [order] = orders.filter((one) => hashId(one).lo % 2 === 1 && hashId(one).lo % 5 === 4);
  const arrival = (id: string): Arrival => ({
    line: "",
    event: { id, name: "purchase", occurred_at: AT_MS, received_at: AT_MS, visitor: "", transaction_id: order! },
    orderTaken: false,
  });
  for (const [first, second] of [
    [before, after],
    [after, before],
    [after, after],
  ] as const) {
    const keepers = new Keepers();
    const [one, other] = [arrival("1"), arrival("2")];
    await claimOrders({ merchant: first, shard: 0, receivedAtMs: AT_MS }, [one], keepers.claim);
    await claimOrders({ merchant: second, shard: 2, receivedAtMs: AT_MS }, [other], keepers.claim);
    expect([one.orderTaken, other.orderTaken]).toEqual([false, true]);
    await claimOrders({ merchant: after, shard: 0, receivedAtMs: AT_MS + DAY_MS }, [one], keepers.claim);
    expect(one.orderTaken).toBe(false);
  }
});

test("a claim is its event's at its shard; once no other shard has the event, at any", () => {
  expect(holds(claimantOf(1, "a"), claimantOf(1, "a"), false)).toBe(true);
  expect(holds(claimantOf(1, "a"), claimantOf(2, "a"), false)).toBe(false);
  expect(holds(claimantOf(1, "a"), claimantOf(2, "a"), true)).toBe(true);
  expect(holds(claimantOf(1, "a"), claimantOf(2, "b"), true)).toBe(false);
  // The keeper itself has counted it.
  expect(holds("a", claimantOf(2, "a"), true)).toBe(false);
  expect(holds(null, claimantOf(2, "a"), true)).toBe(false);
});
