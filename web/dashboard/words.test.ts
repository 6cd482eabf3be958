import { expect, test } from "vitest";
import { numbersIn } from "./words.ts";

test("a sum names its parts, without those that are none", () => {
  expect(numbersIn({ too_old: 8, unknown_event: 4, bad: 0 })).toBe("12 (8 too old, 4 unknown event)");
  expect(numbersIn({ bad: 0 })).toBe("0");
});
