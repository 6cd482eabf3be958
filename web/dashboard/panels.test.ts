import { expect, test } from "vitest";
import { besides, PANELS, propertyOf, propertyTab, tabOf, wordsOf } from "./panels.ts";

const panel = (id: string) => PANELS.find((each) => each.id === id)!;

test("every tab is opened by its id, and what is none opens the first", () => {
  for (const each of PANELS) {
    expect(new Set(each.tabs.map(({ id }) => id)).size).toBe(each.tabs.length);
    for (const tab of each.tabs) expect(tabOf(each, tab.id)).toBe(tab);
    for (const id of [undefined, "", "nonsense", "__proto__"]) expect(tabOf(each, id)).toBe(each.tabs[0]);
  }
});

test("campaigns are one word, under which one of five parameters is chosen", () => {
  const sources = panel("sources");
  expect(wordsOf(sources).map(({ label }) => label)).toEqual(["Channels", "Sources", "Referrers", "Campaigns"]);
  const term = tabOf(sources, "utm_term");
  expect(besides(sources, term).map(({ dimension }) => dimension)).toEqual([
    "utm_campaign",
    "utm_source",
    "utm_medium",
    "utm_content",
    "utm_term",
  ]);
  // The word that is lit is the one that the tab stands under.
  expect(wordsOf(sources).map(({ id }) => id)).toContain(besides(sources, term)[0]!.id);
  expect(besides(sources, tabOf(sources, "referrers"))).toHaveLength(1);
});

test("properties are by the one that is chosen, whatever its name", () => {
  const events = panel("events");
  expect(propertyOf(tabOf(events, "properties"))).toBe("");
  for (const name of ["size", "a:b", "property:x"]) {
    const tab = tabOf(events, propertyTab(name));
    expect(propertyOf(tab)).toBe(name);
    expect(tab).toMatchObject({ id: "properties", dimension: `event:props:${name}` });
  }
  expect(propertyOf(tabOf(events, "goals"))).toBeNull();
  expect(tabOf(panel("pages"), propertyTab("size"))).toBe(panel("pages").tabs[0]);
});
