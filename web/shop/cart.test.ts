// The sums of the demo shop, which the demo's revenue is checked against.

import { expect, test } from "vitest";
import {
  containedTaxCents,
  type Line,
  QUANTITY_MAX,
  quantityOf,
  shippingCents,
  totalCents,
  withQuantity,
} from "./cart.ts";
import { PATHS, PRODUCTS } from "./catalogue.ts";

const [mug, teapot] = PRODUCTS as [Line["product"], Line["product"]];

test("a product has one line, within bounds, and leaves with its last piece", () => {
  let lines = withQuantity([], mug, 1);
  lines = withQuantity(lines, teapot, 2);
  lines = withQuantity(lines, mug, 3);
  expect(lines).toEqual([
    { product: mug, quantity: 3 },
    { product: teapot, quantity: 2 },
  ]);
  expect(quantityOf(withQuantity(lines, mug, 1_000), mug)).toBe(QUANTITY_MAX);
  for (const none of [0, -1, Number.NaN]) expect(withQuantity(lines, mug, none)).toHaveLength(1);
});

test("totals are exact, shipping ends at 60 euros, tax is contained", () => {
  const one = withQuantity([], mug, 3);
  expect([totalCents(one), shippingCents(one)]).toEqual([5_550, 490]);
  const more = withQuantity(one, mug, 4);
  expect([totalCents(more), shippingCents(more)]).toEqual([7_400, 0]);
  expect(shippingCents([])).toBe(0);
  expect(containedTaxCents(11_900)).toBe(1_900);
});

test("every address and product is there once", () => {
  expect(new Set(PATHS).size).toBe(PATHS.length);
  expect(new Set(PRODUCTS.map(({ id }) => id)).size).toBe(12);
});
