import { expect, test } from "vitest";
import { linesIn, numbersIn } from "./words.ts";

test("a sum names its parts, without those that are none", () => {
  expect(numbersIn({ too_old: 8, unknown_event: 4, bad: 0 }, String)).toBe("12 (8 too old, 4 unknown event)");
  expect(numbersIn({ bad: 0 }, String)).toBe("0");
  expect(numbersIn({ bot: 1200 }, (count) => count.toLocaleString("en-GB"))).toBe("1,200 (1,200 bot)");
});

test("what is written in lines is taken apart, each once", () => {
  expect(linesIn(" shop.example\n\nwww.shop.example, shop.example ")).toEqual(["shop.example", "www.shop.example"]);
  expect(linesIn("")).toEqual([]);
});
