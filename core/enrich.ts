// The conclusions of an event: its verdict, and the values of its dimensions. Computed whenever an event is folded and
// never stored with it, so a replay after a change here changes the past. One ordered list of named steps for what
// every event needs, and one for what only the first event of a visit is asked; a step's name is its metric's.
// Total: whatever an event holds, nothing throws and no value is empty.

import { arrivalOf, type Arrival } from "./arrival.ts";
import { clientOf, isBot, type Client } from "./client.ts";
import type { Event } from "./event.ts";
import type { Merchant } from "./merchant.ts";
import { pageOf } from "./page.ts";
import { cityOf, countryOf, languageOf, regionOf } from "./place.ts";
import { NOT_SET, type VisitDimension } from "./rollup.ts";

/** Counted, or why not. */
export type Verdict = "counted" | "bot";

export interface EventFacts {
  verdict: Verdict;
  page: string;
  hostname: string;
}

type EventStep = (event: Event, facts: EventFacts) => void;

/** The first step that gives another verdict than "counted" is the last one that runs. */
export const EVENT_STEPS: readonly (readonly [name: string, step: EventStep])[] = [
  [
    "page",
    (event, facts) => {
      const { page, hostname } = pageOf(event.url);
      facts.page = page;
      facts.hostname = hostname;
    },
  ],
  [
    "bot",
    (event, facts) => {
      if (isBot(event.user_agent)) facts.verdict = "bot";
    },
  ],
];

/** For every event: what counts in its own right. */
export const factsOf = (event: Event): EventFacts => {
  const facts: EventFacts = { verdict: "counted", page: NOT_SET, hostname: NOT_SET };
  for (const [, step] of EVENT_STEPS) {
    step(event, facts);
    if (facts.verdict !== "counted") break;
  }
  return facts;
};

/** The first event of a visit and what several steps read of it. */
interface Beginning {
  event: Event;
  page: string;
  arrival: Arrival;
  client: Client;
}

type VisitStep = (beginning: Beginning) => string;

/** In the order of VISIT_DIMENSIONS. */
export const VISIT_STEPS: readonly (readonly [name: VisitDimension, step: VisitStep])[] = [
  ["entry_page", ({ page }) => page],
  ["channel", ({ arrival }) => arrival.channel],
  ["source", ({ arrival }) => arrival.source],
  ["referrer", ({ arrival }) => arrival.referrer],
  ["utm_source", ({ arrival }) => arrival.utm_source],
  ["utm_medium", ({ arrival }) => arrival.utm_medium],
  ["utm_campaign", ({ arrival }) => arrival.utm_campaign],
  ["utm_content", ({ arrival }) => arrival.utm_content],
  ["utm_term", ({ arrival }) => arrival.utm_term],
  ["country", ({ event }) => countryOf(event.country)],
  ["region", ({ event }) => regionOf(event.region, event.country)],
  ["city", ({ event }) => cityOf(event.city)],
  ["browser", ({ client }) => client.browser],
  ["browser_version", ({ client }) => client.browser_version],
  ["os", ({ client }) => client.os],
  ["os_version", ({ client }) => client.os_version],
  ["device", ({ client }) => client.device],
  ["language", ({ event }) => languageOf(event.language)],
];

/** For the first counted event of a visit: the visit's attributes, in the order of VISIT_DIMENSIONS. */
export const visitAttributes = (event: Event, merchant: Merchant): readonly string[] => {
  const page = pageOf(event.url);
  const beginning: Beginning = {
    event,
    page: page.page,
    arrival: arrivalOf(page, event.referrer, merchant),
    client: clientOf(event.user_agent),
  };
  return VISIT_STEPS.map(([, step]) => step(beginning));
};
