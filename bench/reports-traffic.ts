// Traffic for the benchmark of reports, of one merchant and in order of time: pages by Zipf's law, referrers, countries,
// browsers and devices, about eight events a visit, one visit in forty with an order. Made on the way: memory holds the visits
// that are under way, however long it goes on.

import { Random } from "../scripts/random.ts";
import type { WireEvent } from "../scripts/send.ts";

export interface TrafficOptions {
  seed: string;
  /** Of UTC. */
  date: string;
  events: number;
  /** Visitors with an id of the merchant's, the same on every day: this share of the visits. */
  identified: number;
}

const PAGES = 2_000;
const COUNTRIES = 60;
const REFERRERS = 50;
const EVENTS_PER_VISIT = 8.33;
const MINUTE_MS = 60_000;
const DAY_MINUTES = 1_440;

/** Ten browsers, and tablets among the devices. */
const AGENTS = [
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:143.0) Gecko/20100101 Firefox/143.0",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/139.0.0.0 Safari/537.36 Edg/139.0.0.0",
  "Mozilla/5.0 (Linux; Android 14; SAMSUNG SM-S911B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36 OPR/110.0.0.0",
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Vivaldi/7.1.3570.54",
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 YaBrowser/24.6.0.0 Safari/537.36",
  "Mozilla/5.0 (Linux; U; Android 13; en-US; SM-A127F) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/100.0.4896.58 UCBrowser/13.7.5.1321 Mobile Safari/537.36",
  "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko",
  "Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
];

/** "AA", "AB", …: that they are no countries makes no difference. */
export const countryNamed = (n: number): string => String.fromCharCode(65 + Math.floor(n / 20), 65 + (n % 20));
export const pageNamed = (n: number): string => (n === 0 ? "/" : `/catalogue/section-${n % 40}/page-${n}`);

/** Running sums of 1, 1/2, 1/3, …: where a random share of the whole lies says which. */
const zipfSums = (n: number): number[] => {
  let sum = 0;
  return Array.from({ length: n }, (_, at) => (sum += 1 / (at + 1)));
};
const PAGE_SUMS = zipfSums(PAGES);
const COUNTRY_SUMS = zipfSums(COUNTRIES);
const REFERRER_SUMS = zipfSums(REFERRERS);

function zipf(random: Random, sums: readonly number[]): number {
  const sought = random.next() * sums.at(-1)!;
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sums[middle]! < sought) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The events of a day, those of a minute at a time. */
export function* dayOfTraffic({ seed, date, events, identified }: TrafficOptions): Generator<WireEvent[]> {
  const random = new Random(`${seed} ${date}`);
  const startMs = Date.parse(date);
  const endMs = startMs + DAY_MINUTES * MINUTE_MS;
  const visits = Math.round(events / EVENTS_PER_VISIT);
  /** Events of visits that have begun, by the minute. */
  const coming: WireEvent[][] = Array.from({ length: DAY_MINUTES }, () => []);
  let begun = 0;
  let sent = 0;
  for (let minute = 0; minute < DAY_MINUTES; minute++) {
    while (begun * DAY_MINUTES < visits * (minute + 1)) {
      const atMs = startMs + minute * MINUTE_MS + random.below(MINUTE_MS);
      for (const event of visitOf(random, begun++, identified, atMs)) {
        const at = Math.floor((event.occurred_at - startMs) / MINUTE_MS);
        if (event.occurred_at < endMs) coming[at]!.push(event);
      }
    }
    const now = coming[minute]!.sort((a, b) => a.occurred_at - b.occurred_at);
    coming[minute] = [];
    for (const event of now) event.id = `${date.slice(2).replaceAll("-", "")}${(sent++).toString(36).padStart(5, "0")}`;
    yield now;
  }
}

function* visitOf(random: Random, n: number, identified: number, startMs: number): Generator<WireEvent> {
  // One visit in seven is by somebody who was here today before.
  const person = random.chance(1 / 7) ? random.below(n + 1) : n;
  const referrer = random.chance(0.5) ? zipf(random, REFERRER_SUMS) : null;
  const visitor = {
    ip: `10.${(person >> 16) & 255}.${(person >> 8) & 255}.${person & 255}`,
    user_agent: AGENTS[random.below(AGENTS.length)]!,
    country: countryNamed(zipf(random, COUNTRY_SUMS)),
  };
  const user = random.chance(identified) ? { user: `u${random.below(20_000)}` } : {};
  const events = 1 + Math.floor(random.exponential(EVENTS_PER_VISIT - 0.5));
  let atMs = startMs;
  for (let at = 0; at < events; at++) {
    const page = zipf(random, PAGE_SUMS);
    const base = { id: "", occurred_at: atMs, url: `https://shop.example${pageNamed(page)}`, visitor, ...user };
    const first = at === 0 && referrer !== null ? { referrer: `https://site-${referrer}.example/links` } : {};
    if (at > 0 && random.chance(0.05)) yield { ...base, name: "add_to_cart", items: [itemOf(page)] };
    else if (at > 1 && random.chance(0.004)) {
      yield { ...base, name: "purchase", transaction_id: `${startMs}-${n}-${at}`, items: [itemOf(page)] };
    } else yield { ...base, ...first, name: "pageview", title: `Page ${page}` };
    atMs += 1_000 + random.below(60_000);
  }
}

const itemOf = (page: number) => ({
  item_id: `P${page % 300}`,
  item_name: `Product ${page % 300}`,
  price: 9.99 + (page % 90),
});
