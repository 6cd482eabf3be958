// Takes the events of visitors who have asked for it out of one sealed day of a shard, for good. Days that never saw them are
// looked at and left as they are. A day that did:
//
//   count it without them: raw file (put aside), derived file, hours ─ read the raw file back ─ note what is begun ─ put the
//   raw file in its place ─ one transaction: readers see the new numbers, all others of the day are gone ─ remove files
//
// However often it is interrupted, repeating it comes to the same end: what is begun is begun again. Whoever counts the day at
// the same time has read the file that was there before, and loses: what readers see has changed under them.

import { derivedFileKey, derivedNameOf, derivedPrefix, rawFileKey } from "../core/archive.ts";
import { erasedEvents, erasedNotes, Eraser, sumOfErased, withErased } from "../core/erasure.ts";
import type { Event } from "../core/event.ts";
import type { Merchant } from "../core/merchant.ts";
import { processingOf } from "../core/processing.ts";
import { NO_RULES } from "../core/rules.ts";
import { SEAL_NOTE, writeSealNote } from "../core/seal-note.ts";
import { type Day, dayOf } from "../core/zone.ts";
import { DerivedFile } from "../archive/derived-writer.ts";
import { ParquetFile, R2Sink } from "../archive/parquet-writer.ts";
import { listRawDay, openRawFile, RAW_FILE_COLUMNS, type RawFile, readRawFile } from "../archive/raw-day.ts";
import { hasEventsFor, openForVisitors } from "../archive/visitors.ts";
import type { Sql } from "../migrations/database.ts";
import type { Bindings } from "./bindings.ts";
import { countDay } from "./count-day.ts";
import { type DayBook, nextGeneration, readDayBook } from "./day-book.ts";
import { begin, countAgainLater, erasuresSince, standingOf, switchErased, tidied } from "./erased-days.ts";
import { DayFold } from "./fold-day.ts";
import { r2Shelf } from "./hour-shelf.ts";
import { proveDay } from "./prove-day.ts";
import type { DayKey } from "./published-day.ts";
import { readBack } from "./seal-counting.ts";
import { dropSpent } from "./tidy-day.ts";

type Store = Pick<Bindings, "ARCHIVE">;

/**
 * Returns how many events it has looked at. A day that is not sealed is left to its seal, one without events as it is.
 * `thorough`: looks at the derived files too, also where nothing is to be done. Throws `RawDayError` for what no repetition
 * helps; anything else may pass.
 */
export async function eraseDay(
  { ARCHIVE: bucket }: Store,
  sql: Sql,
  key: DayKey,
  merchant: Merchant,
  thorough = false,
): Promise<number> {
  const day = dayOf(merchant.zone, key.date);
  const erasures = await erasuresSince(sql, key.merchant, day.startMs);
  if (erasures.length === 0) return 0;
  const book = await readDayBook(sql, key);
  if (book === null || book.sealedSeq === null || book.isDropped) return 0;
  const file = await openRawFile(bucket, rawFileKey(key.merchant, key.date, key.shard, book.sealedSeq));
  const standing = await standingOf(sql, key);
  const eraser = new Eraser(erasures);
  const isToDo =
    standing === "begun" ||
    (await hasEventsFor(file.file, eraser)) ||
    (thorough && (await isDirty(bucket, derivedFileKey(key.merchant, key.date, key.shard, book.generation), eraser)));
  if (isToDo) await countWithout(bucket, sql, { key, day, merchant, book, file, eraser });
  if (isToDo || standing === "untidied" || thorough) await tidy(bucket, sql, key, file, eraser);
  return file.rows;
}

interface Without {
  key: DayKey;
  day: Day;
  merchant: Merchant;
  book: DayBook;
  file: RawFile;
  eraser: Eraser;
}

async function countWithout(bucket: R2Bucket, sql: Sql, without: Without): Promise<void> {
  const { key, day, book, file, eraser } = without;
  const merchant = { ...without.merchant, ...book.countedAs?.merchant };
  const rules = book.countedAs?.rules ?? merchant.rules ?? NO_RULES;
  const generation = await nextGeneration(sql);
  const aside = `outbox/${key.merchant}/${key.shard}/erasure-${crypto.randomUUID()}`;
  const fold = new DayFold(day, merchant, key.shard, book.sealedSeq!, r2Shelf(bucket, `${aside}-`), rules);
  const derivedKey = derivedFileKey(key.merchant, key.date, key.shard, generation);
  const erased = () => sumOfErased(file.erased, eraser.erased);
  const countedAs = processingOf(merchant, rules);
  const note = (): string => {
    const { received, duplicate, rejected } = book;
    const accepted = fold.accepted + erasedEvents(erased());
    const verdicts = withErased(fold.verdicts, erased());
    const books = { received: received - book.accepted + accepted, accepted, duplicate, rejected, verdicts };
    return writeSealNote({ atMs: Date.now(), merchant, countedAs, books, run: null });
  };
  try {
    const hash = await countDay({
      events: keptOf(file, day, eraser),
      fold,
      files: {
        raw: new ParquetFile(RAW_FILE_COLUMNS, new R2Sink(bucket, aside)),
        derived: new DerivedFile(new R2Sink(bucket, derivedKey), merchant.currency),
      },
      chunksTo: file.chunksTo,
      notes: () => ({ [SEAL_NOTE]: note(), ...erasedNotes(erased()) }),
    });
    await readBack(bucket, aside, day, { hash, rows: fold.accepted });
    const {
      differences,
      daily,
      hash: proof,
    } = await proveDay(sql, {
      key: { ...key, currency: merchant.currency },
      generation,
      grid: day.hours,
      hours: fold.hours(),
      write: true,
    });
    if (!differences.empty) throw new Error(`Postgres does not have ${key.date} as it was written`);
    await begin(sql, key, eraser.erased, erased());
    await putInPlace(bucket, aside, file);
    const verdicts = withErased(fold.verdicts, erased());
    const isMine = await switchErased(sql, key, {
      book,
      generation,
      hours: day.hours,
      daily,
      verdicts,
      proof,
      countedAs,
    });
    if (!isMine)
      throw new Error(`${key.merchant}/${key.shard} ${key.date} has been counted by somebody else meanwhile`);
  } finally {
    await fold.clear();
    await bucket.delete(aside);
  }
}

async function* keptOf(file: RawFile, day: Day, eraser: Eraser): AsyncGenerator<Event[]> {
  for await (const events of readRawFile(file, day)) yield eraser.kept(events);
}

/** Only over the file that was read: somebody else may have replaced it. */
async function putInPlace(bucket: R2Bucket, aside: string, { key, etag }: RawFile): Promise<void> {
  const from = await bucket.get(aside);
  if (from === null) throw new Error(`${aside} is gone`);
  const { httpMetadata, size } = from;
  const put = await bucket.put(key, from.body, {
    onlyIf: { etagMatches: etag },
    ...(httpMetadata === undefined ? {} : { httpMetadata }),
  });
  if (put === null) throw new Error(`${key} has been replaced by somebody else meanwhile`);
  if (put.size !== size) throw new Error(`${key} has ${put.size} bytes instead of ${size}`);
}

async function isDirty(bucket: R2Bucket, key: string, eraser: Eraser): Promise<boolean> {
  const file = await openForVisitors(bucket, key);
  return file !== null && hasEventsFor(file, eraser);
}

/** Removes the files that hold events of the visitors still, but for chunks that wait for a seal. */
async function tidy(bucket: R2Bucket, sql: Sql, key: DayKey, file: RawFile, eraser: Eraser): Promise<void> {
  const book = await readDayBook(sql, key);
  if (book === null || book.sealedSeq === null) return;
  const listing = await listRawDay(bucket, key.merchant, key.date, key.shard);
  await dropSpent(bucket, listing, book.sealedSeq, file);
  for (const { key: name, generation } of await derivedFilesOf(bucket, key)) {
    if (generation === book.generation || !(await isDirty(bucket, name, eraser))) continue;
    await bucket.delete(name);
    await countAgainLater(sql, key, generation);
  }
  await tidied(sql, key);
}

async function derivedFilesOf(bucket: R2Bucket, { merchant, date, shard }: DayKey) {
  const { objects } = await bucket.list({ prefix: derivedPrefix(merchant, date) });
  return objects.flatMap(({ key }) => {
    const name = derivedNameOf(key);
    return name?.shard === shard ? [{ key, generation: name.generation }] : [];
  });
}
