// Rules as people read them: only what says something.

import type { RunRules } from "../core/rules.ts";
import type { RulesVersionView, RulesView, SavedRulesView } from "../core/rules-view.ts";
import { tableOf } from "./ops-table.ts";

/** Entry and value; none for rules that say nothing. */
export function entriesOf(rules: RulesView): [string, string][] {
  return Object.entries(rules).flatMap(([name, value]: [string, unknown]): [string, string][] => {
    if (value === null || value === "exclude" || (Array.isArray(value) && value.length === 0 && name !== "keptProps"))
      return [];
    const all = Array.isArray(value) ? (value as unknown[]) : [value];
    const texts = all.map((one) => (typeof one === "string" ? one : JSON.stringify(one)));
    return [[name, texts.join(", ") || "none"]];
  });
}

export function described({ version, rules, history }: SavedRulesView & { history: RulesVersionView[] }): string {
  if (version === 0) return "No rules have been saved: events are counted as the code does it.";
  const entries = entriesOf(rules);
  return [
    entries.length === 0 ? `Version ${version} says nothing.` : tableOf([`version ${version}`, ""], entries),
    tableOf(
      ["version", "at", "who", "why"],
      history.map(({ version: number, at, who, why }) => [number, at, who, why ?? ""]),
    ),
  ].join("\n\n");
}

/** What a run counts by besides the code, after a comma; nothing for each day's own rules. */
export function ruledBy({ onTop, version, ...rules }: RunRules): string {
  if (onTop === true) return rules.extraBots.length === 0 ? "" : `, treating as bots: ${rules.extraBots.join(", ")}`;
  const said = Object.entries(rules).filter(([, value]) => !Array.isArray(value) || value.length > 0);
  if (version !== undefined) return `, rules version ${version}`;
  return said.length === 0 ? ", without rules" : `, rules ${JSON.stringify(Object.fromEntries(said))}`;
}
