import { expect, test } from "vitest";
import { cityOf, countryOf, languageOf, regionOf } from "./place.ts";
import { NOT_SET } from "./rollup.ts";

test.each([
  ["DE", "DE"],
  ["de", "DE"],
  ["T1", "T1"],
  ["XX", NOT_SET],
  ["ZZ", NOT_SET],
  ["Germany", NOT_SET],
  ["", NOT_SET],
  [undefined, NOT_SET],
])("country %s is %s", (country, expected) => expect(countryOf(country)).toBe(expected));

test("a region's code stands alone, a name stays", () => {
  expect(regionOf("TX", "us")).toBe("US-TX");
  expect(regionOf("75", "FR")).toBe("FR-75");
  expect(regionOf("Bavaria", "DE")).toBe("Bavaria");
  expect(regionOf("TX", undefined)).toBe("TX");
  expect(regionOf(undefined, "US")).toBe(NOT_SET);
});

test("cities are kept as they are", () => {
  expect(cityOf(" São Paulo ")).toBe("São Paulo");
  expect(cityOf("")).toBe(NOT_SET);
});

test.each([
  ["en-US", "en"],
  ["EN_gb", "en"],
  ["en-AU,en;q=0.9", "en"],
  ["fil", "fil"],
  ["*", NOT_SET],
  ["english", NOT_SET],
  ["", NOT_SET],
  [undefined, NOT_SET],
])("language %s is %s", (language, expected) => expect(languageOf(language)).toBe(expected));
