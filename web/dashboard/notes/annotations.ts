// Notes at moments of the merchant's time, and which bucket of a chart each stands at. Pure.

import type { Interval } from "../range.ts";

export interface Annotation {
  id: string;
  /** Of the merchant's clock, as is the hour. */
  date: string;
  /** Null: of the whole day. */
  hour: number | null;
  text: string;
  /** Null where that is not for the reader. */
  who: string | null;
}

/** By bucket; those before the first one are left out. `labels` are in the order of time. */
export function notesByBucket(
  labels: readonly string[],
  interval: Interval,
  notes: readonly Annotation[],
): ReadonlyMap<number, readonly Annotation[]> {
  return Map.groupBy(
    notes.filter((note) => bucketOf(labels, interval, note) >= 0),
    (note) => bucketOf(labels, interval, note),
  );
}

/** The last one that has begun by then: buckets of weeks and months are named by their first days. */
function bucketOf(labels: readonly string[], interval: Interval, { date, hour }: Annotation): number {
  const moment = interval === "hour" ? `${date} ${hourText(hour ?? 0)}` : date;
  return labels.findLastIndex((label) => label.slice(0, moment.length) <= moment);
}

export const hourText = (hour: number): string => String(hour).padStart(2, "0");
