// How a visit came: what its first URL (campaign parameters, an ad's click id) and its referrer say together.
// The URL goes before the referrer, since it is what the merchant wrote.

import { channelOf, type Channel } from "./channel.ts";
import { dimensionValue } from "./dimension-value.ts";
import type { Merchant } from "./merchant.ts";
import type { Page } from "./page.ts";
import { referrerOf, type Referrer } from "./referrer.ts";
import { NOT_SET } from "./rollup.ts";
import { sourceOfHost, sourceOfWord, type Source } from "./source.ts";

export interface Arrival {
  channel: Channel;
  source: string;
  referrer: string;
  utm_source: string;
  utm_medium: string;
  utm_campaign: string;
  utm_content: string;
  utm_term: string;
}

export const DIRECT = "(direct)";

/** `page` is that of the visit's first event. */
export const arrivalOf = (page: Page, referrerText: string | undefined, merchant: Merchant): Arrival => {
  const referrer = referrerOf(referrerText, page.hostname, merchant);
  const query = page.query === "" ? NOTHING : new URLSearchParams(page.query);
  const parameter = (name: string): string => query.get(name)?.trim() ?? "";

  const utmSource = parameter("utm_source");
  const utmMedium = parameter("utm_medium");
  const campaign = parameter("utm_campaign");
  const tag = utmSource || parameter("source") || parameter("ref");
  const advertiser = advertiserOf(query);
  const { word, known, medium } = originOf(tag, referrer, advertiser);
  return {
    channel: channelOf({
      source: word.toLowerCase(),
      kind: known?.kind ?? null,
      // A click id says that this was an ad; `source=` and `ref=` without a medium are links on other sites.
      medium: (utmMedium || (utmSource === "" ? medium : paidBy(known, advertiser))).toLowerCase(),
      campaign: campaign.toLowerCase(),
    }),
    source: known?.name ?? dimensionValue(word || (utmMedium === "" && campaign === "" ? DIRECT : NOT_SET)),
    referrer: referrer?.referrer ?? NOT_SET,
    utm_source: dimensionValue(utmSource),
    utm_medium: dimensionValue(utmMedium),
    utm_campaign: dimensionValue(campaign),
    utm_content: dimensionValue(parameter("utm_content")),
    utm_term: dimensionValue(parameter("utm_term")),
  };
};

const NOTHING = new URLSearchParams();

interface Found {
  /** As it stands in the URL, or the referrer's host. */
  word: string;
  known: Source | null;
  /** What the origin says of the medium by itself. */
  medium: string;
}

const originOf = (tag: string, referrer: Referrer | null, advertiser: string): Found => {
  if (tag !== "") {
    const known = sourceOfWord(tag);
    return { word: tag, known, medium: paidBy(known, advertiser) || "referral" };
  }
  if (referrer !== null) {
    const known = sourceOfHost(referrer.host);
    const medium = paidBy(known, advertiser) || (known?.kind === "email" ? "email" : "referral");
    return { word: referrer.host, known, medium };
  }
  if (advertiser !== "") {
    const known = sourceOfWord(advertiser);
    return { word: advertiser, known, medium: paidBy(known, advertiser) };
  }
  return { word: "", known: null, medium: "" };
};

/** Whose ad was clicked, by the id that the advertiser's links carry. */
const advertiserOf = (query: URLSearchParams): string => {
  const carries = (name: string): boolean => query.get(name) !== null;
  if (carries("gclid") || carries("gbraid") || carries("wbraid")) return "Google";
  return carries("msclkid") ? "Bing" : "";
};

const paidBy = (source: Source | null, advertiser: string): string =>
  source !== null && source.name === advertiser ? "cpc" : "";
