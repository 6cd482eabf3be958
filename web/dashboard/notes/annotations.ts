// Notes at moments of the merchant's time, and which bucket of a chart each stands at. Pure.

import type { AnnotationView } from "../../../core/annotation-view.ts";
import type { Interval } from "../range.ts";

/** By bucket; those before the first one are left out. `labels` are in the order of time. */
export function notesByBucket(
  labels: readonly string[],
  interval: Interval,
  notes: readonly AnnotationView[],
): ReadonlyMap<number, readonly AnnotationView[]> {
  return Map.groupBy(
    notes.filter((note) => bucketOf(labels, interval, note) >= 0),
    (note) => bucketOf(labels, interval, note),
  );
}

/** The last one that has begun by then: buckets of weeks and months are named by their first days. */
function bucketOf(labels: readonly string[], interval: Interval, { date, hour }: AnnotationView): number {
  const moment = interval === "hour" ? `${date} ${hourText(hour ?? 0)}` : date;
  return labels.findLastIndex((label) => label.slice(0, moment.length) <= moment);
}

export const hourText = (hour: number): string => String(hour).padStart(2, "0");
