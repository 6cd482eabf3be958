// When made-up visits begin: in the rhythm of a day and a week on the shop's own clock for the past, evenly for what happens
// now. The visits of a date, or of a second, are always the same for a seed, and so are their events' ids: sent again, they
// count once.

import { addDays, dayOf, localInstant, weekStart, daysBetween } from "../core/zone.ts";
import { visit, type Shop } from "./demo-visit.ts";
import { Random } from "./random.ts";
import type { WireEvent } from "./send.ts";

export interface Traffic extends Shop {
  /** IANA zone: the clock that people here live by. */
  zone: string;
  visitsPerDay: number;
}

/** Visits by hour of the day: little at night, a little more at noon, most in the evening. */
const HOURS = [5, 3, 2, 2, 2, 4, 9, 16, 23, 28, 31, 33, 37, 34, 31, 31, 33, 37, 43, 52, 59, 55, 37, 17].map(
  (weight, hour) => ({ hour, weight }),
);
/** Visits by weekday from Monday, beside the average. */
const WEEKDAYS = [1.06, 1.08, 1.03, 1.04, 0.9, 0.82, 1.07];

/** All events of the visits that begin on a local date, by time. The last ones are later than that date. */
export function eventsOf(traffic: Traffic, date: string): WireEvent[] {
  const { seed, zone, visitsPerDay } = traffic;
  // A date that the zone has skipped has no instants.
  if (dayOf(zone, date).hours.length === 0) return [];
  const weekday = weekdayOf(date);
  const random = new Random(`${seed} ${date}`);
  const expected = visitsPerDay * (WEEKDAYS[weekday - 1] ?? 1) * random.between(0.88, 1.12);
  const events: WireEvent[] = [];
  for (let n = 0; n < Math.round(expected); n++) {
    const { hour } = random.weighted(HOURS);
    const startMs = localInstant(zone, date, hour, random.below(60), random.below(60)) + random.below(1_000);
    events.push(...visit(traffic, `demo-${seed}-${date}-${n}`, startMs, weekday));
  }
  return events.sort(byTime);
}

/** The events of the days from `first` to `last`, each day in turn, by time, up to now. */
export function* pastEvents(traffic: Traffic, first: string, last: string, nowMs: number): Generator<WireEvent[]> {
  let later: WireEvent[] = [];
  for (let date = first; date <= last; date = addDays(date, 1)) {
    const events = [...later, ...eventsOf(traffic, date)].sort(byTime);
    const endMs = Math.min(dayOf(traffic.zone, date).endMs, nowMs + 1);
    const firstLater = events.findIndex((event) => event.occurred_at >= endMs);
    const until = firstLater < 0 ? events.length : firstLater;
    yield events.slice(0, until);
    later = events.slice(until);
  }
}

/** All events of the visits that begin in one second, counted since 1970; refunds, days later, among them. */
export function eventsOfSecond(traffic: Traffic, second: number, visitsPerSecond: number): WireEvent[] {
  const random = new Random(`${traffic.seed} ${second}`);
  const weekday = ((Math.floor(second / 86_400) + 3) % 7) + 1;
  const events: WireEvent[] = [];
  // Visitors do not know of each other: the time to the next one has no memory.
  let at = random.exponential(1 / visitsPerSecond);
  for (let n = 0; at < 1; n++) {
    const startMs = Math.floor((second + at) * 1_000);
    events.push(...visit(traffic, `live-${traffic.seed}-${second}-${n}`, startMs, weekday));
    at += random.exponential(1 / visitsPerSecond);
  }
  return events.sort(byTime);
}

const byTime = (a: WireEvent, b: WireEvent): number => a.occurred_at - b.occurred_at;

/** 1 is Monday. */
const weekdayOf = (date: string): number => daysBetween(weekStart(date), date) + 1;
