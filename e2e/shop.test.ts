// The demo shop as it is built: a customer buys and sends back, and Countinghouse is told each step once, in GA4's
// terms; every page has an address of its own and can be used by everyone, in both themes.

import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { build } from "vite";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import * as demo from "../scripts/demo-catalogue.ts";
import * as catalogue from "../web/shop/catalogue.ts";
import { shop } from "../web/shop/vite-plugin.ts";
import { tracker } from "../web/tracker/vite-plugin.ts";
import { launchBrowser } from "./browser.ts";
import { eventually, passesAxe } from "./page-checks.ts";
import type { SentEvent } from "./tracker-site.ts";

const WEB = path.resolve(import.meta.dirname, "../web");
const TYPES: Record<string, string> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

const folder = fs.mkdtempSync(path.join(os.tmpdir(), "countinghouse-shop-"));
/** By event id, since a page that is left repeats on the next what it saw no answer for. */
const told = new Map<string, SentEvent & { merchant: string }>();
let server: http.Server;
let origin: string;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let pageErrors: Error[];

beforeAll(async () => {
  await build({
    configFile: false,
    root: WEB,
    publicDir: false,
    logLevel: "error",
    build: { outDir: folder, rolldownOptions: { input: [path.join(WEB, "shop/index.html")] } },
    plugins: [tracker(), shop()],
  });
  server = http.createServer((request, response) => void serve(request, response));
  await once(server.listen(0, "127.0.0.1"), "listening");
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await launchBrowser();
});

afterAll(async () => {
  await browser.close();
  server.closeAllConnections();
  server.close();
  fs.rmSync(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  told.clear();
  pageErrors = [];
  context = await browser.newContext();
  page = await context.newPage();
  page.on("pageerror", (error) => pageErrors.push(error));
});

afterEach(async () => {
  await context.close();
  expect(pageErrors).toEqual([]);
});

/** As the assets of a Worker are served: a page's address has no ".html". */
async function serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const { pathname } = new URL(request.url ?? "/", origin);
  if (pathname === "/e") {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const { merchant, events } = JSON.parse(text) as { merchant: string; events: SentEvent[] };
    for (const event of events) told.set(event.id, { ...event, merchant });
    response.writeHead(202).end("{}");
    return;
  }
  const names = [pathname, `${pathname}.html`, `${pathname}index.html`].map((name) => path.join(folder, name));
  const file = names.find((name) => fs.statSync(name, { throwIfNoEntry: false })?.isFile());
  if (file === undefined) response.writeHead(404).end();
  else
    response.writeHead(200, { "Content-Type": TYPES[path.extname(file)] ?? "text/plain" }).end(fs.readFileSync(file));
}

const click = (role: "button" | "link", name: string | RegExp): Promise<void> => page.getByRole(role, { name }).click();

const heading = (name: string): Promise<void> => page.getByRole("heading", { level: 1, name }).waitFor();

const events = (): (SentEvent & { merchant: string })[] =>
  [...told.values()].filter(({ name }) => name !== "engagement").toSorted((a, b) => a.occurred_at - b.occurred_at);

test("a purchase is told step by step, and once", async () => {
  await page.goto(`${origin}/shop/?utm_source=newsletter&utm_medium=email&from=https://blog.example/`);
  await click("link", /Clay mug/);
  await click("button", "Add to cart");
  await click("button", "Add to cart");
  await click("link", /^Cart/);
  await click("link", "Check out");
  await click("button", "Sign in");
  await click("button", "Place the order");
  await heading("Thank you");
  await page.reload();
  await click("button", "Send it all back");
  await page.getByText("All of it was sent back").waitFor();
  await page.goto("about:blank");

  await eventually(() => events().at(-1)?.name).toBe("refund");
  expect(events().map(({ name, url }) => `${name} ${new URL(url).pathname}`)).toEqual([
    "pageview /shop/",
    "pageview /shop/product/mug-clay",
    "view_item /shop/product/mug-clay",
    "add_to_cart /shop/product/mug-clay",
    "add_to_cart /shop/product/mug-clay",
    "pageview /shop/cart",
    "view_cart /shop/cart",
    "pageview /shop/checkout",
    "begin_checkout /shop/checkout",
    "pageview /shop/thanks",
    "purchase /shop/thanks",
    "pageview /shop/thanks",
    "refund /shop/thanks",
  ]);
  const [arrival] = events();
  expect(arrival).toMatchObject({ merchant: "m_demo", referrer: "https://blog.example/" });
  const purchase = events().find(({ name }) => name === "purchase");
  const items = [{ item_id: "mug-clay", item_name: "Clay mug", item_category: "Kitchen", price: 18.5, quantity: 2 }];
  expect(purchase).toMatchObject({
    value: 37,
    currency: "EUR",
    shipping: 4.9,
    tax: 6.69,
    items,
    user: "customer-demo",
  });
  expect(events().at(-1)).toMatchObject({ value: 37, transaction_id: purchase?.["transaction_id"], items });
});

test("two orders have two ids", async () => {
  for (let n = 1; n <= 2; n++) {
    await page.goto(`${origin}/shop/product/pen-brass?merchant=m_other`);
    await click("button", "Add to cart");
    await click("link", /^Cart/);
    await click("link", "Check out");
    await click("button", "Place the order");
    await heading("Thank you");
  }
  await page.goto("about:blank");
  const purchases = () => events().filter(({ name }) => name === "purchase");
  await eventually(() => purchases().length).toBe(2);
  expect(new Set(purchases().map((event) => event["transaction_id"])).size).toBe(2);
  expect(new Set(events().map(({ merchant }) => merchant))).toEqual(new Set(["m_other"]));
});

test("quantities change in the cart, and going back shows the page before", async () => {
  await page.goto(`${origin}/shop/product/vase-glass`);
  await click("button", "Add to cart");
  await click("link", /^Cart/);
  await page.getByLabel("Quantity of Glass vase").fill("3");
  await page.getByLabel("Quantity of Glass vase").press("Tab");
  await page.getByText("€138.00").first().waitFor();
  expect(await page.evaluate(() => document.activeElement?.getAttribute("aria-label"))).toBe("Remove Glass vase");
  await click("button", "Remove Glass vase");
  await page.getByText("Nothing in here").waitFor();
  await page.goBack();
  await heading("Glass vase");
});

test.each(["light", "dark"] as const)("every page loads by its address and passes axe, %s", async (colorScheme) => {
  await page.emulateMedia({ colorScheme });
  for (const address of [
    "/shop/",
    "/shop/category/desk",
    "/shop/product/lamp-desk",
    "/shop/cart",
    "/shop/checkout",
    "/shop/thanks",
  ]) {
    await page.goto(origin + address);
    await page.getByRole("heading", { level: 1 }).waitFor();
    if (address.includes("product")) await click("button", "Add to cart");
    if (address === "/shop/checkout") {
      await passesAxe(page, address);
      await click("button", "Place the order");
    }
    await passesAxe(page, address);
  }
});

test("the demo's made-up visitors see the same shop", () => {
  const sold = catalogue.PRODUCTS.map(({ id, name, category, priceCents }) => ({
    id,
    name,
    category,
    price: priceCents / 100,
  }));
  expect(demo.PRODUCTS.map(({ id, name, category, price }) => ({ id, name, category, price }))).toEqual(sold);
  const pages = [
    demo.HOME,
    demo.CART,
    demo.CHECKOUT,
    demo.THANKS,
    ...demo.CATEGORIES,
    ...demo.PRODUCTS.map(demo.productPage),
  ];
  expect(pages.map((each) => each.path).toSorted()).toEqual([catalogue.HOME, ...catalogue.PATHS].toSorted());
});
