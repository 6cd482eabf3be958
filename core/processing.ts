// What a day's numbers were made by: recorded with each generation, so that two can be told apart later, and so that a
// run of a replay is never counted half by one version and half by another.

import type { Merchant } from "./merchant.ts";
import { NO_RULES, type Rules, withoutGoals } from "./rules.ts";

/** Raised whenever the same events give other rollups than before; `processing.test.ts` notices. */
export const PROCESSING_VERSION = 1;

/** The libraries whose judgement is part of the result, as package.json pins them. */
export const LIBRARIES = { isbot: "5.2.3", bowser: "2.15.0" } as const;

export interface Processing {
  version: number;
  libraries: { isbot: string; bowser: string };
  rules: Rules;
}

/** Of a merchant what matters to counting; it holds from midnight to midnight. */
export interface CountedAs extends Processing {
  merchant: Pick<Merchant, "zone" | "currency" | "domains" | "shards">;
}

export const processing = (rules: Rules = NO_RULES): Processing => ({
  version: PROCESSING_VERSION,
  libraries: LIBRARIES,
  rules,
});

export const processingOf = (
  { zone, currency, domains, shards, rules: own = NO_RULES }: Merchant,
  rules: Rules = own,
): CountedAs => ({
  ...processing(withoutGoals(rules)),
  merchant: { zone, currency, domains, shards },
});

/** Whether what was begun under `begun` can go on under `present`. */
export const sameProcessing = (begun: Processing, present: Processing): boolean =>
  begun.version === present.version &&
  begun.libraries.isbot === present.libraries.isbot &&
  begun.libraries.bowser === present.libraries.bowser;
