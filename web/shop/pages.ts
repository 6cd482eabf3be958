// The shop's pages as HTML: functions of what is in the catalogue, the cart and the order. What a button does stands in
// its `data-do`; main.ts does it.

import { countOf, type Line, type Order, QUANTITY_MAX, containedTaxCents, shippingCents, totalCents } from "./cart.ts";
import {
  CART,
  CATEGORIES,
  CHECKOUT,
  HOME,
  PRODUCTS,
  type Product,
  THANKS,
  categoryPath,
  productPath,
} from "./catalogue.ts";
import { picture } from "./pictures.ts";

export interface Page {
  /** Of the document, without the shop's name. */
  title: string;
  html: string;
}

const EUROS = new Intl.NumberFormat("en-IE", { style: "currency", currency: "EUR" });

const price = (cents: number): string => EUROS.format(cents / 100);

/** For text that does not come from the catalogue. */
const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

export function homePage(): Page {
  const groups = CATEGORIES.map(
    (category) => `<section aria-labelledby="c-${category}">
      <h2 id="c-${category}"><a href="${categoryPath(category)}">${category}</a></h2>
      ${grid(PRODUCTS.filter((product) => product.category === category))}
    </section>`,
  );
  return {
    title: "",
    html: `<h1>Things that last</h1><p class="lead">Twelve of them, all made up. Nothing is really sold here.</p>
      ${groups.join("")}`,
  };
}

export const categoryPage = (category: string): Page => ({
  title: category,
  html: `<h1>${category}</h1>${grid(PRODUCTS.filter((product) => product.category === category))}`,
});

export function productPage(product: Product): Page {
  const { name, category, description, priceCents, id } = product;
  return {
    title: name,
    html: `<article class="product">
      <div class="picture">${picture(id)}</div>
      <div>
        <p class="crumb"><a href="${categoryPath(category)}">${category}</a></p>
        <h1>${name}</h1>
        <p class="lead">${description}</p>
        <p class="price">${price(priceCents)} <small>with tax</small></p>
        <button type="button" class="main" data-do="add" data-product="${id}">Add to cart</button>
      </div>
    </article>`,
  };
}

export function cartPage(lines: readonly Line[]): Page {
  const rows = lines.map(
    ({ product, quantity }) => `<tr>
      <th scope="row"><a href="${productPath(product)}">${product.name}</a></th>
      <td><label><span class="unseen">Quantity of ${product.name}</span>
        <input type="number" min="0" max="${QUANTITY_MAX}" value="${quantity}" data-do="quantity" data-product="${product.id}" /></label></td>
      <td>${price(product.priceCents * quantity)}</td>
      <td><button type="button" data-do="remove" data-product="${product.id}" aria-label="Remove ${product.name}">Remove</button></td>
    </tr>`,
  );
  const full = `<table class="lines"><thead><tr><th scope="col">Product</th><th scope="col">Quantity</th><th scope="col">Price</th>
      <td></td></tr></thead><tbody>${rows.join("")}</tbody></table>
    ${sums(lines, shippingCents(lines))}
    <p><a class="main" href="${CHECKOUT}">Check out</a></p>`;
  return { title: "Cart", html: `<h1>Cart</h1>${lines.length === 0 ? EMPTY : full}` };
}

export function checkoutPage(lines: readonly Line[]): Page {
  const full = `<p class="lead">No name, no address, no money: one click and it is ordered.</p>
    ${list(lines)}${sums(lines, shippingCents(lines))}
    <button type="button" class="main" data-do="order">Place the order</button>`;
  return { title: "Checkout", html: `<h1>Checkout</h1>${lines.length === 0 ? EMPTY : full}` };
}

export function thanksPage(order: Order | null): Page {
  if (order === null) return { title: "Thank you", html: `<h1>No order yet</h1>${EMPTY}` };
  const back = order.refunded
    ? `<p>All of it was sent back, and the money with it.</p>`
    : `<button type="button" data-do="refund">Send it all back</button>`;
  return {
    title: "Thank you",
    html: `<h1>Thank you</h1><p class="lead">Order <code>${escaped(order.id)}</code> is on its way, in a manner of speaking.</p>
      ${list(order.lines)}${sums(order.lines, order.shippingCents)}${back}`,
  };
}

export const missingPage = (): Page => ({
  title: "Not here",
  html: `<h1>There is no such page</h1><p><a href="${HOME}">To the shop</a></p>`,
});

export const navigation = (path: string): string =>
  CATEGORIES.map((category) => {
    const to = categoryPath(category);
    return `<a href="${to}"${to === path ? ' aria-current="page"' : ""}>${category}</a>`;
  }).join("");

export const cartLabel = (lines: readonly Line[]): string => {
  const count = countOf(lines);
  return `Cart<span class="count"${count === 0 ? " hidden" : ""}>${count}<span class="unseen"> pieces</span></span>`;
};

/** Ways to arrive: whole loads of the page, as a visitor from elsewhere would make them. */
export const ARRIVALS = `<h2>Arrive as if from</h2>
  <ul class="arrivals">${(
    [
      ["a newsletter", `${HOME}?utm_source=newsletter&utm_medium=email&utm_campaign=autumn`],
      ["an ad", `${HOME}?utm_source=google&utm_medium=cpc&utm_campaign=gifts&utm_term=handmade+mug`],
      ["a post", `/shop/product/mug-clay?utm_source=instagram&utm_medium=social&utm_content=reel`],
      ["a search", `${HOME}?from=https://www.google.com/`],
      ["an assistant", `/shop/product/lamp-desk?from=https://chatgpt.com/`],
      ["a blog", `/shop/category/desk?from=https://blog.example/desks`],
    ] as const
  )
    .map(([name, to]) => `<li><a href="${to.replaceAll("&", "&amp;")}" data-arrival>${name}</a></li>`)
    .join("")}</ul>
  <p>A visit keeps its first source for half an hour, whichever link leads back to it.</p>`;

const EMPTY = `<p class="lead">Nothing in here. <a href="${HOME}">Look around</a></p>`;

const grid = (products: readonly Product[]): string =>
  `<ul class="grid">${products
    .map(
      (product) => `<li><a class="card" href="${productPath(product)}">
        <span class="picture">${picture(product.id)}</span>
        <span class="label">${product.name}</span> <span class="cents">${price(product.priceCents)}</span></a></li>`,
    )
    .join("")}</ul>`;

const list = (lines: readonly Line[]): string =>
  `<ul class="list">${lines.map(({ product, quantity }) => `<li>${quantity} × ${product.name}</li>`).join("")}</ul>`;

function sums(lines: readonly Line[], shipping: number): string {
  const sum = totalCents(lines) + shipping;
  return `<dl class="sums"><dt>Shipping</dt><dd>${shipping === 0 ? "free" : price(shipping)}</dd>
    <dt>Tax included</dt><dd>${price(containedTaxCents(sum))}</dd><dt>Total</dt><dd><strong>${price(sum)}</strong></dd></dl>`;
}

export function pageOf(path: string, lines: readonly Line[], order: Order | null): Page {
  const product = PRODUCTS.find((candidate) => productPath(candidate) === path);
  if (product !== undefined) return productPage(product);
  const category = CATEGORIES.find((candidate) => categoryPath(candidate) === path);
  if (category !== undefined) return categoryPage(category);
  if (path === HOME) return homePage();
  if (path === CART) return cartPage(lines);
  if (path === CHECKOUT) return checkoutPage(lines);
  return path === THANKS ? thanksPage(order) : missingPage();
}
