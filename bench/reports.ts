// How fast reports are, without the edge cache and with it: each question of a dashboard of one merchant with so many events
// over thirty sealed days, beside a thousand small ones, asked one after the other. Answers are not the edge cache's where the
// request says so (Cache-Control: no-cache). Prints medians and 99th percentiles, what is
// read from Postgres, and beside it what Umami was measured at and a Worker that does nothing.

import fs from "node:fs";
import path from "node:path";
import { Command } from "commander";
import { Pool } from "undici";
import { type Line, median, print, quantile } from "./measure.ts";
import { positive, wholeNumber } from "./options.ts";
import { childrenOf, cpuSeconds, treeCpuSeconds } from "./processes.ts";
import { ask, bodyOf, FIRSTS, keyOf, NO_CACHE } from "./reports-asking.ts";
import { timeCold } from "./reports-cold.ts";
import { type DataSet, dataSet, sendPresent, smallMerchants } from "./reports-data.ts";
import { Meter } from "./reports-meter.ts";
import { type BenchQuestion, QUESTIONS } from "./reports-questions.ts";
import { type Measured, startBaseline, startOurs, temporaryFolder } from "./workers.ts";

interface Options {
  events: number[];
  days: number;
  identified: number;
  small: number;
  smallDays: number;
  rounds: number;
  starts: number;
  dataDir: string;
  load: boolean;
  json: boolean;
}

const GOALS = { plainMs: 20, firstFilteredMs: 100, filteredMs: 20, cached: 3 };
const WARM_UP = 20;
const REALTIME_VISITS = 200;

const options = new Command("reports")
  .description("how long reports take, beside Umami and a Worker that does nothing")
  .option("--events <list>", "sizes of the large merchants, as 1000000,10000000", sizes, [1_000_000])
  .option("--days <n>", "days that they are spread over", wholeNumber, 30)
  .option("--identified <share>", "visits by visitors with an id", Number, 0)
  .option("--small <n>", "small merchants beside them", wholeNumber, 1_000)
  .option("--small-days <n>", "days of theirs", wholeNumber, 3)
  .option("--rounds <n>", "how often each question is asked", positive, 100)
  .option(
    "--starts <n>",
    "runtimes that have just started, of which each filtered question is asked once",
    wholeNumber,
    5,
  )
  .option("--data-dir <path>", "where loaded data is kept", ".bench/reports")
  .option("--no-load", "measure what is there; stop where something is missing")
  .option("--json", "for programs", false)
  .parse()
  .opts<Options>();

interface Figures {
  question: string;
  events: number;
  firstMs: number;
  firstCpuMs: number;
  /** Of a runtime that has just started and has read none of the files; null for what is not filtered. */
  coldMs: number | null;
  /** What it takes when nothing else runs on the machine just then. */
  leastMs: number;
  p50Ms: number;
  p99Ms: number;
  cachedP50Ms: number;
  /** Of the runtime and of everything else (Postgres, the bridge), for each answer that is not cached. */
  runtimeCpuMs: number;
  otherCpuMs: number;
  bytes: number;
  statements: number;
  answerBytes: number;
  refused: string | null;
}

const folder = path.resolve(options.dataDir);
fs.mkdirSync(folder, { recursive: true });
fs.chmodSync(folder, 0o755);
const say = (news: string): void => console.error(news);

const sets = await loaded();
const reads = await countReads(sets);
const colds = await timeCold(folder, sets, options.starts);
const figures = await timed(sets, reads, colds);
report(figures);

function sizes(text: string): number[] {
  return text.split(",").map(positive);
}

async function loaded(): Promise<DataSet[]> {
  const stack = await startOurs(folder);
  try {
    await smallMerchants(folder, stack, options.small, options.smallDays, say);
    const all: DataSet[] = [];
    for (const events of options.events) all.push(await dataSet(folder, stack, { ...options, events }, say));
    return all;
  } finally {
    await stack.stop();
  }
}

interface Read {
  bytes: number;
  statements: number;
}

/** Of each question the first time, with nothing in memory but what the merchant itself is. */
async function countReads(all: readonly DataSet[]): Promise<Map<string, Read>> {
  const meter = new Meter();
  const stack = await startOurs(folder, (bridge) => meter.before(bridge));
  const client = new Pool(stack.url, { connections: 1, pipelining: 1 });
  const counted = new Map<string, Read>();
  try {
    for (const set of all) {
      await ask(client, { merchant: set.merchant, metrics: ["visits"], date_range: ["2020-01-01", "2020-01-01"] });
      for (const question of QUESTIONS) {
        meter.take();
        await ask(client, bodyOf(set, question, 0), NO_CACHE);
        counted.set(keyOf(set, question), meter.take());
      }
    }
    return counted;
  } finally {
    await client.close();
    await stack.stop();
    meter.stop();
  }
}

async function timed(
  all: readonly DataSet[],
  counted: Map<string, Read>,
  cold: ReadonlyMap<string, number>,
): Promise<{ ours: Figures[]; nothingMs: number }> {
  const { folder: temporary, remove } = temporaryFolder();
  const stack = await startOurs(folder);
  const baseline = await startBaseline(temporary);
  try {
    for (const set of all) await sendPresent(stack, set.merchant, REALTIME_VISITS);
    const ours: Figures[] = [];
    for (const set of all) {
      for (const question of QUESTIONS) {
        const key = keyOf(set, question);
        ours.push({ ...(await time(stack, set, question)), ...counted.get(key)!, coldMs: cold.get(key) ?? null });
      }
    }
    return { ours, nothingMs: await timeNothing(baseline) };
  } finally {
    await baseline.stop();
    await stack.stop();
    remove();
  }
}

async function time(
  stack: Measured,
  set: DataSet,
  question: BenchQuestion,
): Promise<Omit<Figures, keyof Read | "coldMs">> {
  const client = new Pool(stack.url, { connections: 1, pipelining: 1 });
  try {
    const uncached = (nth: number) => ask(client, bodyOf(set, question, nth), NO_CACHE);
    const atFirst = cpuOf(stack);
    const firsts = [];
    for (let nth = 0; nth < (question.filtered ? FIRSTS : 1); nth++) firsts.push(await uncached(nth));
    const firstCpuMs = (cpuOf(stack).runtimeMs - atFirst.runtimeMs) / firsts.length;
    for (let n = 0; n < WARM_UP; n++) await uncached(0);
    const before = cpuOf(stack);
    const warm = await repeated(() => uncached(0));
    const after = cpuOf(stack);
    const same = bodyOf(set, question, 0);
    await ask(client, same);
    const cached = await repeated(() => ask(client, same));
    const ms = warm.map((answer) => answer.ms);
    return {
      question: question.name,
      events: set.events,
      firstMs: median(firsts.map((answer) => answer.ms)),
      firstCpuMs,
      leastMs: Math.min(...ms),
      p50Ms: quantile(ms, 0.5),
      p99Ms: quantile(ms, 0.99),
      runtimeCpuMs: (after.runtimeMs - before.runtimeMs) / warm.length,
      otherCpuMs: (after.otherMs - before.otherMs) / warm.length,
      cachedP50Ms: median(cached.map((answer) => answer.ms)),
      answerBytes: warm[0]!.text.length,
      refused: warm[0]!.status === 200 ? null : warm[0]!.text,
    };
  } finally {
    await client.close();
  }
}

/** The bridge is a part of this process, and so is what asks. */
function cpuOf(stack: Measured): { runtimeMs: number; otherMs: number } {
  const children = childrenOf(process.pid).filter(({ pid, name }) => pid !== stack.pid && name !== "workerd");
  const postgres = children.reduce((seconds, { pid }) => seconds + treeCpuSeconds(pid), 0);
  const { user, system } = process.cpuUsage();
  return { runtimeMs: 1_000 * cpuSeconds(stack.pid), otherMs: 1_000 * postgres + (user + system) / 1_000 };
}

async function repeated<One>(run: () => Promise<One>): Promise<One[]> {
  const all: One[] = [];
  for (let n = 0; n < options.rounds; n++) all.push(await run());
  return all;
}

async function timeNothing(baseline: Measured): Promise<number> {
  const client = new Pool(baseline.url, { connections: 1, pipelining: 1 });
  const all = await repeated(async () => {
    const startMs = performance.now();
    await (await client.request({ method: "POST", path: "/nothing", body: "{}" })).body.text();
    return performance.now() - startMs;
  });
  await client.close();
  return median(all);
}

function report({ ours, nothingMs }: { ours: Figures[]; nothingMs: number }): void {
  const lines = ours.map((figure): Line => {
    const {
      question,
      events,
      leastMs,
      p50Ms,
      p99Ms,
      firstMs,
      firstCpuMs,
      coldMs,
      cachedP50Ms,
      bytes,
      statements,
      refused,
      runtimeCpuMs,
      otherCpuMs,
    } = figure;
    const what = `${question}, ${events / 1e6} M`;
    if (refused !== null) return { what, value: "refused", note: refused.slice(0, 120) };
    const { umamiMs } = QUESTIONS.find(({ name }) => name === question)!;
    return {
      what,
      value: `p50 ${p50Ms.toFixed(1)} ms`,
      note:
        `least ${leastMs.toFixed(1)}, p99 ${p99Ms.toFixed(1)}, CPU ${runtimeCpuMs.toFixed(1)} + ${otherCpuMs.toFixed(1)}, first ${firstMs.toFixed(1)} (CPU ${firstCpuMs.toFixed(1)}${coldMs === null ? "" : `, just started ${coldMs.toFixed(1)}`}), cached ${cachedP50Ms.toFixed(2)} (${(cachedP50Ms / nothingMs).toFixed(1)} × nothing); ` +
        `${(bytes / 1e3).toFixed(0)} kB in ${statements} from Postgres; Umami ${umamiMs} ms at 1 M: ${(umamiMs / p50Ms).toFixed(0)} ×`,
    };
  });
  lines.push({ what: "a Worker that does nothing", value: `p50 ${nothingMs.toFixed(2)} ms` });
  const title = `reports: ${options.rounds} times each; goals: ≤ ${GOALS.plainMs} ms, filtered ≤ ${GOALS.firstFilteredMs} first and ≤ ${GOALS.filteredMs} again, cached ≤ ${GOALS.cached} × nothing`;
  print(title, lines, options.json, { figures: ours, nothingMs });
}
