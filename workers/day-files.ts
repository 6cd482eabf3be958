// Which files R2 has of a merchant's days: raw ones as readers should take them (the newest of a day's shard, and the chunks
// that are not in it), derived ones in the generation that readers see. Whole dates at a time.

import { derivedNameOf, rawNameOf } from "../core/archive.ts";
import { database } from "../migrations/database.ts";
import { openRawFile } from "../archive/raw-day.ts";
import type { Env } from "./env.ts";

export const KINDS = ["raw", "derived"] as const;
export type Kind = (typeof KINDS)[number];

export interface DayFile {
  /** Of R2. */
  key: string;
  date: string;
  shard: number;
  bytes: number;
  format: "parquet" | "ndjson.gz";
  /** Of derived files. */
  generation?: number;
}

export interface DayFiles {
  files: DayFile[];
  /** The first date that is not in it; null when all are. */
  next: string | null;
}

/** Past so many no other date is begun. R2 lists as many at a time. */
const FILES_MAX = 1_000;

interface Listed {
  key: string;
  size: number;
  date: string;
  shard: number;
}

/** Both dates included. Throws when R2 or Postgres does not answer. */
export async function listDayFiles(
  env: Env,
  merchant: string,
  kind: Kind,
  range: { from: string; to: string },
  filesMax = FILES_MAX,
): Promise<DayFiles> {
  const { listed, next } = await listDates(env.ARCHIVE, prefixOf(merchant, kind), range, filesMax);
  const files = kind === "raw" ? await rawFiles(env.ARCHIVE, listed) : await derivedFiles(env, merchant, listed);
  return { files, next };
}

const prefixOf = (merchant: string, kind: Kind): string =>
  `${kind === "raw" ? "raw" : "events"}/merchant=${merchant}/date=`;

async function listDates(
  bucket: R2Bucket,
  prefix: string,
  { from, to }: { from: string; to: string },
  filesMax: number,
): Promise<{ listed: Listed[]; next: string | null }> {
  const listed: Listed[] = [];
  let cursor: string | undefined;
  for (;;) {
    const where = cursor === undefined ? { startAfter: `${prefix}${from}` } : { cursor };
    const page = await bucket.list({ prefix, limit: filesMax, ...where });
    for (const { key, size } of page.objects) {
      const name = /^(\d{4}-\d\d-\d\d)\/.*?s(\d\d)[-.]/.exec(key.slice(prefix.length));
      if (name === null) continue;
      const [date, shard] = [name[1]!, Number(name[2])];
      if (date > to) return { listed, next: null };
      if (listed.length >= filesMax && date !== listed.at(-1)!.date) return { listed, next: date };
      listed.push({ key, size, date, shard });
    }
    if (!page.truncated) return { listed, next: null };
    cursor = page.cursor;
  }
}

async function rawFiles(bucket: R2Bucket, listed: readonly Listed[]): Promise<DayFile[]> {
  const files: DayFile[] = [];
  for (const group of Map.groupBy(listed, ({ date, shard }) => `${date}/${shard}`).values()) {
    const named = group.map((each) => ({ ...each, name: rawNameOf(each.key) }));
    const sealed = named.flatMap((each) =>
      each.name?.kind === "file" ? [{ ...each, through: each.name.through }] : [],
    );
    const newest = sealed.reduce<(typeof sealed)[number] | null>(
      (best, each) => (best === null || each.through > best.through ? each : best),
      null,
    );
    const chunks = named.flatMap((each) => (each.name?.kind === "chunk" ? [{ ...each, first: each.name.from }] : []));
    // Both are there for a moment after a seal, and when events have come late.
    const chunksTo = newest === null || chunks.length === 0 ? -1 : (await openRawFile(bucket, newest.key)).chunksTo;
    if (newest !== null) files.push(fileOf(newest, "parquet"));
    files.push(...chunks.filter(({ first }) => first > chunksTo).map((chunk) => fileOf(chunk, "ndjson.gz")));
  }
  return files;
}

async function derivedFiles(env: Env, merchant: string, listed: readonly Listed[]): Promise<DayFile[]> {
  if (listed.length === 0) return [];
  const dates = [...new Set(listed.map(({ date }) => date))];
  const rows = (await database(env)`SELECT date::text, shard::float8, generation::float8 FROM day_book
    WHERE date = ANY(${dates}::date[]) AND merchant = ${merchant} AND sealed_at IS NOT NULL`) as {
    date: string;
    shard: number;
    generation: number;
  }[];
  const seen = new Map(rows.map(({ date, shard, generation }) => [`${date}/${shard}`, generation]));
  return listed.flatMap((each) => {
    const generation = derivedNameOf(each.key)?.generation;
    if (generation === undefined || seen.get(`${each.date}/${each.shard}`) !== generation) return [];
    return [{ ...fileOf(each, "parquet"), generation }];
  });
}

const fileOf = ({ key, size, date, shard }: Listed, format: DayFile["format"]): DayFile => ({
  key,
  date,
  shard,
  bytes: size,
  format,
});
