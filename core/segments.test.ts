import * as fc from "fast-check";
import { expect, test } from "vitest";
import * as limits from "./limits.ts";
import { conjunctsOf, parseFilters, writtenFilter } from "./query-filters.ts";
import { parseQuery } from "./query.ts";
import { segmentsNamed } from "./segments.ts";

const germany = ["is", "country", ["DE"]];
const mugs = ["contains", "page", ["/mug"]];
const bought = ["has_done", ["is", "event", ["purchase"]]];
const SEGMENTS = new Map([
  ["g_germany", [germany]],
  ["g_mugs", [germany, mugs]],
  ["g_bought", [bought]],
]);

const of = (...ids: string[]) => ["is", "segment", ids];
const deep = (depth: number): unknown => (depth === 1 ? mugs : ["not", deep(depth - 1)]);

/** As the answer repeats it. */
const meant = (filters: unknown[], segments: Map<string, unknown[]> = SEGMENTS): unknown => {
  const parsed = parseFilters(filters, "#/filters", segments);
  return parsed.ok ? conjunctsOf(parsed.value).map(writtenFilter) : parsed.failure;
};

test("a segment means what it is, wherever it stands", () => {
  expect(meant([of("g_germany"), bought])).toEqual([germany, bought]);
  expect(meant([of("g_mugs")])).toEqual([germany, mugs]);
  expect(meant([["not", of("g_mugs")]])).toEqual([["not", ["and", [germany, mugs]]]]);
  expect(meant([of("g_mugs", "g_bought")])).toEqual([["or", [["and", [germany, mugs]], bought]]]);
  expect(meant([["has_done", of("g_germany")]])).toEqual([["has_done", germany]]);
});

test("what a query with segments is understood as is a query, and means the same", () => {
  const nested = fc.letrec<{ filter: unknown }>((tie) => ({
    filter: fc.oneof(
      { maxDepth: 3, withCrossShrink: true },
      fc.constantFrom<unknown>(germany, mugs, of("g_germany"), of("g_mugs"), of("g_germany", "g_mugs")),
      fc.tuple(fc.constantFrom("and", "or"), fc.array(tie("filter"), { minLength: 1, maxLength: 3 })),
      fc.tuple(fc.constant("not"), tie("filter")),
    ),
  })).filter;
  fc.assert(
    fc.property(fc.array(nested, { maxLength: 4 }), (filters) => {
      const first = meant(filters);
      if (Array.isArray(first)) expect(meant(first, new Map())).toEqual(first);
      else expect(first).toMatchObject({ reason: "too_much" });
    }),
    { seed: 7, numRuns: 500 },
  );
});

test("what bounds filters bounds segments: depth, number, expressions, what a visit has done", () => {
  const most = limits.QUERY_FILTER_DEPTH_MAX;
  const segments = new Map<string, unknown[]>([
    ["g_deep", [deep(most)]],
    ["g_many", Array.from({ length: limits.QUERY_FILTERS_MAX / 2 }, () => mugs)],
    ["g_patterns", [["matches", "page", Array.from({ length: limits.QUERY_PATTERNS_MAX }, (_, at) => `a${at}`)]]],
    ["g_bought", [bought]],
  ]);
  const refused = (filters: unknown[]) => meant(filters, segments);
  expect(refused([of("g_deep")])).toEqual([deep(most)]);
  expect(refused([["not", of("g_deep")]])).toMatchObject({ reason: "too_much", pointer: "#/filters/0/1/2/0" });
  expect(refused([of("g_many"), of("g_many")])).toMatchObject({ reason: "too_much", pointer: "#/filters/1/2/0" });
  expect(refused([of("g_patterns")])).toHaveLength(1);
  expect(refused([of("g_patterns"), ["matches", "page", ["b"]]])).toMatchObject({ reason: "too_much" });
  expect(refused([["has_done", of("g_bought")]])).toMatchObject({
    reason: "invalid_filter",
    pointer: "#/filters/0/1/2/0",
  });
});

test("a segment that there is not, or within another one, is refused where it is named", () => {
  const unknown = { reason: "unknown_segment", pointer: "#/filters/0/1/1/2/1" };
  expect(meant([["or", [mugs, of("g_germany", "g_none")]]])).toMatchObject(unknown);
  const within = new Map([["g_a", [of("g_a")]]]);
  expect(meant([of("g_a")], within)).toMatchObject({ reason: "too_much" });
  const query = { merchant: "m_shop", metrics: ["visits"], date_range: "day", filters: [of("constructor")] };
  expect(parseQuery(query, SEGMENTS)).toMatchObject({ ok: false, failure: { pointer: "#/filters/0/2/0" } });
});

test("goals in a segment are in the query: where a rate could not tell them it is refused", () => {
  const segments = new Map([["g_goal", [["is", "goal", ["Signed up"]]]]]);
  const asked = (filter: unknown) =>
    parseQuery({ merchant: "m_shop", metrics: ["conversion_rate"], date_range: "day", filters: [filter] }, segments);
  expect(asked(of("g_goal")).ok).toBe(true);
  expect(asked(["not", of("g_goal")])).toMatchObject({ failure: { reason: "impossible_combination" } });
});

test("the segments that filters name are found wherever filters may stand, whatever else is sent", () => {
  const filters = [
    of("a"),
    [
      "and",
      [
        ["not", of("b", "a")],
        ["or", [["has_done", ["not", of("c")]]]],
      ],
    ],
    mugs,
  ];
  expect(segmentsNamed(filters)).toEqual(["a", "b", "c"]);
  fc.assert(
    fc.property(fc.anything(), (anything) => {
      expect(Array.isArray(segmentsNamed(anything))).toBe(true);
    }),
    { seed: 7 },
  );
  let bottomless: unknown = of("a");
  for (let depth = 0; depth < 50_000; depth++) bottomless = ["not", bottomless];
  expect(segmentsNamed([bottomless])).toEqual([]);
});
