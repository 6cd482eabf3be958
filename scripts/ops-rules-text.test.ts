import { expect, test } from "vitest";
import { NO_RULES, OWN_RULES } from "../core/rules.ts";
import { viewOfRules } from "../core/rules-view.ts";
import { described, entriesOf, ruledBy } from "./ops-rules-text.ts";

test("only what says something is shown", () => {
  expect(entriesOf(viewOfRules(NO_RULES))).toEqual([]);
  const rules = viewOfRules({
    extraBots: ["PriceWatch"],
    bots: "apart",
    keptProps: [],
    channels: [{ channel: "Letters", campaign: "november" }],
  });
  expect(entriesOf(rules)).toEqual([
    ["bots", "apart"],
    ["extraBots", "PriceWatch"],
    ["channels", '{"channel":"Letters","campaign":"november"}'],
    ["keptProps", "none"],
  ]);
  const version = { version: 2, who: "ann", why: null, at: "2026-11-24T12:00:00Z" };
  const text = described({ ...version, rules, history: [version] });
  for (const part of ["version 2", "PriceWatch", "2026-11-24T12:00:00Z", "ann"]) expect(text).toContain(part);
});

test("what a run counts by", () => {
  expect(ruledBy(OWN_RULES)).toBe("");
  expect(ruledBy({ onTop: true, extraBots: ["a", "b"] })).toBe(", treating as bots: a, b");
  expect(ruledBy({ version: 3, extraBots: ["a"] })).toBe(", rules version 3");
  expect(ruledBy({ extraBots: [], excludedPages: ["/x"] })).toBe(', rules {"excludedPages":["/x"]}');
  expect(ruledBy(NO_RULES)).toBe(", without rules");
});
