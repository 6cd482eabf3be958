// The seal of a day: its raw events become one verified file, they are counted again, and the count must be what was
// published. One message is one day of one shard. However often and wherever it is interrupted, repeating it comes to
// the same end, since each step replaces, and nothing is removed before the day book says that the day is sealed:
//
//   list R2, read the day book ─ count, writing the raw and the derived file ─ read the raw file back ─ compare with
//   Postgres ─ one statement: daily rollup and day book ─ remove what the raw file holds ─ tell the object
//
// The first seal proves what was counted live. Later ones have late events to add: they count all of the day again, as a
// new generation of its numbers, which readers see from that statement on. A replay that was applied while the day was open
// has its turn after the proof: see at-seal.ts.

import { rawFileKey } from "../core/archive.ts";
import { type Books, emptyBooks } from "../core/books.ts";
import type { Difference } from "../core/difference.ts";
import { erasedEvents, withErased } from "../core/erasure.ts";
import { textOf } from "../core/error-text.ts";
import type { SealMessage } from "../core/messages.ts";
import { processingOf } from "../core/processing.ts";
import { NO_RULES } from "../core/rules.ts";
import { LATE } from "../core/shard.ts";
import { dayOf } from "../core/zone.ts";
import {
  type ChunkFile,
  listRawDay,
  openRawFile,
  RawDayError,
  type RawFile,
  type RawListing,
} from "../archive/raw-day.ts";
import { database, type Sql } from "../migrations/database.ts";
import { runOfSeal, switchAtSeal, unitAtSeal } from "./at-seal.ts";
import type { Bindings } from "./bindings.ts";
import { type DayBook, isErased, nextGeneration, readDayBook, writeSeal, writeUnproven } from "./day-book.ts";
import { decodeSeal } from "./decode.ts";
import { bury, confirm, retryLater } from "./delivery.ts";
import { eraseDay } from "./erase-day.ts";
import type { DayFold } from "./fold-day.ts";
import type { Proof } from "./prove-day.ts";
import type { DayKey } from "./published-day.ts";
import { attemptUnit } from "./replay.ts";
import { Counting } from "./seal-counting.ts";
import { dropSpent, dropUnseen } from "./tidy-day.ts";

/** `seq`: how far the day is sealed now. */
export type Outcome = { kind: "sealed"; seq: number } | { kind: "unproven" };

export const handleSeal = async (batch: MessageBatch, env: Bindings): Promise<void> => {
  for (const message of batch.messages) {
    const seal = decodeSeal(message.body);
    if (seal.ok) await handle(env, batch.queue, message, seal.value);
    else await bury(env, batch.queue, message, seal.failure);
  }
};

const handle = async (env: Bindings, queue: string, message: Message, seal: SealMessage): Promise<void> => {
  const { merchant, shard, date } = seal;
  try {
    if (await isErased(database(env), merchant.id)) return message.ack();
    const outcome = await sealDay(env, seal);
    // The object asks again until the day is sealed; the day book says what is wrong.
    if (outcome.kind === "unproven") message.ack();
    else {
      const confirmation = { kind: "seal" as const, date, seq: outcome.seq };
      await confirm(env, [{ message, merchant: merchant.id, shard, confirmation }]);
    }
  } catch (error) {
    if (error instanceof RawDayError) return unreadable(env, queue, message, seal, textOf(error));
    console.warn(`seal: ${merchant.id}/${shard} ${date} is not done: ${textOf(error)}`);
    retryLater(message);
  }
};

/** Becomes a dead letter the first time: the object will ask again and again. */
const unreadable = async (
  env: Bindings,
  queue: string,
  message: Message,
  { merchant, date, shard }: SealMessage,
  reason: string,
): Promise<void> => {
  const key: DayKey = { merchant: merchant.id, date, shard };
  try {
    const sql = database(env);
    const book = await readDayBook(sql, key);
    if (book?.difference?.["unreadable"] === reason) return message.ack();
    await bury(env, queue, message, reason);
    await writeUnproven(sql, key, book?.sealedSeq ?? null, { unreadable: reason });
  } catch (error) {
    console.warn(
      `seal: ${merchant.id}/${shard} ${date}: ${reason}; the day book does not say so yet: ${textOf(error)}`,
    );
    retryLater(message);
  }
};

/** Throws `RawDayError` for what no repetition helps; anything else may pass. */
export const sealDay = async (env: Bindings, seal: SealMessage): Promise<Outcome> => {
  const counted = await sealAsCounted(env, seal);
  const isSealed = await applyRunOfSeal(env, seal);
  // What could not be proven has been put right by a run: now it is told to the object, and the chunks go.
  const outcome = counted.kind === "unproven" && isSealed ? await sealAsCounted(env, seal) : counted;
  // Of visitors who have asked for it while the day was not sealed.
  if (outcome.kind === "sealed") await eraseDay(env, database(env), keyOf(seal), seal.merchant);
  return outcome;
};

const keyOf = ({ merchant, date, shard }: SealMessage): DayKey => ({ merchant: merchant.id, date, shard });

/** Counts the day by the run that waited for its seal, if there is one; true when readers see what that has counted. */
const applyRunOfSeal = async (env: Bindings, seal: SealMessage): Promise<boolean> => {
  const sql = database(env);
  const key = keyOf(seal);
  const run = await runOfSeal(sql, key);
  if (run === null) return false;
  const unit = await unitAtSeal(sql, run, seal);
  if (unit !== null) {
    const { reason, later } = await attemptUnit(env, unit);
    if (later) throw new Error(`run ${run} has not counted it`);
    if (reason !== null)
      await env.DEAD_LETTERS_QUEUE.send(
        { kind: "dead-letter", queue: "replay", reason, message: unit },
        { contentType: "v8" },
      );
  }
  await switchAtSeal(sql, { run, ...key });
  return (await readDayBook(sql, key))?.generation === run;
};

const sealAsCounted = async (env: Bindings, seal: SealMessage): Promise<Outcome> => {
  const key = keyOf(seal);
  const sql = database(env);
  // In this order: chunks are removed only after the day book has changed, so a listing without them meets a book that
  // says so.
  const listing = await listRawDay(env.ARCHIVE, key.merchant, key.date, key.shard);
  const book = await readDayBook(sql, key);
  const sealedSeq = book?.sealedSeq ?? null;
  if (book?.isDropped === true) {
    if (sealedSeq !== null && sealedSeq >= seal.seq) return { kind: "sealed", seq: sealedSeq };
    throw new RawDayError(
      `the events of ${key.date} are no longer kept: what has come since cannot be counted with them`,
    );
  }
  const former = sealedSeq === null ? null : await openRawFile(env.ARCHIVE, keyOfFile(key, sealedSeq));
  if (sealedSeq !== null && former !== null && sealedSeq >= seal.seq) {
    await dropSpent(env.ARCHIVE, listing, sealedSeq, former);
    await dropUnseen(env.ARCHIVE, sql, key, dayOf(seal.merchant.zone, seal.date));
    return { kind: "sealed", seq: sealedSeq };
  }
  const seq = sealedSeq === null ? (seal.closedSeq ?? seal.seq) : seal.seq;
  const chunks =
    former === null
      ? listing.chunks.filter(({ to }) => to <= seq)
      : listing.chunks.filter(({ from }) => from > former.chunksTo && from <= seq);
  await checkWhole(env.ARCHIVE, listing, former, chunks, seq);
  const generation = former === null ? 0 : await nextGeneration(sql);
  // A replay may have counted the day by other rules than it began with: they go on for what is late.
  const rules = book?.countedAs?.rules ?? seal.merchant.rules ?? NO_RULES;
  const counting = new Counting(env.ARCHIVE, seal, seq, generation, rules);
  const run = former === null ? await runOfSeal(sql, key) : null;
  try {
    const file = await counting.run(former, chunks, (fold) => ({
      atMs: Date.now(),
      merchant: seal.merchant,
      countedAs: processingOf(seal.merchant, rules),
      books: booksOf(book, fold, former),
      run,
    }));
    const proof = await counting.prove(sql);
    const difference = differenceOf(counting.fold, book, proof, former);
    if (difference !== null) return await unproven(sql, key, sealedSeq, difference);
    const verdicts = withErased(counting.fold.verdicts, former?.erased ?? {});
    const { daily, hash } = proof;
    const countedAs = processingOf(seal.merchant, rules);
    const counted = { generation, daily, verdicts, proof: hash, countedAs };
    const formerGeneration = book?.generation ?? 0;
    const isMine = await writeSeal(sql, key, { formerSeq: sealedSeq, formerGeneration, seq, ...counted });
    if (!isMine) throw new Error(SEALED_MEANWHILE);
    await dropSpent(env.ARCHIVE, listing, seq, file);
    if (generation > 0) await dropUnseen(env.ARCHIVE, sql, key, dayOf(seal.merchant.zone, seal.date));
    return { kind: "sealed", seq };
  } finally {
    await counting.fold.clear();
  }
};

/** The day book's, without what has come since the events that were counted. */
const booksOf = (book: DayBook | null, fold: DayFold, former: RawFile | null): Books => {
  const { duplicate, rejected, ...known } = book ?? emptyBooks();
  const erased = former?.erased ?? {};
  const accepted = fold.accepted + erasedEvents(erased);
  const verdicts = withErased(fold.verdicts, erased);
  return { received: known.received - known.accepted + accepted, accepted, duplicate, rejected, verdicts };
};

const SEALED_MEANWHILE = "sealed by someone else meanwhile";

const keyOfFile = ({ merchant, date, shard }: DayKey, through: number): string =>
  rawFileKey(merchant, date, shard, through);

/**
 * A first seal that was interrupted has left its file, and all chunks are there still. Where a file has more than they
 * do, Postgres has forgotten the seal that removed them: counting the rest would be counting a part.
 */
async function checkWhole(
  bucket: R2Bucket,
  { files }: RawListing,
  former: RawFile | null,
  chunks: readonly ChunkFile[],
  seq: number,
): Promise<void> {
  if (former !== null) return;
  const events = chunks.reduce((sum, chunk) => sum + chunk.events, 0);
  for (const { key } of files.filter(({ through }) => through <= seq)) {
    const rows = await rowsIn(bucket, key);
    if (rows > events)
      throw new RawDayError(`${key} has ${rows} events and its chunks ${events}: Postgres has lost its seal`);
  }
}

/** None in a file that cannot be read. */
async function rowsIn(bucket: R2Bucket, key: string): Promise<number> {
  try {
    return (await openRawFile(bucket, key)).rows;
  } catch (error) {
    if (error instanceof RawDayError) return 0;
    throw error;
  }
}

interface NotProven extends Partial<Difference> {
  /** Rows that differ. */
  count: number;
}

/** What the counting and Postgres disagree on; null when on nothing. `before` is what Postgres has. */
function differenceOf(fold: DayFold, book: DayBook | null, proof: Proof, former: RawFile | null): NotProven | null {
  const { differences } = proof;
  const isLive = former === null;
  const counted = fold.accepted + erasedEvents(former?.erased ?? {});
  if (!differences.empty) return { ...differences.first, count: differences.count };
  // Law 6: what was accepted is in R2, and what was counted live is counted again.
  const { [LATE]: late = 0, ...verdicts } = book?.verdicts ?? {};
  const accepted = (book?.accepted ?? 0) - (isLive ? late : 0);
  const wrong = isLive
    ? [...new Set([...Object.keys(verdicts), ...Object.keys(fold.verdicts)])].find(
        (verdict) => (verdicts[verdict] ?? 0) !== (fold.verdicts[verdict] ?? 0),
      )
    : undefined;
  const isWrong = wrong !== undefined || (isLive ? accepted !== counted : accepted < counted);
  if (!isWrong && book !== null) return null;
  const [before, after] = wrong === undefined ? [accepted, counted] : [verdicts[wrong] ?? 0, fold.verdicts[wrong] ?? 0];
  return { value: `books: ${wrong ?? "accepted"}`, measure: "events", before, after, count: 1 };
}

async function unproven(sql: Sql, key: DayKey, sealedSeq: number | null, difference: NotProven): Promise<Outcome> {
  if (!(await writeUnproven(sql, key, sealedSeq, { ...difference }))) throw new Error(SEALED_MEANWHILE);
  console.error(JSON.stringify({ event: "day_not_proven", ...key, difference }));
  return { kind: "unproven" };
}
