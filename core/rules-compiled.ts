// Rules made ready for the fold, once for each day of a shard: patterns are taken apart, and what no rule is about is null,
// so that rules that say nothing cost nothing.

import { isBot } from "./client.ts";
import type { Event, PropValue } from "./event.ts";
import { memo } from "./memo.ts";
import { anyOf, type Fits, patternOf } from "./pattern.ts";
import { type BotWay, type ChannelRule, NO_RULES, type Rules } from "./rules.ts";

/** What channel rules go by: of the visit's first event, in lower case. */
export interface OriginTexts {
  /** Either may be meant. */
  sources: readonly string[];
  medium: string;
  campaign: string;
  referrer: string;
}

export interface CompiledRules {
  bots: BotWay;
  /** By the code or by the rules. */
  isBot: (userAgent: string | undefined) => boolean;
  /** Anything but bots. */
  excludes: boolean;
  excludesAddresses: boolean;
  isExcludedPage: Fits | null;
  isExcludedHost: Fits | null;
  isAllowedHost: Fits | null;
  excludedCountries: ReadonlySet<string> | null;
  /** Null where none fits. */
  channelOf: ((origin: OriginTexts) => string | null) | null;
  keptParameters: readonly string[];
  keptProps: ReadonlySet<string> | null;
}

export const compileRules = (rules: Rules): CompiledRules => (rules === NO_RULES ? PLAIN : compile(rules));

/** The event with no other properties than those that are kept. */
export function withKeptProps(event: Event, { keptProps }: CompiledRules): Event {
  if (keptProps === null || event.props === undefined) return event;
  // Without a prototype: a property may be called anything.
  const props = Object.create(null) as Record<string, PropValue>;
  for (const [name, value] of Object.entries(event.props)) if (keptProps.has(name)) props[name] = value;
  return { ...event, props };
}

function compile(rules: Rules): CompiledRules {
  const { excludedPages = [], excludedHosts = [], allowedHosts = [], excludedCountries = [], keptProps } = rules;
  const { excludedAddresses = [] } = rules;
  const exclusions = [excludedPages, excludedHosts, allowedHosts, excludedCountries, excludedAddresses];
  return {
    bots: rules.bots ?? "exclude",
    isBot: botsOf(rules.extraBots),
    excludes: exclusions.some((list) => list.length > 0),
    excludesAddresses: excludedAddresses.length > 0,
    isExcludedPage: remembered(anyOf(excludedPages)),
    isExcludedHost: remembered(anyOf(excludedHosts)),
    isAllowedHost: remembered(anyOf(allowedHosts)),
    excludedCountries: excludedCountries.length === 0 ? null : new Set(excludedCountries),
    channelOf: channelsOf(rules.channels ?? []),
    keptParameters: rules.keptParameters ?? [],
    keptProps: keptProps === undefined ? null : new Set(keptProps),
  };
}

/** A day sees the same few pages and hosts again and again. */
const remembered = (fits: Fits | null): Fits | null => (fits === null ? null : memo(fits));

function botsOf(extraBots: readonly string[]): CompiledRules["isBot"] {
  if (extraBots.length === 0) return isBot;
  const texts = extraBots.map((text) => text.toLowerCase());
  const isExtra = memo((userAgent: string) => {
    const lower = userAgent.toLowerCase();
    return texts.some((text) => lower.includes(text));
  });
  return (userAgent) => isBot(userAgent) || (userAgent !== undefined && isExtra(userAgent));
}

function channelsOf(rules: readonly ChannelRule[]): CompiledRules["channelOf"] {
  if (rules.length === 0) return null;
  const compiled = rules.map(({ channel, source, medium, campaign, referrer }) => ({
    channel,
    source: fitsOf(source),
    medium: fitsOf(medium),
    campaign: fitsOf(campaign),
    referrer: fitsOf(referrer),
  }));
  return (origin) =>
    compiled.find(
      (rule) =>
        (rule.source === null || origin.sources.some(rule.source)) &&
        rule.medium?.(origin.medium) !== false &&
        rule.campaign?.(origin.campaign) !== false &&
        rule.referrer?.(origin.referrer) !== false,
    )?.channel ?? null;
}

const fitsOf = (pattern: string | undefined): Fits | null => (pattern === undefined ? null : patternOf(pattern));

const PLAIN = compile(NO_RULES);
