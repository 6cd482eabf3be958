import { expect, test } from "vitest";
import { keyOf, type LiveOrder, ORDERS_KEPT, withOrders } from "./order-stream.ts";

const order = (atMs: number, fields: Partial<LiveOrder> = {}): LiveOrder => ({
  atMs,
  transactionId: `o${atMs}`,
  gross: 1,
  currency: "EUR",
  country: null,
  ...fields,
});

test("orders stay when the live view has forgotten them, newest first, each once", () => {
  const first = withOrders([], [order(3), order(1)]);
  const second = withOrders(first, [order(4), order(3), order(2)]);
  expect(second.map(keyOf)).toEqual(["o4", "o3", "o2", "o1"]);
  expect(withOrders(second, [order(4)])).toBe(second);
});

test("orders without an id are told apart by when and how much", () => {
  const nameless = (atMs: number, gross: number) => order(atMs, { transactionId: null, gross });
  expect(withOrders([], [nameless(1, 5), nameless(1, 6)])).toHaveLength(2);
  expect(withOrders([nameless(1, 5)], [nameless(1, 5)])).toHaveLength(1);
});

test("no more than so many are kept: the oldest go", () => {
  const many = Array.from({ length: ORDERS_KEPT }, (_, n) => order(n + 2));
  const kept = withOrders(many, [order(1), order(1_000)]);
  expect(kept).toHaveLength(ORDERS_KEPT);
  expect(kept[0]!.atMs).toBe(1_000);
  expect(kept.some(({ atMs }) => atMs === 1)).toBe(false);
});
