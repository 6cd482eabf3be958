// Goes through the events of a merchant's days for whoever looks for something in them (core/scanner.ts): what was found before
// is kept, the rest is read, several files at once and a batch of each in memory. Bounded in events, bytes and time: past that
// there is a failure, never a number of a part.

import { derivedFileKey } from "../core/archive.ts";
import { SCAN_BYTES_MAX, SCAN_EVENTS_MAX, SCAN_FILES_MAX, SCAN_MS_MAX } from "../core/limits.ts";
import type { Merchant } from "../core/merchant.ts";
import { fail, ok, type Result } from "../core/result.ts";
import { type ScannedDay, scannedDays } from "../core/scan-days.ts";
import { TooManyRows } from "../core/scan-rows.ts";
import type { FoundDay, Scanner } from "../core/scanner.ts";
import type { Range } from "../core/date-range.ts";
import { DerivedFileError, type DerivedGroup, DerivedReader } from "../archive/derived-file.ts";
import { NotRead } from "../archive/parquet-reader.ts";
import { DayBatches } from "./day-batches.ts";
import type { Env } from "./env.ts";
import { isWhole, KeptDays } from "./kept-days.ts";
import { openRows } from "./open-days.ts";
import { findUnits, type OpenUnit, type ScanUnit, type SealedUnit } from "./scan-units.ts";

export interface ScanCost {
  /** Files that were read, whole or in part. */
  files: number;
  rows: number;
  bytes: number;
  /** Days of shards of which it was known already what there is to find. */
  cached: number;
}

export type ScanFailure =
  | { kind: "unavailable" }
  /** Single events of some days are no longer kept: the first and the last of them. */
  | { kind: "not_kept"; from: string; to: string }
  /** What there would be to read, as far as it is known. */
  | { kind: "too_large"; bytes: number; rows: number };

export interface DaysReading<Found> {
  days: FoundDay<Found>[];
  /** Everything accepted before is in here; null when an object did not answer. */
  freshToMs: number | null;
  /** What may be missing and why, a sentence each. */
  stale: string[];
  /** Of the numbers read, which generations: 0 is what was counted live. Ascending. */
  generations: number[];
  cost: ScanCost;
}

export interface ScanRequest<Found> {
  zone: string;
  ranges: readonly Range[];
  /** `isCut`: of some days there are cuts. */
  scanner: (isCut: boolean) => Scanner<Found>;
}

/** Of 6 connections: one for Postgres, one for the cache. */
const FILES_AT_ONCE = 4;

export async function readDays<Found>(
  env: Env,
  merchant: Merchant,
  request: ScanRequest<Found>,
): Promise<Result<DaysReading<Found>, ScanFailure>> {
  const days = scannedDays(request.zone, request.ranges);
  const found = await findUnits(env, merchant, days);
  if (!found.ok) {
    console.warn(`scan: Postgres did not answer: ${String(found.failure)}`);
    return fail({ kind: "unavailable" });
  }
  const { units, freshToMs, stale, notKept } = found.value;
  if (notKept.length > 0) return fail({ kind: "not_kept", from: notKept[0]!, to: notKept.at(-1)! });
  const reading = new Reading(env.ARCHIVE, merchant.id, request, units);
  try {
    await reading.run();
  } catch (error) {
    if (error instanceof TooLarge) return fail({ kind: "too_large", ...reading.size });
    if (error instanceof TooManyRows) return fail({ kind: "too_large", ...reading.size });
    console.warn(`scan: ${merchant.id} was not read: ${String(error)}`);
    return fail({ kind: "unavailable" });
  }
  const generations = [...new Set(units.map((unit) => (unit.kind === "sealed" ? unit.generation : 0)))];
  return ok({
    days: reading.found,
    freshToMs,
    stale: [...stale, ...reading.stale],
    generations: generations.sort((a, b) => a - b),
    cost: reading.cost,
  });
}

class TooLarge extends Error {}

class Reading<Found> {
  readonly found: FoundDay<Found>[] = [];
  readonly stale: string[] = [];
  readonly cost: ScanCost = { files: 0, rows: 0, bytes: 0, cached: 0 };
  /** What there is to read. */
  readonly size = { rows: 0, bytes: 0 };
  readonly #bucket: R2Bucket;
  readonly #merchant: string;
  readonly #units: readonly ScanUnit[];
  /** Of whole days, and of days of which there are cuts. */
  readonly #whole: Scanner<Found>;
  readonly #cut: Scanner<Found>;
  readonly #untilMs = Date.now() + SCAN_MS_MAX;

  constructor(bucket: R2Bucket, merchant: string, request: ScanRequest<Found>, units: readonly ScanUnit[]) {
    this.#bucket = bucket;
    this.#merchant = merchant;
    this.#units = units;
    this.#whole = request.scanner(false);
    this.#cut = request.scanner(true);
  }

  async run(): Promise<void> {
    const kept = await KeptDays.of(this.#merchant, this.#whole);
    const sealed = this.#units.filter((unit) => unit.kind === "sealed");
    const known = await kept.find(sealed);
    for (const [unit, found] of known) this.#take(unit, found);
    const rest = sealed.filter((unit) => !known.has(unit));
    if (rest.length > SCAN_FILES_MAX) throw new TooLarge();
    this.#count(
      rest.reduce((sum, { events }) => sum + events, 0),
      0,
    );
    await pooled(rest, FILES_AT_ONCE, async (unit) => {
      const found = await this.#readSealed(unit);
      if (found !== null) kept.keep(unit, found);
    });
    kept.save(sealed);
    for (const unit of this.#units) if (unit.kind === "open") await this.#readOpen(unit, kept);
  }

  #take({ day }: ScanUnit, found: Found): void {
    this.found.push({ day, found });
    this.cost.cached++;
  }

  async #readSealed(unit: SealedUnit): Promise<Found | null> {
    this.#checkTime();
    const key = derivedFileKey(this.#merchant, unit.day.day.date, unit.shard, unit.generation);
    try {
      return await again(() => this.#readFile(key, unit));
    } catch (error) {
      if (!(error instanceof DerivedFileError)) throw error;
      console.error(JSON.stringify({ event: "derived_file_unreadable", key, error: error.message }));
      this.#missing(unit);
      return null;
    }
  }

  async #readFile(key: string, unit: SealedUnit): Promise<Found | null> {
    const reader = new DerivedReader(this.#bucket, key);
    if (!(await reader.open())) {
      console.error(JSON.stringify({ event: "derived_file_missing", key }));
      this.#missing(unit);
      return null;
    }
    const scanner = isWhole(unit) ? this.#whole : this.#cut;
    const groups = reader.groups.filter((group) => !scanner.byEvent || touches(unit.day, group));
    this.#count(
      0,
      groups.reduce((sum, group) => sum + reader.bytesOf(group, scanner.columns), 0),
    );
    const day = scanner.day(unit.day.day, unit.day.cuts, reader.currency, groups.length === 1);
    const batches = new DayBatches(reader, groups, scanner);
    for (const pass of day.passes)
      for await (const batch of batches.pass(() => this.#checkTime())) day.take(pass, batch);
    const found = day.found();
    this.found.push({ day: unit.day, found });
    this.cost.files++;
    this.cost.bytes += reader.bytesRead;
    for (const { rows } of groups) this.cost.rows += rows;
    return found;
  }

  async #readOpen(unit: OpenUnit, kept: KeptDays<Found>): Promise<void> {
    this.#checkTime();
    const { day, shard } = unit;
    let rows: Awaited<ReturnType<typeof openRows>>;
    try {
      rows = await again(() => openRows(this.#bucket, this.#merchant, unit));
    } catch (error) {
      console.warn(`scan: ${this.#merchant}/${shard} ${day.day.date} was not folded: ${String(error)}`);
      this.stale.push(`Events of ${day.day.date} cannot be read just now: they are missing.`);
      return;
    }
    if (!rows.ok) {
      this.size.rows += rows.failure;
      throw new TooLarge();
    }
    const { events } = rows.value;
    const known = kept.findOpen(unit, events);
    if (known !== undefined) return this.#take(unit, known);
    const scanner = isWhole(unit) ? this.#whole : this.#cut;
    const batch = rows.value.batch(scanner.columns);
    const scan = scanner.day(day.day, day.cuts, rows.value.merchant.currency, true);
    for (const pass of scan.passes) scan.take(pass, batch);
    const found = scan.found();
    this.found.push({ day, found });
    this.cost.rows += batch.rows;
    kept.keepOpen(unit, events, found);
  }

  #missing({ day, shard }: SealedUnit): void {
    const { date } = day.day;
    this.stale.push(
      `The file of the events of ${date} (shard ${shard}) cannot be read: they are missing until the day is counted again.`,
    );
  }

  #count(rows: number, bytes: number): void {
    this.size.rows += rows;
    this.size.bytes += bytes;
    if (this.size.rows > SCAN_EVENTS_MAX || this.size.bytes > SCAN_BYTES_MAX) throw new TooLarge();
  }

  #checkTime(): void {
    if (Date.now() > this.#untilMs) throw new TooLarge();
  }
}

/** Whether some event of the group may be in some cut of the day. */
const touches = ({ cuts }: ScannedDay, { firstMs, lastMs }: DerivedGroup): boolean =>
  cuts.some((cut) => cut === null || (firstMs < cut.toMs && lastMs >= cut.fromMs));

/** What was replaced while it was read, or did not come, is read once more. */
async function again<Value>(read: () => Promise<Value>): Promise<Value> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof TooLarge || error instanceof TooManyRows || error instanceof DerivedFileError) throw error;
    if (!(error instanceof NotRead)) console.warn(`scan: ${String(error)}`);
    return read();
  }
}

async function pooled<Item>(items: readonly Item[], count: number, work: (item: Item) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) await work(items[next++]!);
  };
  await Promise.all(Array.from({ length: Math.min(count, items.length) }, worker));
}
