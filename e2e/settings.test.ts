// Settings and operations in a real browser on a whole stack: goals are made, rules are looked at over the past, applied and
// taken back, the books and files are there, and operators see how the system runs.

import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { launchBrowser } from "./browser.ts";
import { ops } from "./client.ts";
import { pageOf, passesAxe } from "./page-checks.ts";
import { command } from "./questions.ts";
import { startStack, type TestStack, until } from "./stack.ts";

const SEALED_MS_MAX = 120_000;
let stack: TestStack;
let browser: Browser;
let page: Page;
let complaints: string[];

interface Standing {
  days: { open: number; unproven: number };
  merchants: { shards: { days: { state: string }[] }[] | null }[];
}

beforeAll(async () => {
  [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
  await command(stack, "scripts/demo.ts", "--past", "3", "--visits-per-day", "40");
  await ops(stack.running(), "/merchants/m_demo/seal", "POST");
  await until(
    async () => {
      const { merchants } = await ops<Standing>(stack.running(), "/status?merchant=m_demo");
      const states = merchants
        .flatMap(({ shards }) => shards ?? [])
        .flatMap(({ days }) => days.map(({ state }) => state));
      return states.filter((state) => state === "sealed").length >= 2 && !states.includes("closed");
    },
    SEALED_MS_MAX,
    "The days were not sealed",
  );
});

afterAll(async () => {
  await browser.close();
  await stack.remove();
});

beforeEach(async () => {
  complaints = [];
  page = await pageOf(browser, complaints);
});

afterEach(async () => {
  await page.context().close();
  expect(complaints).toEqual([]);
});

const open = async (path: string, title: string): Promise<void> => {
  // The token once: how often it may be shown is limited.
  const isSignedIn = (await page.context().cookies()).length > 0;
  const { baseUrl, operatorToken } = stack.running();
  await page.goto(`${baseUrl}/${path}?merchant=m_demo${isSignedIn ? "" : `#token=${operatorToken}`}`);
  await page.getByRole("heading", { level: 1, name: title }).waitFor();
};

const button = (name: string | RegExp) => page.getByRole("button", { name });

test("from the numbers to the settings and back, by the menu", async () => {
  await open("", "Demo shop");
  await button("Menu").click();
  await page.getByRole("menuitem", { name: "Settings" }).click();
  await page.getByRole("heading", { level: 1, name: "Merchant" }).waitFor();
  expect(new URL(page.url()).pathname).toBe("/settings/merchant");
  await page.getByLabel("Name").fill("Demo shop, renamed");
  await button("Save").click();
  await page.getByText("Saved.").waitFor();
  await page.getByRole("link", { name: "← Numbers" }).click();
  await page.getByRole("heading", { level: 1, name: "Demo shop, renamed" }).waitFor();
});

test("a goal is made, listed and removed", async () => {
  await open("settings/goals", "Goals");
  await page.getByText("None yet.").waitFor();
  await page.getByLabel("Name of the event").fill("signup");
  await button("Make the goal").click();
  await page.getByRole("row", { name: /signup/ }).waitFor();
  await page.getByLabel("Name of the event").fill("signup");
  await button("Make the goal").click();
  await page.getByRole("alert").waitFor();
  await button("Remove signup").click();
  await page.getByText("None yet.").waitFor();
  expect(complaints.splice(0)).toEqual([expect.stringContaining("409")]);
});

test("a rule is looked at over the past, applied and taken back", async () => {
  await open("settings/rules", "Rules of counting");
  await page.getByLabel("Pages that are not counted").fill("/shop/product/mug-clay");
  await button("Look first").click();
  await page.getByRole("cell", { name: "/shop/product/mug-clay" }).first().waitFor();
  await passesAxe(page, "a preview");
  await button("Apply").click();
  await page.getByText("It is applied.").waitFor();
  await button("Take it back").click();
  await page.getByText("It was applied, and taken back.").waitFor();
  await button("Save as a new version").click();
  // Goals are kept with the rules: each change of them was a version.
  await page.getByRole("heading", { name: "Version 3" }).waitFor();
  await open("ops/replays", "Replays");
  await page.getByRole("cell", { name: /rolled back/ }).waitFor();
});

test("the books say where events went, and days are there as files", async () => {
  await open("settings/books", "Books");
  await page.getByRole("cell", { name: "Sealed and proven" }).first().waitFor();
  await open("settings/data", "Data");
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page
      .getByRole("link", { name: /\.parquet$/ })
      .first()
      .click(),
  ]);
  expect(file.suggestedFilename()).toMatch(/\.parquet$/);
});

test("operators see how it runs, and count a day again", async () => {
  await open("ops/status", "Status");
  await page.getByText("Nothing wants a look").waitFor();
  await open("ops/letters", "Dead letters");
  await page.getByText("Whatever can never be handled").waitFor();
  await open("ops/replays", "Replays");
  const yesterday = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10);
  await page.getByLabel(/^Merchants/).fill("m_demo");
  await page.getByLabel("From").fill(yesterday);
  await page.getByLabel("To", { exact: true }).fill(yesterday);
  await page.getByLabel("Why").fill("to see that nothing differs");
  await button("Count and show the difference").click();
  await page.getByText("Nothing differs").waitFor();
});

test.each(["light", "dark"] as const)("every page passes axe, %s", async (colorScheme) => {
  await page.emulateMedia({ colorScheme });
  for (const [path, title] of [
    ["settings/merchant", "Merchant"],
    ["settings/goals", "Goals"],
    ["settings/rules", "Rules of counting"],
    ["settings/books", "Books"],
    ["settings/data", "Data"],
    ["settings/people", "People"],
    ["settings/tokens", "Tokens"],
    ["settings/sharing", "Sharing"],
    ["settings/audit", "Audit log"],
    ["settings/account", "Your account"],
    ["settings/new-merchant", "New merchant"],
    ["ops/status", "Status"],
    ["ops/replays", "Replays"],
    ["ops/letters", "Dead letters"],
  ] as const) {
    await open(path, title);
    await page.locator(".skeleton-rows").first().waitFor({ state: "detached" });
    await passesAxe(page, path);
  }
});
