// The channel of a visit: GA4's default channel group, its rules in its order, the first that holds wins. Beside GA4's
// text: AI assistants have their channel right after the paid ones, and what a click id or a referrer says about
// the medium has been filled in before (see `arrival.ts`).

import type { SourceKind } from "./sources.ts";

/** What the rules go by; all text in lower case, "" where there is none. */
export interface Origin {
  /** The campaign's word as it stands in the URL, or the referrer's host, or "(direct)", or "(not set)". */
  source: string;
  kind: SourceKind | null;
  medium: string;
  campaign: string;
}

const PAID = /^(.*cp.*|ppc|retargeting|paid.*)$/;
const SHOP = /^(.*(([^a-df-z]|^)shop|shopping).*)$/;

const oneOf = (...words: string[]): ((text: string) => boolean) => {
  const set = new Set(words);
  return (text) => set.has(text);
};
const isBanner = oneOf("display", "banner", "expandable", "interstitial", "cpm");
const isSocial = oneOf("social", "social-network", "social-media", "sm", "social network", "social media");
const isReferral = oneOf("referral", "app", "link");
const isEmail = oneOf("email", "e-mail", "e_mail", "e mail");
const isNone = oneOf("", "(none)", "(not set)");

const isPaid = (origin: Origin): boolean => PAID.test(origin.medium);
const isShopping = (origin: Origin): boolean => origin.kind === "shopping" || SHOP.test(origin.campaign);

export const CHANNEL_RULES = [
  ["Direct", (o) => o.source === "(direct)" && isNone(o.medium)],
  ["Cross-network", (o) => o.campaign.includes("cross-network")],
  ["Paid Shopping", (o) => isShopping(o) && isPaid(o)],
  ["Paid Search", (o) => o.kind === "search" && isPaid(o)],
  ["Paid Social", (o) => o.kind === "social" && isPaid(o)],
  ["Paid Video", (o) => o.kind === "video" && isPaid(o)],
  ["Display", (o) => isBanner(o.medium)],
  ["Paid Other", isPaid],
  ["AI Assistant", (o) => o.kind === "assistant"],
  ["Organic Shopping", isShopping],
  ["Organic Social", (o) => o.kind === "social" || isSocial(o.medium)],
  ["Organic Video", (o) => o.kind === "video" || o.medium.includes("video")],
  ["Organic Search", (o) => o.kind === "search" || o.medium === "organic"],
  ["Referral", (o) => isReferral(o.medium)],
  ["Email", (o) => isEmail(o.source) || isEmail(o.medium)],
  ["Affiliates", (o) => o.medium === "affiliate"],
  ["Audio", (o) => o.medium === "audio"],
  ["SMS", (o) => o.source === "sms" || o.medium === "sms"],
  [
    "Mobile Push Notifications",
    (o) => o.medium.endsWith("push") || /mobile|notification/.test(o.medium) || o.source === "firebase",
  ],
] as const satisfies readonly (readonly [channel: string, holds: (origin: Origin) => boolean])[];

export type Channel = (typeof CHANNEL_RULES)[number][0] | "Unassigned";

export const channelOf = (origin: Origin): Channel =>
  CHANNEL_RULES.find(([, holds]) => holds(origin))?.[0] ?? "Unassigned";
