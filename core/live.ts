// The live view of a shard: who is here now and what they do. A function of the state that reports are made of; the
// object keeps nothing else for it. Shards have disjoint visitors, so a viewer adds them up.

import type { LiveSnapshot } from "./messages.ts";
import { VISIT_DIMENSIONS } from "./rollup.ts";
import type { ShardState } from "./shard.ts";
import { hourAt } from "./zone.ts";

const NOW_MS = 5 * 60_000;
const MINUTES = 30;
const PAGES = 10;
const COUNTRY = VISIT_DIMENSIONS.indexOf("country");

export function liveSnapshot(state: ShardState, nowMs: number): LiveSnapshot {
  const visitors = new Set<string>();
  const pages = new Map<string, number>();
  for (const day of state.days.values()) {
    if (day.day.endMs < nowMs - NOW_MS || day.day.startMs > nowMs) continue;
    for (const [visitor, visits] of day.visits) {
      const visit = visits.find((one) => one.maxMs >= nowMs - NOW_MS);
      if (visit === undefined || visitors.has(visitor)) continue;
      visitors.add(visitor);
      pages.set(visit.exitPage, (pages.get(visit.exitPage) ?? 0) + 1);
    }
  }
  return {
    kind: "live",
    atMs: nowMs,
    visitorsNow: visitors.size,
    minutes: lastMinutes(state, nowMs),
    pages: [...pages]
      .map(([page, n]) => ({ page, visitors: n }))
      .sort((a, b) => b.visitors - a.visitors || (a.page < b.page ? -1 : 1))
      .slice(0, PAGES),
    countries: countriesOf(state, nowMs),
    orders: state.liveOrders,
  };
}

const firstMinuteMs = (nowMs: number): number => Math.floor(nowMs / 60_000) * 60_000 - (MINUTES - 1) * 60_000;

/** Visits are live for longer than the minutes that are told. */
function countriesOf(state: ShardState, nowMs: number): { country: string; visitors: number }[] {
  const sinceMs = firstMinuteMs(nowMs);
  const countries = new Map<string, string>();
  for (const { day, visits: live } of state.days.values()) {
    if (day.endMs < sinceMs || day.startMs > nowMs) continue;
    for (const [visitor, visits] of live) {
      const visit = visits.findLast(({ maxMs }) => maxMs >= sinceMs);
      if (visit !== undefined) countries.set(visitor, visit.attributes[COUNTRY]!);
    }
  }
  return [...Map.groupBy(countries.values(), (country) => country)]
    .map(([country, { length }]) => ({ country, visitors: length }))
    .sort((a, b) => b.visitors - a.visitors || (a.country < b.country ? -1 : 1));
}

function lastMinutes(state: ShardState, nowMs: number): LiveSnapshot["minutes"] {
  const lastMs = Math.floor(nowMs / 60_000) * 60_000;
  const minutes: LiveSnapshot["minutes"] = [];
  for (let atMs = firstMinuteMs(nowMs); atMs <= lastMs; atMs += 60_000) {
    const day = [...state.days.values()].find((one) => one.day.startMs <= atMs && atMs < one.day.endMs);
    const hour = day?.existingHour(hourAt(day.day, atMs)) ?? null;
    const cell = hour?.minutes[Math.min(59, Math.floor((atMs - hour.startMs) / 60_000))] ?? null;
    minutes.push({ atMs, visitors: cell?.visitors ?? 0, pageviews: cell?.pageviews ?? 0, orders: cell?.orders ?? 0 });
  }
  return minutes;
}
