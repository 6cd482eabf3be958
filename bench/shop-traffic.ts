// Seeded traffic of a shop for benchmarks: visits of a few pages, some with a purchase, in order of time, several
// visitors at once. Ids are as short as the tracker's, so bytes per event are those of real events.

import type { Event } from "../core/event.ts";

export const AGENTS = [
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:143.0) Gecko/20100101 Firefox/143.0",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36 Edg/139.0.0.0",
];
const REFERRERS = [
  "",
  "",
  "",
  "https://www.google.com/",
  "https://www.google.com/",
  "https://duckduckgo.com/",
  "https://www.facebook.com/",
];
const PLACES = [
  ["DE", "BE", "Berlin"],
  ["DE", "BY", "Munich"],
  ["FR", "IDF", "Paris"],
  ["GB", "ENG", "London"],
  ["US", "CA", "San Francisco"],
  ["NL", "NH", "Amsterdam"],
] as const;
const LANGUAGES = ["de-DE", "fr-FR", "en-GB", "en-US", "nl-NL"];
const ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";

/** Small, fast, seeded: mulberry32. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

interface Visitor {
  visitor: string;
  agent: string;
  referrer: string;
  place: (typeof PLACES)[number];
  language: string;
  step: number;
  last: number;
}

/** Events with a mean of `perSecond`, from `startMs` on; about five to a visit. */
export function* shopTraffic(seed: number, startMs: number, perSecond: number): Generator<Event> {
  const random = randomOf(seed);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const hex = () =>
    Math.floor(random() * 4_294_967_296)
      .toString(16)
      .padStart(8, "0");
  const id = () => Array.from({ length: 12 }, () => ALPHABET[Math.floor(random() * 36)]).join("");
  const present: Visitor[] = [];
  let nowMs = startMs;
  for (;;) {
    nowMs += (-Math.log(1 - random()) / perSecond) * 1_000;
    const returns = present.length > 0 && random() < 0.8;
    const visitor = returns ? pick(present) : arrive();
    if (random() < 0.2) present.splice(present.indexOf(visitor), 1);
    yield eventOf(visitor, Math.floor(nowMs));
  }

  function arrive(): Visitor {
    const place = pick(PLACES);
    const visitor = {
      visitor: hex() + hex(),
      agent: pick(AGENTS),
      referrer: pick(REFERRERS),
      place,
      language: pick(LANGUAGES),
      step: 0,
      last: 0,
    };
    present.push(visitor);
    return visitor;
  }

  function eventOf(visitor: Visitor, atMs: number): Event {
    const product = Math.floor(random() ** 2 * 300);
    const first = visitor.step++ === 0;
    const kind = random();
    const event: Event = {
      id: id(),
      name:
        kind < 0.75
          ? "pageview"
          : kind < 0.88
            ? "view_item"
            : kind < 0.95
              ? "add_to_cart"
              : kind < 0.98
                ? "engagement"
                : "purchase",
      occurred_at: atMs,
      url: `https://shop.example/products/${product}${first && visitor.referrer === "" && kind < 0.1 ? "?utm_source=newsletter&utm_medium=email&utm_campaign=autumn" : ""}`,
      ...(first && visitor.referrer !== "" ? { referrer: visitor.referrer } : {}),
      title: `Product ${product} – Shop`,
      language: visitor.language,
      screen: "1920x1080",
      received_at: atMs + 3,
      visitor: visitor.visitor,
      user_agent: visitor.agent,
      country: visitor.place[0],
      region: visitor.place[1],
      city: visitor.place[2],
    };
    if (event.name === "purchase" || event.name === "view_item" || event.name === "add_to_cart") {
      event.currency = "EUR";
      event.items = [
        { item_id: `P${product}`, item_name: `Product ${product}`, price: (product % 90) + 9.99, quantity: 1 },
      ];
      if (event.name === "purchase") event.transaction_id = id();
    }
    return event;
  }
}

export function take<T>(events: Iterable<T>, n: number): T[] {
  const taken: T[] = [];
  for (const event of events) {
    taken.push(event);
    if (taken.length === n) break;
  }
  return taken;
}
