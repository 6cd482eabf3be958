// What an event is worth to the shop, line by line, in exact decimals. A line is an item of the event; money or an event
// without items is a line of its own, of no product. Amounts are big integers of 1/10,000 of the currency's minor unit.

import type { WireEvent } from "../scripts/send.ts";

/** 10^6: the currencies of the tests have two digits. */
const UNITS_DIGITS = 6;

export interface Line {
  /** Undefined for what is not about an item. */
  item: NonNullable<WireEvent["items"]>[number] | undefined;
  gross: bigint;
  refunds: bigint;
  units: bigint;
  product_views: bigint;
  adds_to_cart: bigint;
  /** The line is of this order, and of this checkout. */
  orders: bigint;
  checkouts: bigint;
}

export const SHOP_EVENTS = ["view_item", "add_to_cart", "begin_checkout", "purchase", "refund"];

/** Of an event that is not about the shop: none. `currency` is the merchant's: other money is not counted. */
export function linesOf({ name, items = [], value, currency: sent }: WireEvent, currency: string): Line[] {
  if (!SHOP_EVENTS.includes(name)) return [];
  const isOurs = sent === undefined || sent === currency;
  const line = (item: Line["item"], amount: bigint, quantity: number | null): Line => ({
    item,
    gross: name === "purchase" && isOurs ? amount : 0n,
    refunds: name === "refund" && isOurs ? amount : 0n,
    units: name === "purchase" ? BigInt(quantity ?? 0) : 0n,
    product_views: one(name === "view_item" && quantity !== null),
    adds_to_cart: one(name === "add_to_cart" && quantity !== null),
    orders: one(name === "purchase" && quantity !== null),
    checkouts: one(name === "begin_checkout" && quantity !== null),
  });
  const lines = items.map((item) =>
    line(item, item.price === undefined ? 0n : product(item.price, item.quantity ?? 1), item.quantity ?? 1),
  );
  if (items.length === 0) lines.push(line(undefined, product(value ?? 0, 1), 0));
  else if (value !== undefined && items.every(({ price }) => price === undefined))
    lines.push(line(undefined, product(value, 1), null));
  // What was given back is a positive amount, with whichever sign it is sent.
  const refunds = lines.reduce((sum, each) => sum + each.refunds, 0n);
  return refunds < 0n ? lines.map((each) => ({ ...each, refunds: -each.refunds })) : lines;
}

const one = (is: boolean): bigint => (is ? 1n : 0n);

/** price × quantity as on paper, rounded once, half away from zero. */
function product(price: number, quantity: number): bigint {
  const [a, aDigits] = decimal(price);
  const [b, bDigits] = decimal(quantity);
  return quotient(a * b * 10n ** BigInt(UNITS_DIGITS), 10n ** BigInt(aDigits + bDigits));
}

/** 19.95 is 1995 with two digits. */
function decimal(n: number): [bigint, number] {
  const [whole = "", fraction = ""] = String(n).split(".");
  return [BigInt(whole + fraction), fraction.length];
}

/** Rounded, half away from zero; the divisor is positive. */
export function quotient(part: bigint, whole: bigint): bigint {
  const size = part < 0n ? -part : part;
  const rounded = (2n * size + whole) / (2n * whole);
  return part < 0n ? -rounded : rounded;
}

/** As the API writes it: two digits, and more where there are more. */
export function moneyText(units: bigint): string {
  const digits = (units < 0n ? -units : units).toString().padStart(UNITS_DIGITS + 1, "0");
  const more = digits.slice(-4).replace(/0+$/, "");
  return `${units < 0n ? "-" : ""}${digits.slice(0, -UNITS_DIGITS)}.${digits.slice(-UNITS_DIGITS, -4)}${more}`;
}
