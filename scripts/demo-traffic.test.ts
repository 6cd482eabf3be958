import { expect, test } from "vitest";
import { commerceOf } from "../core/commerce.ts";
import { isBot, clientOf } from "../core/client.ts";
import { readHit } from "../core/hit.ts";
import { addDays, dayOf, wallClock } from "../core/zone.ts";
import { eventsOf, eventsOfSecond, pastEvents, type Traffic } from "./demo-traffic.ts";
import type { WireEvent } from "./send.ts";

const traffic: Traffic = {
  seed: "1",
  origin: "http://shop.example",
  currency: "EUR",
  customers: 800,
  zone: "Europe/Berlin",
  visitsPerDay: 400,
};

const month = Array.from({ length: 28 }, (_, n) => addDays("2026-10-01", n));
const all = month.flatMap((date) => eventsOf(traffic, date));
const byVisit = Map.groupBy(all, ({ id }) => id.slice(0, id.lastIndexOf("-")));
const people = [...byVisit.values()].filter((events) => !isBot(events[0]?.visitor?.user_agent));
const share = (is: (events: WireEvent[]) => boolean): number => people.filter(is).length / people.length;
const has =
  (name: string) =>
  (events: WireEvent[]): boolean =>
    events.some((event) => event.name === name);

test("a seed and a date are always the same events; another seed or date are others", () => {
  expect(eventsOf(traffic, "2026-10-01")).toEqual(eventsOf({ ...traffic }, "2026-10-01"));
  const ids = new Set(all.map(({ id }) => id));
  expect(ids.size).toBe(all.length);
  for (const { id } of eventsOf({ ...traffic, seed: "2" }, "2026-10-01")) expect(ids.has(id)).toBe(false);
});

test("every event is one that the door takes", () => {
  const envelope = { receivedAtMs: Date.UTC(2027, 0, 1), trusted: true, sentAtMs: null };
  for (const event of all) {
    const hit = readHit(event, "", envelope);
    if (!hit.ok) throw new Error(JSON.stringify([hit.failure, event]));
    expect(hit.value.fields).toMatchObject({ name: event.name, occurred_at: event.occurred_at });
  }
});

test("a shop's proportions: bounces, carts, checkouts, orders, refunds, bots", () => {
  expect(byVisit.size / month.length).toBeGreaterThan(340);
  expect(byVisit.size / month.length).toBeLessThan(460);
  expect(1 - people.length / byVisit.size).toBeCloseTo(0.04, 1);
  const bounced = share((events) => events.filter(({ name }) => name !== "engagement").length === 1);
  expect(bounced).toBeGreaterThan(0.2);
  expect(bounced).toBeLessThan(0.5);
  const [viewed, carted, checked, bought] = ["view_item", "add_to_cart", "begin_checkout", "purchase"].map((name) =>
    share(has(name)),
  ) as [number, number, number, number];
  expect(viewed).toBeGreaterThan(0.5);
  expect(carted).toBeGreaterThan(0.06);
  expect(carted).toBeLessThan(0.18);
  expect(checked).toBeLessThan(carted * 0.7);
  expect(bought).toBeLessThan(checked * 0.8);
  expect(bought).toBeGreaterThan(0.015);
  expect(bought).toBeLessThan(0.05);
  const refunded = share(has("refund")) / bought;
  expect(refunded).toBeGreaterThan(0);
  expect(refunded).toBeLessThan(0.15);
});

test("money adds up: the value of a purchase is that of its items, and a refund is a part of its purchase", () => {
  for (const events of people) {
    const [purchase, refund] = ["purchase", "refund"].map((name) => events.find((event) => event.name === name));
    if (purchase === undefined) expect(refund).toBeUndefined();
    else {
      const gross = units({ ...purchase }, "gross");
      expect(gross).toBe(units({ ...purchase, items: [] }, "gross"));
      expect(gross).toBeGreaterThan(0);
      if (refund !== undefined) {
        expect(units(refund, "refunds")).toBeLessThanOrEqual(gross);
        expect(refund.transaction_id).toBe(purchase.transaction_id);
        expect(refund.occurred_at).toBeGreaterThan(purchase.occurred_at + 86_400_000);
      }
    }
  }
});

const units = (event: WireEvent, measure: "gross" | "refunds"): number =>
  commerceOf({ ...event, received_at: 0, visitor: "" }, "EUR")?.trade[measure] ?? 0;

test("the shop is busier in the evening than at night, by its own clock, and days begin and end with it", () => {
  const hours = Array.from({ length: 24 }, () => 0);
  for (const [first] of people) {
    const at = wallClock(traffic.zone, first?.occurred_at ?? 0);
    hours[Number(at.slice(11, 13))]!++;
  }
  expect(hours[20]).toBeGreaterThan(10 * (hours[3] ?? 0));
  for (const date of ["2026-03-29", "2026-10-25"]) {
    const day = dayOf(traffic.zone, date);
    const [first] = eventsOf(traffic, date);
    expect(first?.occurred_at).toBeGreaterThanOrEqual(day.startMs);
    expect(first?.occurred_at).toBeLessThan(day.startMs + 4 * 3_600_000);
  }
});

test("customers come back, as the same people; others are told apart by their address", () => {
  const withUser = people.filter(([first]) => first?.user !== undefined);
  const byUser = Map.groupBy(withUser, ([first]) => first?.user);
  expect(byUser.size).toBeLessThan(withUser.length / 2);
  for (const visits of byUser.values()) {
    expect(new Set(visits.map(([first]) => JSON.stringify(first?.visitor))).size).toBe(1);
  }
  const strangers = people.filter(([first]) => first?.user === undefined);
  expect(new Set(strangers.map(([first]) => first?.visitor?.ip)).size).toBe(strangers.length);
});

test("browsers and devices are known ones", () => {
  const clients = people.map(([first]) => clientOf(first?.visitor?.user_agent));
  expect(clients.filter(({ browser, os, device }) => [browser, os, device].includes("(not set)"))).toEqual([]);
  expect(new Set(clients.map(({ device }) => device))).toEqual(new Set(["Mobile", "Desktop", "Tablet"]));
});

test("the past is in order of time, each event once, and ends now; a later run goes on where it ended", () => {
  const nowMs = Date.UTC(2026, 9, 20, 12);
  const run = (atMs: number) => [...pastEvents(traffic, "2026-10-01", "2026-10-20", atMs)].flat();
  const events = run(nowMs);
  const times = events.map((event) => event.occurred_at);
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  expect(times.at(-1)).toBeLessThanOrEqual(nowMs);
  expect(times.at(-1)).toBeGreaterThan(nowMs - 3_600_000);
  expect(events.some(({ name }) => name === "refund")).toBe(true);
  expect(run(nowMs + 3_600_000).slice(0, events.length)).toEqual(events);
});

test("live visits begin at the rate asked for, within their second", () => {
  const seconds = Array.from({ length: 2_000 }, (_, n) => 1_790_000_000 + n);
  let visits = 0;
  for (const second of seconds) {
    const events = eventsOfSecond(traffic, second, 2);
    expect(events).toEqual(eventsOfSecond(traffic, second, 2));
    const firsts = events.filter(({ id }) => id.endsWith("-0"));
    for (const { occurred_at: atMs } of firsts) expect(Math.floor(atMs / 1_000)).toBe(second);
    visits += firsts.length;
  }
  expect(visits / seconds.length).toBeGreaterThan(1.9);
  expect(visits / seconds.length).toBeLessThan(2.1);
});
