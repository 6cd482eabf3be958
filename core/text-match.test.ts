import * as fc from "fast-check";
import { expect, test } from "vitest";
import { QUERY_PATTERN_CHARS_MAX } from "./limits.ts";
import { anyFits, type Clause, expressionFault, positiveOf } from "./text-match.ts";

const clause = (operator: Clause["operator"], values: string[], caseSensitive = true): Clause => ({
  kind: "clause",
  operator,
  field: { kind: "dimension", dimension: "page" },
  values,
  caseSensitive,
});

test.each<[Clause, string[], string[]]>([
  [clause("is", ["/a", "/b"]), ["/a", "/b"], ["/A", "/a/", ""]],
  [clause("is", ["/Café"], false), ["/café", "/CAFÉ"], ["/cafe"]],
  [clause("is_not", ["/a"]), ["/a"], ["/b"]],
  [clause("contains", ["hat", "cap"]), ["/hats", "/cap"], ["/Hats", "/h"]],
  [clause("contains", ["HAT"], false), ["/hats"], ["/h"]],
  [clause("matches", ["^/blog/\\d+$", "hat"]), ["/blog/12", "/x/hats"], ["/blog/", "/blog/1/", "/HATS"]],
  [clause("matches", ["^/é"], false), ["/É"], ["/e"]],
])("%j", (one, fitting, others) => {
  const fits = anyFits(one);
  expect(fitting.filter((value) => !fits(value))).toEqual([]);
  expect(others.filter((value) => fits(value))).toEqual([]);
});

test("a negated operator is the other one's opposite", () => {
  expect(positiveOf("contains_not")).toEqual({ operator: "contains", negated: true });
  expect(positiveOf("matches")).toEqual({ operator: "matches", negated: false });
});

test.each([
  ["(", /missing closing \)/],
  ["(?<=a)b", /invalid named capture/],
  ["(a)\\1", /invalid escape/],
  ["(a{1000}){1000}", /invalid repeat count/],
  ["\\pL{900}", /steps/],
  ["a".repeat(QUERY_PATTERN_CHARS_MAX + 1), /characters/],
])("%s is refused, and it is said why", (expression, why) => {
  expect(expressionFault(expression)).toMatch(why);
});

test("an expression that others need ages for is as quick as any", () => {
  const fits = anyFits(clause("matches", ["^(a+)+$", "(a|a)*b", "(x+x+)+y"]));
  expect(expressionFault("^(a+)+$")).toBeNull();
  expect(fits(`${"a".repeat(100_000)}!`)).toBe(false);
});

test("whatever an expression is, it is refused or can be asked", () => {
  const pieces = fc.constantFrom(
    "a",
    ".",
    "*",
    "+",
    "?",
    "(",
    ")",
    "[",
    "]",
    "^",
    "$",
    "|",
    "{2}",
    "{3,}",
    "\\d",
    "\\pL",
    "\\",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(pieces, { maxLength: 12 }).map((all) => all.join("")),
      ),
      (expression) => {
        if (expressionFault(expression) === null) anyFits(clause("matches", [expression], false))("aab1");
      },
    ),
    { seed: 9, numRuns: 3_000 },
  );
});
