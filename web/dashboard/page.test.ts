import { expect, test } from "vitest";
import { formatPage, OPERATIONS, type Page, parsePage, SETTINGS } from "./page.ts";

const pages: Page[] = [
  { kind: "numbers" },
  { kind: "now" },
  ...SETTINGS.map(({ id }): Page => ({ kind: "settings", section: id })),
  ...OPERATIONS.map(({ id }): Page => ({ kind: "ops", section: id, item: null })),
  { kind: "ops", section: "replays", item: "12" },
  { kind: "shared", link: "l_3k9" },
];

test("every page survives its address", () => {
  for (const page of pages) expect(parsePage(formatPage(page))).toEqual(page);
});

test("what is no page is the one that comes nearest", () => {
  expect(parsePage("/nothing/here")).toEqual({ kind: "numbers" });
  expect(parsePage("/settings/__proto__")).toEqual({ kind: "settings", section: "merchant" });
  expect(parsePage("/ops")).toEqual({ kind: "ops", section: "status", item: null });
});
