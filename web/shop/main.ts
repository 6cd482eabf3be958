// The demo shop at work: draws the page of the present address, follows links within the shop without loading anew, and
// does what buttons say. It tells Countinghouse what happens and reads nothing back.

import {
  type Line,
  type Order,
  quantityOf,
  readCart,
  readOrder,
  shippingCents,
  withQuantity,
  writeCart,
  writeOrder,
} from "./cart.ts";
import { CART, CHECKOUT, HOME, PRODUCTS, type Product, THANKS, productPath } from "./catalogue.ts";
import {
  tellAdded,
  tellCartViewed,
  tellCheckoutBegun,
  tellCustomer,
  tellPurchased,
  tellRefunded,
  tellRemoved,
  tellViewed,
} from "./commerce.ts";
import { ARRIVALS, cartLabel, navigation, pageOf } from "./pages.ts";

const SHOP = "Demo shop";
/** The account of everyone who signs in: the shop has one customer. */
const CUSTOMER = "customer-demo";

let lines: Line[] = readCart();
let order: Order | null = readOrder();
let isSignedIn = false;
let shownPath = "";

const element = (id: string): HTMLElement => {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`No element "${id}" in the shop's page`);
  return found;
};

/** The path as links write it: the front page is "/shop/" whatever its address ends with. */
const presentPath = (): string =>
  /^\/shop(?:\/(?:index\.html)?)?$/.test(location.pathname) ? HOME : location.pathname;

/** Whoever works with the keyboard stays where they were, though the page is drawn anew. */
function draw(): void {
  const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset : {};
  shownPath = presentPath();
  const { title, html } = pageOf(shownPath, lines, order);
  document.title = title === "" ? SHOP : `${title} – ${SHOP}`;
  element("main").innerHTML = html;
  for (const drawing of element("main").querySelectorAll<SVGElement>("[data-hue]"))
    drawing.style.setProperty("--hue", drawing.dataset["hue"] ?? "");
  element("nav").innerHTML = navigation(shownPath);
  element("cart").innerHTML = cartLabel(lines);
  element("account").textContent = isSignedIn ? "Sign out" : "Sign in";
  const again = `[data-do="${focused["do"]}"][data-product="${focused["product"]}"]`;
  document.querySelector<HTMLElement>(again)?.focus();
}

function show(): void {
  draw();
  const product = PRODUCTS.find((candidate) => productPath(candidate) === shownPath);
  if (product !== undefined) tellViewed(product);
  if (shownPath === CART && lines.length > 0) tellCartViewed(lines);
  if (shownPath === CHECKOUT && lines.length > 0) tellCheckoutBegun(lines);
  if (shownPath === THANKS && order !== null && !order.told) {
    order = { ...order, told: true };
    writeOrder(order);
    tellPurchased(order);
  }
}

function go(to: string): void {
  history.pushState(null, "", to);
  say("");
  show();
  scrollTo(0, 0);
  element("main").focus();
}

function setQuantity(product: Product, quantity: number): void {
  const before = quantityOf(lines, product);
  lines = withQuantity(lines, product, quantity);
  writeCart(lines);
  const change = quantityOf(lines, product) - before;
  if (change > 0) tellAdded({ product, quantity: change });
  if (change < 0) tellRemoved({ product, quantity: -change });
  draw();
}

function placeOrder(): void {
  if (lines.length === 0) return;
  // Long enough that no two orders of the shop are ever the same.
  const id = `shop-${Date.now().toString(36)}-${crypto.getRandomValues(new Uint32Array(1)).join("")}`;
  order = { id, lines, shippingCents: shippingCents(lines), told: false, refunded: false };
  writeOrder(order);
  lines = [];
  writeCart(lines);
  go(THANKS);
}

function sendBack(): void {
  if (order === null || order.refunded) return;
  order = { ...order, refunded: true };
  writeOrder(order);
  tellRefunded(order);
  draw();
  say("The order was sent back.");
}

const say = (text: string): void => {
  element("said").textContent = text;
};

function act(target: HTMLElement): void {
  const product = PRODUCTS.find(({ id }) => id === target.dataset["product"]);
  const what = target.dataset["do"];
  if (what === "order") placeOrder();
  if (what === "refund") sendBack();
  if (product === undefined) return;
  if (what === "add") {
    setQuantity(product, quantityOf(lines, product) + 1);
    say(`${product.name} is in the cart.`);
  }
  if (what === "remove") {
    setQuantity(product, 0);
    say(`${product.name} is out of the cart.`);
    element("main").focus();
  }
}

document.addEventListener("click", (event) => {
  const target = event.target instanceof Element ? event.target.closest<HTMLElement>("a[href], [data-do]") : null;
  if (target === null) return;
  if (!(target instanceof HTMLAnchorElement)) {
    act(target);
    return;
  }
  const isPlain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  const isWithin = target.origin === location.origin && target.pathname.startsWith(HOME) && target.hash === "";
  if (!isPlain || !isWithin || "arrival" in target.dataset) return;
  event.preventDefault();
  go(target.pathname);
});

document.addEventListener("change", ({ target }) => {
  if (!(target instanceof HTMLInputElement) || target.dataset["do"] !== "quantity") return;
  const product = PRODUCTS.find(({ id }) => id === target.dataset["product"]);
  // The focus moves on after this event, and must have done so before the page is drawn anew.
  if (product !== undefined) setTimeout(() => setQuantity(product, target.valueAsNumber));
});

element("account").addEventListener("click", () => {
  isSignedIn = !isSignedIn;
  tellCustomer(isSignedIn ? CUSTOMER : null);
  draw();
});

addEventListener("popstate", () => {
  // A jump within the page changes the address too.
  if (presentPath() !== shownPath) show();
});

element("foot").innerHTML = ARRIVALS;
show();
