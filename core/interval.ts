// Buckets of time on the merchant's clock, and their labels: dates for days, weeks (from Monday) and months, wall clock
// times for hours and minutes. Where the clock shows a time twice, both are one bucket: a label is a bucket.

import type { Range } from "./date-range.ts";
import { memo } from "./memo.ts";
import { addDays, addMonths, dayAt, dayOf, hourEnd, monthStart, wallClock, weekStart } from "./zone.ts";

export const INTERVALS = ["minute", "hour", "day", "week", "month"] as const;
export type Interval = (typeof INTERVALS)[number];

/** A bucket whole, also where the range cuts it. */
export interface Bucket {
  label: string;
  startMs: number;
  endMs: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** What `time` means: some 50 to 100 buckets at most. */
export function intervalFor({ fromMs, toMs }: Range): Interval {
  const days = (toMs - fromMs) / DAY_MS;
  if (days <= 2 / 24) return "minute";
  if (days <= 2.1) return "hour";
  if (days <= 92.1) return "day";
  return days <= 367 ? "week" : "month";
}

/** Gives the label of the bucket that an instant of a local date falls into. Remembers: hours come in thousands. */
export function labelsOf(zone: string, interval: Interval): (date: string, ms: number) => string {
  const known = new Map<string | number, string>();
  const byDate = interval !== "hour" && interval !== "minute";
  return (date, ms) => {
    const key = byDate ? date : ms;
    let label = known.get(key);
    if (label === undefined) {
      label = labelOf(zone, interval, date, ms);
      known.set(key, label);
    }
    return label;
  };
}

function labelOf(zone: string, interval: Interval, date: string, ms: number): string {
  switch (interval) {
    case "minute":
      return `${wallClock(zone, ms).slice(0, 16)}:00`;
    case "hour":
      return hourLabel(`${zone} ${ms}`);
    case "day":
      return date;
    case "week":
      return weekStart(date);
    case "month":
      return monthStart(date);
  }
}

/** Of a zone and an instant: asking the calendar for each hour of a month would take longer than all else. */
const hourLabel = memo((key) => {
  const [zone = "", ms] = key.split(" ");
  return `${wallClock(zone, Number(ms)).slice(0, 13)}:00:00`;
});

/** All buckets that the range touches, in order. */
export function bucketsOf(zone: string, interval: Interval, range: Range): Bucket[] {
  const buckets = new Map<string, Bucket>();
  for (const { label, startMs, endMs } of steps(zone, interval, range)) {
    const bucket = buckets.get(label);
    if (bucket === undefined) buckets.set(label, { label, startMs, endMs });
    else bucket.endMs = endMs;
  }
  return [...buckets.values()];
}

function* steps(zone: string, interval: Interval, { fromMs, toMs }: Range): Generator<Bucket> {
  if (fromMs >= toMs) return;
  if (interval === "minute") {
    for (let ms = fromMs; ms < toMs; ms += MINUTE_MS)
      yield { label: labelOf(zone, interval, "", ms), startMs: ms, endMs: ms + MINUTE_MS };
    return;
  }
  let { date } = dayAt(zone, fromMs);
  for (let day = dayOf(zone, date); day.startMs < toMs; day = dayOf(zone, date)) {
    if (interval === "hour") {
      for (const hourMs of day.hours) {
        const endMs = hourEnd(day, hourMs);
        if (endMs > fromMs && hourMs < toMs)
          yield { label: labelOf(zone, interval, date, hourMs), startMs: hourMs, endMs };
      }
      date = addDays(date, 1);
      continue;
    }
    const label = labelOf(zone, interval, date, day.startMs);
    const next = interval === "day" ? addDays(label, 1) : interval === "week" ? addDays(label, 7) : addMonths(label, 1);
    // A date that a zone skipped has no instants and so no bucket.
    const bucket = { label, startMs: dayOf(zone, label).startMs, endMs: dayOf(zone, next).startMs };
    if (bucket.endMs > bucket.startMs) yield bucket;
    date = next;
  }
}
