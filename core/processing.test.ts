import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { DayState } from "./day.ts";
import type { Event } from "./event.ts";
import { foldEvent } from "./fold.ts";
import type { Merchant } from "./merchant.ts";
import { LIBRARIES, processing, PROCESSING_VERSION, processingOf, sameProcessing } from "./processing.ts";
import { EVERYTHING, snapshot } from "./rollup-codec.ts";
import { NO_RULES, type Rules } from "./rules.ts";
import { compileRules } from "./rules-compiled.ts";
import { duplicated, reordered, trafficOf } from "./traffic.ts";
import { dayOf } from "./zone.ts";

const merchant: Merchant = {
  id: "m_test",
  name: "Test",
  zone: "Europe/Berlin",
  currency: "EUR",
  domains: ["shop.example"],
  shards: 1,
};
const day = dayOf(merchant.zone, "2026-11-23");
const events = reordered(
  duplicated(trafficOf({ merchant, seed: 7, fromMs: day.startMs, toMs: day.endMs - 1, people: 300 }), 7, 0.02, 60_000),
  7,
  60_000,
).filter(({ occurred_at }) => occurred_at >= day.startMs && occurred_at < day.endMs);

function foldedBy(rules: Rules, from: readonly Event[]): DayState {
  const state = new DayState(day, merchant, () => null, rules);
  for (const event of from) foldEvent(state, event, 1);
  return state;
}

const hoursOf = (state: DayState) =>
  [...state.hours.values()]
    .toSorted((a, b) => a.startMs - b.startMs)
    .map((hour) => snapshot(hour, merchant.id, 0, EVERYTHING));

/** What each version of the processing makes of the same traffic. A result that differs wants a version of its own. */
const RESULTS: Record<number, string> = {
  1: "69019ea740c11d21",
};

test("whoever changes what events count for raises the version: the same traffic gives the version's result", () => {
  const state = foldedBy(NO_RULES, events);
  const result = createHash("sha256")
    .update(JSON.stringify([hoursOf(state), state.books]))
    .digest("hex")
    .slice(0, 16);
  expect(result).toBe(RESULTS[PROCESSING_VERSION]);
});

test.each(Object.entries(LIBRARIES))("%s is recorded with the version that is installed", (name, version) => {
  const file = path.resolve(import.meta.dirname, "..", "node_modules", name, "package.json");
  expect((JSON.parse(fs.readFileSync(file, "utf8")) as { version: string }).version).toBe(version);
});

test("another version or library is another processing; other rules are not", () => {
  const begun = processing({ extraBots: ["curl"] });
  expect(sameProcessing(begun, processing())).toBe(true);
  expect(sameProcessing({ ...begun, version: 0 }, processing())).toBe(false);
  expect(sameProcessing({ ...begun, libraries: { ...LIBRARIES, isbot: "1.0.0" } }, processing())).toBe(false);
  expect(processingOf(merchant)).toEqual({
    ...processing(),
    merchant: { zone: "Europe/Berlin", currency: "EUR", domains: ["shop.example"], shards: 1 },
  });
});

test("a crawler treated as a bot: what is left counts as if the crawler had never come", () => {
  const rules: Rules = { extraBots: ["FIREFOX/145"] };
  const isCrawler = ({ user_agent }: Event): boolean => user_agent?.includes("Firefox/145") === true;
  const state = foldedBy(rules, events);
  const without = foldedBy(
    NO_RULES,
    events.filter((event) => !isCrawler(event)),
  );
  expect(hoursOf(state)).toEqual(hoursOf(without));
  const crawled = events.filter(isCrawler).length;
  expect(crawled).toBeGreaterThan(100);
  expect(state.books.verdicts["bot"]).toBe((without.books.verdicts["bot"] ?? 0) + crawled);
  expect(state.books.accepted).toBe(events.length);
});

test("rules look into a user agent without regard to case; nothing is no bot", () => {
  const isBot = (extraBots: string[], userAgent: string | undefined) => compileRules({ extraBots }).isBot(userAgent);
  const agent = "Mozilla/5.0 (X11; Linux x86_64) Ferret/2.0";
  expect(isBot(["fErret"], agent)).toBe(true);
  expect(isBot(["badger", "ferret"], agent)).toBe(true);
  expect(isBot(["badger"], agent)).toBe(false);
  expect(isBot(["badger"], undefined)).toBe(false);
  expect(isBot([], agent)).toBe(false);
});

test("a day is recorded with the rules that its merchant had, unless others were tried", () => {
  const rules: Rules = { version: 3, extraBots: [], excludedPages: ["/admin/*"] };
  expect(processingOf({ ...merchant, rules }).rules).toEqual(rules);
  expect(processingOf({ ...merchant, rules }, NO_RULES).rules).toEqual(NO_RULES);
});
