// A whole stack on this machine: events/s and CPU of all its processes per 1,000 events, one event a request and fifty;
// how long an accepted event takes to be in a report's numbers under load; and the bytes that events take in R2 and
// Postgres together. Beside it stands what Umami 3.1 with PostgreSQL was measured at on two such cores.

import { Command } from "commander";
import pg from "pg";
import { LoadGenerator, type LoadResult } from "./load.ts";
import { print, quantile, type Line } from "./measure.ts";
import { positive, wholeNumber } from "./options.ts";
import { childrenOf, treeCpuSeconds } from "./processes.ts";
import { AGENTS } from "./shop-traffic.ts";
import { MERCHANT, OPERATOR_TOKEN, startOurs, temporaryFolder } from "./workers.ts";

/** Events/s, CPU seconds per 1,000 events, bytes per event; the worse end of each range is ours to beat. */
const UMAMI = { perSecond: 310, cpuPer1000: 4.0, bytes: 890 };
const CONNECTIONS = 32;
const BATCH = 50;
const SETTLED_MS_MAX = 120_000;

interface Options {
  seconds: number;
  probes: number;
  perSecond: number;
  json: boolean;
}

interface Measurement extends LoadResult {
  cpuSeconds: number;
}

const options = new Command("stack")
  .description("freshness under load, CPU per 1,000 events and bytes per event of a whole stack")
  .option("--seconds <n>", "seconds of load of each kind", positive, 10)
  .option("--probes <n>", "events whose way into the numbers is timed", wholeNumber, 200)
  .option("--per-second <n>", "requests per second while they are", positive, 200)
  .option("--json", "for programs", false)
  .parse()
  .opts<Options>();

const { folder, remove } = temporaryFolder();
const load = new LoadGenerator();
const stack = await startOurs(folder);
try {
  const single = await measure(1);
  const batched = await measure(BATCH);
  const freshMs = await probe();
  const bytes = await bytesPerEvent();
  print("stack: every process of it on this machine", linesOf(single, batched, freshMs, bytes), options.json);
} finally {
  await load.stop();
  await stack.stop();
  remove();
}

/** Without what makes the load: that is a thread of this process, and the stack are its children. */
function cpuOfStack(): number {
  return childrenOf(process.pid).reduce((seconds, { pid }) => seconds + treeCpuSeconds(pid), 0);
}

async function measure(eventsPerRequest: number): Promise<Measurement> {
  const of = (forMs: number) => ({
    url: `${stack.url}/e`,
    merchant: MERCHANT,
    eventsPerRequest,
    connections: CONNECTIONS,
    forMs,
  });
  await load.run(of(1_000));
  const before = cpuOfStack();
  const result = await load.run(of(options.seconds * 1_000));
  // What happens to events later is part of what they cost: hours to Postgres, raw events to R2.
  await settled();
  return { ...result, cpuSeconds: cpuOfStack() - before };
}

async function probe(): Promise<number[]> {
  const background = load.run({
    url: `${stack.url}/e`,
    merchant: MERCHANT,
    eventsPerRequest: 1,
    connections: CONNECTIONS,
    forMs: options.probes * 250,
    perSecond: options.perSecond,
  });
  const freshMs: number[] = [];
  for (let n = 0; n < options.probes; n++) {
    const name = `probe ${n}`;
    await post("/e", { merchant: MERCHANT, name, url: "https://shop.example/" });
    const acceptedAtMs = performance.now();
    const question = {
      merchant: MERCHANT,
      metrics: ["events"],
      date_range: "day",
      dimensions: ["event"],
      filters: [["is", "event", [name]]],
    };
    while ((await post<{ results: unknown[] }>("/api/v1/query", question)).results.length === 0);
    freshMs.push(performance.now() - acceptedAtMs);
  }
  await background;
  return freshMs;
}

interface Shards {
  shards: { unarchivedEvents: number; unpublishedHours: number; days: { books: { accepted: number } }[] }[];
}

/** Publishes and archives everything now, and waits until R2 and Postgres have it. */
async function settled(): Promise<Shards["shards"]> {
  const deadlineMs = performance.now() + SETTLED_MS_MAX;
  let shards = (await post<Shards>(`/api/ops/merchants/${MERCHANT}/flush`, {})).shards;
  while (shards.some((shard) => shard.unarchivedEvents + shard.unpublishedHours > 0)) {
    if (performance.now() > deadlineMs) throw new Error("R2 and Postgres did not get everything in time.");
    await new Promise((resolve) => setTimeout(resolve, 500));
    shards = (await get<Shards>(`/api/ops/merchants/${MERCHANT}/status`)).shards;
  }
  return shards;
}

async function bytesPerEvent(): Promise<{ r2: number; postgres: number }> {
  const shards = await settled();
  const events = shards.flatMap(({ days }) => days).reduce((sum, { books }) => sum + books.accepted, 0);
  let r2 = 0;
  for (let cursor: string | null = ""; cursor !== null;) {
    const page: { files: { bytes: number }[]; cursor: string | null } = await get(
      `/api/ops/merchants/${MERCHANT}/raw${cursor === "" ? "" : `?cursor=${encodeURIComponent(cursor)}`}`,
    );
    for (const file of page.files) r2 += file.bytes;
    cursor = page.cursor;
  }
  const client = new pg.Client(stack.databaseUrl);
  await client.connect();
  const { rows } = await client.query<{ bytes: string }>(
    "SELECT sum(pg_column_size(r.*)) + (SELECT sum(pg_column_size(b.*)) FROM day_book b) AS bytes FROM hourly_rollups r",
  );
  await client.end();
  return { r2: r2 / events, postgres: Number(rows[0]!.bytes) / events };
}

function linesOf(
  single: Measurement,
  batched: Measurement,
  freshMs: number[],
  bytes: { r2: number; postgres: number },
): Line[] {
  const total = bytes.r2 + bytes.postgres;
  const cpu = ({ cpuSeconds, events }: Measurement): number => (1_000 * cpuSeconds) / events;
  const perSecond = ({ events, seconds }: Measurement): number => events / seconds;
  const against = (times: number, goal: string): string => `${times.toFixed(1)} × Umami's; goal ${goal}`;
  return [
    {
      what: "one event a request",
      value: `${Math.round(perSecond(single)).toLocaleString("en")} events/s`,
      note: against(perSecond(single) / UMAMI.perSecond, "≥ 5 ×"),
    },
    {
      what: "fifty events a request",
      value: `${Math.round(perSecond(batched)).toLocaleString("en")} events/s`,
      note: against(perSecond(batched) / UMAMI.perSecond, "≥ 80 ×"),
    },
    {
      what: "CPU, one a request",
      value: `${cpu(single).toFixed(2)} s per 1,000`,
      note: `1/${(UMAMI.cpuPer1000 / cpu(single)).toFixed(1)} of Umami's; goal ≤ 1/6`,
    },
    {
      what: "CPU, fifty a request",
      value: `${cpu(batched).toFixed(3)} s per 1,000`,
      note: `1/${(UMAMI.cpuPer1000 / cpu(batched)).toFixed(0)} of Umami's`,
    },
    {
      what: "from 202 to the number in the API",
      value: `p50 ${quantile(freshMs, 0.5).toFixed(0)} ms, p99 ${quantile(freshMs, 0.99).toFixed(0)} ms`,
      note: `at ${options.perSecond} requests/s; goal p99 < 1,000 ms`,
    },
    {
      what: "R2 and Postgres",
      value: `${bytes.r2.toFixed(1)} + ${bytes.postgres.toFixed(1)} B/event`,
      note: `1/${(UMAMI.bytes / total).toFixed(1)} of Umami's; goal ≤ 1/12; one busy merchant's hour`,
    },
  ];
}

async function post<Reply>(path: string, body: object): Promise<Reply> {
  // Events come as from a browser; a program's own user agent would make them a bot's.
  const sender = path === "/e" ? { "user-agent": AGENTS[0]! } : { authorization: `Bearer ${OPERATOR_TOKEN}` };
  // Numbers as of now, as a dashboard asks for those that still change.
  const headers = { "content-type": "application/json", "cache-control": "max-age=0", ...sender };
  const init = { method: "POST", headers, body: JSON.stringify(body) };
  return read<Reply>(await fetch(stack.url + path, init), path);
}

async function get<Reply>(path: string): Promise<Reply> {
  return read<Reply>(await fetch(stack.url + path, { headers: { authorization: `Bearer ${OPERATOR_TOKEN}` } }), path);
}

async function read<Reply>(response: Response, path: string): Promise<Reply> {
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Reply;
}
