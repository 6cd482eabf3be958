// Counts a day that is still open, as a preview: what R2 and its object have of it now, by a run's rules, against the numbers
// that are counted live, both up to the same log sequence. Nothing is written: an hour later it is another day.

import { shardObject } from "../core/address.ts";
import type { Event } from "../core/event.ts";
import type { HoursRequest, MerchantShardApi, OpenDay } from "../core/messages.ts";
import { processingOf } from "../core/processing.ts";
import { EVERYTHING } from "../core/rollup-codec.ts";
import { DIMENSIONS, type Rollup } from "../core/rollup.ts";
import { NO_RULES, rulesOfRun } from "../core/rules.ts";
import { type Day, dayOf } from "../core/zone.ts";
import { type ChunkFile, inBatches, listRawDay, readRawDay } from "../archive/raw-day.ts";
import type { Bindings } from "./bindings.ts";
import { Comparison, type Seen } from "./comparison.ts";
import { DayFold } from "./fold-day.ts";
import { r2Shelf } from "./hour-shelf.ts";
import type { Claim, CountedUnit, UnitKey } from "./replay-unit.ts";

const BATCH_EVENTS = 4_096;

/** The day is being closed or sealed, or its earlier hours change faster than they can be read: later it is possible. */
export class NotNow extends Error {}

/** Throws `NotNow`, and `RawDayError` for what no repetition helps; anything else may pass. */
export async function countOpen(
  env: Pick<Bindings, "ARCHIVE" | "MERCHANT_SHARD">,
  key: UnitKey,
  claim: Claim,
): Promise<CountedUnit> {
  const object = shardObject(env.MERCHANT_SHARD, key.merchant, key.shard);
  const open = await object.openDay(key.date);
  if (open === null) throw new NotNow(`${key.merchant}/${key.shard} ${key.date} is being sealed`);
  const { merchant, seq } = open;
  const day = dayOf(merchant.zone, key.date);
  const rules = rulesOfRun(claim.rules, merchant.rules ?? NO_RULES);
  const shelf = r2Shelf(env.ARCHIVE, `outbox/${key.merchant}/${key.shard}/replay-${key.run}-${claim.claim}-`);
  const fold = new DayFold(day, merchant, key.shard, seq, shelf, rules);
  try {
    const { chunks } = await listRawDay(env.ARCHIVE, key.merchant, key.date, key.shard);
    for await (const events of inBatches(eventsOf(env.ARCHIVE, day, chunks, open), BATCH_EVENTS))
      await fold.fold(events);
    if (fold.accepted !== open.accepted)
      throw new Error(`R2 and the object have ${fold.accepted} events of ${key.date}, the books ${open.accepted}`);
    const comparison = new Comparison(liveOf(object, open), day.hours, async () => {});
    for await (const hour of fold.hours()) await comparison.add(hour);
    const compared = await comparison.finish();
    const { accepted: rows, verdicts } = fold;
    const standing = { base: claim.base, sealedSeq: null, through: seq, previewAtMs: open.asOfMs };
    return { ...standing, rows, verdicts, countedAs: processingOf(merchant, rules), ...compared };
  } finally {
    await fold.clear();
  }
}

/** In the order of the log: what R2 has, and at their places the segments that it may not have. */
async function* eventsOf(
  bucket: R2Bucket,
  day: Day,
  chunks: readonly ChunkFile[],
  { seq, segments }: OpenDay,
): AsyncGenerator<Event[]> {
  const waiting = new Set(segments.map(({ from }) => from));
  // A segment may have come to R2 meanwhile, with more in it than the object had then.
  const kept = chunks.filter(({ from, to }) => to <= seq && !waiting.has(from));
  let read = 0;
  for (const { from, lines } of segments) {
    const before = kept.slice(read).filter((chunk) => chunk.from < from);
    read += before.length;
    yield* readRawDay(bucket, day, null, before);
    if (lines !== "") yield lines.split("\n").map((line) => JSON.parse(line) as Event);
  }
  yield* readRawDay(bucket, day, null, kept.slice(read));
}

/** The live numbers as of the open day's sequence: hours that go on changing came with it, others are asked for one by one. */
function liveOf(object: MerchantShardApi, { seq, hours }: OpenDay): Seen {
  const changing = new Map(hours.map((hour) => [hour.hour, hour]));
  const hourOf = async (hourMs: number): Promise<Rollup[]> => {
    const known = changing.get(hourMs);
    if (known !== undefined) return [known];
    const request: HoursRequest = {
      ...EVERYTHING,
      dimensions: [...DIMENSIONS],
      fromMs: hourMs,
      toMs: hourMs + 1,
      all: true,
    };
    const { hours: held } = await object.hours(request);
    if (held.some((hour) => hour.seq > seq)) throw new NotNow(`the hour of ${hourMs} has changed meanwhile`);
    return held;
  };
  return {
    async hours(asked) {
      const found: Rollup[] = [];
      for (const hourMs of asked) found.push(...(await hourOf(hourMs)));
      return found;
    },
    day: async () => null,
  };
}
