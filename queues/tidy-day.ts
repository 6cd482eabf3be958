// What a seal removes once the day book says that the day is sealed, and not before: raw files whose events the sealed file
// has, and countings of the day that nobody sees any more. Repeating it does no harm.

import { derivedNameOf, derivedPrefix } from "../core/archive.ts";
import type { Day } from "../core/zone.ts";
import type { Sql } from "../migrations/database.ts";
import { dropOtherGenerations, generationsInUse } from "./day-book.ts";
import type { DayKey } from "./published-day.ts";
import type { RawFile, RawListing } from "../archive/raw-day.ts";

const DELETED_AT_ONCE = 1_000;

/** Removes what a sealed file holds: chunks, and files of seals before it. */
export async function dropSpent(
  bucket: R2Bucket,
  { files, chunks }: RawListing,
  sealedSeq: number,
  file: RawFile,
): Promise<void> {
  const spent = [
    ...files.filter(({ through }) => through < sealedSeq),
    ...chunks.filter(({ from }) => from <= file.chunksTo),
  ].map(({ key }) => key);
  for (let at = 0; at < spent.length; at += DELETED_AT_ONCE) await bucket.delete(spent.slice(at, at + DELETED_AT_ONCE));
}

/** Removes what seals and attempts before this one have counted, unless a replay stands on it. */
export async function dropUnseen(bucket: R2Bucket, sql: Sql, key: DayKey, day: Day): Promise<void> {
  const kept = await generationsInUse(sql, key);
  await dropOtherGenerations(sql, key, day.hours, kept);
  const { objects } = await bucket.list({ prefix: derivedPrefix(key.merchant, key.date) });
  const unseen = objects.flatMap(({ key: name }) => {
    const derived = derivedNameOf(name);
    return derived === null || derived.shard !== key.shard || kept.includes(derived.generation) ? [] : [name];
  });
  if (unseen.length > 0) await bucket.delete(unseen);
}
