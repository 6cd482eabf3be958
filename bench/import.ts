// How fast recorded traffic gets in: the Apache log repeated to so many lines, each repetition four days later, read from a
// plain file. Prints lines/s of reading and parsing alone, of that and making request bodies, and of the whole import into
// the stack that is running here, which includes making every event durable and counting it.

import { once } from "node:events";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { Command } from "commander";
import { pageviewsOf, type LogTally } from "../scripts/import-apache.ts";
import { readLines } from "../scripts/import-lines.ts";
import { positiveInteger, progressLine, targetOf, withTarget, type TargetOptions } from "../scripts/send-target.ts";
import { send, type Outcome, type WireEvent } from "../scripts/send.ts";

interface Options extends TargetOptions {
  lines: number;
  parseOnly?: true;
  json?: true;
}

interface Case {
  name: string;
  lines: number;
  events: number;
  seconds: number;
}

const LOG = path.resolve(import.meta.dirname, "..", "data", "apache-access.log.gz");
const SITE = "http://semicomplete.com";
const DAY_MS = 86_400_000;
const LOG_DAYS = 4;
/** What GoAccess parses on such a machine (2 cores), to compare with; it does not store events. */
const GOACCESS_LINES_PER_SECOND = 95_000;

const command = withTarget(new Command("import"))
  .description("Lines per second of importing a web server's log into the stack that is running here.")
  .option("--lines <n>", "how long the log is", positiveInteger, 1_000_000)
  .option("--merchant <id>", "whose events they become", "m_log")
  .option("--parse-only", "without a stack")
  .option("--json", "print JSON");

async function run(options: Options): Promise<void> {
  const target = options.parseOnly === true ? null : targetOf(command, options);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "countinghouse-bench-"));
  const file = path.join(folder, "access.log");
  try {
    await writeLog(file, options.lines);
    const cases = [await measure("read and parse", file, readAll), await measure("… and write JSON", file, writeAll)];
    let outcome: Outcome | null = null;
    if (target !== null) {
      const line = progressLine();
      cases.push(
        await measure("import", file, async (events) => {
          outcome = await send(target, events, { progress: line.show });
        }),
      );
      line.clear();
    }
    if (options.json === true) console.log(JSON.stringify({ cases, outcome }, null, 2));
    else print(cases, outcome);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

type Events = AsyncIterable<readonly WireEvent[]>;

async function measure(name: string, file: string, consume: (events: Events) => Promise<void>): Promise<Case> {
  // Ids come from numbers of lines: counted from elsewhere, a second run's events are not the first one's.
  const firstLine = Date.now();
  const tally: LogTally = { lines: firstLine, pageviews: 0, skipped: {} };
  const startedMs = performance.now();
  await consume(pageviewsOf(readLines(file), SITE, tally));
  const seconds = (performance.now() - startedMs) / 1_000;
  return { name, lines: tally.lines - firstLine, events: tally.pageviews, seconds };
}

async function readAll(events: Events): Promise<void> {
  for await (const _ of events);
}

async function writeAll(events: Events): Promise<void> {
  for await (const some of events) for (const event of some) JSON.stringify(event);
}

/** Resolves when the file is complete. */
async function writeLog(file: string, lines: number): Promise<void> {
  const original: string[] = [];
  for await (const some of readLines(LOG)) original.push(...some);
  const out = fs.createWriteStream(file);
  for (let from = 0; from < lines; from += original.length) {
    const shiftMs = (from / original.length) * LOG_DAYS * DAY_MS;
    const shifted = original.slice(0, lines - from).map((line) => later(line, shiftMs));
    if (!out.write(`${shifted.join("\n")}\n`)) await once(out, "drain");
  }
  out.end();
  await once(out, "finish");
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** The line with its date (all are of May 2015, UTC) moved by whole days. */
const later = (line: string, shiftMs: number): string =>
  line.replace(/\[(\d\d)\/May\/2015/, (_, day: string) => {
    const date = new Date(Date.UTC(2015, 4, Number(day)) + shiftMs);
    return `[${String(date.getUTCDate()).padStart(2, "0")}/${MONTHS[date.getUTCMonth()]}/${date.getUTCFullYear()}`;
  });

function print(cases: readonly Case[], outcome: Outcome | null): void {
  const number = (n: number): string => Math.round(n).toLocaleString("en").padStart(12);
  console.log(
    `${"".padEnd(20)}${"lines".padStart(12)}${"lines/s".padStart(12)}${"events/s".padStart(12)}   ÷ GoAccess`,
  );
  for (const { name, lines, events, seconds } of cases) {
    const ratio = (lines / seconds / GOACCESS_LINES_PER_SECOND).toFixed(2);
    console.log(`${name.padEnd(20)}${number(lines)}${number(lines / seconds)}${number(events / seconds)}   ${ratio}`);
  }
  if (outcome === null) return;
  const { accepted, duplicate, requests, retries } = outcome;
  console.log(`\n${requests} requests, ${retries} sent again; ${accepted} events accepted, ${duplicate} duplicate`);
}

await command.action(run).parseAsync();
