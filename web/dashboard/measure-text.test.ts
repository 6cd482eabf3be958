import { expect, test } from "vitest";
import { measureText } from "./measure-text.ts";

test("money is of its currency, times are seconds, and nothing is a dash", () => {
  expect(measureText("gross", 18_500_000, "EUR")).toBe("18.50 EUR");
  expect(measureText("gross", 18_500_000, null)).toBe("several currencies");
  expect(measureText("duration", 61_400, "EUR")).toBe("61 s");
  expect(measureText("visits", null, "EUR")).toBe("–");
});
