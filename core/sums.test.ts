import * as fc from "fast-check";
import { expect, test } from "vitest";
import { EXACT_MAX, Sketch } from "./sketch.ts";
import { Sums } from "./sums.ts";

test("sums are exact however large they get", () => {
  const safe = fc.integer({ min: -Number.MAX_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER });
  const large = fc.integer({ min: Number.MAX_SAFE_INTEGER - 1_000, max: Number.MAX_SAFE_INTEGER });
  fc.assert(
    fc.property(fc.array(fc.oneof(safe, large, fc.nat(1_000))), (numbers) => {
      const sums = new Sums();
      for (const n of numbers) sums.add("gross", n);
      expect(sums.of("gross")).toBe(numbers.reduce((sum, n) => sum + BigInt(n), 0n));
    }),
    { seed: 5, numRuns: 500 },
  );
});

const sketchOf = (from: number, to: number): string => {
  const sketch = new Sketch();
  for (let n = from; n < to; n++) sketch.add(Math.imul(n, 0x9e3779b9) >>> 0, Math.imul(n, 0x85ebca6b) >>> 0);
  return sketch.toHex();
};

test("anonymous visitors are distinct within a day and shard, identified ones within the range", () => {
  const sums = new Sums();
  sums.addVisitors("2026-01-01/0", sketchOf(0, 10), sketchOf(0, 3));
  sums.addVisitors("2026-01-01/0", sketchOf(5, 12), null);
  sums.addVisitors("2026-01-02/0", sketchOf(0, 4), sketchOf(2, 5));
  sums.addVisitors("2026-01-02/0", null, undefined);
  expect(sums.of("visitors")).toBe(12n + 4n + 5n);
  sums.addCountedVisitors(3);
  expect(sums.of("visitors")).toBe(24n);
  sums.addSketchedVisitors(EXACT_MAX);
  expect(sums.of("visitors")).toBe(24n + BigInt(EXACT_MAX));
  expect(sums.estimated).toBe(false);
});

test("says when visitors are an estimate", () => {
  const sums = new Sums();
  sums.addVisitors("2026-01-01", sketchOf(0, EXACT_MAX), null);
  expect(sums.estimated).toBe(false);
  sums.addVisitors("2026-01-01", sketchOf(EXACT_MAX, EXACT_MAX + 1), null);
  expect(sums.estimated).toBe(true);
  const counted = new Sums();
  counted.addCountedVisitors(EXACT_MAX + 1);
  expect(counted.estimated).toBe(false);
  counted.addSketchedVisitors(EXACT_MAX + 1);
  expect(counted.estimated).toBe(true);
});

test("what is no sketch is damage, and not passed over", () => {
  expect(() => new Sums().addVisitors("2026-01-01", "00", null)).toThrow(/sketch/);
});
