// Hours and days of a merchant as a report reads them, from places that may have the same ones: Postgres (published hours,
// sealed days) and the merchant's objects (hours that are newer, or not yet published). One replaces the other and nothing is
// ever added together, so it doesn't matter how often or in which order an hour arrives:
// a sealed day replaces all hours of its date and shard; of a sealed date Postgres' hours replace the object's, which may
// not know yet that late events or a replay have changed it; otherwise the higher sequence replaces.

import type { DayRollup } from "./day-rollup.ts";
import type { Rollup } from "./rollup.ts";

/** A rollup, or as much of it as a plan reads. */
export interface HourSlice extends Pick<Rollup, "hour" | "date" | "shard" | "currency" | "seq" | "foreign"> {
  /** Of the numbers of its day; an object's are always the live ones, generation 0. */
  generation?: number;
  totals: Partial<Rollup["totals"]>;
  anonymous?: string | null;
  identified?: string | null;
  minutes?: Rollup["minutes"];
  dimensions: Rollup["dimensions"];
  sketches: Rollup["sketches"];
}

/** A sealed day of one shard, or as much of it as a plan reads. */
export interface DaySlice extends Pick<DayRollup, "date" | "shard" | "currency" | "seq" | "foreign"> {
  generation: number;
  totals: Partial<DayRollup["totals"]>;
  /** Distinct anonymous visitors. */
  visitors?: number;
  hours?: DayRollup["hours"];
  identified?: string | null;
  dimensions: DayRollup["dimensions"];
  sketches: DayRollup["sketches"];
}

export type Slice = HourSlice | DaySlice;

export interface Found {
  /** From Postgres, in the generation that readers see. */
  published: readonly HourSlice[];
  /** From Postgres, in the generation that readers see. */
  days: readonly DaySlice[];
  /** `dayKey`s of the dates and shards that are sealed. */
  sealed: ReadonlySet<string>;
  /** From the merchant's objects. */
  live: readonly HourSlice[];
}

export const dayKey = (date: string, shard: number): string => `${date}/${shard}`;

/**
 * The days, and one slice for each hour and shard that none of them holds. At the same sequence it is the object's, since
 * an hour that travels in parts may be in Postgres with some of them missing still.
 */
export function newestSlices({ published, days, sealed, live }: Found): Slice[] {
  const whole = new Set(days.map(({ date, shard }) => dayKey(date, shard)));
  const newest = new Map<string, HourSlice>();
  for (const slice of published) {
    if (whole.has(dayKey(slice.date, slice.shard))) continue;
    const known = newest.get(hourKey(slice));
    if (known === undefined || slice.seq > known.seq) newest.set(hourKey(slice), slice);
  }
  for (const slice of live) {
    const day = dayKey(slice.date, slice.shard);
    if (sealed.has(day) || whole.has(day)) continue;
    const known = newest.get(hourKey(slice));
    if (known === undefined || slice.seq >= known.seq) newest.set(hourKey(slice), slice);
  }
  return [...days, ...newest.values()];
}

const hourKey = (slice: HourSlice): string => `${slice.hour}/${slice.shard}`;
