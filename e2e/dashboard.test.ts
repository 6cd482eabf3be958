// The dashboard in a real browser on a whole stack: what a customer does in the shop is seen by the merchant at once,
// every view has an address, and everyone can use it: by keyboard, by screen reader, in both themes, and when the
// server does not answer.

import fs from "node:fs";
import { gzipSync } from "node:zlib";
import type { Browser, Download, Page, Response } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { launchBrowser } from "./browser.ts";
import { eventually, hasFocus, pageOf, passesAxe, PERSON } from "./page-checks.ts";
import { startStack, type TestStack } from "./stack.ts";

const JAVASCRIPT_GZIP_BYTES_MAX = 150_000;

let stack: TestStack;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
});

afterAll(async () => {
  await browser.close();
  await stack.remove();
});

beforeEach(async () => {
  complaints = [];
  page = await pageOf(browser, complaints);
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
});

afterEach(async () => {
  await page.context().close();
  expect(complaints).toEqual([]);
});

const open = async (query = "?merchant=m_demo"): Promise<void> => {
  await page.goto(`${stack.running().baseUrl}/${query}#token=${stack.running().operatorToken}`);
  await page.getByRole("heading", { level: 1, name: /shop|crafts/ }).waitFor();
  // What listens to keys is there once the page has its title.
  await eventually(() => page.title()).toMatch(/(shop|crafts) · /);
};

const figure = (metric: string): Promise<string> => page.locator(`[data-metric=${metric}] .figure-value`).innerText();

const button = (name: string | RegExp) => page.getByRole("button", { name });

async function buy(): Promise<void> {
  const visitor = await browser.newContext({ userAgent: PERSON });
  const shop = await visitor.newPage();
  await shop.goto(`${stack.running().baseUrl}/shop/?merchant=m_demo&from=https://www.google.com/`);
  await shop.getByRole("link", { name: /Clay mug/ }).click();
  await shop.getByRole("button", { name: "Add to cart" }).click();
  await shop.getByRole("button", { name: "Add to cart" }).click();
  await shop.getByRole("link", { name: /^Cart/ }).click();
  await shop.getByRole("link", { name: "Check out" }).click();
  const told = shop.waitForResponse((response) => response.request().postData()?.includes('"purchase"') ?? false);
  await shop.getByRole("button", { name: "Place the order" }).click();
  expect((await told).status()).toBe(202);
  await visitor.close();
}

test("from the script tag to the first order, seen as it happens", async () => {
  await open();
  expect(new URL(page.url()).hash).toBe("");
  await page.getByRole("heading", { name: "Waiting for the first event" }).waitFor();
  await button("Copy").click();
  await button("Copied").waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  expect(copied).toBe(`<script async src="${stack.running().baseUrl}/s.js" data-merchant="m_demo"></script>`);

  await page.getByText("Server", { exact: true }).click();
  await page.getByLabel("Command").getByText('"merchant": "m_demo"').waitFor();

  await buy();
  await page.getByText("The first event has arrived").waitFor();
  await eventually(() => page.getByTestId("visitors-now").innerText()).toBe("1");
  await eventually(() => page.getByTestId("live-orders").innerText()).toContain("€37.00");
  await eventually(() => figure("net_revenue")).toBe("€37.00");
  expect(
    await Promise.all(["orders", "conversion_rate", "average_order_value", "visitors", "visits"].map(figure)),
  ).toEqual(["1", "100.0%", "€37.00", "1", "1"]);
  await eventually(() => page.locator("#panel-products").locator("../..").innerText()).toMatch(
    /Clay mug\s+€37\.00\s+2/,
  );
  await eventually(() => page.locator("#panel-sources").locator("../..").innerText()).toMatch(
    /Organic Search\s+1\s+€37\.00/,
  );
  const today = page.getByRole("row", { name: /^[A-Z][a-z]{2}, \d+ .*\(not over\)/ });
  await eventually(() => today.innerText()).toContain("€37.00");
});

test("the address is the state: keys and tabs write it, a reload and going back read it", async () => {
  await open();
  await page.keyboard.press("t");
  await button("Dates: Last 30 days").waitFor();
  await page.keyboard.press("x");
  await button("Compared with: Not compared").waitFor();
  await page.getByText("Referrers", { exact: true }).click();
  await page.locator("[data-metric=orders]").click();
  expect(Object.fromEntries(new URL(page.url()).searchParams)).toEqual({
    merchant: "m_demo",
    range: "30d",
    compare: "none",
    metric: "orders",
    "tab.sources": "referrers",
  });
  await page.reload();
  await page.getByRole("radio", { name: "Referrers", checked: true }).waitFor();
  await page.getByRole("radio", { name: /^Orders/, checked: true }).waitFor();
  await page.keyboard.press("d");
  await button("Dates: Today").waitFor();
  await page.goBack();
  await button("Dates: Last 30 days").waitFor();
});

test("merchant and dates are chosen by keyboard, and by pointer", async () => {
  await open();
  await button("Merchant: Demo shop").press("Enter");
  await hasFocus(page.getByRole("option", { name: "Demo shop" }));
  await page.keyboard.press("k");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Kathmandu crafts" }).waitFor();
  const chosen = page.getByRole("option", { selected: true });
  await button(/^Dates/).press("Enter");
  await hasFocus(chosen);
  await page.getByRole("option", { name: "Yesterday" }).press("Enter");
  await button("Dates: Yesterday").waitFor();
  await button(/^Dates/).click();
  await page.getByRole("option", { name: "Today" }).click();
  await hasFocus(button("Dates: Today"));
  await page.keyboard.press("Enter");
  // After a pointer was used, it is the list that has the focus, not yet one of its options.
  await hasFocus(page.getByRole("listbox", { name: "Presets" }));
  await page
    .getByRole("button", { name: /selected/ })
    .first()
    .press("Enter");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Enter");
  await eventually(() => new URL(page.url()).searchParams.get("range")).toMatch(/^\d{4}-\d\d-\d\d\.\.\d{4}-\d\d-\d\d$/);
});

test("a list looked at closely is searched, sorted and has an address", async () => {
  await open();
  await button(/^Products/).click();
  const dialog = page.getByRole("dialog", { name: "Products" });
  await dialog.getByRole("rowheader", { name: "Clay mug" }).waitFor();
  await passesAxe(page, "the list");
  await dialog.getByRole("columnheader", { name: "Orders" }).click();
  await dialog.getByRole("columnheader", { name: "Orders" }).and(page.locator("[aria-sort=descending]")).waitFor();
  expect(new URL(page.url()).searchParams.get("detail")).toBe("products");
  await page.reload();
  await dialog.getByRole("rowheader", { name: "Clay mug" }).waitFor();
  await hasFocus(dialog);
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  expect(new URL(page.url()).searchParams.get("detail")).toBeNull();
});

test("the shop's funnel says where visits end", async () => {
  await open();
  const funnel = page.getByRole("region", { name: "From visit to order" });
  await eventually(() => funnel.getByRole("listitem").allInnerTexts()).toHaveLength(5);
  expect((await funnel.getByRole("listitem").last().innerText()).replaceAll(/\s+/g, " ")).toMatch(/^Ordered 1 100/);
});

test("places are a map, and the week a table by weekday and hour", async () => {
  await open();
  await page.getByText("Map", { exact: true }).click();
  await page.getByRole("img", { name: /^Map of the world/ }).waitFor();
  expect(new URL(page.url()).searchParams.get("tab.places")).toBe("map");
  await page.locator(".in-view").last().scrollIntoViewIfNeeded();
  await page.getByRole("heading", { name: "When people come and buy" }).waitFor();
  await page.getByRole("rowheader", { name: "Sun", exact: true }).waitFor();
  expect(await page.getByRole("group", { name: "By weekday and hour" }).getByRole("row").count()).toBe(8);
  await passesAxe(page, "map and week");
});

test("the chart's values are read with the arrow keys", async () => {
  await open("?merchant=m_demo&metric=orders");
  await page.getByRole("group", { name: /^Orders over time/ }).press("ArrowLeft");
  await eventually(() => page.locator(".chart-readout").innerText()).toMatch(/\(not over\)\s+1/);
  await page.keyboard.press("ArrowLeft");
  await eventually(() => page.locator(".chart-readout").innerText()).toMatch(/\s0/);
});

test("what the chart shows is taken along as CSV and as a picture", async () => {
  await open("?merchant=m_demo&metric=orders");
  await page.locator("figure.chart").waitFor();
  const [table] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "CSV" }).click()]);
  const lines = (await textOf(table)).trim().split("\n");
  expect(lines[0]).toContain("orders");
  expect(lines).toHaveLength(8);
  const [picture] = await Promise.all([page.waitForEvent("download"), button("PNG").click()]);
  expect(picture.suggestedFilename()).toMatch(/^orders-.*\.png$/);
});

test.each(["light", "dark"] as const)("everything passes axe, %s", async (colorScheme) => {
  await page.emulateMedia({ colorScheme });
  await open();
  await page.getByRole("rowheader", { name: "Clay mug" }).waitFor();
  await passesAxe(page, "the page");
  for (const [name, shown] of [
    ["Merchant: Demo shop", "Choose a merchant"],
    [/^Dates/, "Choose dates"],
    [/^Compared with/, "Compare with"],
    ["+ Filter", "Add a filter"],
    ["Keys and definitions", "Keys and definitions"],
    [/live to/, "How fresh these numbers are"],
  ] as const) {
    await button(name).click();
    await hasFocus(page.getByRole("dialog", { name: shown }));
    await passesAxe(page, shown);
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  }
  await open("?merchant=m_kathmandu");
  await button("Copy").waitFor();
  await passesAxe(page, "a merchant without events");
});

test("without a session there is a form, which takes the right token only", async () => {
  await page.goto(`${stack.running().baseUrl}/?merchant=m_demo&range=today`);
  await page.getByLabel("Address of mail").waitFor();
  await passesAxe(page, "the form");
  await button("Use an operator token").click();
  await page.getByLabel("Operator token").fill("not this one");
  await button("Sign in").click();
  await page.getByText("This token is not right").waitFor();
  await page.getByLabel("Operator token").fill(stack.running().operatorToken);
  await button("Sign in").click();
  await button("Dates: Today").waitFor();
  expect(complaints.splice(0)).toEqual(Array.from({ length: 2 }, () => expect.stringContaining("401")));
});

test("when the server does not answer, the page says so and shows no numbers of other dates", async () => {
  await open();
  await eventually(() => figure("orders")).toBe("1");
  await page.route("**/api/v1/query", (route) => route.abort());
  await page.keyboard.press("e");
  await page.getByRole("alert").getByText("cannot be reached").waitFor();
  expect(await page.locator(".figure-value").allInnerTexts()).toEqual(Array.from({ length: 10 }, () => ""));
  await page.unroute("**/api/v1/query");
  await button("Try again").click();
  await eventually(() => figure("orders")).toBe("0");
  expect(complaints.splice(0).every((text) => text.includes("ERR_FAILED"))).toBe(true);
});

test("on a phone nothing is wider than the screen", async () => {
  await page.setViewportSize({ width: 320, height: 640 });
  await open();
  await page.getByRole("rowheader", { name: "Clay mug" }).waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
});

test(`the page needs at most ${JAVASCRIPT_GZIP_BYTES_MAX / 1000} kB of gzipped JavaScript`, async () => {
  const scripts: Response[] = [];
  page.on("response", (response) => {
    if (response.request().resourceType() === "script") scripts.push(response);
  });
  await open();
  await page.getByRole("rowheader", { name: "Clay mug" }).waitFor();
  // Of those until now: what comes as the page closes has no body to be read.
  const bodies = await Promise.all(scripts.map((response) => response.body()));
  const sizes = bodies.map((script) => gzipSync(script, { level: 9 }).byteLength);
  expect(sizes.length).toBeGreaterThan(0);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(JAVASCRIPT_GZIP_BYTES_MAX);
});

async function textOf(download: Download): Promise<string> {
  return fs.readFileSync(await download.path(), "utf8");
}
