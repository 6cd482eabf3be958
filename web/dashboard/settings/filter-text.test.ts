import { expect, test } from "vitest";
import { filterText } from "./filter-text.ts";

test("filters in words, whatever they are made of", () => {
  expect(filterText(["is", "visit:country", ["DE", "FR"]])).toBe("Country is DE, FR");
  expect(filterText(["contains_not", "event:props:color", ["red"], { case_sensitive: false }])).toBe(
    "Property color does not contain red",
  );
  expect(
    filterText([
      "or",
      [
        ["is", "source", ["(not set)"]],
        ["not", ["is", "item:brand", ["Hat"]]],
      ],
    ]),
  ).toBe("(Source is Not set or not (item:brand is Hat))");
  expect(filterText(["has_done", ["is", "goal", ["signup"]]])).toBe("has done (goal is signup)");
  expect(filterText(7)).toBe("7");
});
