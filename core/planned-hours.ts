// Which hours and days a plan over rollups reads, of Postgres and of the merchant's objects.

import type { Range } from "./date-range.ts";
import { labelsOf } from "./interval.ts";
import type { HoursRequest } from "./messages.ts";
import type { RollupPlan } from "./plan.ts";
import { addDays, type Day, dayAt, dayOf, hourAt, hourEnd } from "./zone.ts";

/**
 * What a shard is asked: everything in one question, so the compared range and what lies between comes too; and whole
 * hours, since a shard looks at where they begin.
 */
export function askedOf(plan: RollupPlan, all: boolean): HoursRequest {
  const ranges = rangesOf(plan);
  return {
    fromMs: hourStart(plan.zone, Math.min(...ranges.map((range) => range.fromMs))),
    toMs: Math.max(...ranges.map((range) => range.toMs)),
    dimensions: plan.reads.dimension === null ? [] : [plan.reads.dimension],
    minutes: plan.reads.minutes,
    sketches: plan.reads.sketches,
    all,
  };
}

/** The hours that the plan reads, with their local dates: [date, first instant]. */
export function plannedHours(plan: RollupPlan): [string, number][] {
  const hours = new Map<number, string>();
  for (const range of rangesOf(plan)) for (const [date, hourMs] of hoursIn(plan.zone, range)) hours.set(hourMs, date);
  return [...hours].map(([hourMs, date]) => [date, hourMs]);
}

/**
 * The local dates that may be read as whole days, where there is such a row: those that every range of the plan that touches
 * them holds whole.
 */
export function plannedDays(plan: RollupPlan): string[] {
  const { interval, zone } = plan;
  if (interval === "minute" || (interval === "hour" && !readsHoursOfDays(plan))) return [];
  const whole = new Map<string, boolean>();
  for (const range of rangesOf(plan)) {
    for (const day of daysIn(zone, range)) {
      const held = day.startMs >= range.fromMs && day.endMs <= range.toMs && !(interval === "hour" && isRepeating(day));
      whole.set(day.date, held && whole.get(day.date) !== false);
    }
  }
  return [...whole].filter(([, held]) => held).map(([date]) => date);
}

/** By the hour a day's row tells its hours, but for what is in columns of dimensions. */
export const readsHoursOfDays = ({ interval, reads }: RollupPlan): boolean =>
  interval === "hour" && reads.dimension === null;

/** The clock shows some hour twice: both are one bucket, and visitors of both are to be merged. */
function isRepeating({ zone, date, hours }: Day): boolean {
  const labelOf = labelsOf(zone, "hour");
  return new Set(hours.map((hourMs) => labelOf(date, hourMs))).size < hours.length;
}

const rangesOf = ({ range, comparison }: RollupPlan): Range[] => (comparison === null ? [range] : [range, comparison]);

function* daysIn(zone: string, { fromMs, toMs }: Range): Generator<Day> {
  if (fromMs >= toMs) return;
  for (let day = dayAt(zone, fromMs); day.startMs < toMs; day = dayOf(zone, addDays(day.date, 1))) yield day;
}

function* hoursIn(zone: string, range: Range): Generator<[string, number]> {
  for (const day of daysIn(zone, range)) {
    for (const hourMs of day.hours)
      if (hourMs < range.toMs && hourEnd(day, hourMs) > range.fromMs) yield [day.date, hourMs];
  }
}

const hourStart = (zone: string, ms: number): number => hourAt(dayAt(zone, ms), ms);
