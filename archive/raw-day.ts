// A day's raw events of one shard as R2 has them, in the order of the log, a batch at a time: first those of the file
// that the last seal wrote, then those of the chunks that came after. However large the day, a few batches are in memory.
// What cannot be read, and will never be, is a `RawDayError` that names the file; anything else may pass.

import { textOf } from "../core/error-text.ts";
import { rawNameOf, rawShardPrefix } from "../core/archive.ts";
import type { Event } from "../core/event.ts";
import { type ErasedCounts, erasedIn } from "../core/erasure.ts";
import { EXTRA, eventsOf, RAW_COLUMNS } from "../core/raw-columns.ts";
import type { Day } from "../core/zone.ts";

import { gunzip } from "./gunzip.ts";
import { NotRead, type OpenFile, openParquet, r2Source, rowGroupsOf } from "./parquet-reader.ts";
import type { FileColumn } from "./parquet-writer.ts";

export class RawDayError extends Error {}

export const RAW_FILE_COLUMNS: readonly FileColumn[] = [
  ...RAW_COLUMNS.map((column): FileColumn => ({ ...column, bounds: column.type === "instant" })),
  { name: EXTRA, type: "json" },
];

export interface ChunkFile {
  key: string;
  from: number;
  to: number;
  /** How many events its writer said it holds. */
  events: number;
}

export interface RawListing {
  /** Files of seals, those of interrupted ones among them, by the sequence up to which they hold the log; ascending. */
  files: { key: string; through: number }[];
  /** In the order of the log. */
  chunks: ChunkFile[];
}

export async function listRawDay(bucket: R2Bucket, merchant: string, date: string, shard: number): Promise<RawListing> {
  const listing: RawListing = { files: [], chunks: [] };
  const prefix = rawShardPrefix(merchant, date, shard);
  let cursor: string | undefined;
  do {
    const page = await bucket.list({
      prefix,
      include: ["customMetadata"],
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const { key, customMetadata } of page.objects) {
      const name = rawNameOf(key);
      if (name === null) throw new RawDayError(`${key} is no raw file`);
      if (name.kind === "file") listing.files.push({ key, through: name.through });
      else listing.chunks.push({ key, from: name.from, to: name.to, events: Number(customMetadata?.["events"]) });
    }
    cursor = page.truncated ? page.cursor : undefined;
  } while (cursor !== undefined);
  // Keys come in their order, which is that of the numbers in them.
  for (const [at, chunk] of listing.chunks.entries()) {
    const before = listing.chunks[at - 1];
    if (before !== undefined && chunk.from <= before.to)
      throw new RawDayError(`${before.key} and ${chunk.key} overlap`);
  }
  return listing;
}

/** The file of a seal. */
export interface RawFile {
  key: string;
  file: OpenFile;
  rows: number;
  /** Chunks up to this sequence are in it. */
  chunksTo: number;
  /** Of its events, by row group: see `canonicalLine`. */
  hash: string;
  /** What was in it once. */
  erased: ErasedCounts;
  /** Of R2: another one when the file has been replaced. */
  etag: string;
}

export async function openRawFile(bucket: R2Bucket, key: string): Promise<RawFile> {
  const source = await r2Source(bucket, key);
  const file = await parquet(key, () => openParquet(source));
  const chunksTo = Number(file.notes["chunks_to"]);
  const hash = file.notes["sha256"];
  if (!Number.isSafeInteger(chunksTo) || hash === undefined) throw new RawDayError(`${key} has no notes of a seal`);
  return { key, file, rows: file.rows, chunksTo, hash, erased: erasedIn(file.notes), etag: source.etag };
}

/** Every event of the file, then those of the chunks. */
export async function* readRawDay(
  bucket: R2Bucket,
  day: Day,
  file: RawFile | null,
  chunks: readonly ChunkFile[],
): AsyncGenerator<Event[]> {
  if (file !== null) yield* readRawFile(file, day);
  yield* ahead(chunks, CHUNKS_AHEAD, (chunk) => readChunk(bucket, day, chunk));
}

/** A batch is a row group. */
export async function* readRawFile({ key, file }: RawFile, day: Day): AsyncGenerator<Event[]> {
  const groups = rowGroupsOf(file, RAW_FILE_COLUMNS);
  for (;;) {
    const group = await parquet(key, () => groups.next());
    if (group.done === true) return;
    const { columns, rows } = group.value;
    const events = await parquet(key, async () => eventsOf(columns, rows));
    checkDay(key, day, events);
    yield events;
  }
}

/** R2 answers in tens of milliseconds: meanwhile the next ones are on their way. */
const CHUNKS_AHEAD = 4;

async function readChunk(bucket: R2Bucket, day: Day, { key, events: expected }: ChunkFile): Promise<Event[]> {
  const object = await bucket.get(key);
  if (object === null) throw new Error(`${key} is gone since it was listed`);
  const bytes = await gunzip(new Uint8Array(await object.arrayBuffer()));
  if (!bytes.ok) throw new RawDayError(`${key} is ${bytes.failure}`);
  const lines = new TextDecoder().decode(bytes.value).split("\n");
  if (lines.at(-1) === "") lines.pop();
  if (lines.length !== expected) throw new RawDayError(`${key} has ${lines.length} lines instead of ${expected}`);
  const events = lines.map((line, at) => {
    try {
      return JSON.parse(line) as Event;
    } catch {
      throw new RawDayError(`${key}, line ${at + 1}: not JSON`);
    }
  });
  checkDay(key, day, events);
  return events;
}

function checkDay(key: string, day: Day, events: readonly Event[]): void {
  for (const [at, event] of events.entries()) {
    const atMs = event?.occurred_at;
    if (!(atMs >= day.startMs && atMs < day.endMs))
      throw new RawDayError(`${key}, event ${at + 1}: not an event of ${day.date}`);
  }
}

/** What the Parquet library throws is about the file, unless R2 did not answer. */
async function parquet<Value>(key: string, read: () => Promise<Value>): Promise<Value> {
  try {
    return await read();
  } catch (error) {
    throw error instanceof NotRead ? error : new RawDayError(`${key}: ${textOf(error)}`, { cause: error });
  }
}

/** The results in order, up to `count` of them loading at a time. */
async function* ahead<Item, Loaded>(
  items: readonly Item[],
  count: number,
  load: (item: Item) => Promise<Loaded>,
): AsyncGenerator<Loaded> {
  const loading: Promise<Loaded>[] = [];
  for (let at = 0; at < items.length; at++) {
    for (let next = at + loading.length; next < Math.min(items.length, at + count); next++) {
      const loaded = load(items[next]!);
      // Awaited in its turn; meanwhile a failure must not count as unhandled.
      loaded.catch(() => null);
      loading.push(loaded);
    }
    yield await loading.shift()!;
  }
}

/** The same events in batches of `size`, the last one smaller. */
export async function* inBatches(source: AsyncIterable<Event[]>, size: number): AsyncGenerator<Event[]> {
  let batch: Event[] = [];
  for await (const events of source) {
    for (let at = 0; at < events.length;) {
      const more = events.slice(at, at + size - batch.length);
      at += more.length;
      batch = batch.length === 0 ? more : batch.concat(more);
      if (batch.length < size) continue;
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}
