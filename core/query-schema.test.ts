// The published schema and the reader agree, over generated queries that are right, nearly right or nonsense.

import { Ajv2020 } from "ajv/dist/2020.js";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { FIELD_NAMES, TIME_NAMES } from "./breakdown.ts";
import { NAMED_RANGES } from "./date-range.ts";
import { OPERATORS } from "./filter.ts";
import * as limits from "./limits.ts";
import { METRIC_NAMES } from "./metrics.ts";
import type { FaultReason } from "./query-fault.ts";
import { QUERY_SCHEMA } from "./query-schema.ts";
import { parseQuery, QUERY_KEYS } from "./query.ts";

const accepts = new Ajv2020({ strict: true, strictTuples: false }).compile(QUERY_SCHEMA);

/** How parts go together is not for a schema to say. */
const BEYOND: readonly FaultReason[] = ["impossible_combination", "invalid_order", "invalid_range", "unknown_segment"];
/** The same field under two names, dates in disorder, expressions that are none, and too many things in all. */
const BEYOND_MESSAGES =
  /stands there twice|is no regular expression|A query may have \d+ (?:filters|expressions) at most/;

const judged = (body: unknown): "both" | "neither" | "beyond" => {
  const bySchema = accepts(body);
  const query = parseQuery(body);
  if (query.ok) {
    if (!bySchema) throw new Error(`the schema refuses ${JSON.stringify(body)}: ${JSON.stringify(accepts.errors)}`);
    return "both";
  }
  const { reason, message, pointer } = query.failure;
  if (!bySchema) return "neither";
  if (!BEYOND.includes(reason) && !BEYOND_MESSAGES.test(message))
    throw new Error(`the schema accepts ${JSON.stringify(body)}, refused at ${pointer}: ${message}`);
  return "beyond";
};

const least = { merchant: "m_shop", metrics: ["visits"], date_range: "day" };

test("it has the keys that there are", () => {
  expect(Object.keys(QUERY_SCHEMA["properties" as keyof typeof QUERY_SCHEMA])).toEqual(QUERY_KEYS);
});

const LONG = "x".repeat(limits.QUERY_FILTER_VALUE_CHARS_MAX);
const nested = (depth: number): unknown[] => (depth === 1 ? ["is", "page", ["/"]] : ["not", nested(depth - 1)]);

test.each<[string, Record<string, unknown>]>([
  ["the least", {}],
  [
    "everything",
    {
      metrics: METRIC_NAMES.filter((name) => name !== "percentage"),
      dimensions: ["time:day", "visit:source", "event:props:a/b ~ü", "item:brand"],
      filters: [
        ["is", "event:goal", ["Signed up"]],
        [
          "and",
          [
            ["or", [["contains_not", "page", ["/a"], { case_sensitive: false }]]],
            ["has_done", nested(3)],
          ],
        ],
        ["matches", "event:props:plan", ["^pro$"]],
        ["is", "visit:country", ["DE", "fr", "(not set)"]],
      ],
      order_by: [
        ["time", "desc"],
        ["visits", "asc"],
      ],
      include: { time_labels: true, totals: true, comparisons: { mode: "year_over_year", match_day_of_week: true } },
      pagination: { limit: 1, offset: 3 },
      explain: true,
    },
  ],
  ["the deepest filter", { filters: [nested(limits.QUERY_FILTER_DEPTH_MAX)] }],
  ["the longest value", { filters: [["is", "page", [LONG]]] }],
  ["letters of two halves", { filters: [["is", "page", ["😀".repeat(limits.QUERY_FILTER_VALUE_CHARS_MAX)]]] }],
  ["all there is", { date_range: "all" }],
])("both take %s", (_, over) => {
  expect(judged({ ...least, ...over })).toBe("both");
});

test.each<[string, Record<string, unknown>]>([
  ["a deeper filter", { filters: [nested(limits.QUERY_FILTER_DEPTH_MAX + 1)] }],
  ["a longer value", { filters: [["is", "page", [`${LONG}x`]]] }],
  ["an empty value", { filters: [["is", "page", [""]]] }],
  ["no value", { filters: [["is", "page", []]] }],
  ["a longer name of a property", { dimensions: [`event:props:${"x".repeat(limits.PROP_NAME_CHARS_MAX + 1)}`] }],
  ["a nameless property", { dimensions: ["event:props:"] }],
  ["five dimensions", { dimensions: FIELD_NAMES.slice(0, limits.QUERY_DIMENSIONS_MAX + 1) }],
  ["what was done within what was done", { filters: [["has_done", ["not", ["has_done", nested(1)]]]] }],
  ["a goal that matches", { filters: [["matches", "goal", ["a"]]] }],
  ["a goal that is not", { filters: [["is_not", "goal", ["a"]]] }],
  ["a country that is none", { filters: [["is", "country", ["Germany"]]] }],
  ["time as a filter", { filters: [["is", "time:day", ["2026-01-01"]]] }],
  ["what is no segment", { filters: [["is_not", "segment", ["s1"]]] }],
  ["nothing to combine", { filters: [["and", []]] }],
  ["an unknown modifier", { filters: [["is", "page", ["/"], { fuzzy: true }]] }],
  ["a modifier of another type", { filters: [["is", "page", ["/"], { case_sensitive: null }]] }],
  ["a page of no rows", { pagination: { limit: 0 } }],
  ["half a row", { pagination: { offset: 0.5 } }],
  ["no flag", { include: { totals: 1 } }],
  ["custom without a range", { include: { comparisons: { mode: "custom" } } }],
  ["a range that is not custom", { include: { comparisons: { mode: "previous_period", date_range: "day" } } }],
  ["explaining a little", { explain: "yes" }],
  ["a date and an instant", { date_range: ["2026-01-01", "2026-01-02T00:00:00Z"] }],
])("both refuse %s", (_, over) => {
  expect(judged({ ...least, ...over })).toBe("neither");
});

const anything = fc.jsonValue({ maxDepth: 3 });
const mostly = (...right: fc.Arbitrary<unknown>[]): fc.Arbitrary<unknown> =>
  fc.oneof(...right.map((arbitrary) => ({ weight: 10, arbitrary })), { weight: 1, arbitrary: anything });
const name = fc.oneof(
  fc.constantFrom(...FIELD_NAMES),
  fc.constantFrom("event:props:plan", "segment", "time", "colour"),
);
const text = fc.oneof(fc.constantFrom("/", "DE", "d", "", "(not set)", "a|b", "(", "Germany"), fc.string());
const clause = fc
  .tuple(
    fc.constantFrom(...OPERATORS),
    name,
    mostly(fc.array(text, { maxLength: 3 })),
    fc.constantFrom(0, 0, 0, {}, { case_sensitive: false }, { case_sensitive: 1 }),
  )
  .map(([operator, field, values, modifiers]) =>
    modifiers === 0 ? [operator, field, values] : [operator, field, values, modifiers],
  );
const { filter } = fc.letrec<{ filter: unknown }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: limits.QUERY_FILTER_DEPTH_MAX, withCrossShrink: true },
    clause,
    fc.tuple(fc.constantFrom("and", "or"), fc.array(tie("filter"), { maxLength: 3 })),
    fc.tuple(fc.constantFrom("not", "has_done", "has_not_done"), tie("filter")),
    fc.tuple(fc.constantFrom("xor", "not"), anything),
  ),
}));
const dated = fc.oneof(
  fc.constantFrom(...NAMED_RANGES, "8d"),
  fc.tuple(fc.constantFrom("2026-01-01", "2026-02-30", "1969-01-01"), fc.constantFrom("2026-01-05", "2026-1-5")),
  fc.tuple(
    fc.constantFrom("2026-01-01T00:00Z", "2026-01-01T00:00:00"),
    fc.constantFrom("2026-01-02T00:00:00+01:00", "2026-01-02"),
  ),
);
const flags = fc.dictionary(
  fc.constantFrom("fill", "totals", "total_rows", "time_labels", "imports"),
  mostly(fc.boolean()),
  { maxKeys: 2 },
);
const comparisons = fc.record(
  {
    mode: fc.constantFrom("previous_period", "year_over_year", "custom", "none"),
    date_range: dated,
    match_day_of_week: mostly(fc.boolean()),
  },
  { requiredKeys: ["mode"] },
);
const queries = fc.record(
  {
    merchant: mostly(fc.constantFrom("m_shop", "")),
    metrics: mostly(fc.array(fc.constantFrom(...METRIC_NAMES, "baa"), { maxLength: 3 })),
    date_range: mostly(dated),
    dimensions: mostly(fc.array(fc.oneof(name, fc.constantFrom(...TIME_NAMES)), { maxLength: 3 })),
    filters: mostly(fc.array(filter, { maxLength: 2 })),
    order_by: mostly(
      fc.array(fc.tuple(fc.constantFrom("visits", "page", "time", "x"), fc.constantFrom("asc", "desc", "up")), {
        maxLength: 2,
      }),
    ),
    include: mostly(
      flags,
      comparisons.map((each) => ({ comparisons: each })),
    ),
    pagination: mostly(
      fc.record(
        { limit: fc.constantFrom(1, 0, 10_001, 2.5, "1"), offset: fc.constantFrom(0, -1, 1e300) },
        { requiredKeys: [] },
      ),
    ),
    explain: mostly(fc.boolean()),
    site_id: fc.constant("x"),
  },
  { requiredKeys: ["merchant", "metrics", "date_range"] },
);
/** Most have one or two parts more than the least. */
const parts = fc
  .tuple(queries, fc.subarray([...QUERY_KEYS, "site_id"], { minLength: 1, maxLength: 3 }))
  .map(([query, keys]) => ({
    ...least,
    ...Object.fromEntries(Object.entries(query).filter(([key]) => keys.includes(key))),
  }));

test("they agree on whatever is made up", () => {
  const seen = { both: 0, neither: 0, beyond: 0 };
  fc.assert(
    fc.property(
      fc.oneof({ weight: 6, arbitrary: parts }, { weight: 1, arbitrary: queries }, { weight: 1, arbitrary: anything }),
      (body) => {
        seen[judged(body)]++;
      },
    ),
    { seed: 31, numRuns: 20_000 },
  );
  // Making up nothing but nonsense proves nothing.
  expect(seen.both).toBeGreaterThan(3_000);
  expect(seen.neither).toBeGreaterThan(3_000);
  expect(seen.beyond).toBeGreaterThan(300);
});
