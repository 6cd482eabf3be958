import { expect, test } from "vitest";
import { CHANNEL_RULES, channelOf, type Channel, type Origin } from "./channel.ts";

const origin = (some: Partial<Origin>): Origin => ({ source: "", kind: null, medium: "", campaign: "", ...some });

const EXAMPLES: [Channel, Partial<Origin>][] = [
  ["Direct", { source: "(direct)" }],
  ["Direct", { source: "(direct)", medium: "(none)" }],
  ["Direct", { source: "(direct)", medium: "(not set)" }],
  ["Cross-network", { source: "google", kind: "search", medium: "cpc", campaign: "2026-cross-network-de" }],
  ["Paid Shopping", { source: "amazon", kind: "shopping", medium: "cpc" }],
  ["Paid Shopping", { source: "google", kind: "search", medium: "cpc", campaign: "shopping-shoes" }],
  ["Paid Search", { source: "google", kind: "search", medium: "cpc" }],
  ["Paid Search", { source: "bing", kind: "search", medium: "ppc" }],
  ["Paid Social", { source: "facebook", kind: "social", medium: "paid-social" }],
  ["Paid Social", { source: "facebook", kind: "social", medium: "cpm" }],
  ["Paid Video", { source: "youtube", kind: "video", medium: "cpv, cpc" }],
  ["Display", { source: "some-network", medium: "display" }],
  ["Display", { source: "some-network", medium: "cpm" }],
  ["Display", { source: "google", kind: "search", medium: "banner" }],
  ["Paid Other", { source: "newsletter", medium: "retargeting" }],
  ["Paid Other", { source: "chatgpt.com", kind: "assistant", medium: "cpc" }],
  ["AI Assistant", { source: "chatgpt.com", kind: "assistant" }],
  ["AI Assistant", { source: "perplexity.ai", kind: "assistant", medium: "referral" }],
  ["Organic Shopping", { source: "ebay.de", kind: "shopping", medium: "referral" }],
  ["Organic Shopping", { source: "x", medium: "link", campaign: "eshop" }],
  ["Organic Social", { source: "reddit.com", kind: "social", medium: "referral" }],
  ["Organic Social", { source: "agency", medium: "social network" }],
  ["Organic Video", { source: "youtube.com", kind: "video", medium: "referral" }],
  ["Organic Video", { source: "agency", medium: "shortvideo" }],
  ["Organic Search", { source: "google.de", kind: "search", medium: "referral" }],
  ["Organic Search", { source: "unknown-engine", medium: "organic" }],
  ["Referral", { source: "blog.example", medium: "referral" }],
  ["Referral", { source: "partner", medium: "link" }],
  ["Referral", { source: "email", medium: "referral" }],
  ["Email", { source: "crm", medium: "e-mail" }],
  ["Email", { source: "e mail", medium: "" }],
  ["Affiliates", { source: "awin", medium: "affiliate" }],
  ["Audio", { source: "podcast", medium: "audio" }],
  ["SMS", { source: "sms", medium: "" }],
  ["SMS", { source: "twilio", medium: "sms" }],
  ["Mobile Push Notifications", { source: "app", medium: "webpush" }],
  ["Mobile Push Notifications", { source: "app", medium: "mobile-inbox" }],
  ["Mobile Push Notifications", { source: "firebase", medium: "" }],
  ["Unassigned", { source: "newsletter", medium: "" }],
  ["Unassigned", { source: "(not set)", campaign: "spring" }],
  ["Unassigned", { source: "workshop", medium: "flyer", campaign: "workshop" }],
];

test.each(EXAMPLES)("%s: %j", (channel, some) => expect(channelOf(origin(some))).toBe(channel));

test("every rule has an example", () => {
  const shown = new Set(EXAMPLES.map(([channel]) => channel));
  for (const [channel] of CHANNEL_RULES) expect(shown, channel).toContain(channel);
});
