import { expect, test } from "vitest";
import type { Filter } from "./filter.ts";
import * as limits from "./limits.ts";
import { conjunctsOf, parseFilters, writtenFilter } from "./query-filters.ts";

const refusalOf = (written: unknown) => {
  const filters = parseFilters(written);
  return filters.ok ? null : filters.failure;
};

const parsed = (...written: unknown[]): Filter | null => {
  const filters = parseFilters(written);
  if (!filters.ok) throw new Error(filters.failure.message);
  return filters.value;
};

const page = ["is", "page", ["/"]];

test.each<[string, unknown[], string, string, RegExp]>([
  ["no list", ["is"], "#/filters/0", "malformed", /\["is","page",\["\/"\]\]/],
  ["an unknown operator", [["equals", "page", ["/"]]], "#/filters/0/0", "invalid_filter", /Use one of: is, is_not,/],
  ["an unknown dimension", [["is", "colour", ["red"]]], "#/filters/0/1", "unknown_dimension", /event:props:<name>/],
  ["time", [["is", "time:day", ["2026-01-01"]]], "#/filters/0/1", "invalid_filter", /date_range/],
  ["a metric", [["is", "visits", ["3"]]], "#/filters/0/1", "unknown_dimension", /"visits"/],
  ["an unknown segment", [["not", ["is", "segment", ["s_1"]]]], "#/filters/0/1/2/0", "unknown_segment", /"s_1"/],
  ["a goal that matches", [["matches", "event:goal", ["a"]]], "#/filters/0/1", "invalid_filter", /is, contains only/],
  ["a value that is no text", [["is", "page", ["/", 1]]], "#/filters/0/2/1", "malformed", /not 1/],
  ["one value for a list", [["is", "page", "/"]], "#/filters/0/2", "malformed", /A list of 1 to 1000/],
  ["no country", [["is", "country", ["DE", "Deutschland"]]], "#/filters/0/2/1", "invalid_filter", /"DE"/],
  ["no expression", [["matches", "page", ["/", "(a"]]], "#/filters/0/2/1", "invalid_filter", /missing closing \)/],
  ["looking around", [["or", [["matches", "page", ["a(?=b)"]]]]], "#/filters/0/1/0/2/0", "invalid_filter", /RE2/],
  ["a modifier", [[...page, { case: true }]], "#/filters/0/3/case", "unknown_key", /case_sensitive/],
  ["more than a modifier", [[...page, {}, {}]], "#/filters/0", "invalid_filter", /an operator, a dimension and values/],
  ["two in not", [["not", page, page]], "#/filters/0", "invalid_filter", /a filter and nothing else/],
  ["nothing in and", [["and", []]], "#/filters/0/1", "malformed", /list of filters/],
  [
    "done within done",
    [["has_done", ["and", [page, ["has_not_done", page]]]]],
    "#/filters/0/1/1/1",
    "invalid_filter",
    /within one another/,
  ],
])("refused: %s", (_, written, pointer, reason, message) => {
  expect(refusalOf(written)).toMatchObject({ pointer, reason, message: expect.stringMatching(message) as string });
});

const many = (n: number, filter: unknown): unknown[] => Array.from({ length: n }, () => filter);

test("filters are bounded in depth and number, in values, and in expressions", () => {
  const deep = (depth: number): unknown => (depth === 1 ? page : ["and", [deep(depth - 1)]]);
  expect(refusalOf([deep(limits.QUERY_FILTER_DEPTH_MAX)])).toBeNull();
  expect(refusalOf([deep(limits.QUERY_FILTER_DEPTH_MAX + 1)])).toMatchObject({
    pointer: `#/filters/0${"/1/0".repeat(limits.QUERY_FILTER_DEPTH_MAX)}`,
    reason: "too_much",
  });
  let bottomless: unknown = page;
  for (let depth = 0; depth < 50_000; depth++) bottomless = ["not", bottomless];
  expect(refusalOf([bottomless])).toMatchObject({ reason: "too_much" });
  expect(refusalOf(many(limits.QUERY_FILTERS_MAX, page))).toBeNull();
  expect(refusalOf([["or", many(limits.QUERY_FILTERS_MAX, page)]])).toMatchObject({
    pointer: `#/filters/0/1/${limits.QUERY_FILTERS_MAX - 1}`,
    reason: "too_much",
  });
  const values = Array.from({ length: limits.QUERY_FILTER_VALUES_MAX + 1 }, (_, n) => `/${n}`);
  expect(refusalOf([["is", "page", values]])).toMatchObject({ pointer: "#/filters/0/2" });
  expect(refusalOf([["is", "page", values.slice(1)]])).toBeNull();
  const expressions = many(limits.QUERY_PATTERNS_MAX, ["matches", "page", ["a"]]);
  expect(refusalOf(expressions)).toBeNull();
  expect(refusalOf([...expressions, ["matches_not", "page", ["a"]]])).toMatchObject({ reason: "too_much" });
  expect(refusalOf([["is", "page", ["x".repeat(limits.QUERY_FILTER_VALUE_CHARS_MAX + 1)]]])).toMatchObject({
    pointer: "#/filters/0/2/0",
    reason: "too_much",
  });
});

test("countries are in capitals, as events have them", () => {
  expect(parsed(["is_not", "visit:country", ["de", "T1", "(not set)", "DE"]])).toMatchObject({
    values: ["DE", "T1", "(not set)", "DE"],
  });
  // Parts of names are what they are.
  expect(parsed(["contains", "country", ["d"]])).toMatchObject({ values: ["d"] });
});

test("a filter is written as it can be read again", () => {
  const written = [
    ["is", "page", ["/", "/a"]],
    ["contains_not", "event:props:plan", ["Pro"], { case_sensitive: false }],
    [
      "or",
      [
        ["matches", "item:brand", ["^A"]],
        ["not", ["has_not_done", ["is", "goal", ["Signup"]]]],
      ],
    ],
  ];
  const filter = parsed(...written);
  expect(conjunctsOf(filter).map(writtenFilter)).toEqual(written);
  expect(parsed(...conjunctsOf(filter).map(writtenFilter))).toEqual(filter);
});

test("what must hold together is taken apart, and nothing else is", () => {
  const filter = parsed(["and", [page, ["and", [page, ["or", [page, page]]]]]], ["not", ["and", [page]]]);
  expect(conjunctsOf(filter).map(({ kind }) => kind)).toEqual(["clause", "clause", "or", "not"]);
  expect(conjunctsOf(null)).toEqual([]);
});
