import { expect, test } from "vitest";
import { Random } from "./random.ts";

const draws = (seed: string, n: number): number[] => {
  const random = new Random(seed);
  return Array.from({ length: n }, () => random.next());
};

test("a seed is a sequence, and another seed another one", () => {
  expect(draws("1 2026-11-01", 5)).toEqual(draws("1 2026-11-01", 5));
  expect(draws("1 2026-11-01", 5)).not.toEqual(draws("1 2026-11-02", 5));
});

test("numbers are spread evenly, also the first ones of similar seeds", () => {
  for (const numbers of [draws("x", 10_000), Array.from({ length: 10_000 }, (_, n) => draws(`seed ${n}`, 1)[0] ?? 0)]) {
    const tenths = Array.from({ length: 10 }, () => 0);
    for (const number of numbers) tenths[Math.floor(number * 10)]!++;
    for (const n of tenths) expect(Math.abs(n - 1_000)).toBeLessThan(120);
  }
});

test("weights are proportions", () => {
  const random = new Random("weights");
  const ways = [
    { name: "never", weight: 0 },
    { name: "rare", weight: 1 },
    { name: "common", weight: 9 },
  ];
  const seen = Array.from({ length: 10_000 }, () => random.weighted(ways).name);
  expect(seen).not.toContain("never");
  expect(Math.abs(seen.filter((name) => name === "rare").length - 1_000)).toBeLessThan(120);
});

test("a shuffle keeps all and leaves the original alone", () => {
  const numbers = Array.from({ length: 100 }, (_, n) => n);
  const shuffled = new Random("deck").shuffled(numbers);
  expect(shuffled).not.toEqual(numbers);
  expect(shuffled.toSorted((a, b) => a - b)).toEqual(numbers);
  expect(numbers[0]).toBe(0);
});

test("every order is as likely as any", () => {
  const random = new Random("orders");
  const seen = new Map<string, number>();
  for (let n = 0; n < 6_000; n++) {
    const order = random.shuffled(["a", "b", "c"]).join("");
    seen.set(order, (seen.get(order) ?? 0) + 1);
  }
  expect(seen.size).toBe(6);
  for (const n of seen.values()) expect(Math.abs(n - 1_000)).toBeLessThan(120);
});
