// Bodies that a query never should be: wrong types everywhere, unknown names, trees as deep as they can be written, expressions
// that make other engines think for years, ranges without end, keys that mean something to JavaScript, megabytes of anything.

import fc from "fast-check";
import type { Made } from "./oracle-questions.ts";

const GOOD = { merchant: "m_demo", metrics: ["visits"], date_range: ["2026-10-23", "2026-10-24"] };

const deep = (depth: number): string =>
  JSON.stringify({ ...GOOD, filters: ["*"] }).replace(
    '"*"',
    `${'["not",'.repeat(depth)}["is","page",["/"]]${"]".repeat(depth)}`,
  );
const wide = (n: number): object => ({
  ...GOOD,
  filters: [["or", Array.from({ length: n }, () => ["is", "page", ["/"]])]],
});
const matching = (pattern: string, dimension = "page"): object => ({
  ...GOOD,
  filters: [["matches", dimension, [pattern]]],
});
const during = (date_range: unknown, more: object = {}): object => ({ ...GOOD, date_range, ...more });

/** What each is, and whether it must be refused; the others may be answered. */
export const GARBAGE: [what: string, body: unknown, refused: boolean][] = [
  ["no JSON", "{", true],
  ["nothing", "", true],
  ["bytes that are no text", "\u0000\ufffd\ud800", true],
  ["null", null, true],
  ["a number", 7, true],
  ["a list", [GOOD], true],
  ["a text", JSON.stringify("visits"), true],
  ["ten megabytes of brackets", "[".repeat(10_000_000), true],
  ["ten megabytes of one text", JSON.stringify({ ...GOOD, filters: [["is", "page", ["x".repeat(10_000_000)]]] }), true],
  ["a tree of fifty", deep(50), true],
  ["a tree of ten thousand", deep(10_000), true],
  ["a thousand alternatives", wide(1_000), true],
  ["an empty filter", { ...GOOD, filters: [[]] }, true],
  ["a filter of no values", { ...GOOD, filters: [["is", "page", []]] }, true],
  ["a filter by time", { ...GOOD, filters: [["is", "time:day", ["2026-10-23"]]] }, true],
  ["an unknown operator", { ...GOOD, filters: [["like", "page", ["/"]]] }, true],
  ["has_done within has_done", { ...GOOD, filters: [["has_done", ["has_done", ["is", "page", ["/"]]]]] }, true],
  ["a segment", { ...GOOD, filters: [["is", "segment", [1]]] }, true],
  ["an expression that explodes elsewhere", matching("^(a+)+$"), false],
  ["another one", matching("(x+x+)+y"), false],
  ["one that repeats repetitions", matching("((((a{1,100}){1,100}){1,100}){1,100})"), true],
  ["one that is too long", matching("a".repeat(5_000)), true],
  ["one that looks back", matching("(a)\\1"), true],
  ["one that looks ahead", matching("(?=a)b"), true],
  ["one that is none", matching("("), true],
  ["a range a thousand years ago", during(["0999-01-01", "0999-01-02"]), true],
  ["a range of eight thousand years", during(["1970-01-01", "9999-12-31"]), true],
  ["a range of the future", during(["2190-01-01", "2190-01-02"]), false],
  ["a date that there is not", during(["2026-02-30", "2026-03-01"]), true],
  ["a range that ends before it begins", during(["2026-03-02", "2026-03-01"]), true],
  ["a million minutes", during(["2024-01-01", "2025-11-25"], { dimensions: ["time:minute"] }), true],
  [
    "a million minutes ago",
    during(["2024-01-01T00:00:00Z", "2025-11-25T10:40:00Z"], { dimensions: ["time:minute"] }),
    true,
  ],
  ["one date and one instant", during(["2026-03-01", "2026-03-02T00:00:00Z"]), true],
  ["three dates", during(["2026-03-01", "2026-03-02", "2026-03-03"]), true],
  ["an unknown range", during("fortnight"), true],
  ["a range that every object has", during("constructor"), true],
  ["a metric that every object has", { ...GOOD, metrics: ["toString"] }, true],
  ["a metric that is a prototype", { ...GOOD, metrics: ["__proto__"] }, true],
  ["a dimension that every object has", { ...GOOD, dimensions: ["hasOwnProperty"] }, true],
  ["a property that every object has", { ...GOOD, dimensions: ["event:props:constructor"] }, false],
  ["a property that is a prototype", { ...GOOD, dimensions: ["event:props:__proto__"] }, false],
  ["a property without a name", { ...GOOD, dimensions: ["event:props:"] }, true],
  ["a field that items don't have", { ...GOOD, dimensions: ["item:__proto__"] }, true],
  ["a prototype beside", '{"__proto__":{"x":1},"merchant":"m_demo","metrics":["visits"],"date_range":"day"}', true],
  [
    "a prototype within",
    `{"merchant":"m_demo","metrics":["visits"],"date_range":"day","include":{"__proto__":{}}}`,
    true,
  ],
  ["unknown keys", { ...GOOD, constructor: {} }, true],
  ["a merchant that is none", { ...GOOD, merchant: "m_none" }, true],
  ["a merchant that is a path", { ...GOOD, merchant: "../m_demo" }, true],
  ["a merchant with a zero byte", { ...GOOD, merchant: "m_\u0000" }, true],
  ["a merchant that is half a letter", JSON.stringify({ ...GOOD, merchant: "m_\ud800" }), true],
  ["a merchant of a megabyte", { ...GOOD, merchant: "m".repeat(60_000) }, true],
  [
    "values that Postgres can't hold",
    { ...GOOD, filters: [["is", "page", ["\u0000\ud800'; DROP TABLE merchants; --"]]] },
    false,
  ],
  ["the same metric twice", { ...GOOD, metrics: ["visits", "visits"] }, true],
  ["no metric", { ...GOOD, metrics: [] }, true],
  ["the same dimension twice", { ...GOOD, dimensions: ["page", "page"] }, true],
  ["a hundred dimensions", { ...GOOD, dimensions: Array.from({ length: 100 }, (_, n) => `event:props:${n}`) }, true],
  ["a page of none", { ...GOOD, pagination: { limit: 0 } }, true],
  ["a page before the first", { ...GOOD, pagination: { offset: -1 } }, true],
  ["a page beyond all numbers", { ...GOOD, pagination: { limit: 1e308 } }, true],
  ["half a page", { ...GOOD, pagination: { limit: 0.5 } }, true],
  ["an order by what is not asked", { ...GOOD, order_by: [["visitors", "desc"]] }, true],
  ["an order that is neither", { ...GOOD, order_by: [["visits", "sideways"]] }, true],
];

/** Any JSON at all, with the names that a query has among its texts. */
const anyJson = fc.jsonValue({ maxDepth: 4 });
const word = fc.constantFrom(
  "visits",
  "page",
  "is",
  "and",
  "not",
  "day",
  "2026-10-23",
  "m_demo",
  "desc",
  "matches",
  "",
);
const almostJson: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  tree: fc.oneof({ maxDepth: 4 }, word, anyJson, tie("list"), tie("object")),
  list: fc.array(tie("tree"), { maxLength: 4 }),
  object: fc.dictionary(fc.oneof(word, fc.string()), tie("tree"), { maxKeys: 4 }),
})).tree;

const KEYS = ["merchant", "metrics", "date_range", "dimensions", "filters", "order_by", "include", "pagination"];

/** Good questions in which something, anywhere, has been replaced by anything. */
export const spoilt = (questions: fc.Arbitrary<Made>): fc.Arbitrary<unknown> =>
  fc.oneof(
    almostJson,
    fc.tuple(questions, fc.constantFrom(...KEYS), almostJson).map(([question, key, value]) => ({
      merchant: "m_demo",
      ...question,
      [key]: value,
    })),
    fc.tuple(questions, fc.nat(), almostJson).map(([question, at, value]) => {
      const whole = { merchant: "m_demo", ...question };
      return replaced(whole, at % sizeOf(whole), value);
    }),
  );

/** How many values there are in it, itself among them. */
const sizeOf = (tree: unknown): number =>
  1 +
  (typeof tree === "object" && tree !== null ? Object.values(tree).reduce<number>((n, one) => n + sizeOf(one), 0) : 0);

/** The tree with its nth value, counted from itself on, replaced. */
function replaced(tree: unknown, nth: number, value: unknown): unknown {
  if (nth === 0) return value;
  let left = nth - 1;
  const inside = (one: unknown): unknown => {
    const size = sizeOf(one);
    const isHere = left >= 0 && left < size;
    const result = isHere ? replaced(one, left, value) : one;
    left -= size;
    return result;
  };
  if (Array.isArray(tree)) return tree.map(inside);
  return Object.fromEntries(Object.entries(tree as object).map(([key, one]) => [key, inside(one)]));
}
