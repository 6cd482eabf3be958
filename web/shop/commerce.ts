// What the shop tells Countinghouse, in GA4's terms: the one file to read for how a shop is connected.
// `value` is the sum of price × quantity, without shipping; amounts are in major units.

import type { Item } from "../../core/event.ts";
import { containedTaxCents, type Line, type Order, totalCents } from "./cart.ts";
import type { Product } from "./catalogue.ts";

const CURRENCY = "EUR";

const amount = (cents: number): number => cents / 100;

const itemOf = ({ product, quantity }: Line): Item => ({
  item_id: product.id,
  item_name: product.name,
  item_category: product.category,
  price: amount(product.priceCents),
  quantity,
});

const moneyOf = (lines: readonly Line[]): { value: number; currency: string; items: Item[] } => ({
  value: amount(totalCents(lines)),
  currency: CURRENCY,
  items: lines.map(itemOf),
});

export const tellViewed = (product: Product): void =>
  window.countinghouse?.("view_item", moneyOf([{ product, quantity: 1 }]));

export const tellAdded = (line: Line): void => window.countinghouse?.("add_to_cart", moneyOf([line]));

export const tellRemoved = (line: Line): void => window.countinghouse?.("remove_from_cart", moneyOf([line]));

export const tellCartViewed = (lines: readonly Line[]): void => window.countinghouse?.("view_cart", moneyOf(lines));

export const tellCheckoutBegun = (lines: readonly Line[]): void =>
  window.countinghouse?.("begin_checkout", moneyOf(lines));

export const tellPurchased = (order: Order): void =>
  window.countinghouse?.("purchase", {
    ...moneyOf(order.lines),
    transaction_id: order.id,
    tax: amount(containedTaxCents(totalCents(order.lines) + order.shippingCents)),
    shipping: amount(order.shippingCents),
  });

export const tellRefunded = (order: Order): void =>
  window.countinghouse?.("refund", { ...moneyOf(order.lines), transaction_id: order.id });

/** The customer of all later events; null when they sign out. */
export const tellCustomer = (id: string | null): void => window.countinghouse?.("user", id);
