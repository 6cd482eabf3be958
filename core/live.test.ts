import { expect, test } from "vitest";
import type { Event } from "./event.ts";
import { liveSnapshot } from "./live.ts";
import type { LiveSnapshot } from "./messages.ts";
import { Rehearsal } from "./rehearsal.ts";
import { visitorNamed } from "./traffic.ts";

const merchant = {
  id: "m",
  name: "",
  zone: "Asia/Kathmandu",
  currency: "EUR",
  domains: ["x.example"],
  shards: 1,
};
const MINUTE_MS = 60_000;
/** Two minutes after a midnight in Kathmandu. */
const NOW_MS = Date.UTC(2026, 10, 24, 18, 17, 30);
let made = 0;
const event = (agoMs: number, visitor: string, fields: Partial<Event> = {}): Event => ({
  id: `${made++}`,
  name: "pageview",
  occurred_at: NOW_MS - agoMs,
  received_at: NOW_MS - agoMs,
  visitor: visitorNamed(visitor),
  url: "https://x.example/",
  ...fields,
});
const live = (...events: Event[]): LiveSnapshot => {
  const shard = new Rehearsal(merchant);
  shard.append(events.toSorted((a, b) => a.occurred_at - b.occurred_at));
  return liveSnapshot(shard.state, NOW_MS);
};

test("nobody, before anything came", () => {
  const { minutes, ...rest } = live();
  expect(rest).toEqual({ kind: "live", atMs: NOW_MS, visitorsNow: 0, pages: [], countries: [], orders: [] });
  expect(minutes).toHaveLength(30);
});

test("visitors of the last five minutes, on both sides of a midnight, each once", () => {
  const snapshot = live(
    event(5 * MINUTE_MS, "a", { url: "https://x.example/old" }),
    event(MINUTE_MS, "b", { url: "https://x.example/new" }),
    event(30_000, "b", { url: "https://x.example/newer" }),
    event(5 * MINUTE_MS + 1, "c"),
    // Before midnight and after it: two visits, one visitor.
    event(4 * MINUTE_MS, "d", { identified: true, url: "https://x.example/newer" }),
    event(MINUTE_MS, "d", { identified: true, url: "https://x.example/newer" }),
  );
  expect(snapshot.visitorsNow).toBe(3);
  expect(snapshot.pages).toEqual([
    { page: "/newer", visitors: 2 },
    { page: "/old", visitors: 1 },
  ]);
});

test("thirty minutes, oldest first, the last one incomplete, across a midnight", () => {
  const { minutes } = live(
    event(0, "a"),
    event(20_000, "a"),
    event(31_000, "b"),
    event(29 * MINUTE_MS, "c"),
    event(30 * MINUTE_MS, "d"),
    event(10 * MINUTE_MS, "e", { name: "purchase", value: 1 }),
  );
  expect(minutes).toHaveLength(30);
  expect(minutes.at(-1)).toEqual({ atMs: NOW_MS - 30_000, visitors: 1, pageviews: 2, orders: 0 });
  expect(minutes.at(-2)).toEqual({ atMs: NOW_MS - 90_000, visitors: 1, pageviews: 1, orders: 0 });
  expect(minutes[0]).toEqual({ atMs: NOW_MS - 30_000 - 29 * MINUTE_MS, visitors: 1, pageviews: 1, orders: 0 });
  expect(minutes.reduce((sum, { orders }) => sum + orders, 0)).toBe(1);
  expect(minutes.reduce((sum, { pageviews }) => sum + pageviews, 0)).toBe(4);
});

test("countries of the thirty minutes, each visitor once, also on both sides of a midnight", () => {
  const { countries } = live(
    event(0, "a", { country: "NP" }),
    event(29 * MINUTE_MS, "b", { country: "IN" }),
    event(28 * MINUTE_MS, "c", { country: "NP" }),
    event(30 * MINUTE_MS, "d", { country: "FR" }),
    event(4 * MINUTE_MS, "e", { identified: true, country: "DE" }),
    event(MINUTE_MS, "e", { identified: true, country: "NP" }),
    event(MINUTE_MS, "f"),
  );
  expect(countries).toEqual([
    { country: "NP", visitors: 3 },
    { country: "(not set)", visitors: 1 },
    { country: "IN", visitors: 1 },
  ]);
});

test("the ten newest orders, newest first, by when they happened", () => {
  const shard = new Rehearsal(merchant);
  const order = (n: number): Event =>
    event(n * 1_000, `${n}`, { name: "purchase", value: n, transaction_id: `order ${n}`, country: "NP" });
  shard.append([3, 1, 2, ...Array.from({ length: 12 }, (_, n) => n + 4)].map(order));
  const { orders } = liveSnapshot(shard.state, NOW_MS);
  expect(orders.map(({ transactionId }) => transactionId)).toEqual(
    Array.from({ length: 10 }, (_, n) => `order ${n + 1}`),
  );
  expect(orders[0]).toEqual({
    atMs: NOW_MS - 1_000,
    transactionId: "order 1",
    gross: 1_000_000,
    currency: "EUR",
    country: "NP",
  });
});

test("looking changes nothing, and a recovered shard shows the same", () => {
  const shard = new Rehearsal(merchant);
  shard.append([event(2 * MINUTE_MS, "a"), event(MINUTE_MS, "a", { name: "purchase", value: 3 })]);
  const before = shard.everything();
  const snapshot = liveSnapshot(shard.state, NOW_MS);
  expect(shard.everything()).toBe(before);
  shard.checkpoint();
  shard.recover();
  expect(liveSnapshot(shard.state, NOW_MS)).toEqual(snapshot);
});
