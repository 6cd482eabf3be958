// `npm run screenshots`: the dashboard as the documentation shows it, in light and dark, wide and on a phone, with a month of visits
// to the demo shop and some that are there now. Writes docs/images/; a picture that is too large for a README ends it with 1.
// `npm run screenshots -- --all <folder>` takes every page, from top to bottom, to be looked at.

import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import type { Browser, Page } from "playwright-core";
import type { ShardStatus } from "../core/messages.ts";
import { launchBrowser } from "./browser.ts";
import { ops } from "./client.ts";
import { command } from "./questions.ts";
import { startStack, type TestStack, until } from "./stack.ts";

const ROOT = path.resolve(import.meta.dirname, "..");
const FOLDER = path.join(ROOT, "docs/images");
const BYTES_MAX = 200_000;
const BUSY_MS_MAX = 60_000;
/** They look around for some minutes, and are no more than there are in real life. */
const VISITORS_MS_MAX = 300_000;
const SEAL_POLL_MS = 1_000;
const SEALED_MS_MAX = 300_000;
const PAST = ["--past", "60", "--visits-per-day", "700"];
/** About as many as came before. */
const LIVE = ["--live", "--rate", "0.1"];
const LIVE_VISITORS = 5;

const SIZES = { wide: { width: 1280, height: 1060 }, phone: { width: 390, height: 844 } } as const;
const README_PAGES = ["?merchant=m_demo&range=30d", "now?merchant=m_demo"];
const NAMES: Readonly<Record<string, string>> = { [README_PAGES[0]!]: "dashboard", [README_PAGES[1]!]: "now" };
const EMPTY = "?merchant=m_kathmandu";
const ALL_PAGES = [
  ...README_PAGES,
  "?merchant=m_demo&range=today&f=is,country,DE&f=contains,page,shop",
  "?merchant=m_demo&range=30d&tab.places=map&tab.sources=referrers&tab.products=views&tab.devices=browsers&metric=visits",
  "?merchant=m_demo&range=30d&detail=products",
  EMPTY,
  "shop/",
  "shop/product/mug-clay",
  "docs/api",
];

/** Of these, each that their navigation leads to. */
const NAVIGATIONS = ["settings/merchant?merchant=m_demo", "ops/status?merchant=m_demo"];

const { all: everyPage } = new Command("screenshots")
  .option("--all <folder>", "every page, to be looked at")
  .parse()
  .opts<{ all?: string }>();
const folder = everyPage ?? FOLDER;

const [stack, browser] = await Promise.all([startStack(), launchBrowser()]);
let live: ReturnType<typeof spawn> | null = null;
try {
  await command(stack, "scripts/demo.ts", ...PAST);
  await sealed(stack);
  live = spawn(process.execPath, ["scripts/demo.ts", ...LIVE], {
    cwd: ROOT,
    env: { ...process.env, DATA_DIR: stack.dataDir },
    stdio: "ignore",
  });
  fs.mkdirSync(folder, { recursive: true });
  for (const size of ["wide", "phone"] as const)
    for (const theme of ["light", "dark"] as const) await take(stack, browser, size, theme);
} finally {
  if (live !== null) {
    live.kill("SIGINT");
    await once(live, "exit");
  }
  await browser.close();
  await stack.remove();
}

/** Days that are over are files by now, as they are everywhere. */
async function sealed(whole: TestStack): Promise<void> {
  await ops(whole.running(), "/merchants/m_demo/seal", "POST");
  const areSealed = async (): Promise<boolean> => {
    await sleep(SEAL_POLL_MS);
    const { shards } = await ops<{ shards: ShardStatus[] }>(whole.running(), "/merchants/m_demo/status");
    const states = shards.flatMap(({ days }) => days.map(({ state }) => state));
    return states.includes("sealed") && !states.includes("closed");
  };
  await until(areSealed, SEALED_MS_MAX, "The days were not sealed");
}

async function take(of: TestStack, from: Browser, size: keyof typeof SIZES, theme: "light" | "dark") {
  const context = await from.newContext({
    viewport: SIZES[size],
    locale: "en-GB",
    colorScheme: theme,
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  const { baseUrl, operatorToken } = of.running();
  if (everyPage !== undefined) {
    await page.goto(baseUrl);
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await page.screenshot({ path: path.join(folder, `sign-in-${size}-${theme}.png`), fullPage: true });
  }
  // Once: how often it may be shown is limited.
  await page.goto(`${baseUrl}/${README_PAGES[0]!}#token=${operatorToken}`);
  await page.getByRole("heading", { level: 1 }).first().waitFor();
  for (const address of everyPage === undefined ? README_PAGES : [...ALL_PAGES, ...(await sections(page, baseUrl))]) {
    await page.goto(`${baseUrl}/${address}`);
    if (address === EMPTY) await page.getByRole("heading", { name: "Waiting for the first event" }).waitFor();
    await settled(page, README_PAGES.includes(address));
    const file = path.join(folder, `${nameOf(address)}-${size}-${theme}.png`);
    await page.screenshot({ path: file, fullPage: everyPage !== undefined });
    if (everyPage === undefined) weigh(file);
    else console.log(file);
  }
  await context.close();
}

async function sections(page: Page, baseUrl: string): Promise<string[]> {
  const found: string[] = [];
  for (const address of NAVIGATIONS) {
    await page.goto(`${baseUrl}/${address}`);
    const links = page.getByRole("main").getByRole("navigation").getByRole("link");
    await links.first().waitFor();
    const own = await links.evaluateAll((all) => all.map((link) => link.getAttribute("href") ?? ""));
    found.push(...own.map((href) => href.slice(1)));
  }
  return found;
}

function nameOf(address: string): string {
  return NAMES[address] ?? address.replaceAll(/[^a-z0-9]+/gi, "-");
}

async function settled(page: Page, hasVisitors: boolean): Promise<void> {
  await page.getByRole("heading").first().waitFor();
  if (hasVisitors) {
    const visitors = page.locator("[data-testid=visitors-now], .now-figures dd").first();
    await until(
      async () => Number(await visitors.innerText()) >= LIVE_VISITORS,
      VISITORS_MS_MAX,
      "Too few visitors came",
    );
  }
  await until(() => page.evaluate(wholeOrFarther), BUSY_MS_MAX, "What is below the fold did not come");
  await page.evaluate(() => scrollTo(0, 0));
  const isQuiet = async (): Promise<boolean> =>
    (await page.locator("[aria-busy=true], .skeleton, .skeleton-rows").count()) === 0;
  await until(isQuiet, BUSY_MS_MAX, "The page stayed busy");
}

/** In the page: what is below the fold is loaded when it comes near. */
function wholeOrFarther(): boolean {
  const next = [...document.querySelectorAll(".in-view")].find((place) => place.querySelector("h2") === null);
  next?.scrollIntoView();
  return next === undefined;
}

function weigh(file: string): void {
  const { size: bytes } = fs.statSync(file);
  console.log(`${path.relative(ROOT, file)}  ${Math.round(bytes / 1_000)} kB`);
  if (bytes <= BYTES_MAX) return;
  console.error(`${path.relative(ROOT, file)} is larger than ${BYTES_MAX / 1_000} kB.`);
  process.exitCode = 1;
}
