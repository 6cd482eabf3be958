import { expect, test } from "vitest";
import { Rehearsal } from "./rehearsal.ts";
import { PIECES_MAX, splitRollup } from "./rollup-parts.ts";
import { DIMENSIONS, type Rollup } from "./rollup.ts";
import { trafficOf } from "./traffic.ts";

const merchant = { id: "m", name: "", zone: "Etc/UTC", currency: "EUR", domains: ["x.example"], shards: 1 };
const FROM_MS = Date.UTC(2026, 10, 24, 12);

function busyHour(): Rollup {
  const shard = new Rehearsal(merchant);
  shard.append(trafficOf({ merchant, seed: 8, fromMs: FROM_MS, toMs: FROM_MS + 3_600_000, people: 300 }));
  return shard.rollups()[0]!;
}

const dimensionsOf = (rollup: Rollup): string[] => Object.keys(rollup.dimensions);
const rollup = busyHour();

for (const pieces of [1, 2, 3, 4, 8, 16, PIECES_MAX]) {
  test(`in ${pieces}: every dimension is in one part, and the parts together are the whole`, () => {
    const parts = splitRollup(rollup, pieces);
    const inParts = parts.flatMap(dimensionsOf);
    expect(inParts.toSorted()).toEqual(dimensionsOf(rollup).toSorted());
    expect(new Set(inParts).size).toBe(inParts.length);
    const together = {
      ...parts[0]!,
      dimensions: Object.assign({}, ...parts.map((part) => part.dimensions)),
      sketches: Object.assign({}, ...parts.map((part) => part.sketches)),
    };
    expect(together).toEqual(rollup);
    const { dimensions: _, sketches: __, minutes: ___, ...whole } = rollup;
    for (const [n, part] of parts.entries()) {
      expect(part).toMatchObject(whole);
      expect(part.minutes === null).toBe(n > 0);
      expect(Object.keys(part.sketches)).toEqual(dimensionsOf(part));
      expect(dimensionsOf(part).length).toBeGreaterThan(0);
    }
  });
}

test("more pieces are smaller parts, down to one for each dimension", () => {
  const largest = (pieces: number) =>
    Math.max(...splitRollup(rollup, pieces).map((part) => JSON.stringify(part.dimensions).length));
  expect(splitRollup(rollup, 1)).toEqual([rollup]);
  expect(largest(2)).toBeLessThan(largest(1) * 0.75);
  expect(largest(8)).toBeLessThan(largest(2));
  expect(splitRollup(rollup, PIECES_MAX)).toHaveLength(DIMENSIONS.length);
});

test("an hour without dimensions is one part", () => {
  const bare: Rollup = { ...rollup, dimensions: {}, sketches: {} };
  expect(splitRollup(bare, PIECES_MAX)).toEqual([bare]);
});
