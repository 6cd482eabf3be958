// Hours of a merchant as a report reads them, from two places that may both have one: Postgres (published) and the
// merchant's objects (newer, or not yet published). The higher sequence replaces; nothing is ever added together, so
// it doesn't matter how often or in which order an hour arrives.

import type { Rollup } from "./rollup.ts";

/** A rollup, or as much of it as a plan reads. */
export interface HourSlice extends Pick<Rollup, "hour" | "date" | "shard" | "currency" | "seq" | "foreign"> {
  totals: Partial<Rollup["totals"]>;
  anonymous?: string | null;
  identified?: string | null;
  minutes?: Rollup["minutes"];
  dimensions: Rollup["dimensions"];
  sketches: Rollup["sketches"];
}

/**
 * One slice for each hour and shard: the one with the higher sequence. At the same sequence the object's, since an hour
 * that travels in parts may be in Postgres with some of them missing still.
 */
export function newestHours(published: readonly HourSlice[], live: readonly HourSlice[]): HourSlice[] {
  const newest = new Map<string, HourSlice>();
  for (const slice of published) {
    const known = newest.get(keyOf(slice));
    if (known === undefined || slice.seq > known.seq) newest.set(keyOf(slice), slice);
  }
  for (const slice of live) {
    const known = newest.get(keyOf(slice));
    if (known === undefined || slice.seq >= known.seq) newest.set(keyOf(slice), slice);
  }
  return [...newest.values()];
}

const keyOf = (slice: HourSlice): string => `${slice.hour}/${slice.shard}`;
