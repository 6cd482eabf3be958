// Which days a scan goes through, and what of each: all of it mostly, whose part of the answer can be kept; at the ends of a
// range also a cut of it.

import type { Range } from "./date-range.ts";
import { addDays, type Day, dayAt, dayOf } from "./zone.ts";

/** Instants of a day, [fromMs, toMs); null for the whole of it. */
export type Cut = { fromMs: number; toMs: number } | null;

export interface ScannedDay {
  day: Day;
  cuts: Cut[];
  /** By range of the plan: which of the cuts is its own; null when it has nothing of the day. */
  ofRange: (number | null)[];
}

/** In their order, each once. */
export function scannedDays(zone: string, ranges: readonly Range[]): ScannedDay[] {
  const days = new Map<string, ScannedDay>();
  for (const [at, range] of ranges.entries()) {
    for (const day of daysIn(zone, range)) {
      const known = days.get(day.date) ?? { day, cuts: [], ofRange: ranges.map(() => null) };
      days.set(day.date, known);
      known.ofRange[at] = placeOf(known.cuts, cutOf(day, range));
    }
  }
  return [...days.values()].sort((a, b) => a.day.startMs - b.day.startMs);
}

function cutOf({ startMs, endMs }: Day, { fromMs, toMs }: Range): Cut {
  if (fromMs <= startMs && toMs >= endMs) return null;
  return { fromMs: Math.max(fromMs, startMs), toMs: Math.min(toMs, endMs) };
}

function placeOf(cuts: Cut[], cut: Cut): number {
  const known = cuts.findIndex((each) => each?.fromMs === cut?.fromMs && each?.toMs === cut?.toMs);
  return known < 0 ? cuts.push(cut) - 1 : known;
}

function* daysIn(zone: string, { fromMs, toMs }: Range): Generator<Day> {
  if (fromMs >= toMs) return;
  for (let day = dayAt(zone, fromMs); day.startMs < toMs; day = dayOf(zone, addDays(day.date, 1)))
    if (day.endMs > day.startMs) yield day;
}
