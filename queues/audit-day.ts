// Proves one closed day of a shard again, and changes nothing: the raw file is read back and hashed, its events are counted once
// more by the rules of the generation that readers see, and what comes of that is held against everything that is kept of the
// day. What differs is a finding; each kind of thing says the first one.

import type { Finding } from "../core/audit.ts";
import { derivedFileKey, rawFileKey } from "../core/archive.ts";
import { balanced, type Books } from "../core/books.ts";
import type { DayRollup } from "../core/day-rollup.ts";
import { Differences } from "../core/difference.ts";
import { withErased } from "../core/erasure.ts";
import { textOf } from "../core/error-text.ts";
import { HOURS_KEPT_DAYS } from "../core/limits.ts";
import type { Merchant } from "../core/merchant.ts";
import { processing, sameProcessing } from "../core/processing.ts";
import { NO_RULES } from "../core/rules.ts";
import { LATE } from "../core/shard.ts";
import { type Day, dayOf } from "../core/zone.ts";
import type { Sql } from "../migrations/database.ts";
import { openRawFile, RawDayError, type RawFile, readRawFile } from "../archive/raw-day.ts";
import type { Bindings } from "./bindings.ts";
import { throughOf } from "./count-again.ts";
import { linesOf } from "./count-day.ts";
import { derivedIn, DerivedSums, type Sums } from "./derived-sums.ts";
import { DayFold } from "./fold-day.ts";
import { RunningHash } from "./hash.ts";
import { r2Shelf } from "./hour-shelf.ts";
import { proveDay } from "./prove-day.ts";
import { readDay } from "./published-day.ts";
import type { Claim, UnitKey } from "./replay-unit.ts";

export interface Audit {
  findings: Finding[];
  /** Events read. */
  rows: number;
}

export interface ToAudit {
  key: UnitKey;
  /** As it was for the whole of that day. */
  merchant: Merchant;
  claim: Claim;
}

interface Kept extends Books {
  proof: string | null;
}

export async function auditDay(
  env: Pick<Bindings, "ARCHIVE">,
  sql: Sql,
  audit: ToAudit,
  nowMs: number,
): Promise<Audit> {
  const { key, claim } = audit;
  const [kept] =
    (await sql`SELECT received::float8, accepted::float8, duplicate::float8, rejected, verdicts, proof FROM day_book
    WHERE date = ${key.date} AND merchant = ${key.merchant} AND shard = ${key.shard}`) as Kept[];
  if (kept === undefined) return { findings: [{ what: "books", note: "Postgres has no row of the day" }], rows: 0 };
  if (claim.isDropped) return { findings: [{ what: "raw", note: NOT_KEPT }], rows: 0 };
  const raw = await openRaw(env.ARCHIVE, key, claim.sealedSeq);
  if (!("file" in raw)) return { findings: [raw], rows: 0 };
  const day = dayOf(audit.merchant.zone, key.date);
  const shelf = r2Shelf(env.ARCHIVE, `outbox/${key.merchant}/${key.shard}/replay-${key.run}-${claim.claim}-`);
  const rules = claim.countedAs?.rules ?? claim.rulesThen ?? NO_RULES;
  const fold = new DayFold(day, audit.merchant, key.shard, claim.sealedSeq ?? 0, shelf, rules);
  const sums = new DerivedSums(audit.merchant.currency);
  try {
    const findings = await countOnce(raw, day, fold, sums);
    findings.push(...(await rollupsOf(sql, audit, { day, fold, proof: kept.proof, nowMs })));
    findings.push(...(await derivedOf(env.ARCHIVE, key, claim.base, sums.sums)));
    findings.push(...booksOf(kept, withErased(fold.verdicts, raw.erased)));
    return { findings: explained(findings, claim), rows: fold.accepted };
  } finally {
    await fold.clear();
  }
}

const NOT_KEPT = "its single events are no longer kept, as the merchant has asked: there is nothing to prove it by";

async function openRaw(bucket: R2Bucket, key: UnitKey, sealedSeq: number | null): Promise<RawFile | Finding> {
  try {
    const name = rawFileKey(key.merchant, key.date, key.shard, sealedSeq ?? (await throughOf(bucket, key)));
    if ((await bucket.head(name)) === null) return { what: "raw", note: `${name} is not in R2` };
    return await openRawFile(bucket, name);
  } catch (error) {
    if (error instanceof RawDayError) return { what: "raw", note: textOf(error) };
    throw error;
  }
}

/** Folds the file's events; finds that it does not read as it was written. */
async function countOnce(raw: RawFile, day: Day, fold: DayFold, sums: DerivedSums): Promise<Finding[]> {
  const hash = new RunningHash();
  try {
    for await (const events of readRawFile(raw, day)) {
      await hash.add(linesOf(events));
      sums.add(await fold.fold(events));
    }
  } catch (error) {
    if (error instanceof RawDayError) return [{ what: "raw", note: textOf(error) }];
    throw error;
  }
  if (hash.hex !== raw.hash) return [{ what: "raw", note: `${raw.key} has other events than were written` }];
  return [];
}

interface Counted {
  day: Day;
  fold: DayFold;
  /** As the seal or the replay recorded it. */
  proof: string | null;
  nowMs: number;
}

async function rollupsOf(sql: Sql, { key, merchant, claim }: ToAudit, counted: Counted): Promise<Finding[]> {
  const { day, fold, proof, nowMs } = counted;
  const again = await proveDay(sql, {
    key: { merchant: key.merchant, date: key.date, shard: key.shard, currency: merchant.currency },
    generation: claim.base,
    grid: day.hours,
    hours: fold.hours(),
    write: false,
  });
  const findings: Finding[] = [];
  const { first } = again.differences;
  // Hours of long ago are no longer kept; the hash that was made of them is.
  const areKept = nowMs - day.endMs < (HOURS_KEPT_DAYS - 1) * 86_400_000;
  if (first !== null && areKept) findings.push({ what: "hours", ...first });
  if (proof !== null && proof !== again.hash)
    findings.push({ what: "proof", note: `recorded ${proof.slice(0, 12)}…, counted ${again.hash.slice(0, 12)}…` });
  const seen = await readDay(sql, key, claim.base);
  const differences = new Differences(1);
  differences.add(seen, seen === null && isEmpty(again.daily) ? null : again.daily);
  if (differences.first !== null) findings.push({ what: "day", ...differences.first });
  return findings;
}

const isEmpty = ({ totals, dimensions }: DayRollup): boolean =>
  Object.values(totals).every((n) => n === 0) && Object.keys(dimensions).length === 0;

async function derivedOf(bucket: R2Bucket, key: UnitKey, generation: number, counted: Sums): Promise<Finding[]> {
  const name = derivedFileKey(key.merchant, key.date, key.shard, generation);
  if ((await bucket.head(name)) === null) return [{ what: "derived", note: `${name} is not in R2` }];
  const kept = await derivedIn(bucket, name);
  if (!kept.ok) return [{ what: "derived", note: `${name}: ${kept.failure}` }];
  const names = [...new Set([...Object.keys(kept.value), ...Object.keys(counted)])].sort();
  const differing = names.find((sum) => (kept.value[sum] ?? 0n) !== (counted[sum] ?? 0n));
  if (differing === undefined) return [];
  const [before, after] = [kept.value, counted].map((sums) => Number(sums[differing] ?? 0n)) as [number, number];
  return [{ what: "derived", value: differing, before, after }];
}

function booksOf(kept: Books, counted: Books["verdicts"]): Finding[] {
  const { [LATE]: _, ...verdicts } = kept.verdicts;
  const names = [...new Set([...Object.keys(verdicts), ...Object.keys(counted)])].sort();
  const wrong = names.find((verdict) => (verdicts[verdict] ?? 0) !== (counted[verdict] ?? 0));
  if (wrong !== undefined)
    return [{ what: "books", value: wrong, before: verdicts[wrong] ?? 0, after: counted[wrong] ?? 0 }];
  return balanced(kept) ? [] : [{ what: "books", note: "they do not balance" }];
}

/** Other code than counted the day may well count something else. */
function explained(findings: Finding[], { countedAs }: Claim): Finding[] {
  if (countedAs === null || sameProcessing(countedAs, processing())) return findings;
  const note = `the day was counted by version ${countedAs.version}, this is ${processing().version}`;
  return findings.map((finding) => ({
    ...finding,
    note: finding.note === undefined ? note : `${finding.note}; ${note}`,
  }));
}
