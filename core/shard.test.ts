import fc from "fast-check";
import { expect, test } from "vitest";
import { balanced, type Books } from "./books.ts";
import type { Event } from "./event.ts";
import { ORDER_IDS_MAX } from "./limits.ts";
import type { Merchant } from "./merchant.ts";
import { Rehearsal } from "./rehearsal.ts";
import { type Notes, ShardState } from "./shard.ts";
import { duplicated, late, retried, trafficOf } from "./traffic.ts";
import { dayOf } from "./zone.ts";

const HOUR_MS = 3_600_000;
const merchant: Merchant = {
  id: "m",
  name: "",
  zone: "Europe/Berlin",
  currency: "EUR",
  domains: ["x.example"],
  shards: 1,
};
const START_MS = dayOf(merchant.zone, "2026-11-24").startMs;
const event = (fields: Partial<Event> = {}): Event => ({
  id: "1",
  name: "pageview",
  occurred_at: START_MS,
  received_at: START_MS,
  visitor: "0123456789abcdef",
  url: "https://x.example/",
  ...fields,
});
const notes = (fields: Partial<Notes> = {}): Notes => ({
  receivedAtMs: START_MS,
  received: {},
  duplicate: {},
  rejected: {},
  claims: [],
  ...fields,
});

test("the books balance, each day's, whatever comes in", () => {
  const rejections = fc.dictionary(
    fc.constantFrom("missing", "too_old", "invalid_url"),
    fc.integer({ min: 1, max: 9 }),
  );
  fc.assert(
    fc.property(fc.nat(9_999), fc.array(rejections, { minLength: 1, maxLength: 5 }), (seed, rejected) => {
      const fromMs = START_MS - 6 * HOUR_MS;
      const happened = trafficOf({ merchant, seed, fromMs, toMs: fromMs + 30 * HOUR_MS, people: 30 });
      const arrived = retried(
        late(duplicated(happened, seed, 0.2, HOUR_MS), seed, 0.2, 60 * HOUR_MS),
        seed,
        0.2,
        5_000,
      );
      const shard = new Rehearsal(merchant);
      let n = 0;
      for (let from = 0; from < arrived.length; from += 25) {
        const batch = arrived.slice(from, from + 25);
        shard.append(batch, rejected[n++ % rejected.length], batch[0]!.received_at);
      }
      const books = [...shard.state.days.values()].map((day) => day.books);
      for (const one of books) expect([one, balanced(one)]).toEqual([one, true]);
      const sum = (pick: (one: Books) => number) => books.reduce((total, one) => total + pick(one), 0);
      expect(sum((one) => one.accepted)).toBe(new Set(happened.map(({ id }) => id)).size - lostOrders(happened));
      expect(sum((one) => one.duplicate)).toBe(arrived.length - sum((one) => one.accepted));
      expect(sum((one) => one.verdicts["counted"] ?? 0)).toBe(
        shard.rollups().reduce((total, { totals }) => total + totals.events, 0),
      );
    }),
    { seed: 20261124, numRuns: 15 },
  );
});

/** Purchases whose order another one has already. */
function lostOrders(events: readonly Event[]): number {
  const orders = events.filter(({ name }) => name === "purchase").map((one) => one.transaction_id);
  return orders.filter((order, n) => order !== undefined && orders.indexOf(order) !== n).length;
}

test("books that do not balance are seen", () => {
  const books: Books = { received: 3, accepted: 1, duplicate: 1, rejected: { missing: 1 }, verdicts: { counted: 1 } };
  expect(balanced(books)).toBe(true);
  expect(balanced({ ...books, received: 4 })).toBe(false);
  expect(balanced({ ...books, verdicts: {} })).toBe(false);
});

test("a day's books have the sequence of their last change", () => {
  const state = new ShardState(() => null);
  state.apply({ seq: 1, events: [event()], notes: notes({ merchant, received: { "2026-11-24": 1 } }) });
  state.apply({ seq: 2, events: [], notes: notes({ rejected: { "2026-11-25": { missing: 1 } } }) });
  state.apply({ seq: 3, events: [], notes: notes({ duplicate: { "2026-11-24": 1 } }) });
  expect([...state.days.values()].map(({ day, booksSeq }) => [day.date, booksSeq])).toEqual([
    ["2026-11-24", 3],
    ["2026-11-25", 2],
  ]);
});

test("what comes for a closed day is late: accepted once, in its books, and in no counter", () => {
  const shard = new Rehearsal(merchant);
  const order = event({ id: "3", name: "purchase", transaction_id: "A", value: 1 });
  shard.append([event(), event({ id: "2", occurred_at: START_MS + 24 * HOUR_MS })]);
  shard.close(["2026-11-24"]);
  expect(shard.append([event(), order, order, event({ id: "4", occurred_at: START_MS + 25 * HOUR_MS })])).toBe("dlda");
  expect(shard.append([event({ id: "5", name: "purchase", transaction_id: "A", value: 1 })])).toBe("o");
  const closed = shard.state.closed.get("2026-11-24")!;
  expect(closed).toMatchObject({ seq: 3, booksSeq: 4 });
  expect(closed.books).toEqual({
    received: 5,
    accepted: 2,
    duplicate: 3,
    rejected: {},
    verdicts: { counted: 1, late: 1 },
  });
  expect(shard.rollups().map(({ date }) => date)).toEqual(["2026-11-25", "2026-11-25"]);
  expect([...shard.state.days.keys()]).toEqual(["2026-11-25"]);
});

test("a recovery before and after a checkpoint knows what was closed", () => {
  const fromMs = START_MS - 3 * HOUR_MS;
  const happened = trafficOf({ merchant, seed: 4, fromMs, toMs: fromMs + 8 * HOUR_MS, people: 60 });
  const arrived = late(happened, 4, 0.3, 6 * HOUR_MS);
  const play = (shard: Rehearsal, between: () => void): void => {
    for (let from = 0; from < arrived.length; from += 20) {
      if (from === 200) shard.close(["2026-11-23"]);
      shard.append(arrived.slice(from, from + 20));
      between();
    }
  };
  const untouched = new Rehearsal(merchant);
  play(untouched, () => {});
  expect(untouched.state.closed.get("2026-11-23")!.books.verdicts["late"]).toBeGreaterThan(5);
  const fromTheStart = new Rehearsal(merchant);
  play(fromTheStart, () => fromTheStart.recover());
  expect(fromTheStart.everything()).toBe(untouched.everything());
  const fromCheckpoints = new Rehearsal(merchant);
  let n = 0;
  play(fromCheckpoints, () => {
    if (n++ % 3 === 0) fromCheckpoints.checkpoint();
    fromCheckpoints.recover();
  });
  expect(fromCheckpoints.everything()).toBe(untouched.everything());
  for (const { books } of untouched.state.closed.values()) expect(balanced(books)).toBe(true);
});

test("a merchant's new currency holds from the next day on", () => {
  const shard = new Rehearsal(merchant);
  const order = (id: string, atMs: number) =>
    event({ id, name: "purchase", occurred_at: atMs, value: 1, currency: "USD" });
  shard.append([order("1", START_MS)]);
  shard.state.apply({ seq: 2, events: [], notes: notes({ merchant: { ...merchant, currency: "USD" } }) });
  shard.append([order("2", START_MS + HOUR_MS), order("3", START_MS + 24 * HOUR_MS)]);
  expect(shard.rollups().map(({ currency, foreign, totals }) => [currency, foreign, totals.gross])).toEqual([
    ["EUR", 1, 0],
    ["EUR", 1, 0],
    ["USD", 0, 1_000_000],
  ]);
});

test("a merchant's zone stays for the days that there are: another would tear them apart", () => {
  const shard = new Rehearsal(merchant);
  shard.append([event()]);
  const moved = { ...merchant, zone: "America/New_York", name: "New" };
  shard.state.apply({ seq: 2, events: [], notes: notes({ merchant: shard.state.merchantAfter(moved) }) });
  // In New York it is the 24th until five in the morning of Berlin's 25th.
  shard.append([event({ id: "2", occurred_at: START_MS + 26 * HOUR_MS })]);
  shard.append([event({ id: "3", occurred_at: START_MS - HOUR_MS })]);
  expect(shard.rollups().map(({ date }) => date)).toEqual(["2026-11-23", "2026-11-24", "2026-11-25"]);
  expect(shard.state.merchant).toMatchObject({ zone: "Europe/Berlin", name: "New" });
});

test("a merchant that moves is counted by the new zone from its date on, and a recovery comes to the same", () => {
  const shard = new Rehearsal(merchant);
  shard.append([event()]);
  const moved = { ...merchant, zone: "Europe/Berlin,2026-11-25=America/New_York" };
  shard.become(moved);
  shard.append([event({ id: "2", occurred_at: START_MS + 26 * HOUR_MS })]);
  // Four in the morning of Berlin's 26th; in New York the 25th has two hours left.
  shard.append([event({ id: "3", occurred_at: START_MS + 52 * HOUR_MS })]);
  shard.append([event({ id: "4", occurred_at: START_MS + 54 * HOUR_MS })]);
  expect(shard.rollups().map(({ date }) => date)).toEqual(["2026-11-24", "2026-11-25", "2026-11-25", "2026-11-26"]);
  // From whoever has not heard of it yet.
  shard.become(merchant);
  shard.append([event({ id: "5", occurred_at: START_MS + 53 * HOUR_MS })]);
  expect(shard.state.merchant?.zone).toBe(moved.zone);
  const before = shard.everything();
  shard.recover();
  expect(shard.everything()).toBe(before);
});

test("the oldest order is forgotten first", () => {
  const state = new ShardState(() => null);
  for (let n = 0; n <= ORDER_IDS_MAX; n++) state.claim(`order ${n}`, `event ${n}`);
  expect(state.orders.size).toBe(ORDER_IDS_MAX);
  expect([state.orderHolder("order 0"), state.orderHolder("order 1")]).toEqual([null, "event 1"]);
  state.claim("order 1", "event of another");
  expect(state.orderHolder("order 1")).toBe("event 1");
});

test("a commit before the merchant is known is a bug and says so", () => {
  expect(() => new ShardState(() => null).apply({ seq: 1, events: [event()], notes: notes() })).toThrow("merchant");
});
