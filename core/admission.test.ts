import { expect, test } from "vitest";
import { Admission } from "./admission.ts";
import { AT_MS, eventOf as event, merchantOf } from "./admission-fixture.ts";
import type { Event } from "./event.ts";
import { EVENT_IDS_MAX } from "./limits.ts";
import { Rehearsal } from "./rehearsal.ts";
import type { Notes } from "./shard.ts";

const merchant = merchantOf();
const order = (id: string, transaction_id: string): Event => event(id, { name: "purchase", transaction_id, value: 10 });
const totals = (shard: Rehearsal) => shard.rollups()[0]!.totals;

test("an id counts once: within a batch, in a later one, after a recovery with and without a checkpoint", () => {
  const shard = new Rehearsal(merchant);
  expect(shard.append([event("1"), event("2"), event("1")])).toBe("aad");
  expect(shard.append([event("2"), event("3")])).toBe("da");
  shard.recover();
  expect(shard.append([event("3"), event("4")])).toBe("da");
  shard.checkpoint();
  shard.recover();
  expect(shard.append([event("1"), event("4"), event("5")])).toBe("dda");
  expect(totals(shard).events).toBe(5);
});

test("an id is an id, whatever else the event says", () => {
  const shard = new Rehearsal(merchant);
  shard.append([event("1")]);
  expect(shard.append([event("1", { name: "signup", visitor: "ffffffffffffffff", occurred_at: AT_MS - 1 })])).toBe("d");
});

test("of two events with one order the first counts: in a batch, in a later one, after a recovery", () => {
  const shard = new Rehearsal(merchant);
  expect(shard.append([order("tag", "A"), order("webhook", "A"), order("tag2", "B")])).toBe("aoa");
  expect(shard.append([order("webhook", "A"), order("webhook2", "B")])).toBe("oo");
  shard.recover();
  expect(shard.append([order("webhook", "A"), order("third", "C")])).toBe("oa");
  shard.checkpoint();
  shard.recover();
  expect(shard.append([order("webhook3", "C"), order("third", "C")])).toBe("od");
  expect(totals(shard)).toMatchObject({ orders: 3, gross: 30_000_000 });
});

test("the same event again is a duplicate, not an order that somebody else has", () => {
  const shard = new Rehearsal(merchant);
  expect(shard.append([order("1", "A"), order("1", "A")])).toBe("ad");
  expect(shard.append([order("1", "A")])).toBe("d");
});

test("an order that is remembered longer than its event is still counted once", () => {
  const shard = new Rehearsal(merchant);
  shard.append([order("1", "A")]);
  for (let n = 0; n < EVENT_IDS_MAX; n++) shard.state.eventIds.addHash(n, n);
  expect(shard.state.eventIds.has("1")).toBe(false);
  expect(shard.append([order("1", "A")])).toBe("d");
  expect(totals(shard).orders).toBe(1);
});

test("only purchases claim an order, and only with an order id", () => {
  const shard = new Rehearsal(merchant);
  const refund = event("r", { name: "refund", transaction_id: "A", value: 1 });
  expect(
    shard.append([order("1", "A"), refund, event("p", { name: "purchase" }), event("q", { name: "purchase" })]),
  ).toBe("aaaa");
});

test("an order that another shard keeps for another event is taken", () => {
  const shard = new Rehearsal(merchant);
  const admission = new Admission(shard.state);
  expect(admission.judge({ line: "", event: order("1", "A"), orderTaken: true })).toBe("o");
  expect(admission.judge({ line: "", event: order("2", "A"), orderTaken: false })).toBe("a");
});

test("a claim for a sibling's event keeps an order from this shard's, and the first claim stays", () => {
  const shard = new Rehearsal(merchant);
  shard.append([event("1")]);
  const notes: Notes = { receivedAtMs: AT_MS, received: {}, duplicate: {}, rejected: {}, claims: [] };
  const claims: Notes["claims"] = [
    ["A", "sibling's"],
    ["A", "another's"],
  ];
  shard.state.apply({ seq: 2, events: [], notes: { ...notes, claims } });
  expect(shard.state.orderHolder("A")).toBe("sibling's");
  expect(shard.state.orderHolder("B")).toBeNull();
  expect(shard.append([order("own", "A"), order("own2", "B")])).toBe("oa");
});

test("judging changes nothing", () => {
  const shard = new Rehearsal(merchant);
  shard.append([event("1")]);
  const before = shard.everything();
  new Admission(shard.state).judge({ line: "", event: order("2", "A"), orderTaken: false });
  expect(shard.everything()).toBe(before);
  expect(shard.append([order("2", "A")])).toBe("a");
});
