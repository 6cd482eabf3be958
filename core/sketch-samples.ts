// Hashes for tests of the sketch, from a few numbers: what the extension was given when `sketch-vectors.json` was made, and
// what the tests give to ours. A sample is either pseudo-random (SplitMix64) or an arithmetic progression, which reaches
// the corners that random hashes don't: empty registers, the largest register value, a chosen number of filled registers.

export type Sample = { seed: number; count: number } | { first: string; step: string; count: number };

/** What a sketch is made of: each part's hashes added to a sketch of its own, then all of these united in order. */
export interface SketchVector {
  name: string;
  parts: Sample[];
  /** The extension's storage bytes, hexadecimal. */
  hex: string;
  /** The extension's hll_cardinality, rounded. */
  cardinality: number;
}

const GOLDEN_GAMMA = 0x9e3779b97f4a7c15n;

/** Unsigned 64-bit hashes. `first` and `step` are hexadecimal; the progression wraps at 2^64. */
export function* hashesOf(sample: Sample): Generator<bigint, void> {
  const random = "seed" in sample;
  let state = random ? BigInt(sample.seed) : BigInt(`0x${sample.first}`);
  const step = random ? GOLDEN_GAMMA : BigInt(`0x${sample.step}`);
  for (let made = 0; made < sample.count; made++) {
    if (random) {
      state = BigInt.asUintN(64, state + step);
      yield mix(state);
    } else {
      yield state;
      state = BigInt.asUintN(64, state + step);
    }
  }
}

function mix(state: bigint): bigint {
  const once = BigInt.asUintN(64, (state ^ (state >> 30n)) * 0xbf58476d1ce4e5b9n);
  const twice = BigInt.asUintN(64, (once ^ (once >> 27n)) * 0x94d049bb133111ebn);
  return twice ^ (twice >> 31n);
}

export const highHalf = (hash: bigint): number => Number(hash >> 32n);
export const lowHalf = (hash: bigint): number => Number(hash & 0xffff_ffffn);
