// What an event means for the shop, in GA4's terms: which measures it adds, in all and per product.
// Revenue is Σ price × quantity, without shipping and tax; the event's `value` stands in when no item has a price.
// Money in another currency than the merchant's is not counted as money (there is no rate to trust): `foreign`.

import { dimensionValue } from "./dimension-value.ts";
import type { Event, Item } from "./event.ts";
import type { ItemField } from "./field.ts";
import { lineUnits, toUnits } from "./money.ts";
import { NOT_SET } from "./rollup.ts";

/** Additive measures of one event or of one product in it. Money in minor units × 10⁴. */
export interface Trade {
  orders: number;
  gross: number;
  refunds: number;
  units: number;
  product_views: number;
  adds_to_cart: number;
  checkouts: number;
}

export interface ProductTrade extends Trade {
  product: string;
  label: string | null;
}

export interface Commerce {
  trade: Trade;
  products: ProductTrade[];
  foreign: boolean;
}

type Kind = "purchase" | "refund" | "view_item" | "add_to_cart" | "begin_checkout";

const KINDS: ReadonlySet<string> = new Set<Kind>(["purchase", "refund", "view_item", "add_to_cart", "begin_checkout"]);

const nothing = (): Trade => ({
  orders: 0,
  gross: 0,
  refunds: 0,
  units: 0,
  product_views: 0,
  adds_to_cart: 0,
  checkouts: 0,
});

/** Null for an event that is not about the shop. Parts sum to `trade` in all measures but orders and checkouts. */
export function commerceOf(event: Event, currency: string): Commerce | null {
  if (!KINDS.has(event.name)) return null;
  const kind = event.name as Kind;
  const foreign = isForeign(event, kind, currency);
  const products = productsOf(event, kind, foreign ? null : currency, productOf);
  const trade = nothing();
  for (const product of products) {
    trade.gross += product.gross;
    trade.refunds += product.refunds;
    trade.units += product.units;
    trade.product_views += product.product_views;
    trade.adds_to_cart += product.adds_to_cart;
  }
  if (kind === "purchase") trade.orders = 1;
  if (kind === "begin_checkout") trade.checkouts = 1;
  return { trade, products, foreign };
}

/** True for events that have products, or could. */
export const isShopEvent = (name: string): boolean => KINDS.has(name);

export const itemText = (item: Item, field: ItemField): string => dimensionValue(item[`item_${field}`]);

/** The value of the dimension "product"; null stands for what has no item. */
export const productOf = (item: Item | null): string => dimensionValue(item?.item_id ?? item?.item_name);

/** The products that an event of the shop has part in; `hasValue`: it has a value of its own. */
export function productNames(items: readonly Item[], hasValue: boolean): string[] {
  const names = items.map(productOf);
  return [...new Set(hasRest(items, hasValue) ? [...names, NOT_SET] : names)];
}

/** What the event adds by a key of its items, other than their product; nothing for events that are not about the shop. */
export function tradesBy(
  event: Goods,
  currency: string,
  keyOf: (item: Item | null) => string,
): ReadonlyMap<string, Trade> {
  if (!isShopEvent(event.name)) return new Map((event.items ?? []).map((item) => [keyOf(item), nothing()] as const));
  const kind = event.name as Kind;
  const trades = productsOf(event, kind, isForeign(event, kind, currency) ? null : currency, keyOf);
  return new Map(trades.map((trade) => [trade.product, trade]));
}

type Goods = Pick<Event, "name" | "items" | "value" | "currency">;

const isForeign = (event: Goods, kind: Kind, currency: string): boolean =>
  (kind === "purchase" || kind === "refund") && event.currency !== undefined && event.currency !== currency;

/** Money or an event without a product: kept under "(not set)", so that products sum to the whole. */
const hasRest = (items: readonly Item[], hasValue: boolean): boolean =>
  items.length === 0 || (hasValue && !items.some((item) => item.price !== undefined));

function productsOf(
  event: Goods,
  kind: Kind,
  currency: string | null,
  keyOf: (item: Item | null) => string,
): ProductTrade[] {
  const items = event.items ?? [];
  const byProduct = new Map<string, ProductTrade>();
  for (const item of items) addItem(byProduct, keyOf(item), item, kind, currency);
  if (hasRest(items, event.value !== undefined)) {
    const rest = productIn(byProduct, keyOf(null), null);
    if (currency !== null && event.value !== undefined) {
      if (kind === "purchase") rest.gross += Math.max(0, toUnits(event.value, currency));
      if (kind === "refund") rest.refunds += toUnits(event.value, currency);
    }
    if (items.length === 0) count(rest, kind, 0);
  }
  const products = [...byProduct.values()];
  // Some shops send what they give back as negative: a refund is a positive amount either way.
  const refunds = products.reduce((sum, product) => sum + product.refunds, 0);
  if (refunds < 0) for (const product of products) product.refunds = -product.refunds;
  return products;
}

function addItem(
  byProduct: Map<string, ProductTrade>,
  product: string,
  item: Item,
  kind: Kind,
  currency: string | null,
): void {
  const name = dimensionValue(item.item_name);
  const trade = productIn(byProduct, product, name === NOT_SET ? null : name);
  const quantity = item.quantity ?? 1;
  count(trade, kind, quantity);
  if (currency === null || item.price === undefined) return;
  // Signed: a discount may be a line of its own.
  const amount = lineUnits(item.price, quantity, currency);
  if (kind === "purchase") trade.gross += amount;
  if (kind === "refund") trade.refunds += amount;
}

function productIn(byProduct: Map<string, ProductTrade>, product: string, label: string | null): ProductTrade {
  let trade = byProduct.get(product);
  if (trade === undefined) {
    trade = { product, label, ...nothing() };
    byProduct.set(product, trade);
  }
  return trade;
}

function count(trade: ProductTrade, kind: Kind, quantity: number): void {
  switch (kind) {
    case "purchase":
      trade.orders = 1;
      trade.units += Math.round(quantity);
      break;
    case "view_item":
      trade.product_views += 1;
      break;
    case "add_to_cart":
      trade.adds_to_cart += 1;
      break;
    case "begin_checkout":
      trade.checkouts = 1;
      break;
    case "refund":
      break;
  }
}
