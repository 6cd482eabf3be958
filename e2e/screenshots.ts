// `npm run screenshots`: the dashboard as the documentation shows it, in light and dark, wide and on a phone, with a month of visits
// to the demo shop and some that are there now. Writes docs/images/; a picture that is too large for a README ends it with 1.

import { spawn } from "node:child_process";
import { once } from "node:events";
import fs from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Browser } from "playwright-core";
import { launchBrowser } from "./browser.ts";
import type { ShardStatus } from "../core/messages.ts";
import { ops } from "./client.ts";
import { command } from "./questions.ts";
import { startStack, type TestStack, until } from "./stack.ts";

const ROOT = path.resolve(import.meta.dirname, "..");
const FOLDER = path.join(ROOT, "docs/images");
const BYTES_MAX = 200_000;
const BUSY_MS_MAX = 60_000;
const SEAL_POLL_MS = 1_000;
const SEALED_MS_MAX = 300_000;
const PAST = ["--past", "60", "--visits-per-day", "700"];
/** About as many as came before. */
const LIVE = ["--live", "--rate", "0.05"];
const LIVE_VISITORS = 5;

const SIZES = { wide: { width: 1280, height: 1060 }, phone: { width: 390, height: 844 } } as const;
const PAGES = [
  { name: "dashboard", address: "?merchant=m_demo&range=30d", title: "Demo shop" },
  { name: "now", address: "now?merchant=m_demo", title: "Right now" },
] as const;

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
  fs.mkdirSync(FOLDER, { recursive: true });
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
  for (const { name, address, title } of PAGES) {
    await page.goto(`${baseUrl}/${address}#token=${operatorToken}`);
    await page.getByRole("heading", { level: 1, name: title }).waitFor();
    const visitors = page.locator("[data-testid=visitors-now], .now-figures dd").first();
    await until(async () => Number(await visitors.innerText()) >= LIVE_VISITORS, BUSY_MS_MAX, "Too few visitors came");
    await until(
      async () => (await page.locator("[aria-busy=true], .skeleton").count()) === 0,
      BUSY_MS_MAX,
      "The page stayed busy",
    );
    const file = path.join(FOLDER, `${name}-${size}-${theme}.png`);
    await page.screenshot({ path: file });
    const { size: bytes } = fs.statSync(file);
    console.log(`${path.relative(ROOT, file)}  ${Math.round(bytes / 1_000)} kB`);
    if (bytes > BYTES_MAX) {
      console.error(`${path.relative(ROOT, file)} is larger than ${BYTES_MAX / 1_000} kB.`);
      process.exitCode = 1;
    }
  }
  await context.close();
}
