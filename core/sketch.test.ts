import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { toHex } from "./hex.ts";
import { EXACT_MAX, Sketch } from "./sketch.ts";
import { hashesOf, highHalf, lowHalf, type Sample, type SketchVector } from "./sketch-samples.ts";

const VECTORS = JSON.parse(readFileSync(new URL("sketch-vectors.json", import.meta.url), "utf8")) as SketchVector[];
const STANDARD_ERROR = 1.04 / Math.sqrt(4_096);
/** Where linear counting hands over to the raw estimate both are at their worst; measured over 300 random sets. */
const HANDOVER = { from: 8_000, to: 15_000, standardError: 0.031 };

function sketchOf(hashes: Iterable<bigint>): Sketch {
  const sketch = new Sketch();
  for (const hash of hashes) sketch.add(highHalf(hash), lowHalf(hash));
  return sketch;
}

function unionOf(...sketches: Sketch[]): Sketch {
  const united = new Sketch();
  for (const sketch of sketches) united.union(sketch);
  return united;
}

function decoded(bytes: Uint8Array): Sketch {
  const result = Sketch.decode(bytes);
  if (!result.ok) throw new Error(result.failure);
  return result.value;
}

const failureOf = (hex: string): string => {
  const result = Sketch.fromHex(hex);
  return result.ok ? "accepted" : result.failure;
};

test("the vectors cover the four types", () => {
  expect(new Set(VECTORS.map(({ hex }) => hex.slice(0, 2)))).toEqual(new Set(["11", "12", "13", "14"]));
  expect(VECTORS.length).toBeGreaterThan(30);
});

test.each(VECTORS)("as the extension: $name", ({ parts, hex, cardinality }) => {
  const united = unionOf(...parts.map((part) => sketchOf(hashesOf(part))));
  expect(united.toHex()).toBe(hex);
  expect(united.cardinality()).toBe(cardinality);
  expect(united.exact).toBe(hex.startsWith("11") || hex.startsWith("12"));
  expect(united.empty).toBe(hex.startsWith("11"));

  const addedTogether = sketchOf(parts.flatMap((part) => [...hashesOf(part)]).toReversed());
  expect(addedTogether.toHex()).toBe(hex);

  const read = decoded(united.encode());
  expect(read.toHex()).toBe(hex);
  expect(read.cardinality()).toBe(cardinality);
});

test("a hash in hexadecimal is the hash", () => {
  const sketch = new Sketch();
  for (const hash of ["00000000000000ff", "ffffffff00000000", "8000000000000000"]) sketch.addHex(hash);
  expect(sketch.toHex()).toBe("128c7f8000000000000000ffffffff0000000000000000000000ff");
  for (const wrong of ["", "ff", "00000000000000FF", "00000000000000fg", "00000000000000ff0", "０000000000000000"]) {
    expect(() => sketch.addHex(wrong)).toThrow("not a 64-bit hash");
  }
});

test("signed halves are the same hash as unsigned ones", () => {
  const sketch = sketchOf([0x80000001_fffffffen]);
  sketch.add(0x80000001 | 0, -2);
  expect(sketch.cardinality()).toBe(1);
});

test("the estimate stays within three standard errors up to a million", () => {
  for (const seed of [1, 2, 3]) {
    const sketch = new Sketch();
    let added = 0;
    let checkAt = EXACT_MAX + 1;
    for (const hash of hashesOf({ seed, count: 1_000_000 })) {
      sketch.add(highHalf(hash), lowHalf(hash));
      if (++added !== checkAt && added !== 1_000_000) continue;
      const handover = added > HANDOVER.from && added < HANDOVER.to;
      const error = Math.abs(sketch.cardinality() / added - 1);
      expect(error).toBeLessThan(3 * (handover ? HANDOVER.standardError : STANDARD_ERROR));
      checkAt = Math.ceil(added * 1.3);
    }
  }
});

test("no estimate of a small set is near the middle between two integers, where rounding would depend on a library's logarithm", () => {
  for (let zeros = 1; zeros <= 4_096; zeros++) {
    const estimate = 4_096 * Math.log(4_096 / zeros);
    expect(Math.abs(estimate - Math.floor(estimate) - 0.5)).toBeGreaterThan(1e-6);
  }
});

// Sets that overlap: pseudo-random hashes from few seeds, few enough to stay exact or enough for every other form.
const samples = fc.record({
  seed: fc.integer({ min: 1, max: 4 }),
  count: fc.oneof(fc.nat(5), fc.nat(EXACT_MAX), fc.nat(3_000)),
});
const corners = fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { maxLength: 40 });
const hashSets = fc
  .tuple(samples, corners)
  .map(([sample, some]): bigint[] => [...hashesOf(sample satisfies Sample), ...some]);
const RUNS = { seed: 20_261_124, numRuns: 150 };

test("unions are commutative, associative, idempotent, and equal to adding everything", () => {
  fc.assert(
    fc.property(hashSets, hashSets, hashSets, (a, b, c) => {
      const all = sketchOf([...c, ...a, ...b]).toHex();
      const [one, other, third] = [sketchOf(a), sketchOf(b), sketchOf(c)];
      const left = unionOf(unionOf(one, other), third);
      const right = unionOf(one, unionOf(third, other));
      expect(left.toHex()).toBe(all);
      expect(right.toHex()).toBe(all);
      left.union(left);
      left.union(other);
      expect(left.toHex()).toBe(all);
      expect(one.toHex()).toBe(sketchOf(a).toHex());
    }),
    RUNS,
  );
});

test("the bytes depend on the set alone: not on order, repeats, clones or storage on the way", () => {
  fc.assert(
    fc.property(hashSets, fc.nat(), (hashes, cut) => {
      const expected = sketchOf(hashes).toHex();
      const at = hashes.length === 0 ? 0 : cut % hashes.length;
      const turned = [...hashes.slice(at), ...hashes.slice(0, at)];
      const early = sketchOf(turned.slice(0, at));
      const stored = decoded(early.encode());
      const copy = early.clone();
      for (const hash of turned.toReversed()) {
        stored.add(highHalf(hash), lowHalf(hash));
        copy.add(highHalf(hash), lowHalf(hash));
      }
      expect(stored.toHex()).toBe(expected);
      expect(copy.toHex()).toBe(expected);
      expect(early.toHex()).toBe(sketchOf(turned.slice(0, at)).toHex());
    }),
    RUNS,
  );
});

test("while exact, the count is the number of distinct hashes", () => {
  fc.assert(
    fc.property(fc.array(fc.bigInt({ min: 0n, max: 60n }), { maxLength: 200 }), (hashes) => {
      expect(sketchOf(hashes.map((hash) => hash << 29n)).cardinality()).toBe(new Set(hashes).size);
    }),
    RUNS,
  );
});

test("a union takes a copy: adding to one leaves the other", () => {
  const one = sketchOf(hashesOf({ seed: 1, count: 30 }));
  const before = one.toHex();
  const other = unionOf(one);
  other.add(1, 2);
  expect(one.toHex()).toBe(before);
  const large = sketchOf(hashesOf({ seed: 1, count: 2_000 }));
  const largeBefore = large.toHex();
  const united = unionOf(large);
  for (const hash of hashesOf({ seed: 2, count: 2_000 })) united.add(highHalf(hash), lowHalf(hash));
  expect(large.toHex()).toBe(largeBefore);
});

test("bytes that are no sketch of ours are a failure that says why", () => {
  const explicit = "128c7f";
  expect(failureOf("")).toContain("shorter");
  expect(failureOf("118c")).toContain("shorter");
  expect(failureOf("118C7F")).toContain("hexadecimal");
  expect(failureOf("118c7f0")).toContain("hexadecimal");
  expect(failureOf("118b7f")).toContain("other parameters");
  expect(failureOf("118c3f")).toContain("other parameters");
  expect(failureOf("218c7f")).toContain("version 1");
  expect(failureOf("108c7f")).toContain("version 1");
  expect(failureOf("118c7f00")).toContain("empty sketch with data");
  expect(failureOf(explicit)).toContain("8 bytes");
  expect(failureOf(`${explicit}00`)).toContain("8 bytes");
  expect(failureOf(`${explicit}00000000000000010000000000000001`)).toContain("out of order");
  expect(failureOf(`${explicit}0000000000000001ffffffffffffffff`)).toContain("out of order");
  const many = Array.from({ length: EXACT_MAX + 1 }, (_, at) => at.toString(16).padStart(16, "0"));
  expect(failureOf(`${explicit}${many.join("")}`)).toContain("more than 320");
  expect(failureOf("138c7f0000")).toContain("byte too many");
  expect(failureOf("138c7f000000")).toContain("without a value");
  expect(failureOf("138c7f005f81")).toContain("bits after the last");
  expect(failureOf("138c7f005f8000")).toContain("byte too many");
  expect(failureOf("138c7f0050802840")).toContain("registers out of order");
  expect(failureOf(`148c7f${"00".repeat(2_560)}`)).toContain("smaller when sparse");
  expect(failureOf(`148c7f${"00".repeat(2_559)}`)).toContain("instead of 2560");
  expect(failureOf(`138c7f${"00".repeat(2_561)}`)).toContain("smaller in full");
});

test("whatever bytes come, they decode to what encodes to them, or fail", () => {
  const noise = fc.uint8Array({ maxLength: 80 });
  const headed = fc
    .tuple(fc.constantFrom(0x11, 0x12, 0x13, 0x14), fc.uint8Array({ maxLength: 2_600, size: "max" }))
    .map(([type, data]) => Uint8Array.of(type, 0x8c, 0x7f, ...data));
  const damaged = fc.tuple(hashSets, fc.nat(), fc.integer({ min: 1, max: 255 })).map(([hashes, at, flip]) => {
    const bytes = sketchOf(hashes).encode();
    bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ flip;
    return bytes;
  });
  let accepted = 0;
  fc.assert(
    fc.property(fc.oneof(noise, headed, damaged), (bytes) => {
      const result = Sketch.decode(bytes);
      if (!result.ok) return;
      accepted++;
      expect(result.value.toHex()).toBe(toHex(bytes));
      expect(Number.isSafeInteger(result.value.cardinality())).toBe(true);
    }),
    { ...RUNS, numRuns: 600 },
  );
  expect(accepted).toBeGreaterThan(20);
});

test("registers that no set of hashes fills still have a cardinality", () => {
  const result = Sketch.fromHex(`148c7f${"ff".repeat(2_560)}`);
  expect(result.ok && result.value.cardinality()).toBe(2 ** 42);
});
