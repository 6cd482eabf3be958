import { expect, test } from "vitest";
import { DayState } from "../core/day.ts";
import { Differences } from "../core/difference.ts";
import type { Event } from "../core/event.ts";
import { foldEvent } from "../core/fold.ts";
import type { Merchant } from "../core/merchant.ts";
import { EVERYTHING, snapshot } from "../core/rollup-codec.ts";
import { NO_RULES } from "../core/rules.ts";
import { late, reordered, trafficOf } from "../core/traffic.ts";
import { dayOf } from "../core/zone.ts";
import { DayFold } from "./fold-day.ts";
import type { ShelfStore } from "./hour-shelf.ts";

const merchant: Merchant = {
  id: "m_fold",
  name: "",
  zone: "Europe/Berlin",
  currency: "EUR",
  domains: ["shop.example"],
  shards: 1,
};
/** The clocks go back: 25 hours. */
const DAY = dayOf(merchant.zone, "2026-10-25");

class Store implements ShelfStore {
  readonly kept = new Map<string, Uint8Array>();
  puts = 0;
  gets = 0;

  async put(name: string, bytes: Uint8Array): Promise<void> {
    this.puts++;
    this.kept.set(name, bytes);
  }

  async get(name: string): Promise<Uint8Array> {
    this.gets++;
    return this.kept.get(name)!;
  }

  async delete(names: string[]): Promise<void> {
    for (const name of names) this.kept.delete(name);
  }
}

const traffic = (people: number): Event[] =>
  trafficOf({ merchant, seed: 8, fromMs: DAY.startMs, toMs: DAY.endMs, people });

const folded = async (events: readonly Event[], batchSize: number, store: ShelfStore, seq = 1) => {
  const fold = new DayFold(DAY, merchant, 0, seq, store, NO_RULES, { idleCellsMax: 300, shelfBytesMax: 300_000 });
  const rows = [];
  for (let at = 0; at < events.length; at += batchSize)
    rows.push(...(await fold.fold(events.slice(at, at + batchSize))));
  return { fold, rows };
};

const asOfOneState = (events: readonly Event[]) => {
  const state = new DayState(DAY, merchant, () => null);
  const visits = events.map((event) => {
    const verdict = foldEvent(state, event, 1);
    return { verdict, attributes: state.latest?.attributes ?? null };
  });
  return { state, visits };
};

test.each([
  ["in order", (events: Event[]) => events],
  ["out of order, some by hours", (events: Event[]) => late(reordered(events, 5, 600_000), 6, 0.05, 9 * 3_600_000)],
])("with hours away and back a day %s is counted to the letter as in one memory", async (_, arrive) => {
  const events = arrive(traffic(800));
  const store = new Store();
  const { fold, rows } = await folded(events, 500, store);
  const { state, visits } = asOfOneState(events);
  expect(fold.accepted).toBe(events.length);
  expect(fold.verdicts).toEqual(state.books.verdicts);
  expect(
    rows.map(({ verdict, visit, attributes }) => ({ verdict, attributes: visit === null ? null : attributes })),
  ).toEqual(visits);
  const differences = new Differences();
  const seen: number[] = [];
  for await (const rollup of fold.hours()) {
    seen.push(rollup.hour);
    differences.add(snapshot(state.hours.get(rollup.hour)!, merchant.id, 0, EVERYTHING), rollup);
  }
  expect(differences.rows.slice(0, 3)).toEqual([]);
  expect(seen).toEqual([...state.hours.keys()].toSorted((a, b) => a - b));
  // What the store was for: without it this would prove little.
  expect(store.puts).toBeGreaterThan(5);
  expect(store.gets).toBeGreaterThan(5);
  await fold.clear();
  expect(store.kept.size).toBe(0);
});

test("each event of a visit names the event that it began with", async () => {
  const events = traffic(40);
  const { rows } = await folded(events, 7, new Store());
  const ids = new Set(events.map(({ id }) => id));
  const visits = Map.groupBy(
    rows.filter(({ visit }) => visit !== null),
    ({ visit }) => visit!.id,
  );
  expect(visits.size).toBeGreaterThan(20);
  for (const [visit, own] of visits) {
    expect(ids.has(visit)).toBe(true);
    expect(own[0]!.event.id).toBe(visit);
    expect(new Set(own.map((row) => row.visit!.number)).size).toBe(1);
    expect(new Set(own.map(({ event }) => event.visitor)).size).toBe(1);
    expect(new Set(own.map(({ attributes }) => attributes)).size).toBe(1);
  }
  expect(rows.map(({ ordinal }) => ordinal)).toEqual(events.map((_, at) => at));
  const numbers = [...visits.values()].map((own) => own[0]!.visit!.number);
  expect(numbers).toEqual(numbers.map((_, at) => at));
  const without = rows.filter(({ verdict, visit }) => verdict === "counted" && visit === null);
  expect(without.every(({ event }) => event.name === "refund")).toBe(true);
});

test("equal hours carry the sequence that they are told", async () => {
  const { fold } = await folded(traffic(5), 100, new Store(), 4_711);
  for await (const rollup of fold.hours()) expect(rollup.seq).toBe(4_711);
});
