import { expect, test } from "vitest";
import { KeptBytes } from "./kept-bytes.ts";

test("what was not asked for longest goes first, and no more is kept than there is room for", () => {
  const kept = new KeptBytes(100);
  kept.keep("a", new Uint8Array(40).fill(1));
  kept.keep("b", new Uint8Array(40).fill(2));
  expect(kept.get("a")).toEqual(new Uint8Array(40).fill(1));
  kept.keep("c", new Uint8Array(40).fill(3));
  expect([kept.get("a"), kept.get("b"), kept.get("c")].map((bytes) => bytes?.[0])).toEqual([1, undefined, 3]);
  kept.keep("larger than all", new Uint8Array(101));
  expect([kept.get("a"), kept.get("c"), kept.get("larger than all")]).toEqual([null, null, null]);
});

test("a piece does not keep the one that it is a piece of", () => {
  const kept = new KeptBytes(100);
  const whole = new Uint8Array(1_000).fill(7);
  kept.keep("piece", whole.subarray(10, 20));
  whole.fill(0);
  const piece = kept.get("piece")!;
  expect(piece.buffer.byteLength).toBe(10);
  expect(piece).toEqual(new Uint8Array(10).fill(7));
});
