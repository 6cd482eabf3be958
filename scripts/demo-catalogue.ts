// What the demo shop sells and where its pages are, as made-up visitors see it. The shop itself says the same
// (web/shop/catalogue.ts, which is code of the browser); a test holds the two together.

export interface Product {
  id: string;
  name: string;
  category: string;
  /** For one, in the shop's currency. */
  price: number;
  /** How often it is looked at, beside the others. */
  weight: number;
}

export const PRODUCTS: readonly Product[] = [
  { id: "mug-clay", name: "Clay mug", category: "Kitchen", price: 18.5, weight: 16 },
  { id: "teapot-iron", name: "Iron teapot", category: "Kitchen", price: 64, weight: 8 },
  { id: "board-oak", name: "Oak cutting board", category: "Kitchen", price: 39.9, weight: 10 },
  { id: "apron-linen", name: "Linen apron", category: "Kitchen", price: 34, weight: 6 },
  { id: "blanket-wool", name: "Wool blanket", category: "Living", price: 119, weight: 9 },
  { id: "candle-bees", name: "Beeswax candle", category: "Living", price: 12.9, weight: 14 },
  { id: "vase-glass", name: "Glass vase", category: "Living", price: 46, weight: 7 },
  { id: "basket-willow", name: "Willow basket", category: "Living", price: 52.5, weight: 5 },
  { id: "notebook-grid", name: "Grid notebook", category: "Desk", price: 9.8, weight: 12 },
  { id: "pen-brass", name: "Brass pen", category: "Desk", price: 48, weight: 6 },
  { id: "lamp-desk", name: "Desk lamp", category: "Desk", price: 139, weight: 7 },
  { id: "bag-canvas", name: "Canvas bag", category: "Desk", price: 59, weight: 8 },
];

export interface Page {
  path: string;
  title: string;
}

const SHOP = "Demo shop";

export const HOME: Page = { path: "/shop/", title: SHOP };
export const CART: Page = { path: "/shop/cart", title: `Cart – ${SHOP}` };
export const CHECKOUT: Page = { path: "/shop/checkout", title: `Checkout – ${SHOP}` };
export const THANKS: Page = { path: "/shop/thanks", title: `Thank you – ${SHOP}` };

export const CATEGORIES: readonly Page[] = [...new Set(PRODUCTS.map(({ category }) => category))].map((category) => ({
  path: `/shop/category/${category.toLowerCase()}`,
  title: `${category} – ${SHOP}`,
}));

export const productPage = ({ id, name }: Product): Page => ({
  path: `/shop/product/${id}`,
  title: `${name} – ${SHOP}`,
});
