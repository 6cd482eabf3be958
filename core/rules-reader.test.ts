import fc from "fast-check";
import { expect, test } from "vitest";
import * as limits from "./limits.ts";
import { NO_RULES, OWN_RULES, type Rules, rulesOfRun } from "./rules.ts";
import { readRules, readRunRules } from "./rules-reader.ts";

const EVERYTHING = {
  bots: "apart",
  extraBots: ["PriceWatch"],
  excludedPages: ["/admin/*", " /preview "],
  excludedHosts: ["*.Staging.example"],
  allowedHosts: ["www.Shop.example", "shop.example"],
  excludedCountries: ["t1", "DE"],
  excludedAddresses: ["192.0.2.0/24", "2001:DB8::/32"],
  channels: [{ channel: "Partners", source: "Partner-*", medium: "Referral" }],
  keptParameters: ["q", "q", "id"],
  keptProps: ["plan"],
};

test("rules as they are sent, and as they are kept", () => {
  expect(readRules(EVERYTHING, "#")).toEqual({
    ok: true,
    value: {
      bots: "apart",
      extraBots: ["PriceWatch"],
      excludedPages: ["/admin/*", "/preview"],
      excludedHosts: ["*.staging.example"],
      allowedHosts: ["shop.example"],
      excludedCountries: ["T1", "DE"],
      excludedAddresses: ["192.0.2.0/24", "2001:db8::/32"],
      channels: [{ channel: "Partners", source: "partner-*", medium: "referral" }],
      keptParameters: ["q", "id"],
      keptProps: ["plan"],
    },
  });
});

test("what says nothing is left out: empty lists are no rules, but for properties, of which there may be none", () => {
  const empty = Object.fromEntries(Object.keys(EVERYTHING).map((name) => [name, []]));
  expect(readRules({ ...empty, bots: "exclude", keptProps: null }, "#")).toEqual({ ok: true, value: NO_RULES });
  expect(readRules({}, "#")).toEqual({ ok: true, value: NO_RULES });
  expect(readRules({ keptProps: [] }, "#")).toEqual({ ok: true, value: { extraBots: [], keptProps: [] } });
});

test("what was read reads the same again", () => {
  const once = readRules(EVERYTHING, "#");
  expect(once.ok && readRules(once.value, "#")).toEqual(once);
});

const long = "x".repeat(limits.RULE_TEXT_CHARS_MAX + 1);
const many = Array.from({ length: limits.RULE_ENTRIES_MAX + 1 }, (_, n) => `/${n}`);

test.each([
  ["#", null],
  ["#", []],
  ["#", "rules"],
  ["#/version", { version: 7 }],
  ["#/goals", { goals: [] }],
  ["#/__proto__", JSON.parse('{ "__proto__": {} }')],
  ["#/bots", { bots: "kill" }],
  ["#/extraBots", { extraBots: "x" }],
  ["#/extraBots/0", { extraBots: [""] }],
  ["#/extraBots/1", { extraBots: ["a", 7] }],
  ["#/extraBots/0", { extraBots: [long] }],
  ["#/extraBots/0", { extraBots: ["a\0b"] }],
  ["#/excludedPages", { excludedPages: many }],
  ["#/excludedPages/0", { excludedPages: ["admin"] }],
  ["#/excludedHosts/0", { excludedHosts: ["https://shop.example"] }],
  ["#/allowedHosts/0", { allowedHosts: ["shop.example/path"] }],
  ["#/excludedCountries/0", { excludedCountries: ["Germany"] }],
  ["#/excludedAddresses/0", { excludedAddresses: ["office"] }],
  ["#/channels/0", { channels: ["Partners"] }],
  ["#/channels/0", { channels: [{ channel: "Partners" }] }],
  ["#/channels/0/channel", { channels: [{ source: "x" }] }],
  ["#/channels/0/sauce", { channels: [{ channel: "Partners", sauce: "x" }] }],
  ["#/channels/0/medium", { channels: [{ channel: "Partners", medium: 7 }] }],
  ["#/keptParameters/0", { keptParameters: ["a=b"] }],
  ["#/keptProps/0", { keptProps: [{}] }],
])("refused at %s (%#)", (pointer, sent) => {
  expect(readRules(sent, "#")).toMatchObject({ ok: false, failure: { pointer, reason: "invalid" } });
});

test("rules that are too many to travel are refused as a whole", () => {
  const lists = Object.fromEntries(
    ["extraBots", "keptProps", "keptParameters"].map((name) => [
      name,
      Array.from({ length: 100 }, (_, n) => String(n).padStart(100, "x")),
    ]),
  );
  expect(readRules(lists, "#")).toMatchObject({ ok: false, failure: { pointer: "#" } });
});

test("never throws, and what passes is small and fit to keep", () => {
  const names = fc.constantFrom(...Object.keys(EVERYTHING));
  const sent = fc.oneof(fc.jsonValue(), fc.dictionary(names, fc.oneof(fc.jsonValue(), fc.array(fc.jsonValue()))));
  fc.assert(
    fc.property(sent, (any) => {
      const rules = readRules(any, "#");
      if (!rules.ok) return;
      const text = JSON.stringify(rules.value);
      expect(text.length).toBeLessThanOrEqual(limits.RULES_JSON_CHARS_MAX);
      expect(text).not.toMatch(/\\u00[01]|\\ud[89a-f]/);
    }),
    { seed: 20261124, numRuns: 2_000 },
  );
});

test("a run counts by given rules, or by each day's own with more bots", () => {
  const own: Rules = { version: 4, extraBots: ["a"], excludedPages: ["/x"] };
  const ruled = (sent: unknown): Rules => {
    const run = readRunRules(sent, "#/rules");
    if (!run.ok) throw new Error(run.failure.message);
    return rulesOfRun(run.value, own);
  };
  expect(ruled(undefined)).toEqual(own);
  expect(ruled({ onTop: true })).toEqual(own);
  expect(ruled({ onTop: true, extraBots: ["a", "b"] })).toEqual({ extraBots: ["a", "b"], excludedPages: ["/x"] });
  expect(ruled({ excludedPages: ["/y"] })).toEqual({ extraBots: [], excludedPages: ["/y"] });
  expect(ruled({})).toEqual(NO_RULES);
  expect(readRunRules(undefined, "#")).toEqual({ ok: true, value: OWN_RULES });
  expect(readRunRules({ onTop: false }, "#/rules")).toMatchObject({ failure: { pointer: "#/rules/onTop" } });
  expect(readRunRules({ onTop: true, bots: "count" }, "#/rules")).toMatchObject({
    failure: { pointer: "#/rules/bots" },
  });
});
