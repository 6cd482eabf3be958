// Views of the dashboard beside the overview, in a real browser on a whole stack with made-up visits: what happens right now, goals and
// properties, keys, dates that are asked ahead, narrow and wide windows, and readers of another language.

import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { launchBrowser } from "./browser.ts";
import { ask, send } from "./client.ts";
import { eventually, hasFocus, pageOf, passesAxe } from "./page-checks.ts";
import { command } from "./questions.ts";
import { startStack, type TestStack } from "./stack.ts";

let stack: TestStack;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
  await command(stack, "scripts/demo.ts", "--past", "3", "--visits-per-day", "60");
  const goal = JSON.stringify({ goal_type: "event", event_name: "signup" });
  await ask(stack.running(), "/api/v1/merchants/m_demo/goals", { method: "POST", body: goal });
  const visitor = { ip: "2001:db8::8" };
  const url = "http://localhost/shop/";
  const events = ["free", "pro"].map((plan) => ({ name: "signup", url, props: { plan }, visitor }));
  await send(stack.running(), { merchant: "m_demo", events });
});

afterAll(async () => {
  await browser.close();
  await stack.remove();
});

beforeEach(async () => {
  await begin("en-GB");
});

afterEach(async () => {
  await page.context().close();
  expect(complaints).toEqual([]);
});

async function begin(locale: string): Promise<void> {
  complaints = [];
  page = await pageOf(browser, complaints, { locale });
}

async function open(path = "", parameters = "", title = "Demo shop"): Promise<void> {
  const { baseUrl, operatorToken } = stack.running();
  await page.goto(`${baseUrl}/${path}?merchant=m_demo${parameters}#token=${operatorToken}`);
  await page.getByRole("heading", { level: 1, name: title }).waitFor();
}

const quiet = (): Promise<void> => eventually(() => page.locator("[aria-busy=true], .skeleton").count()).toBe(0);

async function showsAccessibly(what: string): Promise<void> {
  await quiet();
  await passesAxe(page, what);
}

const order = (id: string, country: string) => ({
  merchant: "m_demo",
  events: [
    {
      id,
      name: "purchase",
      transaction_id: id,
      currency: "EUR",
      items: [{ item_id: "mug-clay", price: 18.5, quantity: 2 }],
      visitor: { ip: "2001:db8::7", country },
    },
  ],
});

test("right now: an order is in the stream, on the map and in the day, as it happens", async () => {
  await open();
  await page.locator(".visitors-now").click();
  await page.getByRole("heading", { level: 1, name: "Right now" }).waitFor();
  expect(new URL(page.url()).pathname).toBe("/now");
  await quiet();
  const stream = page.getByRole("log", { name: "Orders as they come" });
  await stream.waitFor();
  expect(await stream.getAttribute("aria-live")).toBe("polite");
  const marks = page.locator(".order-mark");
  const today = page.locator(".now-figures div", { hasText: "Orders today" }).locator("dd");
  const before = [Number(await today.innerText()), await marks.count()];
  const id = `live-${Date.now()}`;
  await send(stack.running(), order(id, "BR"));
  await eventually(() => stream.locator("li").first().innerText()).toMatch(new RegExp(`Brazil ${id}\\s+€37\\.00`));
  await eventually(() => marks.count()).toBe(before[1]! + 1);
  await eventually(async () => Number(await today.innerText())).toBe(before[0]! + 1);
  await page
    .getByRole("list", { name: /by country/ })
    .getByText("Brazil")
    .waitFor();
  await showsAccessibly("right now");
  await page.emulateMedia({ colorScheme: "dark" });
  await page.setViewportSize({ width: 375, height: 740 });
  await showsAccessibly("right now on a phone, dark");
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(375);
  await page.getByRole("link", { name: "← Numbers" }).click();
  await page.getByRole("heading", { level: 1, name: "Demo shop" }).waitFor();
});

test("a goal narrows the page to the visits that reached it", async () => {
  await open("", "&range=today");
  const card = page.locator("section:has(#panel-events)");
  await card.getByText("Goals", { exact: true }).click();
  await card.getByRole("button", { name: "signup" }).click();
  await page.getByRole("button", { name: /^Goal is signup/ }).waitFor();
  expect(new URL(page.url()).searchParams.getAll("f")).toEqual(["is,goal,signup"]);
  await quiet();
  // Two sign-ups of the same visitor, within one visit.
  expect(await page.locator("[data-metric=visits] .figure-value").innerText()).toBe("1");
  await showsAccessibly("a goal");
});

test("properties are chosen among those that there are, and their values narrow the page", async () => {
  await open("", "&range=today");
  const card = page.locator("section:has(#panel-events)");
  await card.getByText("Properties", { exact: true }).click();
  await card.getByRole("combobox", { name: "Property" }).waitFor();
  await eventually(() => new URL(page.url()).searchParams.get("tab.events")).toBe("property:plan");
  await card.getByRole("button", { name: "pro", exact: true }).click();
  await page.getByRole("button", { name: /^Property plan is pro/ }).waitFor();
  await showsAccessibly("a property");
});

test("campaigns are by the parameter that is chosen", async () => {
  await open();
  const card = page.locator("section:has(#panel-sources)");
  await card.getByText("Campaigns", { exact: true }).click();
  await card.getByRole("combobox", { name: "Campaigns" }).selectOption("UTM medium");
  await card.getByRole("columnheader", { name: "UTM medium" }).waitFor();
  expect(new URL(page.url()).searchParams.get("tab.sources")).toBe("utm_medium");
  await showsAccessibly("campaigns");
});

test("by keyboard: a slash searches, help has every key, and a list is narrowed without a pointer", async () => {
  await open();
  await quiet();
  await page.keyboard.press("/");
  const dialog = page.getByRole("dialog", { name: "Sources of visits" });
  await hasFocus(dialog.getByRole("searchbox"));
  await page.keyboard.type("search");
  await eventually(() => dialog.getByRole("searchbox").inputValue()).toBe("search");
  await eventually(async () =>
    (await dialog.getByRole("rowheader").allInnerTexts()).every((name) => /search/i.test(name)),
  ).toBe(true);
  await dialog.getByRole("button", { name: "Close" }).focus();
  await page.keyboard.press("/");
  expect(await dialog.getByRole("searchbox").evaluate((box) => box === document.activeElement)).toBe(true);
  // The first takes what is written away, the second closes.
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await dialog.waitFor({ state: "detached" });
  await page.keyboard.press("?");
  const help = page.getByRole("dialog", { name: "Keys and definitions" });
  await hasFocus(help);
  const keys = await help.locator("dt kbd").allInnerTexts();
  for (const key of ["D", "E", "W", "T", "N", "M", "P", "Y", "L", "← →", "F", "X", "/", "Esc", "?"])
    expect(keys).toContain(key);
  await showsAccessibly("help");
  await page.keyboard.press("Escape");
  await help.waitFor({ state: "detached" });
  const row = page.locator("section:has(#panel-sources)").getByRole("button", { name: "Direct" });
  await row.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: /^Channel is Direct/ }).waitFor();
  await row.blur();
  await page.keyboard.press("Escape");
  await eventually(() => page.locator(".chip").count()).toBe(0);
});

test("dates that the focus is on in the picker, and the step before, are there before they are chosen", async () => {
  await open();
  await quiet();
  const asked: string[] = [];
  const answered: string[] = [];
  const note = (list: string[]) => (request: { url(): string; postData(): string | null }) => {
    if (request.url().endsWith("/api/v1/query")) list.push(request.postData() ?? "");
  };
  page.on("request", note(asked));
  page.on("requestfinished", note(answered));
  await page.getByRole("button", { name: /^Dates/ }).press("Enter");
  await hasFocus(page.getByRole("option", { selected: true }));
  await page.getByRole("option", { name: "Yesterday" }).focus();
  const yesterday = /"date_range":\["([^"]+)","\1"\]/;
  const ahead = 7;
  // The numbers and six lists.
  await eventually(() => answered.filter((body) => yesterday.test(body)).length).toBe(ahead);
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Dates: Yesterday" }).waitFor();
  await quiet();
  const [date] = yesterday.exec(asked.find((body) => yesterday.test(body))!)!;
  expect(asked.filter((body) => body.includes(date))).toHaveLength(ahead);
  // Arrows: the day before has been asked meanwhile.
  await eventually(() => asked.filter((body) => yesterday.test(body) && !body.includes(date)).length).toBeGreaterThan(
    0,
  );
});

test("of dates that are over, headline, comparison and chart are one question", async () => {
  const asked: string[] = [];
  page.on("request", (request) => {
    if (request.url().endsWith("/api/v1/query")) asked.push(request.postData() ?? "");
  });
  await open("", "&range=yesterday");
  await eventually(() => asked.filter((body) => body.includes('"time:hour"')).length).toBeGreaterThan(0);
  const first = asked.find((body) => body.includes('"totals":true'))!;
  await quiet();
  const { date_range: range } = JSON.parse(first) as { date_range: string[] };
  const own = asked.filter((body) => body.includes(JSON.stringify(range)) && body.includes('"totals":true'));
  expect(own).toHaveLength(1);
  await page.locator(".chart-key", { hasText: "Period before" }).waitFor();
});

test.each([375, 1600])("at %i px everything has its place, and nothing is wider than the window", async (width) => {
  await page.setViewportSize({ width, height: 900 });
  await open();
  await quiet();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
  await showsAccessibly(`at ${width} px`);
});

test("readers of another language have their numbers and dates, and everything opens", async () => {
  await page.context().close();
  await begin("de-DE");
  await open();
  await quiet();
  expect(await page.locator("[data-metric=net_revenue] .figure-value").innerText()).toMatch(/\d,\d\d\s€$/);
  for (const [name, title] of [
    [/^Dates/, "Choose dates"],
    ["+ Filter", "Add a filter"],
    ["Menu", "Where to go"],
    [/^Products/, "Products"],
  ] as const) {
    await page.getByRole("button", { name }).click();
    await hasFocus(page.getByRole("dialog", { name: title }));
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
  }
});
