// One counting of a day from its events: each batch goes into the raw file as it is, into the fold, and with what the
// fold made of it into the derived file. What it needs of memory does not depend on how many events there are.

import type { Event } from "../core/event.ts";
import { canonicalLine, columnsOf } from "../core/raw-columns.ts";
import type { DayFold } from "./fold-day.ts";
import { RunningHash } from "./hash.ts";
import type { DerivedFile } from "../archive/derived-writer.ts";
import type { ParquetFile } from "../archive/parquet-writer.ts";
import { inBatches } from "../archive/raw-day.ts";

/** Events in memory at a time, and in a row group of the raw file. */
const ROW_GROUP_ROWS = 4_096;

export interface DayFiles {
  raw: ParquetFile;
  derived: DerivedFile;
}

export interface ToCount {
  /** In the order of the log. */
  events: AsyncIterable<Event[]>;
  fold: DayFold;
  files: DayFiles;
  /** For the footer of the raw file: chunks up to this sequence are in it. */
  chunksTo: number;
  /** More for that footer; asked for when everything has been counted. */
  notes: () => Record<string, string>;
}

/** Gives the hash of the events, which is in the footer of the raw file too. A failure gives up the files. */
export async function countDay({ events, fold, files, chunksTo, notes }: ToCount): Promise<string> {
  const { raw, derived } = files;
  const hash = new RunningHash();
  try {
    for await (const batch of inBatches(events, ROW_GROUP_ROWS)) {
      await hash.add(linesOf(batch));
      await raw.write(columnsOf(batch));
      await derived.write(await fold.fold(batch));
    }
    await derived.finish();
    await raw.finish({ ...notes(), sha256: hash.hex, chunks_to: String(chunksTo) });
  } catch (error) {
    await Promise.allSettled([raw.abort(), derived.abort()]);
    throw error;
  }
  return hash.hex;
}

/** What a batch adds to the hash. */
export const linesOf = (events: readonly Event[]): string => events.map(canonicalLine).join("\n");
