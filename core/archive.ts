// Where events rest in R2. A key is a function of what a chunk holds, so writing it twice is writing it once. The
// paths are Hive-style: DuckDB, Spark and ClickHouse read a merchant's days as partitions.

export interface ChunkName {
  merchant: string;
  /** The merchant-local date, YYYY-MM-DD. */
  date: string;
  shard: number;
  /** First and last log sequence. */
  from: number;
  to: number;
}

/** Everything raw of one merchant and day. */
export const rawPrefix = (merchant: string, date: string): string => `raw/merchant=${merchant}/date=${date}/`;

/** Keys of a shard sort by sequence up to 10¹² commits: a shard that commits 100 times a second has 300 years. */
export const chunkKey = ({ merchant, date, shard, from, to }: ChunkName): string =>
  `${rawPrefix(merchant, date)}s${padded(shard, 2)}-${padded(from, 12)}-${padded(to, 12)}.ndjson.gz`;

const padded = (n: number, digits: number): string => String(n).padStart(digits, "0");

/** The raw file of a sealed day: all that the log has of the day up to the seal's sequence. */
export const rawFileKey = (merchant: string, date: string, shard: number, through: number): string =>
  `${rawPrefix(merchant, date)}s${padded(shard, 2)}-${padded(through, 12)}.parquet`;

/** The events with what one counting of the day made of them. */
export const derivedFileKey = (merchant: string, date: string, shard: number, generation: number): string =>
  `${derivedPrefix(merchant, date)}g${padded(generation, 6)}-s${padded(shard, 2)}.parquet`;

export const derivedPrefix = (merchant: string, date: string): string => `events/merchant=${merchant}/date=${date}/`;

/** The generation and shard of a key under `derivedPrefix`; null for anything that is none of ours. */
export function derivedNameOf(key: string): { generation: number; shard: number } | null {
  const name = /g(\d{6,})-s(\d{2})\.parquet$/.exec(key);
  return name === null ? null : { generation: Number(name[1]), shard: Number(name[2]) };
}

/** Everything raw of one shard's day. */
export const rawShardPrefix = (merchant: string, date: string, shard: number): string =>
  `${rawPrefix(merchant, date)}s${padded(shard, 2)}-`;

export type RawName = { kind: "file"; through: number } | ({ kind: "chunk" } & Pick<ChunkName, "from" | "to">);

/** What a key under `rawPrefix` names; null for anything that is none of ours. */
export function rawNameOf(key: string): RawName | null {
  const name = /s\d{2}-(\d{12})(?:\.parquet|-(\d{12})\.ndjson\.gz)$/.exec(key);
  if (name === null) return null;
  const first = Number(name[1]);
  return name[2] === undefined ? { kind: "file", through: first } : { kind: "chunk", from: first, to: Number(name[2]) };
}
