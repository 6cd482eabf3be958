// What the customer is about to buy, and what was bought: kept for the tab, so that pages may be loaded anew. Money is in
// EUR cents. Whatever the tab's storage holds or refuses, there is a cart.

import { PRODUCTS, type Product } from "./catalogue.ts";

export interface Line {
  product: Product;
  quantity: number;
}

export interface Order {
  id: string;
  lines: Line[];
  shippingCents: number;
  /** The merchant has been told. */
  told: boolean;
  refunded: boolean;
}

export const QUANTITY_MAX = 20;
const SHIPPING_CENTS = 490;
const FREE_SHIPPING_FROM_CENTS = 6_000;
/** Contained in the prices. */
const TAX_PERCENT = 19;

export const totalCents = (lines: readonly Line[]): number =>
  lines.reduce((sum, { product, quantity }) => sum + product.priceCents * quantity, 0);

export const shippingCents = (lines: readonly Line[]): number =>
  lines.length === 0 || totalCents(lines) >= FREE_SHIPPING_FROM_CENTS ? 0 : SHIPPING_CENTS;

export const containedTaxCents = (cents: number): number => Math.round((cents * TAX_PERCENT) / (100 + TAX_PERCENT));

export const countOf = (lines: readonly Line[]): number => lines.reduce((sum, { quantity }) => sum + quantity, 0);

/** At most QUANTITY_MAX of a product; none or fewer takes the line out. */
export function withQuantity(lines: readonly Line[], product: Product, quantity: number): Line[] {
  const wanted = Math.min(QUANTITY_MAX, Math.trunc(quantity) || 0);
  const isKnown = lines.some((line) => line.product.id === product.id);
  const changed = isKnown
    ? lines.map((line) => (line.product.id === product.id ? { product, quantity: wanted } : line))
    : [...lines, { product, quantity: wanted }];
  return changed.filter((line) => line.quantity > 0);
}

export const quantityOf = (lines: readonly Line[], product: Product): number =>
  lines.find((line) => line.product.id === product.id)?.quantity ?? 0;

export const readCart = (): Line[] => linesOf(read("cart"));

export const writeCart = (lines: readonly Line[]): void => write("cart", packed(lines));

export function readOrder(): Order | null {
  const stored = read("order");
  if (!isRecord(stored) || typeof stored["id"] !== "string") return null;
  const lines = linesOf(stored["lines"]);
  return {
    id: stored["id"],
    lines,
    shippingCents: shippingCents(lines),
    told: stored["told"] === true,
    refunded: stored["refunded"] === true,
  };
}

export const writeOrder = (order: Order): void => write("order", { ...order, lines: packed(order.lines) });

const packed = (lines: readonly Line[]): [string, number][] =>
  lines.map(({ product, quantity }) => [product.id, quantity]);

function linesOf(stored: unknown): Line[] {
  if (!Array.isArray(stored)) return [];
  return (stored as unknown[]).reduce<Line[]>((lines, entry) => {
    const [id, quantity]: unknown[] = Array.isArray(entry) ? (entry as unknown[]) : [];
    const product = PRODUCTS.find((candidate) => candidate.id === id);
    return product === undefined || typeof quantity !== "number" ? lines : withQuantity(lines, product, quantity);
  }, []);
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

function read(name: string): unknown {
  try {
    return JSON.parse(sessionStorage.getItem(`shop:${name}`) ?? "null");
  } catch {
    return null;
  }
}

function write(name: string, value: unknown): void {
  try {
    sessionStorage.setItem(`shop:${name}`, JSON.stringify(value));
  } catch {
    // The tab keeps nothing: the shop works until the page is loaded anew.
  }
}
