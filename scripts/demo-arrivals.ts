// How made-up visitors come to the demo shop: from a search, a newsletter, an ad, a post, an assistant's answer, another
// site, or by themselves; and how likely each is to stay and to buy.

import type { Random } from "./random.ts";

export interface Arrival {
  weight: number;
  referrer?: string;
  /** The campaign parameters of the link, as they stand in the URL. */
  query?: string;
  /** Beside the average visitor's chances: to leave at once, and to want to buy. */
  bounce: number;
  intent: number;
  /** The share of these visitors who are customers that are known by their account. */
  known: number;
}

const arrival = (weight: number, fields: Partial<Arrival>): Arrival => ({
  bounce: 1,
  intent: 1,
  known: 0.06,
  ...fields,
  weight,
});

const search = (weight: number, referrer: string): Arrival => arrival(weight, { referrer, bounce: 0.95, intent: 1.1 });
const post = (weight: number, referrer: string): Arrival => arrival(weight, { referrer, bounce: 1.3, intent: 0.45 });
const answer = (weight: number, referrer: string, query = ""): Arrival =>
  arrival(weight, { referrer, query, bounce: 0.85, intent: 1.4 });
const link = (weight: number, referrer: string): Arrival => arrival(weight, { referrer, intent: 0.9 });
const ad = (weight: number, query: string, fields: Partial<Arrival>): Arrival => arrival(weight, { query, ...fields });

const GOOGLE = "https://www.google.com/";

const DIRECT = arrival(25, { bounce: 0.85, intent: 1.3, known: 0.35 });

const EVERY_DAY: readonly Arrival[] = [
  DIRECT,
  search(22, GOOGLE),
  search(6, "https://www.google.de/"),
  search(3, "https://www.bing.com/"),
  search(3, "https://duckduckgo.com/"),
  search(2, "https://www.ecosia.org/"),
  ad(5, "utm_source=google&utm_medium=cpc&utm_campaign=gifts&utm_term=handmade+mug&gclid=demo", {
    referrer: GOOGLE,
    intent: 1.5,
  }),
  ad(3, "utm_source=google&utm_medium=cpc&utm_campaign=brand&gclid=demo", {
    referrer: GOOGLE,
    intent: 1.9,
    bounce: 0.8,
  }),
  ad(4, "utm_source=instagram&utm_medium=paid_social&utm_campaign=autumn-colours&utm_content=reel", {
    referrer: "https://l.instagram.com/",
    bounce: 1.25,
    intent: 0.7,
  }),
  ad(1, "utm_source=dealwatch&utm_medium=affiliate&utm_campaign=partners", { intent: 1.3 }),
  post(4, "https://www.instagram.com/"),
  post(3, "https://m.facebook.com/"),
  post(3, "https://www.pinterest.com/"),
  post(2, "https://www.tiktok.com/"),
  post(1, "https://www.youtube.com/"),
  post(1, "https://www.reddit.com/"),
  answer(3, "https://chatgpt.com/", "utm_source=chatgpt.com"),
  answer(1, "https://www.perplexity.ai/"),
  answer(1, "https://claude.ai/"),
  answer(0.5, "https://gemini.google.com/"),
  link(2, "https://teatime.example/best-mugs"),
  link(1.5, "https://handmade.example/gift-guide"),
];

const newsletter = (weight: number, campaign: string): Arrival =>
  ad(weight, `utm_source=newsletter&utm_medium=email&utm_campaign=${campaign}`, {
    bounce: 0.75,
    intent: 2,
    known: 0.6,
  });

/** On Tuesdays and Thursdays a newsletter goes out, and is read on the days after as well. `weekday` 1 is Monday. */
const LETTERS: readonly { weekday: number; arrivals: readonly Arrival[] }[] = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({
  weekday,
  arrivals: [
    ...EVERY_DAY,
    newsletter(weekday === 2 ? 16 : weekday === 3 ? 5 : 1.5, "new-arrivals"),
    newsletter(weekday === 4 ? 14 : weekday === 5 ? 5 : 1.5, "weekend-picks"),
  ],
}));

export const arrivalOn = (weekday: number, random: Random): Arrival =>
  random.weighted(LETTERS.find((day) => day.weekday === weekday)?.arrivals ?? EVERY_DAY);

/** A bot, or somebody who types the address. */
export const UNANNOUNCED: Arrival = DIRECT;
