// For tests of reports: rollups made from a plain list of visits, by the obvious way and not by the fold, so that a
// report over the rollups can be held against a count over the list.

import { type Column, type ColumnSketches, MEASURES, type Measure, type Rollup } from "./rollup.ts";
import { Sketch } from "./sketch.ts";
import { dayAt, hourAt } from "./zone.ts";

export interface VisitFixture {
  /** A person. Recognised on other days only if identified. */
  person: number;
  identified: boolean;
  atMs: number;
  channel: string;
  pages: string[];
  /** Minor units × 10⁴; 0 for a visit without an order. */
  gross: number;
}

/** One pageview of somebody, directly. `at` is an instant. */
export const visitAt = (at: string, over: Partial<VisitFixture> = {}): VisitFixture => ({
  person: 1,
  identified: false,
  atMs: Date.parse(at),
  channel: "Direct",
  pages: ["/"],
  gross: 0,
  ...over,
});

export const visitorId = (zone: string, { person, identified, atMs }: VisitFixture): string =>
  hash(identified ? `${person}` : `${person} on ${dayAt(zone, atMs).date}`);

export function rollupsOf(merchant: string, zone: string, shards: number, visits: readonly VisitFixture[]): Rollup[] {
  const hours = new Map<string, VisitFixture[]>();
  for (const visit of visits) {
    const key = `${hourAt(dayAt(zone, visit.atMs), visit.atMs)}/${visit.person % shards}`;
    hours.set(key, [...(hours.get(key) ?? []), visit]);
  }
  return [...hours].map(([key, inHour]) => {
    const [hour, shard] = key.split("/").map(Number) as [number, number];
    return rollupOf(merchant, zone, hour, shard, inHour);
  });
}

function rollupOf(merchant: string, zone: string, hour: number, shard: number, visits: VisitFixture[]): Rollup {
  const [channel, channelSketches] = columnOf(zone, visits, (visit) => [visit.channel]);
  const [page, pageSketches] = columnOf(zone, visits, (visit) => visit.pages);
  const [event, eventSketches] = columnOf(zone, visits, eventsOf);
  const [minutes] = columnOf(zone, visits, (visit) => [String(Math.floor((visit.atMs - hour) / 60_000))]);
  return {
    merchant,
    shard,
    date: dayAt(zone, hour).date,
    hour,
    currency: "EUR",
    seq: visits.length,
    totals: measuresOf(visits),
    foreign: 0,
    anonymous: sketchOf(
      zone,
      visits.filter(({ identified }) => !identified),
    ),
    identified: sketchOf(
      zone,
      visits.filter(({ identified }) => identified),
    ),
    minutes: { ...minutes, v: minutes.v.map(Number) },
    dimensions: { channel, page, event },
    sketches: { channel: channelSketches, page: pageSketches, event: eventSketches },
  };
}

const eventsOf = ({ gross }: VisitFixture): string[] => (gross > 0 ? ["pageview", "purchase"] : ["pageview"]);

/** Each visit lasts a second per page. Its measures count under every value that it has. */
function measuresOf(visits: readonly VisitFixture[]): Record<Measure, number> {
  const measures = Object.fromEntries(MEASURES.map((measure) => [measure, 0])) as Record<Measure, number>;
  for (const { pages, gross } of visits) {
    measures.visits += 1;
    measures.pageviews += pages.length;
    measures.events += pages.length + Number(gross > 0);
    measures.bounces += Number(pages.length === 1 && gross === 0);
    measures.duration += 1_000 * (pages.length - 1);
    measures.orders += Number(gross > 0);
    measures.gross += gross;
  }
  return measures;
}

function columnOf(
  zone: string,
  visits: readonly VisitFixture[],
  valuesOf: (visit: VisitFixture) => string[],
): [Column, ColumnSketches] {
  const byValue = new Map<string, VisitFixture[]>();
  for (const visit of visits)
    for (const value of new Set(valuesOf(visit))) byValue.set(value, [...(byValue.get(value) ?? []), visit]);
  const groups = [...byValue.values()];
  const column: Column = { v: [...byValue.keys()] };
  column.visitors = groups.map((group) => new Set(group.map((visit) => visitorId(zone, visit))).size);
  for (const measure of MEASURES) {
    const numbers = groups.map((group) => measuresOf(group)[measure]);
    if (numbers.some((n) => n !== 0)) column[measure] = numbers;
  }
  const sketches: ColumnSketches = {
    anonymous: groups.map((group) =>
      sketchOf(
        zone,
        group.filter(({ identified }) => !identified),
      ),
    ),
    identified: groups.map((group) =>
      sketchOf(
        zone,
        group.filter(({ identified }) => identified),
      ),
    ),
  };
  return [column, sketches];
}

function sketchOf(zone: string, visits: readonly VisitFixture[]): string | null {
  if (visits.length === 0) return null;
  const sketch = new Sketch();
  for (const visit of visits) sketch.addHex(visitorId(zone, visit));
  return sketch.toHex();
}

/** 64 bits that differ for different texts as far as a test can notice. */
function hash(text: string): string {
  let hi = 0x9e3779b9;
  let lo = 0x85ebca6b;
  for (let at = 0; at < text.length; at++) {
    hi = Math.imul(hi ^ text.charCodeAt(at), 0x01000193) ^ (lo >>> 7);
    lo = Math.imul(lo ^ (text.charCodeAt(at) + at), 0x27d4eb2f) ^ (hi >>> 11);
  }
  return [hi, lo].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
}
