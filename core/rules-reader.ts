// Rules read from JSON: every list bounded, every text fit to keep, and what is not so is refused with where it stands. What
// says nothing (an empty list, the way of the code) is left out, so that equal rules are equal texts. Goals are not
// among them: `goals.ts`.

import { isRange } from "./address-rules.ts";
import * as limits from "./limits.ts";
import { below } from "./query-fault.ts";
import { ok, type Result } from "./result.ts";
import { BOT_WAYS, type BotWay, type ChannelRule, OWN_RULES, type Rules, type RunRules } from "./rules.ts";
import { invalid, readFields, type RulesFault, textOf } from "./rules-fault.ts";

/** `pointer` is where the rules stand in what was sent. */
export function readRules(sent: unknown, pointer: string): Result<Rules, RulesFault> {
  const fields = readFields(sent, pointer, Object.keys(READERS), "rules");
  if (!fields.ok) return fields;
  const rules: Record<string, unknown> = {};
  for (const [name, read] of Object.entries(READERS)) {
    const value = fields.value[name];
    if (value === undefined || value === null) continue;
    const entry = read(value, below(pointer, name));
    if (!entry.ok) return entry;
    if (entry.value !== undefined) rules[name] = entry.value;
  }
  const read = { extraBots: [], ...rules } as Rules;
  return isSmall(read) ? ok(read) : invalid(pointer, TOO_LARGE);
}

/** Of a replay: nothing means each day's own rules, and with `onTop` there may be more bots. */
export function readRunRules(sent: unknown, pointer: string): Result<RunRules, RulesFault> {
  if (sent === undefined) return ok(OWN_RULES);
  if (typeof sent !== "object" || sent === null || !("onTop" in sent)) return readRules(sent, pointer);
  const { onTop, ...rest } = sent;
  if (onTop !== true) return invalid(`${pointer}/onTop`, "true, or nothing.");
  const fields = readFields(rest, pointer, ["extraBots"], "more bots");
  if (!fields.ok) return fields;
  const rules = readRules(rest, pointer);
  return rules.ok ? ok({ ...rules.value, onTop }) : rules;
}

/** Rules with their goals travel with every batch of events. */
export const isSmall = (rules: Rules): boolean => JSON.stringify(rules).length <= limits.RULES_JSON_CHARS_MAX;

export const TOO_LARGE = `All rules and goals together may have ${limits.RULES_JSON_CHARS_MAX} characters of JSON.`;

/** Undefined: what says nothing. */
type Reader<Value> = (value: unknown, pointer: string) => Result<Value | undefined, RulesFault>;

/** A text as it is kept; null when it is none of those that are asked for. */
type Kept = (text: string) => string | null;

const asItIs: Kept = (text) => text;
const country: Kept = (text) => (/^[A-Z][A-Z0-9]$/i.test(text) ? text.toUpperCase() : null);
const range: Kept = (text) => (isRange(text) ? text.toLowerCase() : null);
const host: Kept = (text) => (/[\s/:?#@]/.test(text) ? null : text.toLowerCase().replace(/^www\./, "") || null);
const page: Kept = (text) => (/^[/*]/.test(text) ? text : null);
const parameter: Kept = (text) => (/[\s&=#?%+]/.test(text) ? null : text);

const READERS: { [Name in keyof Omit<Rules, "version" | "goals">]-?: Reader<NonNullable<Rules[Name]>> } = {
  bots: (value, pointer) => {
    if (!(BOT_WAYS as readonly unknown[]).includes(value)) return invalid(pointer, `One of: ${BOT_WAYS.join(", ")}.`);
    return ok(value === "exclude" ? undefined : (value as BotWay));
  },
  extraBots: someOf(asItIs, "parts of the user agents of bots"),
  excludedPages: someOf(page, 'pages, such as "/admin/*"'),
  excludedHosts: someOf(host, 'host names, such as "*.staging.example"'),
  allowedHosts: someOf(host, 'host names, such as "shop.example"'),
  excludedCountries: someOf(country, 'countries in two letters, such as "DE"'),
  excludedAddresses: someOf(range, 'addresses or ranges, such as "192.0.2.0/24"'),
  channels: (value, pointer) => {
    const channels = listOf(value, pointer, "channel rules", channelRule);
    return channels.ok && channels.value.length === 0 ? ok(undefined) : channels;
  },
  keptParameters: someOf(parameter, "names of parameters"),
  // None at all is something else than no list.
  keptProps: (value, pointer) => textsOf(value, pointer, asItIs, "names of properties"),
};

function someOf(kept: Kept, what: string): Reader<readonly string[]> {
  return (value, pointer) => {
    const texts = textsOf(value, pointer, kept, what);
    return texts.ok && texts.value.length === 0 ? ok(undefined) : texts;
  };
}

function textsOf(value: unknown, pointer: string, kept: Kept, what: string): Result<readonly string[], RulesFault> {
  const list = listOf(value, pointer, what, (one, at) => {
    const text = textOf(one, limits.RULE_TEXT_CHARS_MAX);
    const fit = text === null ? null : kept(text);
    return fit === null ? invalid(at, `Up to ${limits.RULE_TEXT_CHARS_MAX} characters: ${what}.`) : ok(fit);
  });
  return list.ok ? ok([...new Set(list.value)]) : list;
}

function listOf<One>(
  value: unknown,
  pointer: string,
  what: string,
  read: (one: unknown, pointer: string) => Result<One, RulesFault>,
): Result<readonly One[], RulesFault> {
  const max = limits.RULE_ENTRIES_MAX;
  if (!Array.isArray(value) || value.length > max) return invalid(pointer, `A list of up to ${max} ${what}.`);
  const list: One[] = [];
  for (const [at, sent] of (value as unknown[]).entries()) {
    const one = read(sent, below(pointer, at));
    if (!one.ok) return one;
    list.push(one.value);
  }
  return ok(list);
}

const ORIGIN = ["source", "medium", "campaign", "referrer"] as const;
const CHANNEL_RULE = 'a channel rule, such as { "channel": "Partners", "source": "partner-*" }';

function channelRule(sent: unknown, pointer: string): Result<ChannelRule, RulesFault> {
  const fields = readFields(sent, pointer, ["channel", ...ORIGIN], CHANNEL_RULE);
  if (!fields.ok) return fields;
  const channel = textOf(fields.value["channel"], limits.CHANNEL_NAME_CHARS_MAX);
  if (channel === null)
    return invalid(`${pointer}/channel`, `The channel's name, up to ${limits.CHANNEL_NAME_CHARS_MAX} characters.`);
  const rule: ChannelRule = { channel };
  for (const name of ORIGIN) {
    const pattern = fields.value[name];
    if (pattern === undefined) continue;
    const text = textOf(pattern, limits.RULE_TEXT_CHARS_MAX);
    if (text === null)
      return invalid(`${pointer}/${name}`, `A pattern of up to ${limits.RULE_TEXT_CHARS_MAX} characters.`);
    rule[name] = text.toLowerCase();
  }
  if (Object.keys(rule).length > 1) return ok(rule);
  return invalid(pointer, `A channel rule says what it is about: ${ORIGIN.join(", ")}.`);
}
