// An hour larger than a queue message travels in parts by dimension. Every part carries the totals and the hour's
// sequence; the first one also the minutes.

import { DIMENSIONS, type Dimension, type Rollup } from "./rollup.ts";

/** More pieces than this cannot be had: each dimension is alone then. */
export const PIECES_MAX = DIMENSIONS.length;

/** Splits by dimension into about `pieces` parts of about equal size (one dimension is never split). */
export function splitRollup(rollup: Rollup, pieces: number): Rollup[] {
  if (pieces === 1) return [rollup];
  const present = DIMENSIONS.filter((dimension) => rollup.dimensions[dimension] !== undefined);
  const sizes = new Map<Dimension, number>(present.map((dimension) => [dimension, sizeOf(rollup, dimension)]));
  const total = [...sizes.values()].reduce((sum, size) => sum + size, 0);
  const target = pieces >= PIECES_MAX ? 0 : total / pieces;
  const parts: Rollup[] = [];
  let part = emptyPart(rollup, true);
  let filled = 0;
  for (const dimension of present) {
    const size = sizes.get(dimension)!;
    if (filled > 0 && filled + size > target) {
      parts.push(part);
      part = emptyPart(rollup, false);
      filled = 0;
    }
    part.dimensions[dimension] = rollup.dimensions[dimension]!;
    const sketches = rollup.sketches[dimension];
    if (sketches !== undefined) part.sketches[dimension] = sketches;
    filled += size;
  }
  parts.push(part);
  return parts;
}

function emptyPart(rollup: Rollup, first: boolean): Rollup {
  return { ...rollup, minutes: first ? rollup.minutes : null, dimensions: {}, sketches: {} };
}

const sizeOf = (rollup: Rollup, dimension: Dimension): number =>
  JSON.stringify(rollup.dimensions[dimension]).length + JSON.stringify(rollup.sketches[dimension] ?? null).length;
