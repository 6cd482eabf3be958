// How a visit came: what its first URL (campaign parameters, an ad's click id) and its referrer say together.
// The URL goes before the referrer, since it is what the merchant wrote.

import { channelOf, type Origin } from "./channel.ts";
import { dimensionValue } from "./dimension-value.ts";
import type { Merchant } from "./merchant.ts";
import type { Page } from "./page.ts";
import { referrerOf, type Referrer } from "./referrer.ts";
import { NOT_SET } from "./rollup.ts";
import type { CompiledRules } from "./rules-compiled.ts";
import { sourceOfHost, sourceOfWord, type Source } from "./source.ts";

export interface Arrival {
  channel: string;
  source: string;
  referrer: string;
  utm_source: string;
  utm_medium: string;
  utm_campaign: string;
  utm_content: string;
  utm_term: string;
}

export const DIRECT = "(direct)";

/** `page` is that of the visit's first event. The merchant's own channels go before the code's. */
export const arrivalOf = (
  page: Page,
  referrerText: string | undefined,
  merchant: Merchant,
  ownChannelOf: CompiledRules["channelOf"] = null,
): Arrival => {
  const referrer = referrerOf(referrerText, page.hostname, merchant);
  const query = page.query === "" ? NOTHING : new URLSearchParams(page.query);
  const parameter = (name: string): string => query.get(name)?.trim() ?? "";

  const utmSource = parameter("utm_source");
  const utmMedium = parameter("utm_medium");
  const campaign = parameter("utm_campaign");
  const tag = utmSource || parameter("source") || parameter("ref");
  const origin = originOf(tag, referrer, query);
  // Half a campaign's parameters are a link that somebody made, so it is not a direct visit.
  const word = origin.word || (utmMedium === "" && campaign === "" ? DIRECT : NOT_SET);
  // GA4 leaves a campaign's missing medium missing, but for ads that it knows by their click id.
  const medium = utmMedium || (utmSource === "" || origin.medium === PAID ? origin.medium : "");
  const source = origin.known?.name ?? dimensionValue(word);
  const shownReferrer = referrer?.referrer ?? NOT_SET;
  const lower: Origin = {
    source: word.toLowerCase(),
    kind: origin.known?.kind ?? null,
    medium: medium.toLowerCase(),
    campaign: campaign.toLowerCase(),
  };
  const ownChannel = ownChannelOf?.({
    sources: [source.toLowerCase(), lower.source],
    medium: lower.medium,
    campaign: lower.campaign,
    referrer: shownReferrer.toLowerCase(),
  });
  return {
    channel: ownChannel ?? channelOf(lower),
    source,
    referrer: shownReferrer,
    utm_source: dimensionValue(utmSource),
    utm_medium: dimensionValue(utmMedium),
    utm_campaign: dimensionValue(campaign),
    utm_content: dimensionValue(parameter("utm_content")),
    utm_term: dimensionValue(parameter("utm_term")),
  };
};

const NOTHING = new URLSearchParams();
const PAID = "cpc";

interface Found {
  /** As it stands in the URL, or the referrer's host; "" for neither. */
  word: string;
  known: Source | null;
  /** What the link says of the medium by what it is. */
  medium: string;
}

const originOf = (tag: string, referrer: Referrer | null, query: URLSearchParams): Found => {
  const advertiser = advertiserOf(query);
  const word = tag || referrer?.host || advertiser;
  const known = tag === "" && referrer !== null ? sourceOfHost(word) : sourceOfWord(word);
  return { word, known, medium: mediumOf(word, known, advertiser) };
};

/** Whose ad was clicked, by the id that the advertiser's links carry. */
const advertiserOf = (query: URLSearchParams): string => {
  const carries = (name: string): boolean => query.get(name) !== null;
  if (carries("gclid") || carries("gbraid") || carries("wbraid")) return "Google";
  return carries("msclkid") ? "Bing" : "";
};

const mediumOf = (word: string, known: Source | null, advertiser: string): string => {
  if (word === "") return "";
  if (known !== null && known.name === advertiser) return PAID;
  return known?.kind === "email" ? "email" : "referral";
};
