import fc from "fast-check";
import { expect, test } from "vitest";
import { DIMENSIONS } from "../../core/rollup.ts";
import { type Filter, filterBody, formatFilter, isFiltered, OPERATORS, parseFilter, toggled } from "./filters.ts";

const filters: fc.Arbitrary<Filter> = fc.record({
  operator: fc.constantFrom(...OPERATORS),
  field: fc.oneof(
    fc.constantFrom(...DIMENSIONS),
    fc.stringMatching(/^[a-z,%&=]{1,9}$/).map((name) => `event:props:${name}` as const),
  ),
  values: fc.array(fc.string({ unit: "grapheme" }), { minLength: 1, maxLength: 4 }),
});

test("any filter survives its address", () => {
  fc.assert(
    fc.property(filters, (filter) => {
      expect(parseFilter(formatFilter(filter))).toEqual(filter);
    }),
    { seed: 20261124 },
  );
});

test("what is no filter is none", () => {
  for (const text of [
    "",
    "is",
    "is,country",
    "equals,country,DE",
    "is,__proto__,x",
    "is,event:props:,x",
    "is_not,goal,signup",
    "is,country,%E0%A4%A",
  ])
    expect(parseFilter(text), text).toBeNull();
});

test("a row clicked narrows to it, another of its kind replaces it, the same again takes it away", () => {
  const once = toggled([{ operator: "is_not", field: "country", values: ["FR"] }], "country", "DE");
  expect(isFiltered(once, "country", "DE")).toBe(true);
  expect(isFiltered(once, "country", "FR")).toBe(false);
  const other = toggled(once, "country", "AT");
  expect(other).toEqual([
    { operator: "is_not", field: "country", values: ["FR"] },
    { operator: "is", field: "country", values: ["AT"] },
  ]);
  expect(toggled(other, "country", "AT")).toEqual([{ operator: "is_not", field: "country", values: ["FR"] }]);
});

test("a saved segment is named in the address, and asked for by its id", () => {
  const filter: Filter = { operator: "is", field: "segment", values: ["g_1", "g_2"] };
  expect(parseFilter(formatFilter(filter))).toEqual(filter);
  expect(filterBody([filter])).toEqual([["is", "segment", ["g_1", "g_2"]]]);
  expect(parseFilter("is_not,segment,g_1")).toBeNull();
});

test("values that are clicked mean themselves to the letter, those that are written do not", () => {
  expect(filterBody([{ operator: "is", field: "page", values: ["/A"] }])).toEqual([
    ["is", "page", ["/A"], { case_sensitive: true }],
  ]);
  expect(filterBody([{ operator: "contains", field: "page", values: ["a"] }])).toEqual([
    ["contains", "page", ["a"], { case_sensitive: false }],
  ]);
});
