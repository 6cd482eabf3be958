// Counting a day again: how fast, against what the Parquet library alone takes for merely decoding the same columns of the
// same file (to columns, and to rows, which is what a fold needs), and in how much memory, for days of more and more events. The memory is that of a whole seal but for Postgres: raw file in, fold,
// raw and derived file out, the day's rollup; each size in a process of its own.

import { execFile } from "node:child_process";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { Command } from "commander";
import { type AsyncBuffer, parquetMetadataAsync, parquetRead, parquetReadObjects } from "hyparquet";
import type { Event } from "../core/event.ts";
import type { Merchant } from "../core/merchant.ts";
import { columnsOf } from "../core/raw-columns.ts";
import { dayOf } from "../core/zone.ts";
import { DayFold } from "../queues/fold-day.ts";
import { openParquet, type Source } from "../archive/parquet-reader.ts";
import { ParquetFile } from "../archive/parquet-writer.ts";
import { inBatches, RAW_FILE_COLUMNS, type RawFile, readRawFile } from "../archive/raw-day.ts";
import { countIntoFiles, fileSink, fileSource, folderShelf, memorySource } from "./day-files.ts";
import { type Line, median, print, rate, ratio } from "./measure.ts";
import { shopTraffic } from "./shop-traffic.ts";

const options = new Command("bench/replay")
  .description("events per CPU second of counting a day again, and the heap that it takes")
  .option("--events <n>", "events of the day that is timed", "500000")
  .option("--runs <n>", "runs to take the median of", "3")
  .option("--sizes <n,n>", "events of the days whose memory is measured", "100000,1000000,5000000")
  .option("--measure <file>", "used by the benchmark itself: the memory of one seal")
  .option("--json", "for programs", false)
  .parse()
  .opts<{ events: string; runs: string; sizes: string; measure?: string; json: boolean }>();

const MERCHANT: Merchant = {
  id: "m_bench",
  name: "",
  zone: "Europe/Berlin",
  currency: "EUR",
  domains: ["shop.example"],
  shards: 1,
};
const DAY = dayOf(MERCHANT.zone, "2026-11-24");
const DAY_SECONDS = 86_400;
const BATCH_EVENTS = 4_096;
const MEGABYTE = 1_000_000;

if (options.measure === undefined) await benchmark();
else console.log(JSON.stringify(await measureSeal(options.measure)));

async function benchmark(): Promise<void> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), "countinghouse-bench-"));
  try {
    const lines = [...(await speed(folder)), ...(await memory(folder))];
    print(`replay: ${Number(options.events).toLocaleString("en")} events timed`, lines, options.json);
  } finally {
    await fs.rm(folder, { recursive: true });
  }
}

async function speed(folder: string): Promise<Line[]> {
  const file = path.join(folder, "timed.parquet");
  const events = await writeDay(file, Number(options.events));
  const source = await memorySource(file);
  const works = [
    () => decodeColumns(source),
    () => decodeRows(source),
    () => replay(source, folder),
    () => seal(source, folder, () => null),
  ];
  const seconds = works.map((): number[] => []);
  // In turns: what else the machine does meets all of them alike. The first round only warms up.
  for (let run = 0; run <= Number(options.runs); run++)
    for (const [at, work] of works.entries()) {
      const taken = await cpuSeconds(work);
      if (run > 0) seconds[at]!.push(taken);
    }
  const [columns, rows, replaying, sealing] = seconds.map(median) as [number, number, number, number];
  return [
    { what: "the library: decoding to columns", value: rate(events, columns), note: "per CPU second" },
    { what: "the library: decoding to rows", value: rate(events, rows) },
    { what: "replay: raw file → events → fold", value: rate(events, replaying) },
    { what: "replay against decoding to rows", value: ratio(rows, replaying), note: "goal ≥ 0.4" },
    { what: "replay against decoding to columns", value: ratio(columns, replaying) },
    { what: "seal: the same, and both files written", value: rate(events, sealing) },
    { what: "raw file", value: `${(source.bytes / events).toFixed(1)} B/event` },
  ];
}

async function memory(folder: string): Promise<Line[]> {
  const lines: Line[] = [];
  for (const size of options.sizes.split(",").filter((text) => text !== "")) {
    const file = path.join(folder, "measured.parquet");
    const events = await writeDay(file, Number(size));
    const args = ["--expose-gc", import.meta.filename, "--measure", file];
    const { stdout } = await promisify(execFile)(process.execPath, args);
    const { peakBytes, baseBytes } = JSON.parse(stdout) as Awaited<ReturnType<typeof measureSeal>>;
    lines.push({
      what: `memory for ${events.toLocaleString("en")} events`,
      value: `${Math.round((peakBytes - baseBytes) / MEGABYTE)} MB`,
      note: `beyond ${Math.round(baseBytes / MEGABYTE)} MB before it, at most at once, heap and buffers`,
    });
  }
  return lines;
}

/** Writes the raw file of a day with about so many events; gives how many. */
async function writeDay(file: string, events: number): Promise<number> {
  const parquet = new ParquetFile(RAW_FILE_COLUMNS, await fileSink(file));
  for await (const batch of inBatches(traffic(events), BATCH_EVENTS)) await parquet.write(columnsOf(batch));
  await parquet.finish({ sha256: "", chunks_to: "0" });
  return parquet.rows;
}

async function* traffic(events: number): AsyncGenerator<Event[]> {
  let batch: Event[] = [];
  for (const event of shopTraffic(1, DAY.startMs, events / DAY_SECONDS)) {
    if (event.occurred_at >= DAY.endMs) break;
    batch.push(event);
    if (batch.length < BATCH_EVENTS) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}

function bufferOf(source: Source): AsyncBuffer {
  return { byteLength: source.bytes, slice: (start, end = source.bytes) => source.read(start, end) };
}

async function decodeColumns(source: Source): Promise<void> {
  await parquetRead({ file: bufferOf(source), onChunk: () => undefined });
}

/** A row group at a time, or the collector would be measured. */
async function decodeRows(source: Source): Promise<void> {
  const file = bufferOf(source);
  const metadata = await parquetMetadataAsync(file);
  let rowStart = 0;
  for (const { num_rows: rows } of metadata.row_groups) {
    const rowEnd = rowStart + Number(rows);
    await parquetReadObjects({ file, metadata, rowStart, rowEnd });
    rowStart = rowEnd;
  }
}

async function rawFileOf(source: Source): Promise<RawFile> {
  const file = await openParquet(source);
  return { key: "measured", file, rows: file.rows, chunksTo: 0, hash: "", erased: {}, etag: "" };
}

function foldOf(folder: string): DayFold {
  return new DayFold(DAY, MERCHANT, 0, 1, folderShelf(folder));
}

async function replay(source: Source, folder: string): Promise<void> {
  const fold = foldOf(folder);
  for await (const events of readRawFile(await rawFileOf(source), DAY)) await fold.fold(events);
  await fold.clear();
}

/** `look` is called after each batch, and each hour of the result. */
async function seal(source: Source, folder: string, look: () => void): Promise<void> {
  const events = looking(readRawFile(await rawFileOf(source), DAY), look);
  await countIntoFiles({ events, day: DAY, merchant: MERCHANT, folder, look });
  look();
}

async function* looking<Item>(items: AsyncIterable<Item>, look: () => void): AsyncGenerator<Item> {
  for await (const item of items) {
    look();
    yield item;
  }
}

/** What is alive at its highest: the collector runs before each look. */
async function measureSeal(file: string): Promise<{ baseBytes: number; peakBytes: number }> {
  const alive = (): number => {
    globalThis.gc!();
    // Buffers are swept beside the collection that finds them; the next one waits for that.
    globalThis.gc!();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const baseBytes = alive();
  let peakBytes = 0;
  let looks = 0;
  // A collection takes as long as several batches.
  await seal(await fileSource(file), path.dirname(file), () => {
    if (looks++ % 8 === 0) peakBytes = Math.max(peakBytes, alive());
  });
  return { baseBytes, peakBytes: Math.max(peakBytes, alive()) };
}

async function cpuSeconds(run: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
