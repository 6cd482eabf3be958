// Counts one sealed day of a shard again from its raw file: hours and the day's rollup of the run's generation into
// Postgres, the derived file into R2, and on the way what differs from the numbers that readers see. One batch of events
// and a few hours are in memory at a time.

import { derivedFileKey, rawFileKey } from "../core/archive.ts";
import { derivedColumnsOf } from "../core/derived-columns.ts";
import { Differences } from "../core/difference.ts";
import type { Merchant } from "../core/merchant.ts";
import { processingOf } from "../core/processing.ts";
import { dayDifference, DayOfHours } from "../core/replay.ts";
import type { Rollup } from "../core/rollup.ts";
import { NO_RULES, rulesOfRun } from "../core/rules.ts";
import { dayOf } from "../core/zone.ts";
import type { Sql } from "../migrations/database.ts";
import type { Bindings } from "./bindings.ts";
import { DERIVED_FILE_COLUMNS } from "./count-day.ts";
import { DayFold } from "./fold-day.ts";
import { RunningHash } from "./hash.ts";
import { r2Shelf } from "./hour-shelf.ts";
import { ParquetFile, R2Sink } from "../archive/parquet-writer.ts";
import { readDay, readHours } from "./published-day.ts";
import { listRawDay, openRawFile, RawDayError, type RawFile, readRawFile } from "../archive/raw-day.ts";
import type { Claim, CountedUnit, UnitKey, UnitWriter } from "./replay-unit.ts";

/** JSON of hours that are written and compared at a time; one hour may be larger. */
const BATCH_CHARS_MAX = 1_000_000;

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
  const rules = rulesOfRun(claim.rules, claim.countedAs?.rules ?? NO_RULES);
  const day = dayOf(merchant.zone, key.date);
  const through = sealedSeq ?? (await throughOf(env.ARCHIVE, key));
  const file = await openRawFile(env.ARCHIVE, rawFileKey(key.merchant, key.date, key.shard, through));
  const shelf = r2Shelf(env.ARCHIVE, `outbox/${key.merchant}/${key.shard}/replay-${key.run}-${claim.claim}-`);
  const fold = new DayFold(day, merchant, key.shard, through, shelf, rules);
  try {
    await foldFile(env.ARCHIVE, file, again, fold);
    await writer.clear(day.hours);
    const comparison = new Comparison(sql, again, day.hours);
    for await (const hour of fold.hours()) await comparison.add(hour);
    const compared = await comparison.finish();
    const { accepted: rows, verdicts } = fold;
    return { base, sealedSeq, through, rows, verdicts, countedAs: processingOf(merchant, rules), ...compared };
  } finally {
    await fold.clear();
  }
}

/** A day that could not be sealed has a raw file nonetheless: the seal writes it before it compares. */
async function throughOf(bucket: R2Bucket, { merchant, date, shard }: UnitKey): Promise<number> {
  const { files } = await listRawDay(bucket, merchant, date, shard);
  const last = files.at(-1);
  if (last === undefined) throw new RawDayError(`no raw file of ${merchant}/${shard} ${date}`);
  return last.through;
}

async function foldFile(bucket: R2Bucket, file: RawFile, { key, merchant }: Again, fold: DayFold): Promise<void> {
  const derivedKey = derivedFileKey(key.merchant, key.date, key.shard, key.run);
  const derived = new ParquetFile(DERIVED_FILE_COLUMNS, new R2Sink(bucket, derivedKey));
  try {
    for await (const events of readRawFile(file, dayOf(merchant.zone, key.date)))
      await derived.write(derivedColumnsOf(await fold.fold(events), merchant.currency));
    await derived.finish({ generation: String(key.run) });
  } catch (error) {
    await derived.abort();
    throw error;
  }
}

/** Takes hours in their order, writes them, and holds each against the one that readers see. */
class Comparison {
  readonly #sql: Sql;
  readonly #again: Again;
  readonly #grid: readonly number[];
  readonly #hash = new RunningHash();
  readonly #before = new DayOfHours();
  readonly #after = new DayOfHours();
  #batch: Rollup[] = [];
  #chars = 0;
  /** Hours of the day that have been compared. */
  #next = 0;
  #found = 0;
  #different = 0;

  constructor(sql: Sql, again: Again, grid: readonly number[]) {
    this.#sql = sql;
    this.#again = again;
    this.#grid = grid;
  }

  async add(hour: Rollup): Promise<void> {
    const text = JSON.stringify({ ...hour, seq: 0 });
    if (this.#batch.length > 0 && this.#chars + text.length > BATCH_CHARS_MAX)
      await this.#pass(this.#batch.at(-1)!.hour);
    this.#batch.push(hour);
    this.#chars += text.length;
    await this.#hash.add(text);
    this.#after.add(hour);
  }

  async finish() {
    await this.#pass(Number.POSITIVE_INFINITY);
    const { key, claim } = this.#again;
    const published = await readDay(this.#sql, key, claim.base);
    const daily = this.#after.build();
    // Hours of long ago are no longer kept: then there is nothing to compare them with.
    const hours = this.#found === 0 && published !== null ? 0 : this.#different;
    const difference = dayDifference(published ?? this.#before.build(), daily, hours);
    return { proof: this.#hash.hex, daily, difference };
  }

  async #pass(toMs: number): Promise<void> {
    const { key, claim, writer } = this.#again;
    await writer.hours(this.#batch);
    const asked = this.#grid.slice(this.#next).filter((hourMs) => hourMs <= toMs);
    this.#next += asked.length;
    const published = await readHours(this.#sql, key, claim.base, asked);
    for (const hour of published) this.#before.add(hour);
    this.#found += published.length;
    for (const hourMs of asked) {
      const isHour = ({ hour }: Rollup): boolean => hour === hourMs;
      const differences = new Differences(1);
      differences.add(published.find(isHour) ?? null, this.#batch.find(isHour) ?? null);
      if (!differences.empty) this.#different++;
    }
    this.#batch = [];
    this.#chars = 0;
  }
}
