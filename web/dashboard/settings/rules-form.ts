// Rules between the API and a form: lists are texts with an entry a line, channel rules lines of name=pattern. Pure.

import type { RulesView } from "../../../core/rules-view.ts";
import type { ChannelRule } from "../../../core/rules.ts";

export const LISTS = [
  { name: "excludedPages", label: "Pages that are not counted", hint: "/admin*" },
  { name: "excludedHosts", label: "Hosts that are not counted", hint: "staging.shop.example" },
  { name: "allowedHosts", label: "Only these hosts are counted (empty: all)", hint: "shop.example" },
  { name: "excludedCountries", label: "Countries that are not counted, two letters each", hint: "XX" },
  { name: "excludedAddresses", label: "Addresses and ranges that are not counted", hint: "192.0.2.0/24" },
  { name: "extraBots", label: "User agents that are bots: any that contains a line", hint: "PriceWatch" },
  { name: "keptParameters", label: "Parameters of the address that belong to the page", hint: "q" },
] as const satisfies readonly { name: keyof RulesView; label: string; hint: string }[];
export type ListName = (typeof LISTS)[number]["name"];

export interface RulesForm extends Record<ListName, string> {
  bots: RulesView["bots"];
  channels: string;
  /** Null: all properties are kept. */
  keptProps: string | null;
}

const PATTERNS = ["source", "medium", "campaign", "referrer"] as const;

export const formOf = (rules: RulesView): RulesForm => ({
  ...(Object.fromEntries(LISTS.map(({ name }) => [name, rules[name].join("\n")])) as Record<ListName, string>),
  bots: rules.bots,
  channels: rules.channels.map(lineOf).join("\n"),
  keptProps: rules.keptProps?.join("\n") ?? null,
});

/** As the API takes them; what is wrong with them, it says. */
export const rulesOf = (form: RulesForm): RulesView => ({
  ...(Object.fromEntries(LISTS.map(({ name }) => [name, lines(form[name])])) as Record<ListName, string[]>),
  bots: form.bots,
  channels: lines(form.channels).map(channelOf),
  keptProps: form.keptProps === null ? null : lines(form.keptProps),
});

const lines = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

/** "Partners: source=partner-*, medium=referral" */
const lineOf = (rule: ChannelRule): string =>
  `${rule.channel}: ${PATTERNS.flatMap((name) => (rule[name] === undefined ? [] : [`${name}=${rule[name]}`])).join(", ")}`;

function channelOf(line: string): ChannelRule {
  const at = line.indexOf(":");
  const channel = (at < 0 ? line : line.slice(0, at)).trim();
  const patterns = (at < 0 ? "" : line.slice(at + 1)).split(",").flatMap((part) => {
    const [name = "", ...value] = part.split("=");
    const known = PATTERNS.find((each) => each === name.trim());
    return known === undefined ? [] : [[known, value.join("=").trim()] as const];
  });
  return { channel, ...Object.fromEntries(patterns) };
}
