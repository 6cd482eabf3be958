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
