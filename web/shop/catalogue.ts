// What the demo shop sells and where its pages are. The made-up visitors of the demo traffic see the same shop.

export interface Product {
  id: string;
  name: string;
  category: string;
  /** For one, in EUR cents: sums of cents are exact. */
  priceCents: number;
  description: string;
}

const product = (id: string, name: string, category: string, priceCents: number, description: string): Product => ({
  id,
  name,
  category,
  priceCents,
  description,
});

export const PRODUCTS: readonly Product[] = [
  product("mug-clay", "Clay mug", "Kitchen", 1850, "Thrown by hand, glazed inside, rough outside. Holds 300 ml."),
  product("teapot-iron", "Iron teapot", "Kitchen", 6400, "Keeps tea hot for an hour. With a sieve of steel."),
  product("board-oak", "Oak cutting board", "Kitchen", 3990, "One piece of oak, oiled, with a groove for juice."),
  product("apron-linen", "Linen apron", "Kitchen", 3400, "Washed linen with two deep pockets. Fits everyone."),
  product("blanket-wool", "Wool blanket", "Living", 11900, "Woven from the wool of one valley. 140 × 200 cm."),
  product("candle-bees", "Beeswax candle", "Living", 1290, "Burns for thirty hours and smells of honey."),
  product("vase-glass", "Glass vase", "Living", 4600, "Blown in a mould of beech, so no two are the same."),
  product("basket-willow", "Willow basket", "Living", 5250, "For logs, toys or a cat. Carries fifteen kilos."),
  product("notebook-grid", "Grid notebook", "Desk", 980, "144 pages that lie flat, five millimetres a square."),
  product("pen-brass", "Brass pen", "Desk", 4800, "Grows darker where you hold it. Takes any refill."),
  product("lamp-desk", "Desk lamp", "Desk", 13900, "Stays where you put it, and dims to almost nothing."),
  product("bag-canvas", "Canvas bag", "Desk", 5900, "Waxed canvas, a strap of leather, room for a laptop."),
];

export const CATEGORIES: readonly string[] = [...new Set(PRODUCTS.map(({ category }) => category))];

export const HOME = "/shop/";
export const CART = "/shop/cart";
export const CHECKOUT = "/shop/checkout";
export const THANKS = "/shop/thanks";

export const categoryPath = (category: string): string => `/shop/category/${category.toLowerCase()}`;

export const productPath = ({ id }: Product): string => `/shop/product/${id}`;

/** Every address of the shop but its front page. */
export const PATHS: readonly string[] = [
  ...CATEGORIES.map(categoryPath),
  ...PRODUCTS.map(productPath),
  CART,
  CHECKOUT,
  THANKS,
];
