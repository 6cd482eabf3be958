import fc from "fast-check";
import { expect, test } from "vitest";
import { anyOf, patternOf } from "./pattern.ts";

test.each([
  ["/cart", ["/cart"], ["/cart/", "/Cart", "/carts", ""]],
  ["/blog/*", ["/blog/", "/blog/a/b"], ["/blog", "/x/blog/a"]],
  ["*/print", ["/print", "/a/print"], ["/print/", "print"]],
  ["/a*b*c", ["/abc", "/aXbYc", "/abbcc"], ["/ac", "/acb"]],
  ["*", ["", "anything"], []],
  ["a*a", ["aa", "aba"], ["a"]],
  ["a**b", ["ab", "axb"], ["a"]],
  ["/a.b+(c)", ["/a.b+(c)"], ["/axb+(c)"]],
])("%s", (pattern, fitting, others) => {
  const fits = patternOf(pattern);
  expect(fitting.filter((text) => !fits(text))).toEqual([]);
  expect(others.filter((text) => fits(text))).toEqual([]);
});

const some = fc.string({ unit: fc.constantFrom("a", "b", "*"), maxLength: 8 });
const texts = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 12 });

test("means what the regular expression means that one would write for it", () => {
  fc.assert(
    fc.property(some, texts, (pattern, text) => {
      expect(patternOf(pattern)(text)).toBe(new RegExp(`^${pattern.replaceAll("*", ".*")}$`).test(text));
    }),
    { seed: 20261124, numRuns: 3_000 },
  );
});

test("of several, one is enough; of none there is nothing to ask", () => {
  fc.assert(
    fc.property(fc.array(some, { minLength: 1, maxLength: 4 }), texts, (patterns, text) => {
      expect(anyOf(patterns)!(text)).toBe(patterns.some((pattern) => patternOf(pattern)(text)));
    }),
    { seed: 20261124 },
  );
  expect(anyOf([])).toBeNull();
});
