import { expect, test } from "vitest";
import type { LiveSnapshot } from "../../core/messages.ts";
import { mergeSnapshots, readSnapshot, retryDelayMs } from "./live.ts";

const snapshot = (changes: Partial<LiveSnapshot>): LiveSnapshot => ({
  kind: "live",
  atMs: 0,
  visitorsNow: 0,
  minutes: [],
  pages: [],
  orders: [],
  ...changes,
});
const minute = (atMs: number, visitors: number) => ({ atMs, visitors, pageviews: 2 * visitors, orders: 1 });
const order = (atMs: number) => ({ atMs, transactionId: `o${atMs}`, gross: 1, currency: "EUR", country: null });

test("shards add up: visitors, minutes and pages; orders are merged newest first", () => {
  const merged = mergeSnapshots([
    snapshot({
      atMs: 5,
      visitorsNow: 3,
      minutes: [minute(60_000, 1), minute(120_000, 2)],
      pages: [
        { page: "/a", visitors: 1 },
        { page: "/b", visitors: 2 },
      ],
      countries: [{ country: "DE", visitors: 3 }],
      orders: [order(7), order(3)],
    }),
    snapshot({
      atMs: 9,
      visitorsNow: 4,
      minutes: [minute(120_000, 5), minute(180_000, 1)],
      pages: [{ page: "/a", visitors: 4 }],
      countries: [
        { country: "FR", visitors: 4 },
        { country: "DE", visitors: 2 },
      ],
      orders: [order(5)],
    }),
  ]);
  expect(merged).toMatchObject({
    atMs: 9,
    visitorsNow: 7,
    minutes: [minute(60_000, 1), { atMs: 120_000, visitors: 7, pageviews: 14, orders: 2 }, minute(180_000, 1)],
    pages: [
      { page: "/a", visitors: 5 },
      { page: "/b", visitors: 2 },
    ],
    countries: [
      { country: "DE", visitors: 5 },
      { country: "FR", visitors: 4 },
    ],
  });
  expect(merged?.orders.map(({ atMs }) => atMs)).toEqual([7, 5, 3]);
});

test("no more than the last thirty minutes are kept", () => {
  const minutes = Array.from({ length: 30 }, (_, index) => minute(index * 60_000, 1));
  const later = minutes.map((each) => ({ ...each, atMs: each.atMs + 60_000 }));
  const merged = mergeSnapshots([snapshot({ minutes }), snapshot({ minutes: later })]);
  expect(merged?.minutes).toHaveLength(30);
  expect(merged?.minutes.at(0)?.atMs).toBe(60_000);
});

test("nothing said yet is no snapshot, and what is not one is not read as one", () => {
  expect(mergeSnapshots([])).toBeNull();
  for (const data of ["", "null", "{", '{"kind":"other"}', new Blob()]) expect(readSnapshot(data)).toBeNull();
  expect(readSnapshot(JSON.stringify(snapshot({ visitorsNow: 2 })))?.visitorsNow).toBe(2);
});

test("a lost socket is tried later each time, never later than a minute and never at once", () => {
  expect(retryDelayMs(0, 0)).toBe(500);
  expect(retryDelayMs(3, 1)).toBe(8_000);
  expect(retryDelayMs(40, 1)).toBe(60_000);
});
