import { expect, test } from "vitest";
import type { Answer } from "../../core/answer.ts";
import { makeFormat } from "./format.ts";
import { freshnessOf, readable } from "./freshness-of.ts";
import { META } from "./meta-fixture.ts";
import type { Period } from "./range.ts";

const format = makeFormat("en-GB", "EUR", "Europe/Berlin");
const today: Period = { from: "2026-11-24", to: "2026-11-24", open: true, interval: "hour" };
const fresh = (changes: Partial<Answer["meta"]>, period = today, query: Answer["query"] = {}) =>
  freshnessOf({ results: [], meta: { ...META, ...changes }, query }, period, format);

test("an open range says how far it is complete and how far live, on the merchant's clock", () => {
  expect(fresh({}).text).toBe("Complete to 14:00, live to 14:23:05");
});

test("a range that is over is complete", () => {
  expect(fresh({}, { ...today, open: false }).text).toBe("Complete");
});

test("what is missing is never called complete", () => {
  const behind = fresh({ complete_to: null, stale: "Postgres is unreachable." });
  expect(behind).toEqual({ text: "Live to 14:23:05, older hours may be missing", stale: true });
  expect(fresh({ fresh_to: null, complete_to: null }, { ...today, open: false }).text).toBe("Not up to date");
});

test("the dates compared with are the API's", () => {
  const compared = ["2026-11-11T00:00:00+01:00", "2026-11-17T14:59:59+01:00"];
  const query = { include: { comparisons: { mode: "custom", date_range: compared } } };
  expect(fresh({}, today, query).compared).toBe(format.dates("2026-11-11", "2026-11-17"));
});

test("instants in the API's sentences are written for people", () => {
  const sentence = "Postgres is unreachable: hours before 2026-11-18T07:00:00+01:00 may be missing.";
  expect(readable(sentence, format)).toBe("Postgres is unreachable: hours before 18 Nov, 7:00 may be missing.");
});
