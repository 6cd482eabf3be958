// One counting of a day for its seal: the raw file and the derived one are written on the way, and the raw file is read back.

import { derivedFileKey, rawFileKey } from "../core/archive.ts";
import { erasedNotes } from "../core/erasure.ts";
import type { SealMessage } from "../core/messages.ts";
import type { Rules } from "../core/rules.ts";
import { SEAL_NOTE, type SealNote, writeSealNote } from "../core/seal-note.ts";
import { type Day, dayOf } from "../core/zone.ts";
import { DerivedFile } from "../archive/derived-writer.ts";
import { ParquetFile, R2Sink } from "../archive/parquet-writer.ts";
import {
  type ChunkFile,
  openRawFile,
  RAW_FILE_COLUMNS,
  type RawFile,
  readRawDay,
  readRawFile,
} from "../archive/raw-day.ts";
import type { Sql } from "../migrations/database.ts";
import { countDay, linesOf } from "./count-day.ts";
import { DayFold } from "./fold-day.ts";
import { RunningHash } from "./hash.ts";
import { r2Shelf } from "./hour-shelf.ts";
import { type Proof, proveDay } from "./prove-day.ts";

export class Counting {
  readonly fold: DayFold;
  readonly #bucket: R2Bucket;
  readonly #seal: SealMessage;
  readonly #day: Day;
  readonly #rawKey: string;
  readonly #generation: number;

  constructor(bucket: R2Bucket, seal: SealMessage, seq: number, generation: number, rules: Rules) {
    const { merchant, date, shard } = seal;
    this.#bucket = bucket;
    this.#seal = seal;
    this.#generation = generation;
    this.#day = dayOf(merchant.zone, date);
    this.#rawKey = rawFileKey(merchant.id, date, shard, seq);
    const shelf = r2Shelf(bucket, `outbox/${merchant.id}/${shard}/seal-${crypto.randomUUID()}-`);
    this.fold = new DayFold(this.#day, merchant, shard, seq, shelf, rules);
  }

  /** Counts all events and gives the raw file, read back and found to be what was written. */
  async run(
    former: RawFile | null,
    chunks: readonly ChunkFile[],
    noteOf: (fold: DayFold) => SealNote,
  ): Promise<RawFile> {
    const { merchant, date, shard } = this.#seal;
    const derivedKey = derivedFileKey(merchant.id, date, shard, this.#generation);
    const hash = await countDay({
      events: readRawDay(this.#bucket, this.#day, former, chunks),
      fold: this.fold,
      files: {
        raw: new ParquetFile(RAW_FILE_COLUMNS, new R2Sink(this.#bucket, this.#rawKey)),
        derived: new DerivedFile(new R2Sink(this.#bucket, derivedKey), merchant.currency),
      },
      chunksTo: chunks.at(-1)?.to ?? former?.chunksTo ?? 0,
      notes: () => ({ [SEAL_NOTE]: writeSealNote(noteOf(this.fold)), ...erasedNotes(former?.erased ?? {}) }),
    });
    return readBack(this.#bucket, this.#rawKey, this.#day, { hash, rows: this.fold.accepted });
  }

  async prove(sql: Sql): Promise<Proof> {
    const { merchant, date, shard } = this.#seal;
    return proveDay(sql, {
      key: { merchant: merchant.id, date, shard, currency: merchant.currency },
      generation: this.#generation,
      grid: this.#day.hours,
      hours: this.fold.hours(),
      // Generation 0 has been published live.
      write: this.#generation > 0,
    });
  }
}

/** The raw file as it reads; throws when that is not how it was written. */
export async function readBack(
  bucket: R2Bucket,
  key: string,
  day: Day,
  written: { hash: string; rows: number },
): Promise<RawFile> {
  const file = await openRawFile(bucket, key);
  const hash = new RunningHash();
  for await (const batch of readRawFile(file, day)) await hash.add(linesOf(batch));
  if (hash.hex !== written.hash || file.hash !== written.hash || file.rows !== written.rows)
    throw new Error(`${key} does not read as it was written`);
  return file;
}
