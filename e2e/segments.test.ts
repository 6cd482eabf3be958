// Saved segments where the numbers are, in a real browser on a whole stack: filters get a name, are picked by it and put away again,
// and whoever may not save them is not offered to.

import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { ListedMerchant } from "../core/merchant-list.ts";
import type { SavedSegment } from "../core/segments.ts";
import { launchBrowser } from "./browser.ts";
import { ask, send } from "./client.ts";
import { eventually, hasFocus, pageOf, passesAxe, PERSON } from "./page-checks.ts";
import { startStack, type TestStack } from "./stack.ts";

const SEGMENTS = "/api/v1/merchants/m_demo/segments";

let stack: TestStack;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
  const events = ["DE", "DE", "AT", "FR"].map((country, n) => ({
    id: `view-${n}`,
    name: "pageview",
    url: "https://shop.example/",
    visitor: { ip: `2001:db8::${n + 1}`, user_agent: PERSON, country },
  }));
  await send(stack.running(), { merchant: "m_demo", events });
});

afterAll(async () => {
  await browser?.close();
  await stack?.remove();
});

beforeEach(async () => {
  complaints = [];
  page = await pageOf(browser, complaints);
});

afterEach(async () => {
  await page.context().close();
  expect(complaints).toEqual([]);
});

async function open(filter = ""): Promise<void> {
  const { baseUrl, operatorToken } = stack.running();
  await page.goto(`${baseUrl}/?merchant=m_demo&range=today${filter}#token=${operatorToken}`);
  await page.getByRole("heading", { level: 1, name: "Demo shop" }).waitFor();
}

const button = (name: string | RegExp) => page.getByRole("button", { name });
const visits = (count: string): Promise<void> =>
  eventually(() => page.locator("[data-metric=visits] .figure-value").innerText()).toBe(count);
const filtersInAddress = (): string[] => new URL(page.url()).searchParams.getAll("f");

test("the filters of the page get a name, are picked by it, and put away again", async () => {
  await open("&f=is,country,DE");
  await visits("2");
  await button("Save as a segment").click();
  const saver = page.getByRole("dialog", { name: "Save as a segment" });
  await hasFocus(saver.getByLabel("Name of the segment"));
  // An operator is nobody who could have some alone.
  expect(await saver.getByRole("checkbox").count()).toBe(0);
  await passesAxe(page, "saving");
  await page.keyboard.type("From Germany");
  await page.keyboard.press("Enter");
  await button("Segment is From Germany").waitFor();
  await hasFocus(button("+ Filter"));
  const { segments } = await ask<{ segments: SavedSegment[] }>(stack.running(), SEGMENTS, {});
  const [{ id, name, filters } = segments[0]!] = segments;
  expect({ name, filters }).toEqual({ name: "From Germany", filters: [["is", "country", ["DE"]]] });
  expect(filtersInAddress()).toEqual([`is,segment,${id}`]);
  await visits("2");
  // Segments do not go within one another.
  expect(await button("Save as a segment").count()).toBe(0);

  await button("Remove the filter on Segment").click();
  await visits("4");
  expect(filtersInAddress()).toEqual([]);

  const body = JSON.stringify({ name: "From Austria", filters: [["is", "country", ["AT"]]] });
  await ask(stack.running(), SEGMENTS, { method: "POST", body });
  await page.reload();
  await visits("4");
  await page.keyboard.press("f");
  const editor = page.getByRole("dialog", { name: "Add a filter" });
  await editor.getByLabel("Field").selectOption("Segment");
  await editor.getByLabel("From Austria").check();
  await editor.getByLabel("From Germany").check();
  await passesAxe(page, "picking");
  await editor.getByRole("button", { name: "Add" }).click();
  await button("Segment is From Austria or From Germany").click();
  await visits("3");
  const changer = page.getByRole("dialog", { name: "Change the filter" });
  await changer.getByLabel("From Germany").uncheck();
  await changer.getByRole("button", { name: "Save" }).click();
  await button("Segment is From Austria").waitFor();
  await visits("1");
  await page.reload();
  await button("Segment is From Austria").waitFor();
  await visits("1");
});

test("a segment that is no more is said to be none, and is put away", async () => {
  await open("&f=is,segment,g_none");
  await page.getByRole("alert").getByText("There is no segment").waitFor();
  await button("Remove the filter on Segment").click();
  await visits("4");
  // The numbers, and each list.
  expect(complaints.splice(0).every((text) => text.includes("400"))).toBe(true);
});

test("whoever only reads picks segments and saves none; whoever looks through a link does neither", async () => {
  await page.route("**/api/v1/merchants", async (route) => {
    const response = await route.fetch();
    const { merchants, ...rest } = (await response.json()) as { merchants: ListedMerchant[] };
    await route.fulfill({
      response,
      json: { ...rest, merchants: merchants.map((one) => ({ ...one, role: "viewer" })) },
    });
  });
  await open("&f=is,country,DE");
  await visits("2");
  expect(await button("Save as a segment").count()).toBe(0);
  await button("+ Filter").click();
  const field = page.getByRole("dialog", { name: "Add a filter" }).getByLabel("Field");
  expect(await field.locator("option").first().innerText()).toBe("Segment");

  const link = JSON.stringify({ name: "Board" });
  const { url } = await ask<{ url: string }>(stack.running(), "/api/v1/merchants/m_demo/links", {
    method: "POST",
    body: link,
  });
  await page.goto(`${url}?range=today&f=is,country,DE`);
  await visits("2");
  expect(await button("Save as a segment").count()).toBe(0);
  await button("+ Filter").click();
  expect(await field.locator("option").first().innerText()).toBe("Page");
});
