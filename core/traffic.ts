// Made-up traffic of one merchant for tests, the seal's and replay's among them: the same seed gives the same events
// everywhere. `trafficOf` gives what happened, in order; the transforms give it as it may arrive: repeated, out of
// order, retried, late. An event's own fields stay the same whatever its way; only `received_at` tells of it.

import type { Event, Item } from "./event.ts";
import type { Merchant } from "./merchant.ts";
import { dayAt } from "./zone.ts";

/** From 0 up to, not including, 1. */
export type Chance = () => number;

/** A Weyl sequence, each step mixed. */
export function chanceOf(seed: number): Chance {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    return mixed(state) / 2 ** 32;
  };
}

function mixed(n: number): number {
  n = Math.imul(n ^ (n >>> 16), 0x7feb352d);
  n = Math.imul(n ^ (n >>> 15), 0x846ca68b);
  return (n ^ (n >>> 16)) >>> 0;
}

const below = (chance: Chance, n: number): number => Math.floor(chance() * n);
const pick = <One>(chance: Chance, from: readonly One[]): One => from[below(chance, from.length)]!;
/** The first ones far more often than the last. */
const favour = <One>(chance: Chance, from: readonly One[]): One => from[Math.floor(from.length * chance() ** 3)]!;

export interface TrafficRequest {
  merchant: Merchant;
  seed: number;
  fromMs: number;
  toMs: number;
  people: number;
}

/** What a person is and stays. */
interface Person {
  n: number;
  identified: boolean;
  client: Pick<Event, "user_agent" | "language" | "country" | "region" | "city" | "screen">;
}

const MINUTE_MS = 60_000;
const BROWSERS = [
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
  "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
];
const BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
const PLACES = [
  { country: "DE", region: "BY", city: "München" },
  { country: "NP", region: "P3", city: "Kathmandu" },
  { country: "AU", region: "NSW", city: "Sydney" },
  { country: "US" },
  {},
];
const CAMPAIGNS = [
  "",
  "",
  "",
  "?utm_source=newsletter&utm_medium=email&utm_campaign=november",
  "?gclid=1",
  "?ref=blog",
];
const REFERRERS = [
  undefined,
  undefined,
  "https://www.google.com/",
  "https://news.ycombinator.com/item",
  "https://t.co/x",
];
const PAGES = Array.from({ length: 40 }, (_, n) => (n === 0 ? "/" : `/page/${n}`));

/** Events in the order in which they happened, each received as it happened. */
export function trafficOf(request: TrafficRequest): Event[] {
  const chance = chanceOf(request.seed);
  const people = Array.from({ length: request.people }, (_, n) => personOf(n, chance));
  const events = people.flatMap((person) => lifeOf(person, request, chance));
  events.sort((a, b) => a.occurred_at - b.occurred_at);
  // Ids in order of time are the hardest for a hash to keep apart.
  return events.map((event, n) => ({ ...event, id: `e${request.seed}-${n}` }));
}

function personOf(n: number, chance: Chance): Person {
  const bot = chance() < 0.05;
  const client = {
    user_agent: bot ? BOT : pick(chance, BROWSERS),
    language: pick(chance, ["en-US", "de", "ne-NP"]),
    screen: "1920x1080",
    ...pick(chance, PLACES),
  };
  return { n, identified: !bot && chance() < 0.3, client };
}

function lifeOf(person: Person, { merchant, seed, fromMs, toMs }: TrafficRequest, chance: Chance): Event[] {
  const events: Event[] = [];
  const add = (atMs: number, fields: Partial<Event> & { name: string }): void => {
    if (atMs >= toMs) return;
    events.push({
      id: "",
      occurred_at: atMs,
      received_at: atMs,
      ...visitorOf(person, seed, merchant.zone, atMs),
      ...fields,
    });
  };
  for (let visits = 1 + below(chance, 3); visits > 0; visits--) {
    visit(person, merchant, fromMs + below(chance, toMs - fromMs), chance, add);
  }
  return events;
}

type Add = (atMs: number, fields: Partial<Event> & { name: string }) => void;

function visit({ client, n }: Person, merchant: Merchant, startMs: number, chance: Chance, add: Add): void {
  const host = pick(chance, merchant.domains);
  let query = pick(chance, CAMPAIGNS);
  let referrer = pick(chance, REFERRERS);
  let atMs = startMs;
  for (let pages = 1 + below(chance, 5); pages > 0; pages--) {
    const url = `https://${host}${favour(chance, PAGES)}${query}`;
    add(atMs, { name: "pageview", url, title: "A page", ...client, ...(referrer === undefined ? {} : { referrer }) });
    query = "";
    referrer = url;
    if (chance() < 0.5) add((atMs += 1 + below(chance, MINUTE_MS)), { name: "engagement", url, ...client });
    if (chance() < 0.1)
      add((atMs += below(chance, 5_000)), { name: "search", url, ...client, props: { query: "lamp" } });
    if (chance() < 0.3) atMs = shop(merchant, `${n}-${atMs}`, atMs, url, client, chance, add);
    atMs += gapMs(chance);
  }
  // What a page says when it is closed long after: its visit is over.
  if (chance() < 0.1) add(atMs + 45 * MINUTE_MS, { name: "engagement", ...client });
}

/** Mostly seconds; sometimes at, just under and over the half hour that ends a visit. */
function gapMs(chance: Chance): number {
  const kind = chance();
  if (kind < 0.8) return below(chance, 3 * MINUTE_MS);
  if (kind < 0.9) return pick(chance, [30 * MINUTE_MS - 1, 30 * MINUTE_MS, 30 * MINUTE_MS + 1]);
  return below(chance, 90 * MINUTE_MS);
}

/** Some way down the funnel; returns when it ended. */
function shop(
  merchant: Merchant,
  order: string,
  startMs: number,
  url: string,
  client: Person["client"],
  chance: Chance,
  add: Add,
): number {
  let atMs = startMs;
  const items = Array.from({ length: 1 + below(chance, 3) }, () => itemOf(chance));
  const stages = ["view_item", "add_to_cart", "begin_checkout", "purchase", "refund"];
  for (const name of stages) {
    if (name !== "view_item" && chance() < 0.3) break;
    atMs += 1_000 + below(chance, 2 * MINUTE_MS);
    // A refund comes from the shop's back office as often as from the visitor.
    const refundedMs = name === "refund" && chance() < 0.5 ? atMs + 120 * MINUTE_MS : atMs;
    add(refundedMs, { name, url, ...client, ...moneyOf(name, merchant, order, items, chance) });
  }
  return atMs;
}

const itemOf = (chance: Chance): Item => {
  const n = below(chance, 30);
  const item: Item = { item_id: `sku-${n}`, item_name: `Thing ${n}` };
  if (chance() < 0.9) item.price = Math.round(chance() * 100_000) / pick(chance, [100, 100, 1, 10_000]);
  if (chance() < 0.7) item.quantity = 1 + below(chance, 12);
  return item;
};

function moneyOf(name: string, merchant: Merchant, order: string, items: Item[], chance: Chance): Partial<Event> {
  const foreign = chance() < 0.1;
  const currency = foreign ? (merchant.currency === "USD" ? "EUR" : "USD") : merchant.currency;
  const fields: Partial<Event> = chance() < 0.8 ? { items } : { value: Math.round(chance() * 50_000) / 100 };
  if (name === "purchase" || name === "refund")
    Object.assign(fields, { currency, transaction_id: order, shipping: 4.9 });
  return fields;
}

/** Identified people are the same every day, others nobody knows again the next day. */
function visitorOf(
  { n, identified }: Person,
  seed: number,
  zone: string,
  atMs: number,
): Pick<Event, "visitor" | "identified"> {
  const name = identified ? `user ${seed} ${n}` : `${seed} ${n} ${dayAt(zone, atMs).date}`;
  return { visitor: visitorNamed(name), ...(identified ? { identified: true as const } : {}) };
}

/** 64 bits for a name, spread as those of real visitors are. */
export function visitorNamed(name: string): string {
  let hi = name.length;
  let lo = ~name.length;
  for (let at = 0; at < name.length; at++) {
    hi = mixed(hi ^ name.charCodeAt(at));
    lo = mixed((lo + name.charCodeAt(at) * 0x01000193) >>> 0);
  }
  return [hi, mixed(lo ^ 0x5bd1e995)].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("");
}

// --- how it arrives -------------------------------------------------------------------------------------------------

const byArrival = (events: readonly Event[]): Event[] => events.toSorted((a, b) => a.received_at - b.received_at);

/** A share of the events comes a second time, up to `withinMs` later. */
export function duplicated(events: readonly Event[], seed: number, share: number, withinMs: number): Event[] {
  const chance = chanceOf(seed);
  const again = events.flatMap((event) =>
    chance() < share ? [{ ...event, received_at: event.received_at + below(chance, withinMs) }] : [],
  );
  return byArrival([...events, ...again]);
}

/** Every event comes up to `withinMs` late, so two may arrive in the wrong order if they are not farther apart. */
export function reordered(events: readonly Event[], seed: number, withinMs: number): Event[] {
  const chance = chanceOf(seed);
  return byArrival(events.map((event) => ({ ...event, received_at: event.received_at + below(chance, withinMs) })));
}

/**
 * A share of the senders' batches of up to 10 gets no answer and is sent again `afterMs` later. Half of these had
 * arrived all the same (the answer was lost), so their events come twice; the others come late.
 */
export function retried(events: readonly Event[], seed: number, share: number, afterMs: number): Event[] {
  const chance = chanceOf(seed);
  const arrived: Event[] = [];
  for (let at = 0; at < events.length;) {
    const batch = events.slice(at, at + 1 + below(chance, 10));
    at += batch.length;
    const unanswered = chance() < share;
    if (!unanswered || chance() < 0.5) arrived.push(...batch);
    if (unanswered) arrived.push(...batch.map((event) => ({ ...event, received_at: event.received_at + afterMs })));
  }
  return byArrival(arrived);
}

/** A share of the events comes late by up to `byMs`, which may be days. */
export function late(events: readonly Event[], seed: number, share: number, byMs: number): Event[] {
  const chance = chanceOf(seed);
  const lateness = (): number => (chance() < share ? below(chance, byMs) : 0);
  return byArrival(events.map((event) => ({ ...event, received_at: event.received_at + lateness() })));
}
