// The conclusions of an event: its verdict, and the values of its dimensions. Computed whenever an event is folded and
// never stored with it, so a replay after a change here changes the past. One ordered list of named steps for what
// every event needs, and one for what only the first event of a visit is asked; a step's name is its metric's.
// Total: whatever an event holds, nothing throws and no value is empty.

import { arrivalOf, type Arrival } from "./arrival.ts";
import { clientOf, type Client } from "./client.ts";
import type { Event } from "./event.ts";
import type { Merchant } from "./merchant.ts";
import { type Page, pageOf, pageShown } from "./page.ts";
import { cityOf, countryOf, languageOf, regionOf } from "./place.ts";
import { NOT_SET, type VisitDimension } from "./rollup.ts";
import { BOTS_CHANNEL, NO_RULES } from "./rules.ts";
import { type CompiledRules, compileRules } from "./rules-compiled.ts";

/** Counted, or why not. */
export type Verdict = "counted" | "bot" | "excluded_address" | "excluded_host" | "excluded_country" | "excluded_page";

export interface EventFacts {
  verdict: Verdict;
  page: string;
  hostname: string;
}

type EventStep = (event: Event, facts: EventFacts, rules: CompiledRules, page: Page) => void;

/** The first step that gives another verdict than "counted" is the last one that runs. */
export const EVENT_STEPS: readonly (readonly [name: string, step: EventStep])[] = [
  [
    "page",
    (_event, facts, rules, page) => {
      facts.page = pageShown(page, rules.keptParameters);
      facts.hostname = page.hostname;
    },
  ],
  [
    "bot",
    (event, facts, rules) => {
      if (rules.bots === "exclude" && rules.isBot(event.user_agent)) facts.verdict = "bot";
    },
  ],
  [
    "excluded_address",
    (event, facts, rules) => {
      if (rules.excludesAddresses && event.excluded_address === true) facts.verdict = "excluded_address";
    },
  ],
  [
    "excluded_host",
    (_event, facts, { isExcludedHost, isAllowedHost }) => {
      const { hostname } = facts;
      // Servers report orders without a page: that is no foreign host.
      if (isExcludedHost?.(hostname) === true || (hostname !== NOT_SET && isAllowedHost?.(hostname) === false))
        facts.verdict = "excluded_host";
    },
  ],
  [
    "excluded_country",
    (event, facts, { excludedCountries }) => {
      if (excludedCountries?.has(countryOf(event.country)) === true) facts.verdict = "excluded_country";
    },
  ],
  [
    "excluded_page",
    (_event, facts, { isExcludedPage }, page) => {
      if (isExcludedPage?.(facts.page) === true || isExcludedPage?.(page.page) === true)
        facts.verdict = "excluded_page";
    },
  ],
];

const PLAIN = compileRules(NO_RULES);
const ALL_STEPS = EVENT_STEPS.map(([, step]) => step);
/** What is left where nothing is excluded. */
const PLAIN_STEPS = EVENT_STEPS.filter(([name]) => !name.startsWith("excluded")).map(([, step]) => step);

/** For every event: what counts in its own right. */
export const factsOf = (event: Event, rules = PLAIN): EventFacts => {
  const facts: EventFacts = { verdict: "counted", page: NOT_SET, hostname: NOT_SET };
  const page = pageOf(event.url);
  for (const step of rules.excludes ? ALL_STEPS : PLAIN_STEPS) {
    step(event, facts, rules, page);
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
  isBot: boolean;
}

type VisitStep = (beginning: Beginning) => string;

/** In the order of VISIT_DIMENSIONS. */
export const VISIT_STEPS: readonly (readonly [name: VisitDimension, step: VisitStep])[] = [
  ["entry_page", ({ page }) => page],
  ["channel", ({ arrival, isBot }) => (isBot ? BOTS_CHANNEL : arrival.channel)],
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
export const visitAttributes = (event: Event, merchant: Merchant, rules = PLAIN): readonly string[] => {
  const page = pageOf(event.url);
  const beginning: Beginning = {
    event,
    page: pageShown(page, rules.keptParameters),
    arrival: arrivalOf(page, event.referrer, merchant, rules.channelOf),
    client: clientOf(event.user_agent),
    isBot: rules.bots === "apart" && rules.isBot(event.user_agent),
  };
  return VISIT_STEPS.map(([, step]) => step(beginning));
};
