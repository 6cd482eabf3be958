// What Lighthouse says of the dashboard: performance and accessibility of the demo merchant's page with a month of visits, as a
// desktop and as a phone, in the Chromium that the tests use. Several runs each, and the median of each score.

import sparticuz from "@sparticuz/chromium";
import { Command } from "commander";
import lighthouse, { desktopConfig } from "lighthouse";
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { chromium } from "playwright-core";
import type { ShardStatus } from "../core/messages.ts";
import { freePort } from "../scripts/postgres.ts";
import { readRunning, type Running } from "../scripts/running.ts";
import { type Line, median, print } from "./measure.ts";
import { wholeNumber } from "./options.ts";
import { temporaryFolder } from "./workers.ts";

const CATEGORIES = ["performance", "accessibility", "best-practices"];
/** What the score of performance is made of, and in what it is told. */
const TIMINGS = ["first-contentful-paint", "largest-contentful-paint", "speed-index", "total-blocking-time"];
const GOAL = 95;
const READY_POLL_MS = 200;
const SEAL_POLL_MS = 1_000;
const ROOT = path.join(import.meta.dirname, "..");

interface Options {
  runs: number;
  days: number;
  json: boolean;
}

const options = new Command("lighthouse")
  .description("performance and accessibility of the dashboard, as Lighthouse scores them")
  .option("--runs <n>", "of each device", wholeNumber, 3)
  .option("--days <n>", "of demo visits before", wholeNumber, 30)
  .option("--json", "for programs", false)
  .parse()
  .opts<Options>();

const { folder, remove } = temporaryFolder();
const stack = spawn(process.execPath, ["scripts/start.ts"], {
  cwd: ROOT,
  env: { ...process.env, PORT: "0", DATA_DIR: folder },
  stdio: ["ignore", "ignore", "inherit"],
});
try {
  const running = await ready();
  await finished("scripts/demo.ts", "--past", String(options.days));
  await sealed(running);
  const lines: Line[] = [];
  for (const device of ["desktop", "phone"] as const) {
    const { scores, timings } = await measured(running, device);
    for (const [category, values] of scores)
      lines.push({
        what: `${device}, ${category}`,
        value: String(median(values)),
        note: median(values) >= GOAL ? "" : `goal ${GOAL}: MISSED (${values.join(", ")})`,
      });
    for (const [what, values] of timings)
      lines.push({ what: `${device}, ${what}`, value: String(median(values)), note: `(${values.join(", ")})` });
  }
  print(`lighthouse: medians of ${options.runs} runs, goal ${GOAL}`, lines, options.json);
} finally {
  if (stack.exitCode === null) {
    stack.kill("SIGINT");
    await once(stack, "exit");
  }
  remove();
}

async function ready(): Promise<Running> {
  for (;;) {
    const running = readRunning(folder);
    if (running !== null) return running;
    if (stack.exitCode !== null) throw new Error("the stack did not start");
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
  }
}

async function finished(script: string, ...args: string[]): Promise<void> {
  const child = spawn(process.execPath, [script, ...args], {
    cwd: ROOT,
    env: { ...process.env, DATA_DIR: folder },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [code] = (await once(child, "exit")) as [number | null];
  if (code !== 0) throw new Error(`${script} ended with ${String(code)}`);
}

/** Days that are over seal by themselves after some minutes, which takes the CPU that is to be measured. */
async function sealed({ baseUrl, operatorToken }: Running): Promise<void> {
  const headers = { authorization: `Bearer ${operatorToken}` };
  for (;;) {
    const response = await fetch(`${baseUrl}/api/ops/merchants/m_demo/seal`, { method: "POST", headers });
    const { shards } = (await response.json()) as { shards: ShardStatus[] };
    const days = shards.flatMap((shard) => shard.days);
    if (days.every(({ state }) => state !== "closed") && days.some(({ state }) => state === "sealed")) return;
    await new Promise((resolve) => setTimeout(resolve, SEAL_POLL_MS));
  }
}

interface Measured {
  /** Of 100, by category. */
  scores: Map<string, number[]>;
  /** Milliseconds, and how fast Lighthouse found the machine: less than it can do when others use it too. */
  timings: Map<string, number[]>;
}

async function measured(running: Running, device: "desktop" | "phone"): Promise<Measured> {
  const port = await freePort();
  const browser = await chromium.launch({
    executablePath: await sparticuz.executablePath(),
    args: ["--no-sandbox", `--remote-debugging-port=${port}`, "--lang=en-US"],
    headless: true,
  });
  try {
    const scores = new Map<string, number[]>();
    const timings = new Map<string, number[]>();
    const note = (list: Map<string, number[]>, name: string, value: number): void =>
      void list.set(name, [...(list.get(name) ?? []), Math.round(value)]);
    for (let run = 0; run < options.runs; run++) {
      const result = await lighthouse(
        `${running.baseUrl}/?merchant=m_demo&range=30d#token=${running.operatorToken}`,
        { port, onlyCategories: CATEGORIES, output: "json", logLevel: "error" },
        device === "desktop" ? desktopConfig : undefined,
      );
      for (const [name, { score }] of Object.entries(result?.lhr.categories ?? {}))
        note(scores, name, 100 * (score ?? 0));
      for (const name of TIMINGS) note(timings, `${name} in ms`, result?.lhr.audits[name]?.numericValue ?? 0);
      note(timings, "speed of the machine", result?.lhr.environment.benchmarkIndex ?? 0);
    }
    return { scores, timings };
  } finally {
    await browser.close();
  }
}
