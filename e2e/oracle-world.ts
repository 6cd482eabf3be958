// A small world whose meaning is written down by hand: for each browser, link, place, page and product the text that is sent
// and what reports must make of it. `happeningsOf` makes seeded visits of it, several days of a merchant's clock long: shoppers
// who come back with an id, others nobody knows again, robots, refunds by the back office, gaps at just half an hour, orders
// reported twice. What happened and what it means go side by side; nothing here is worked out as the product does it.

import type { WireEvent } from "../scripts/send.ts";
import { startOfDate } from "./oracle-clock.ts";

/** What the first event of a visit says of it: a value for each dimension of visits but the entry page. */
export type Attributes = Record<string, string>;

export interface Happening {
  sent: WireEvent;
  atMs: number;
  /** Two happenings have the same one when they are by the same person, as far as that can be known. */
  visitor: string;
  robot: boolean;
  page: string;
  hostname: string;
  attributes: Attributes;
}

export const ROBOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";

const AGENTS = [
  {
    sent: "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    means: {
      browser: "Chrome",
      browser_version: "Chrome 142",
      os: "Windows",
      os_version: "Windows 10",
      device: "Desktop",
    },
  },
  {
    sent: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
    means: { browser: "Safari", browser_version: "Safari 26", os: "iOS", os_version: "iOS 18.6", device: "Mobile" },
  },
  {
    sent: "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    means: { browser: "Firefox", browser_version: "Firefox 145", os: "Linux", os_version: "Linux", device: "Desktop" },
  },
  {
    sent: "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36",
    means: {
      browser: "Chrome",
      browser_version: "Chrome 142",
      os: "Android",
      os_version: "Android 10",
      device: "Mobile",
    },
  },
];

const PLACES = [
  {
    sent: { country: "DE", region: "BY", city: "München" },
    means: { country: "DE", region: "DE-BY", city: "München" },
  },
  {
    sent: { country: "NP", region: "P3", city: "Kathmandu" },
    means: { country: "NP", region: "NP-P3", city: "Kathmandu" },
  },
  { sent: { country: "us", region: "TX", city: "Paris" }, means: { country: "US", region: "US-TX", city: "Paris" } },
  { sent: { country: "FR", city: "Paris" }, means: { country: "FR", region: NOT_SET(), city: "Paris" } },
  { sent: {}, means: { country: NOT_SET(), region: NOT_SET(), city: NOT_SET() } },
];

const LANGUAGES = [
  { sent: "en-US", means: "en" },
  { sent: "de", means: "de" },
  { sent: "ne-NP", means: "ne" },
];

const NO_CAMPAIGN = {
  utm_source: NOT_SET(),
  utm_medium: NOT_SET(),
  utm_campaign: NOT_SET(),
  utm_content: NOT_SET(),
  utm_term: NOT_SET(),
};

const ARRIVALS = [
  { query: "", means: { ...NO_CAMPAIGN, channel: "Direct", source: "(direct)", referrer: NOT_SET() } },
  {
    query: "?utm_source=newsletter&utm_medium=email&utm_campaign=november&utm_content=top",
    means: {
      utm_source: "newsletter",
      utm_medium: "email",
      utm_campaign: "november",
      utm_content: "top",
      utm_term: NOT_SET(),
      channel: "Email",
      source: "newsletter",
      referrer: NOT_SET(),
    },
  },
  {
    query: "",
    referrer: "https://www.google.com/",
    means: { ...NO_CAMPAIGN, channel: "Organic Search", source: "Google", referrer: "google.com" },
  },
  {
    query: "?gclid=1",
    referrer: "https://www.google.com/",
    means: { ...NO_CAMPAIGN, channel: "Paid Search", source: "Google", referrer: "google.com" },
  },
  {
    query: "",
    referrer: "https://blog.example/hats/?p=1",
    means: { ...NO_CAMPAIGN, channel: "Referral", source: "blog.example", referrer: "blog.example/hats" },
  },
  {
    query: "?utm_source=fb&utm_medium=paid_social&utm_campaign=November&utm_term=caf%C3%A9",
    referrer: "https://m.facebook.com/",
    means: {
      utm_source: "fb",
      utm_medium: "paid_social",
      utm_campaign: "November",
      utm_content: NOT_SET(),
      utm_term: "café",
      channel: "Paid Social",
      source: "Facebook",
      referrer: "m.facebook.com",
    },
  },
];

const HOSTS = [
  { sent: "shop.example", means: "shop.example" },
  { sent: "www.Shop.example:8443", means: "shop.example" },
  { sent: "blog.shop.example", means: "blog.shop.example" },
];

const PAGES = [
  { sent: "/", means: "/" },
  { sent: "/hats", means: "/hats" },
  { sent: "/hats/", means: "/hats/" },
  { sent: "/Caf%C3%A9?size=l#reviews", means: "/Café" },
  { sent: "/blog/1", means: "/blog/1" },
  { sent: "/blog/2", means: "/blog/2" },
  { sent: "/app#/cart", means: "/app#/cart" },
];

const ITEMS = [
  {
    item_id: "hat-1",
    item_name: "Blue hat",
    item_brand: "Acme",
    item_category: "Hats",
    item_variant: "blue",
    price: 19.9,
  },
  { item_id: "hat-2", item_name: "Red hat", item_brand: "Acme", item_category: "Hats", price: 24.95 },
  { item_id: "mug", item_name: "Mug", item_brand: "Bolt", item_category: "Kitchen", price: 7.005 },
  { item_name: "Gift card", price: 50 },
  { item_id: "rebate", item_name: "Rebate", price: -2.5 },
  { item_id: "sample", item_name: "Sample", item_brand: "Bolt" },
];

/** The value of what is not there. */
function NOT_SET(): string {
  return "(not set)";
}

const MINUTE_MS = 60_000;
const SHOP = ["view_item", "add_to_cart", "begin_checkout", "purchase", "refund"];

export interface Life {
  zone: string;
  currency: string;
  /** Local dates; nothing happens on others. */
  dates: readonly string[];
  /** Nothing happens after it. */
  untilMs: number;
  visitsPerDay: number;
  seed: number;
}

/** In the order in which it happened and is to be sent. */
export function happeningsOf(life: Life): Happening[] {
  const chance = chanceOf(life.seed);
  const happenings = life.dates.flatMap((date) => {
    const startMs = startOfDate(life.zone, date);
    const endMs = Math.min(startOfDate(life.zone, nextDate(date)), life.untilMs);
    return Array.from({ length: life.visitsPerDay }, () =>
      visit(life, date, startMs + Math.floor(chance() * (endMs - startMs)), endMs, chance),
    ).flat();
  });
  return happenings
    .sort((a, b) => a.atMs - b.atMs)
    .map((happening, n) => ({ ...happening, sent: { ...happening.sent, id: `${life.seed}-${n}` } }));
}

const nextDate = (date: string): string => new Date(Date.parse(date) + 86_400_000).toISOString().slice(0, 10);

type Chance = () => number;
const below = (chance: Chance, n: number): number => Math.floor(chance() * n);
const pick = <One>(chance: Chance, from: readonly One[]): One => from[below(chance, from.length)]!;

/** The same numbers for the same seed: Park and Miller's. */
function chanceOf(seed: number): Chance {
  let state = (seed % 2_147_483_646) + 1;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}

/** What one person does from `startMs` on: pages, and between them a search or some way to the till. */
function visit(life: Life, date: string, startMs: number, endMs: number, chance: Chance): Happening[] {
  const person = below(chance, 40);
  const known = chance() < 0.4;
  const robot = !known && chance() < 0.08;
  const [agent, place, language] = [pick(chance, AGENTS), pick(chance, PLACES), pick(chance, LANGUAGES)];
  // An address of its own for each person and date: who has none of ours is somebody else tomorrow.
  const ip = `10.${life.seed % 250}.${life.dates.indexOf(date)}.${person}`;
  const user_agent = robot ? ROBOT : agent.sent;
  const visitor = known ? `user ${person}` : `${date} ${ip} ${user_agent}`;
  const host = pick(chance, HOSTS);
  const happenings: Happening[] = [];
  let arrival = pick(chance, ARRIVALS);
  let page = pick(chance, PAGES);
  const add = (atMs: number, more: Partial<WireEvent> & { name: string }): void => {
    if (atMs >= endMs) return;
    const url = `https://${host.sent}${arrival.query === "" ? page.sent : page.sent.replace(/[?#].*|$/, arrival.query)}`;
    const route = arrival.query === "" ? page.means : page.means.replace(/#.*/, "");
    happenings.push({
      sent: {
        id: "",
        occurred_at: atMs,
        url,
        language: language.sent,
        visitor: { ip, user_agent, ...place.sent },
        ...(known ? { user: `user ${person}` } : {}),
        ...(arrival.referrer === undefined ? {} : { referrer: arrival.referrer }),
        ...more,
      },
      atMs,
      visitor,
      robot,
      page: route,
      hostname: host.means,
      attributes: { ...agent.means, ...place.means, language: language.means, ...arrival.means },
    });
    // Pages after the first are reached from the site itself.
    arrival = ARRIVALS[0]!;
  };
  let atMs = startMs;
  for (let pages = below(chance, 5); pages >= 0; pages--) {
    add(atMs, { name: "pageview", ...propsOf(chance) });
    if (chance() < 0.4) add(atMs + 1 + below(chance, MINUTE_MS), { name: "engagement" });
    atMs += below(chance, 2 * MINUTE_MS);
    if (chance() < 0.15) add(atMs, { name: "search", props: { term: pick(chance, ["hat", "Mug", "a.b"]) } });
    if (chance() < 0.35) atMs = shop(life, `${date}-${person}-${atMs}`, atMs, add, chance);
    atMs += pauseMs(chance);
    page = pick(chance, PAGES);
  }
  return happenings;
}

function propsOf(chance: Chance): Pick<WireEvent, "props"> {
  if (chance() < 0.4) return {};
  return { props: { plan: pick(chance, ["free", "Pro", "pro+"]), logged_in: chance() < 0.5, step: below(chance, 3) } };
}

/** Mostly seconds; sometimes at, just under and just over the half hour that ends a visit. */
function pauseMs(chance: Chance): number {
  const kind = chance();
  if (kind < 0.75) return below(chance, 4 * MINUTE_MS);
  if (kind < 0.9) return pick(chance, [30 * MINUTE_MS - 1, 30 * MINUTE_MS, 30 * MINUTE_MS + 1]);
  return below(chance, 90 * MINUTE_MS);
}

type Add = (atMs: number, more: Partial<WireEvent> & { name: string }) => void;

/** Some way to the till and back; returns when it ended. */
function shop(life: Life, order: string, startMs: number, add: Add, chance: Chance): number {
  const items = Array.from({ length: 1 + below(chance, 3) }, () => {
    const item = { ...pick(chance, ITEMS) };
    return chance() < 0.6 ? { ...item, quantity: 1 + below(chance, 4) } : item;
  });
  const foreign = chance() < 0.1;
  const currency = foreign ? "USD" : life.currency;
  const what = chance() < 0.85 ? { items } : { value: 12.34 };
  let atMs = startMs;
  for (const name of SHOP) {
    if (name !== "view_item" && chance() < 0.3) return atMs;
    atMs += 1_000 + below(chance, 2 * MINUTE_MS);
    const money = name === "purchase" || name === "refund" ? { currency, shipping: 4.9 } : {};
    // A refund is as often the back office's, long after the visit.
    const late = name === "refund" && chance() < 0.5 ? 120 * MINUTE_MS : 0;
    add(atMs + late, { name, ...what, ...money, ...(name === "purchase" ? { transaction_id: order } : {}) });
    // The shop's server reports the same order once more.
    if (name === "purchase" && chance() < 0.2) add(atMs + 1, { name, ...what, ...money, transaction_id: order });
  }
  return atMs;
}
