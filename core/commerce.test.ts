import { expect, test } from "vitest";
import { commerceOf, type Commerce } from "./commerce.ts";
import type { Event, Item } from "./event.ts";
import { trafficOf } from "./traffic.ts";

const purchase = (fields: Partial<Event>): Event => ({
  id: "1",
  name: "purchase",
  occurred_at: 1,
  received_at: 1,
  visitor: "0123456789abcdef",
  ...fields,
});
const of = (fields: Partial<Event>): Commerce => commerceOf(purchase(fields), "EUR")!;
const byProduct = ({ products }: Commerce, measure: "gross" | "refunds" | "units" | "orders") =>
  Object.fromEntries(products.map((one) => [one.product, one[measure]]));

const items: Item[] = [
  { item_id: "a", item_name: "Lamp", price: 2.55, quantity: 6 },
  { item_id: "b", price: 10 },
  { item_id: "a", price: 1, quantity: 1 },
];

test("revenue is price × quantity of the lines; value, tax and shipping do not matter beside them", () => {
  const order = of({ items, value: 99, tax: 5, shipping: 4.9 });
  expect(order.trade).toMatchObject({ orders: 1, gross: 26_300_000, units: 8, refunds: 0 });
  expect(byProduct(order, "gross")).toEqual({ a: 16_300_000, b: 10_000_000 });
  expect(byProduct(order, "units")).toEqual({ a: 7, b: 1 });
  expect(byProduct(order, "orders")).toEqual({ a: 1, b: 1 });
  expect(order.products.map(({ label }) => label)).toEqual(["Lamp", null]);
});

test("the value stands in where no line has a price, under no product", () => {
  expect(of({ value: 12.34 }).trade).toMatchObject({ orders: 1, gross: 12_340_000, units: 0 });
  expect(of({ value: 12.34 }).products.map(({ product, orders }) => [product, orders])).toEqual([["(not set)", 1]]);
  const unpriced = of({ value: 12.34, items: [{ item_id: "a" }, { item_id: "b" }] });
  expect(byProduct(unpriced, "gross")).toEqual({ a: 0, b: 0, "(not set)": 12_340_000 });
  expect(byProduct(unpriced, "orders")).toEqual({ a: 1, b: 1, "(not set)": 0 });
  expect(unpriced.trade).toMatchObject({ orders: 1, gross: 12_340_000, units: 2 });
});

test("a discount that is a line of its own lowers the order", () => {
  const negativePrice = of({
    items: [
      { item_id: "a", price: 100 },
      { item_id: "voucher", price: -10 },
    ],
  });
  expect(negativePrice.trade.gross).toBe(90_000_000);
  const negativeQuantity = of({
    items: [
      { item_id: "a", price: 100 },
      { item_id: "d", price: 10, quantity: -1 },
    ],
  });
  expect(negativeQuantity.trade).toMatchObject({ gross: 90_000_000, units: 0 });
});

test("a refund is a positive amount, with whichever sign it is sent", () => {
  for (const sign of [1, -1]) {
    const lines = items.map((item) => ({ ...item, quantity: (item.quantity ?? 1) * sign }));
    expect(of({ name: "refund", items: lines }).trade).toMatchObject({ orders: 0, gross: 0, refunds: 26_300_000 });
    expect(byProduct(of({ name: "refund", items: lines }), "refunds")).toEqual({ a: 16_300_000, b: 10_000_000 });
    expect(of({ name: "refund", value: 5 * sign }).trade.refunds).toBe(5_000_000);
  }
  const withFee = [
    { item_id: "a", price: -100 },
    { item_id: "fee", price: 5 },
  ];
  expect(of({ name: "refund", items: withFee }).trade.refunds).toBe(95_000_000);
});

test("money in another currency is not money, but an order with its units", () => {
  const order = of({ items, currency: "USD", value: 3 });
  expect(order.foreign).toBe(true);
  expect(order.trade).toMatchObject({ orders: 1, gross: 0, units: 8 });
  expect(of({ value: 3, currency: "USD" }).trade.gross).toBe(0);
  expect(of({ value: 3, currency: "EUR" })).toMatchObject({ foreign: false, trade: { gross: 3_000_000 } });
  expect(of({ name: "view_item", items, currency: "USD" }).foreign).toBe(false);
});

test("views and adds to cart count lines, checkouts and orders count events", () => {
  expect(of({ name: "view_item", items }).trade).toMatchObject({ product_views: 3, gross: 0, units: 0 });
  expect(of({ name: "add_to_cart", items }).trade).toMatchObject({ adds_to_cart: 3, gross: 0 });
  expect(of({ name: "begin_checkout", items }).trade).toMatchObject({ checkouts: 1, orders: 0 });
  expect(of({ name: "view_item" }).trade.product_views).toBe(1);
  expect(commerceOf(purchase({ name: "pageview", items }), "EUR")).toBeNull();
});

test("products sum to the order in all measures but orders and checkouts", () => {
  const merchant = { id: "m", name: "", zone: "Etc/UTC", currency: "EUR", domains: ["x.example"], shards: 1 };
  const events = trafficOf({ merchant, seed: 5, fromMs: 1e12, toMs: 1e12 + 1e8, people: 300 });
  let orders = 0;
  for (const event of events) {
    const commerce = commerceOf(event, "EUR");
    if (commerce === null) continue;
    orders += commerce.trade.orders;
    for (const measure of ["gross", "refunds", "units", "product_views", "adds_to_cart"] as const) {
      const sum = commerce.products.reduce((total, product) => total + product[measure], 0);
      expect(sum).toBe(commerce.trade[measure]);
    }
  }
  expect(orders).toBeGreaterThan(50);
});
