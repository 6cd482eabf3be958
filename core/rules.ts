// Rules of processing, as a merchant sets them: what is counted, and under which page and channel. They are judged in the fold
// and never when events come in, so a replay applies them to the past and takes them back. What is absent is as
// the code does it: without any entry a day counts as if there were no rules.

import type { Goal } from "./field.ts";

export const BOT_WAYS = ["exclude", "count", "apart"] as const;
/**
 * exclude: not counted, and in the books. count: like people. apart: counted, all of them under a channel of their own, so
 * that they can be seen and left out.
 */
export type BotWay = (typeof BOT_WAYS)[number];

/** A visit's channel where every pattern that is given fits, in whatever case. */
export interface ChannelRule {
  channel: string;
  /** The source as reports show it, or as the URL or the referrer's host says it. */
  source?: string;
  medium?: string;
  campaign?: string;
  /** Host and path. */
  referrer?: string;
}

/** Patterns are those of `pattern.ts`. */
export interface Rules {
  /** The merchant's versions are numbered from 1; absent: rules that were never saved. */
  version?: number;
  /** Absent: exclude. */
  bots?: BotWay;
  /** A user agent that contains one of these, in whatever case, is a bot's. */
  extraBots: readonly string[];
  excludedPages?: readonly string[];
  excludedHosts?: readonly string[];
  /** Where there are any, no other host counts. */
  allowedHosts?: readonly string[];
  /** ISO 3166-1 alpha-2. */
  excludedCountries?: readonly string[];
  /** Addresses and CIDR ranges: looked at where events come in, which leaves a mark. */
  excludedAddresses?: readonly string[];
  /** In their order, before those of the code. */
  channels?: readonly ChannelRule[];
  /** Parameters of the URL's query that belong to the page, in the order in which it shows them. */
  keptParameters?: readonly string[];
  /** Names of properties that reports and exports see; absent: all. */
  keptProps?: readonly string[];
  goals?: readonly Goal[];
}

export const NO_RULES: Rules = { extraBots: [] };

/** As a day is counted by them: goals are for reports alone. */
export const withoutGoals = ({ goals: _, ...rules }: Rules): Rules => rules;

/** 0 for rules that were never saved. */
export const versionOf = (rules: Rules | undefined): number => rules?.version ?? 0;

/** The channel of bots that are counted apart. */
export const BOTS_CHANNEL = "Bots";

/** What a replay counts by. */
export interface RunRules extends Rules {
  /** Each day's own rules with these bots besides; absent: these rules in their stead. */
  onTop?: true;
}

/** Each day by its own rules. */
export const OWN_RULES: RunRules = { extraBots: [], onTop: true };

/** The rules of a day that was counted by `own` before. */
export function rulesOfRun({ onTop, ...rules }: RunRules, own: Rules): Rules {
  if (onTop === undefined) return rules;
  if (rules.extraBots.length === 0) return own;
  const { version: _, ...unsaved } = own;
  return { ...unsaved, extraBots: [...new Set([...own.extraBots, ...rules.extraBots])] };
}
