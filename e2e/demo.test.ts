// `npm run demo` on a whole stack: a past to look at, which counts once however often it is sent, and something to watch.

import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Outcome } from "../scripts/send.ts";
import { CART, CATEGORIES, CHECKOUT, HOME, PRODUCTS, productPage, THANKS } from "../scripts/demo-catalogue.ts";
import * as shop from "../web/shop/catalogue.ts";
import { command, report } from "./questions.ts";
import { startStack, until, type TestStack } from "./stack.ts";

const SCRIPT = "scripts/demo.ts";
const MS_MAX = 30_000;

let stack: TestStack;

beforeAll(async () => {
  stack = await startStack();
});

afterAll(() => stack.remove());

const ask = async (query: Record<string, unknown>) =>
  (await report(stack, { merchant: "m_demo", ...query })).results.map(({ metrics }) => metrics);

test("made-up visitors see the shop as it is: its products, its prices, and pages that there are", async () => {
  expect(PRODUCTS.map(({ id, name, category, price }) => [id, name, category, Math.round(price * 100)])).toEqual(
    shop.PRODUCTS.map(({ id, name, category, priceCents }) => [id, name, category, priceCents]),
  );
  const pages = [HOME, CART, CHECKOUT, THANKS, ...CATEGORIES, ...PRODUCTS.map(productPage)];
  expect(pages.map(({ path: address }) => address).toSorted()).toEqual([shop.HOME, ...shop.PATHS].toSorted());
  for (const { path: address } of pages) {
    const page = await fetch(stack.running().baseUrl + address);
    expect([address, page.status]).toEqual([address, 200]);
    expect(await page.text()).toContain("<title>Demo shop</title>");
  }
});

test("a past: days with visits and orders; sent again it counts once", async () => {
  const past = ["--past", "3", "--visits-per-day", "100"];
  const first = await command<Outcome>(stack, SCRIPT, ...past);
  expect(first).toMatchObject({ sent: first.accepted, duplicate: 0, rejected: {} });
  const days = await ask({
    metrics: ["visits", "pageviews", "adds_to_cart"],
    date_range: "7d",
    dimensions: ["time:day"],
  });
  expect(days.length).toBeGreaterThanOrEqual(2);
  for (const measures of days.slice(0, 2)) for (const n of measures) expect(n).toBeGreaterThan(0);
  const [channels] = await ask({ metrics: ["visits"], date_range: "7d", dimensions: ["channel"] });
  expect(channels?.[0]).toBeGreaterThan(0);

  const again = await command<Outcome>(stack, SCRIPT, ...past);
  // Time has gone on meanwhile: the visits of some more seconds may be new.
  expect(again.duplicate).toBe(first.accepted);
  expect(again.accepted).toBeLessThan(100);
});

test("live: visits arrive while it runs, and Ctrl-C ends it with a summary", async () => {
  const events = async (): Promise<number> => {
    const [today] = await ask({ metrics: ["events"], date_range: "7d" });
    return Number(today?.[0]);
  };
  const before = await events();
  const child = spawn(process.execPath, [SCRIPT, "--live", "--rate", "5", "--json"], {
    cwd: path.resolve(import.meta.dirname, ".."),
    env: { ...process.env, DATA_DIR: stack.dataDir },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [printed] = await Promise.all([
    text(child.stdout),
    once(child, "close"),
    until(async () => (await events()) > before, MS_MAX, "Nobody came").finally(() => child.kill("SIGINT")),
  ]);
  expect(child.exitCode).toBe(0);
  const outcome = JSON.parse(printed) as Outcome;
  expect(outcome).toMatchObject({ sent: outcome.accepted, duplicate: 0, rejected: {} });
  expect(outcome.accepted).toBeGreaterThan(0);
});
