// How much of what the runtime can do at most our collect endpoint gives, in one run, in rounds that alternate:
//   nothing  a Worker that answers 202 and nothing else
//   count    it parses the same JSON and makes one call to an object that counts in memory
//   one      our /e with one event: made durable, deduplicated and folded before it is answered
//   fifty    our /e with 50 events
// And whether the object's memory stays the same while a million events go through it.

import { Command } from "commander";
import { EVENT_IDS_MAX } from "../core/limits.ts";
import { LoadGenerator, type LoadResult } from "./load.ts";
import { median, print, type Line } from "./measure.ts";
import { positive, wholeNumber } from "./options.ts";
import { cpuSeconds, residentBytes } from "./processes.ts";
import { acceptedEvents, MERCHANT, startBaseline, startOurs, temporaryFolder, type Measured } from "./workers.ts";

interface Options {
  rounds: number;
  seconds: number;
  connections: number;
  memoryEvents: number;
  json: boolean;
}

const RATIO_GOAL = 0.8;
const EVENTS_PER_SECOND_GOAL = 25_000;
const EVENTS_PER_BATCH = 50;
/** Live visits are as many as there are visitors, so the same ones come again while memory is looked at. */
const VISITORS_OF_MEMORY_RUN = 2_000;
const MEMORY_READINGS = 4;

interface Round extends LoadResult {
  cpuSeconds: number;
}

interface Case {
  name: string;
  what: string;
  worker: Measured;
  path: string;
  eventsPerRequest: number;
  rounds: Round[];
}

interface Reading {
  events: number;
  bytes: number;
}

export const collectBench = new Command("collect")
  .description(
    "requests/s of POST /e beside what the runtime can do at most; the object's memory over a million events",
  )
  .option("--rounds <n>", "rounds of all four", wholeNumber, 5)
  .option("--seconds <n>", "seconds of each in a round", positive, 4)
  .option("--connections <n>", "keep-alive connections", wholeNumber, 64)
  .option(
    "--memory-events <n>",
    "events to look at the memory over, once its ids are full; 0 for none",
    wholeNumber,
    1_000_000,
  )
  .option("--json", "for programs", false)
  .action(async (options: Options) => {
    const { folder, remove } = temporaryFolder();
    const load = new LoadGenerator();
    const started: Measured[] = [];
    try {
      const ours = await startOurs(folder);
      started.push(ours);
      const baseline = await startBaseline(folder);
      started.push(baseline);
      const cases = casesOf(ours, baseline);
      const sent = await alternate(cases, load, options);
      await expectCounted(ours, sent);
      const readings = options.memoryEvents > 0 ? await watchMemory(ours, load, options, sent) : [];
      report(cases, readings, options);
    } finally {
      await load.stop();
      for (const worker of started) await worker.stop();
      remove();
    }
  });

const casesOf = (ours: Measured, baseline: Measured): Case[] => [
  {
    name: "nothing",
    what: "(a) 202 and nothing else",
    worker: baseline,
    path: "/nothing",
    eventsPerRequest: 1,
    rounds: [],
  },
  {
    name: "count",
    what: "(b) parse, one call, count",
    worker: baseline,
    path: "/count",
    eventsPerRequest: 1,
    rounds: [],
  },
  { name: "one", what: "(c) /e with one event", worker: ours, path: "/e", eventsPerRequest: 1, rounds: [] },
  {
    name: "fifty",
    what: "(d) /e with 50 events",
    worker: ours,
    path: "/e",
    eventsPerRequest: EVENTS_PER_BATCH,
    rounds: [],
  },
];

/** The events that went to ours. The first round warms up and is not kept. */
async function alternate(cases: readonly Case[], load: LoadGenerator, options: Options): Promise<number> {
  let sent = 0;
  for (let round = 0; round <= options.rounds; round++) {
    for (const one of cases) {
      const before = cpuSeconds(one.worker.pid);
      const result = await load.run({
        url: one.worker.url + one.path,
        merchant: MERCHANT,
        eventsPerRequest: one.eventsPerRequest,
        connections: options.connections,
        forMs: options.seconds * 1_000,
      });
      if (one.path === "/e") sent += result.events;
      if (round > 0) one.rounds.push({ ...result, cpuSeconds: cpuSeconds(one.worker.pid) - before });
    }
  }
  return sent;
}

/** What is fast because it loses events is not fast. */
async function expectCounted(ours: Measured, sent: number): Promise<void> {
  const accepted = await acceptedEvents(ours);
  if (accepted !== sent) throw new Error(`${sent} events were sent, and ${accepted} accepted`);
}

async function watchMemory(ours: Measured, load: LoadGenerator, options: Options, sent: number): Promise<Reading[]> {
  const send = async (events: number): Promise<number> => {
    const result = await load.run({
      url: `${ours.url}/e`,
      merchant: MERCHANT,
      eventsPerRequest: EVENTS_PER_BATCH,
      visitors: VISITORS_OF_MEMORY_RUN,
      connections: options.connections,
      forMs: Number.POSITIVE_INFINITY,
      requests: Math.ceil(events / EVENTS_PER_BATCH),
    });
    return result.events;
  };
  await send(Math.max(EVENT_IDS_MAX - sent, options.memoryEvents / MEMORY_READINGS));
  const readings = [{ events: 0, bytes: residentBytes(ours.pid) }];
  let events = 0;
  for (let i = 0; i < MEMORY_READINGS; i++) {
    events += await send(options.memoryEvents / MEMORY_READINGS);
    readings.push({ events, bytes: residentBytes(ours.pid) });
  }
  return readings;
}

function report(cases: readonly Case[], readings: readonly Reading[], options: Options): void {
  const figures = cases.map(figuresOf);
  const [, count, one, fifty] = figures;
  const ratios = cases[2]!.rounds.map((round, i) => rateOf(round) / rateOf(cases[1]!.rounds[i]!));
  const ratio = median(ratios);
  const cpuRatio = count!.cpuMicroseconds / one!.cpuMicroseconds;
  const verdict = (holds: boolean): string => (holds ? "holds" : "MISSED");
  const lines: Line[] = figures.map((figure) => ({
    what: figure.what,
    value: `${figure.requestsPerSecond.toLocaleString("en")}/s`,
    note: `p50 ${figure.p50Ms.toFixed(1)} ms, p99 ${figure.p99Ms.toFixed(1)} ms, ${figure.cpuMicroseconds} µs of CPU`,
  }));
  lines.push(
    {
      what: "(c) : (b) in requests/s",
      value: `${(ratio * 100).toFixed(0)} %`,
      note: `goal ≥ 80 %: ${verdict(ratio >= RATIO_GOAL)}; by CPU of the runtime ${(cpuRatio * 100).toFixed(0)} %`,
    },
    {
      what: "(d) in events",
      value: `${fifty!.eventsPerSecond.toLocaleString("en")}/s`,
      note: `goal ≥ 25,000/s: ${verdict(fifty!.eventsPerSecond >= EVENTS_PER_SECOND_GOAL)}`,
    },
  );
  for (const { events, bytes } of readings) {
    const what = events === 0 ? "memory, ids full" : `memory, ${events.toLocaleString("en")} events later`;
    lines.push({
      what,
      value: `${Math.round(bytes / 1e6)} MB`,
      note: events === 0 ? "resident, the whole runtime" : "",
    });
  }
  const title = `collect: medians of ${options.rounds} rounds of ${options.seconds} s, ${options.connections} connections`;
  print(title, lines, options.json, { cases: figures, ratio, cpuRatio, memory: readings });
}

const rateOf = ({ requests, seconds }: LoadResult): number => requests / seconds;

function figuresOf({ name, what, rounds }: Case) {
  const of = (value: (round: Round) => number): number => median(rounds.map(value));
  return {
    name,
    what,
    requestsPerSecond: Math.round(of(rateOf)),
    eventsPerSecond: Math.round(of(({ events, seconds }) => events / seconds)),
    p50Ms: of((round) => round.p50Ms),
    p99Ms: of((round) => round.p99Ms),
    cpuMicroseconds: Math.round(of((round) => (round.cpuSeconds / round.requests) * 1e6)),
  };
}

if (import.meta.main) await collectBench.parseAsync();
