import { expect, test } from "vitest";
import { SHADES, shadesOf } from "./shades.ts";

test("the largest is the darkest, equal ones are equally dark, and nothing has no shade", () => {
  const shades = shadesOf(
    new Map([
      ["DE", 90_000],
      ["FR", 12],
      ["AT", 12],
      ["CH", 1],
      ["IT", 0],
    ]),
  );
  expect(shades.get("DE")).toBe(SHADES);
  expect(shades.get("FR")).toBe(shades.get("AT"));
  expect(shades.get("CH")).toBeLessThan(shades.get("FR")!);
  expect(shades.get("CH")).toBeGreaterThanOrEqual(1);
  expect(shades.has("IT")).toBe(false);
  expect(shadesOf(new Map()).size).toBe(0);
});
