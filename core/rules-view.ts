// Rules as the API shows them: every entry, what says nothing among them, so that whoever changes one sees what there is.

import type { Rules } from "./rules.ts";

/** As `readRules` takes it. */
export type RulesView = Required<Omit<Rules, "version" | "goals" | "keptProps">> & {
  /** Null: all are kept. */
  keptProps: readonly string[] | null;
};

/** A version that was saved: who, when, and for what. Version 0: none has been, and nobody did it. */
export interface RulesVersionView {
  version: number;
  who: string | null;
  why: string | null;
  /** ISO 8601. */
  at: string | null;
}

export interface SavedRulesView extends RulesVersionView {
  rules: RulesView;
}

export const viewOfRules = (rules: Rules): RulesView => ({
  bots: rules.bots ?? "exclude",
  extraBots: rules.extraBots,
  excludedPages: rules.excludedPages ?? [],
  excludedHosts: rules.excludedHosts ?? [],
  allowedHosts: rules.allowedHosts ?? [],
  excludedCountries: rules.excludedCountries ?? [],
  excludedAddresses: rules.excludedAddresses ?? [],
  channels: rules.channels ?? [],
  keptParameters: rules.keptParameters ?? [],
  keptProps: rules.keptProps ?? null,
});
