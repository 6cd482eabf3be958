// For benchmarks of the seal and of replay, and for what is to be tried with their files: a day counted as the seal does
// it, with files of a folder for what a Worker has in R2.

import fs from "node:fs/promises";
import path from "node:path";
import { type DayRollup, DayRollupBuilder } from "../core/day-rollup.ts";
import type { Event } from "../core/event.ts";
import type { Merchant } from "../core/merchant.ts";
import type { Day } from "../core/zone.ts";
import { countDay } from "../queues/count-day.ts";
import { DayFold } from "../queues/fold-day.ts";
import type { ShelfStore } from "../queues/hour-shelf.ts";
import type { Source } from "../archive/parquet-reader.ts";
import { DerivedFile } from "../archive/derived-writer.ts";
import { ParquetFile, type Sink } from "../archive/parquet-writer.ts";
import { RAW_FILE_COLUMNS } from "../archive/raw-day.ts";

export async function fileSource(file: string): Promise<Source> {
  const { size } = await fs.stat(file);
  return {
    bytes: size,
    read: async (start, end) => {
      await using handle = await fs.open(file);
      const bytes = new ArrayBuffer(end - start);
      await handle.read(new Uint8Array(bytes), 0, end - start, start);
      return bytes;
    },
  };
}

/** The whole file in memory, for what is measured without its disk. */
export async function memorySource(file: string): Promise<Source> {
  const bytes = new Uint8Array(await fs.readFile(file)).buffer;
  return { bytes: bytes.byteLength, read: async (start, end) => bytes.slice(start, end) };
}

export async function fileSink(file: string): Promise<Sink> {
  const handle = await fs.open(file, "w");
  return {
    write: async (bytes) => void (await handle.write(bytes)),
    finish: () => handle.close(),
    abort: () => handle.close(),
  };
}

export const folderShelf = (folder: string): ShelfStore => ({
  put: (name, bytes) => fs.writeFile(path.join(folder, name), bytes),
  get: async (name) => new Uint8Array(await fs.readFile(path.join(folder, name))),
  delete: async (names) => {
    for (const name of names) await fs.rm(path.join(folder, name));
  },
});

export interface Countable {
  /** In the order of the log. */
  events: readonly Event[] | AsyncIterable<Event[]>;
  day: Day;
  merchant: Merchant;
  folder: string;
  /** Of the derived file; as many as the seal's when absent. */
  groupRows?: number;
  /** Called after each hour of the result. */
  look?: () => void;
}

/** Counts a day as the seal does, but for Postgres: "raw.parquet" and "derived.parquet" in the folder, and the day's rollup. */
export async function countIntoFiles({
  events,
  day,
  merchant,
  folder,
  groupRows,
  look,
}: Countable): Promise<DayRollup> {
  const fold = new DayFold(day, merchant, 0, 1, folderShelf(folder));
  await countDay({
    events: Symbol.asyncIterator in events ? events : once(events),
    fold,
    files: {
      raw: new ParquetFile(RAW_FILE_COLUMNS, await fileSink(path.join(folder, "raw.parquet"))),
      derived: new DerivedFile(await fileSink(path.join(folder, "derived.parquet")), merchant.currency, groupRows),
    },
    chunksTo: 0,
    notes: () => ({}),
  });
  const { id, currency } = merchant;
  const builder = new DayRollupBuilder({ merchant: id, shard: 0, date: day.date, currency });
  for await (const hour of fold.hours()) {
    builder.add(hour);
    look?.();
  }
  await fold.clear();
  return builder.build();
}

async function* once(events: readonly Event[]): AsyncGenerator<Event[]> {
  yield [...events];
}
