import { expect, test } from "vitest";
import type { RulesView } from "../../../core/rules-view.ts";
import { formOf, rulesOf } from "./rules-form.ts";

const RULES: RulesView = {
  bots: "apart",
  extraBots: ["PriceWatch"],
  excludedPages: ["/admin*", "/page, 1"],
  excludedHosts: [],
  allowedHosts: ["shop.example"],
  excludedCountries: ["T1"],
  excludedAddresses: ["192.0.2.0/24", "2001:db8::/32"],
  channels: [
    { channel: "Partners", source: "partner-*", medium: "referral" },
    { channel: "Print", campaign: "a=b*" },
  ],
  keptParameters: ["q"],
  keptProps: null,
};

test("rules come back from the form as they went in", () => {
  expect(rulesOf(formOf(RULES))).toEqual(RULES);
  expect(rulesOf(formOf({ ...RULES, keptProps: [] })).keptProps).toEqual([]);
  expect(rulesOf(formOf({ ...RULES, keptProps: ["size"] })).keptProps).toEqual(["size"]);
});

test("blank lines and blanks around are nothing", () => {
  expect(rulesOf({ ...formOf(RULES), excludedPages: "\n  /a \n\n" }).excludedPages).toEqual(["/a"]);
});
