// Holds a counting of a day against the hours that Postgres has, a few hours at a time. On the way the hours become the
// day's rollup, and a hash that stands for all of them. A counting of a new generation is written first, so that what is
// proven is what readers will see.

import { type DayRollup, DayRollupBuilder, type DayRollupKey } from "../core/day-rollup.ts";
import { Differences } from "../core/difference.ts";
import type { Rollup } from "../core/rollup.ts";
import type { Sql } from "../migrations/database.ts";
import { RunningHash } from "./hash.ts";
import { readHours } from "./published-day.ts";
import { WRITE_HOURS } from "./statement.ts";

/** JSON of hours that are read, written and compared at a time; one hour may be larger. */
const BATCH_CHARS_MAX = 1_000_000;

export interface Proof {
  /** Empty when every hour is as it was counted. `before` is what Postgres has. */
  differences: Differences;
  /** Of all hours but for their sequences, SHA-256 in hexadecimal. */
  hash: string;
  daily: DayRollup;
}

export interface Provable {
  key: DayRollupKey;
  generation: number;
  /** First instants of the day's hours. */
  grid: readonly number[];
  /** As they were counted, in their order. */
  hours: AsyncIterable<Rollup>;
  /** Write them first. */
  write: boolean;
}

export async function proveDay(sql: Sql, { key, generation, grid, hours, write }: Provable): Promise<Proof> {
  const differences = new Differences();
  const hash = new RunningHash();
  const builder = new DayRollupBuilder(key);
  let next = 0;
  const compare = async (batch: readonly Rollup[], toMs: number): Promise<void> => {
    if (write && batch.length > 0) await sql.query(WRITE_HOURS, [JSON.stringify(batch), generation]);
    const asked = grid.slice(next).filter((hourMs) => hourMs <= toMs);
    next += asked.length;
    const published = new Map((await readHours(sql, key, generation, asked)).map((rollup) => [rollup.hour, rollup]));
    const counted = new Map(batch.map((rollup) => [rollup.hour, rollup]));
    for (const hourMs of asked) differences.add(published.get(hourMs) ?? null, counted.get(hourMs) ?? null);
  };
  let batch: Rollup[] = [];
  let chars = 0;
  for await (const rollup of hours) {
    const text = JSON.stringify({ ...rollup, seq: 0 });
    if (batch.length > 0 && chars + text.length > BATCH_CHARS_MAX) {
      await compare(batch, batch.at(-1)!.hour);
      batch = [];
      chars = 0;
    }
    batch.push(rollup);
    chars += text.length;
    await hash.add(text);
    builder.add(rollup);
  }
  await compare(batch, Number.POSITIVE_INFINITY);
  return { differences, hash: hash.hex, daily: builder.build() };
}
