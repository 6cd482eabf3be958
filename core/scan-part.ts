// What a scan has found out of one day of one shard, as data that can be kept: the day never changes, so neither does its
// part of an answer. Parts of several days become the tallies of an answer.

export interface Part {
  /** Of rows, by `rowKey`. Where rows are by day, week or month the bucket is not in it: it is that of the day. */
  keys: string[];
  /** By measure of the question, then by row. */
  sums: number[][];
  /** By row, distinct visitors without a supplied id: they cannot recur on another day. Null when they are not asked for. */
  anonymous: number[] | null;
  /** By row, the sketch of those with one; null when there are none. */
  identified: (string | null)[] | null;
  /** Products and the names to show for them. */
  labels: [string, string][];
  /** Orders and refunds in another currency. */
  foreign: number;
}

/** The parts of a day of one shard: by question, then by cut of the day (core/scan-days.ts). */
export interface DayParts {
  /** What its money is in. */
  currency: string;
  parts: Part[][];
}
