// Counts one sealed day of a shard again from its raw file: hours and the day's rollup of the run's generation into
// Postgres, the derived file into R2, and on the way what differs from the numbers that readers see. One batch of events
// and a few hours are in memory at a time.

import { derivedFileKey, rawFileKey } from "../core/archive.ts";
import { withErased } from "../core/erasure.ts";
import type { Merchant } from "../core/merchant.ts";
import { processingOf } from "../core/processing.ts";
import { NO_RULES, rulesOfRun } from "../core/rules.ts";
import { dayOf } from "../core/zone.ts";
import type { Sql } from "../migrations/database.ts";
import type { Bindings } from "./bindings.ts";
import { Comparison } from "./comparison.ts";
import { DayFold } from "./fold-day.ts";
import { r2Shelf } from "./hour-shelf.ts";
import { DerivedFile } from "../archive/derived-writer.ts";
import { R2Sink } from "../archive/parquet-writer.ts";
import { readDay, readHours } from "./published-day.ts";
import { listRawDay, openRawFile, RawDayError, type RawFile, readRawFile } from "../archive/raw-day.ts";
import type { Claim, CountedUnit, UnitKey, UnitWriter } from "./replay-unit.ts";

export interface Again {
  key: UnitKey;
  /** As it was for the whole of that day. */
  merchant: Merchant;
  claim: Claim;
  writer: UnitWriter;
}

/** Throws `RawDayError` for what no repetition helps; anything else may pass. */
export async function countAgain(env: Pick<Bindings, "ARCHIVE">, sql: Sql, again: Again): Promise<CountedUnit> {
  const { key, merchant, claim, writer } = again;
  const { base, sealedSeq } = claim;
  const rules = rulesOfRun(claim.rules, claim.countedAs?.rules ?? claim.rulesThen ?? NO_RULES);
  const day = dayOf(merchant.zone, key.date);
  const through = sealedSeq ?? (await throughOf(env.ARCHIVE, key));
  const file = await openRawFile(env.ARCHIVE, rawFileKey(key.merchant, key.date, key.shard, through));
  const shelf = r2Shelf(env.ARCHIVE, `outbox/${key.merchant}/${key.shard}/replay-${key.run}-${claim.claim}-`);
  const fold = new DayFold(day, merchant, key.shard, through, shelf, rules);
  try {
    await foldFile(env.ARCHIVE, file, again, fold);
    await writer.clear(day.hours);
    const seen = {
      hours: (asked: readonly number[]) => readHours(sql, key, base, asked),
      day: () => readDay(sql, key, base),
    };
    const comparison = new Comparison(seen, day.hours, (hours) => writer.hours(hours));
    for await (const hour of fold.hours()) await comparison.add(hour);
    const compared = await comparison.finish();
    const { accepted: rows } = fold;
    const verdicts = withErased(fold.verdicts, file.erased);
    const countedAs = processingOf(merchant, rules);
    return { base, sealedSeq, through, previewAtMs: null, rows, verdicts, countedAs, ...compared };
  } finally {
    await fold.clear();
  }
}

/** A day that could not be sealed has a raw file nonetheless: the seal writes it before it compares. */
export async function throughOf(bucket: R2Bucket, { merchant, date, shard }: UnitKey): Promise<number> {
  const { files } = await listRawDay(bucket, merchant, date, shard);
  const last = files.at(-1);
  if (last === undefined) throw new RawDayError(`no raw file of ${merchant}/${shard} ${date}`);
  return last.through;
}

async function foldFile(bucket: R2Bucket, file: RawFile, { key, merchant }: Again, fold: DayFold): Promise<void> {
  const derivedKey = derivedFileKey(key.merchant, key.date, key.shard, key.run);
  const derived = new DerivedFile(new R2Sink(bucket, derivedKey), merchant.currency);
  try {
    for await (const events of readRawFile(file, dayOf(merchant.zone, key.date)))
      await derived.write(await fold.fold(events));
    await derived.finish({ generation: String(key.run) });
  } catch (error) {
    await derived.abort();
    throw error;
  }
}
