import { crc32 } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { beginningOf, freshToken, SCOPES, scopeOfToken } from "./token.ts";

const LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

const bytes = (seed: number) => {
  let state = seed >>> 0;
  return (count: number): Uint8Array =>
    Uint8Array.from({ length: count }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state >>> 24;
    });
};

test("a token says what it is for, and changed in any letter it is none", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...SCOPES),
      fc.nat(),
      fc.nat(44),
      fc.constantFrom("0", "A", "z", "_", "-", "."),
      (scope, seed, at, letter) => {
        const token = freshToken(scope, bytes(seed));
        expect(scopeOfToken(token)).toBe(scope);
        expect(token).toMatch(/^cht_(rd|in|op)_[0-9A-Za-z]{38}$/);
        const other = token.slice(0, at) + letter + token.slice(at + 1);
        expect(scopeOfToken(other)).toBe(other === token ? scope : null);
      },
    ),
    { seed: 7 },
  );
});

test("the last six letters are the CRC-32 of those before in base 62, as scanners compute it", () => {
  const token = freshToken("read", bytes(1));
  const check = token
    .slice(-6)
    .split("")
    .reduce((sum, letter) => sum * 62 + LETTERS.indexOf(letter), 0);
  expect(check).toBe(crc32(token.slice(0, -6)));
});

test("bytes that would make some letters likelier than others are not used", () => {
  const asked: number[] = [];
  const token = freshToken("ops", (count) => {
    asked.push(count);
    return new Uint8Array(count).fill(asked.length === 1 ? 248 : 61);
  });
  expect(asked).toHaveLength(2);
  expect(token.slice(0, 39)).toBe(`cht_op_${"z".repeat(32)}`);
  expect(beginningOf(token)).toBe("cht_op_zzzz");
});

test.each(["", "cht_rd_", "Bearer x", `cht_rd_${"0".repeat(38)}`, `cht_xx_${"0".repeat(38)}`, "cht_rd_".repeat(1_000)])(
  "%s is no token",
  (text) => {
    expect(scopeOfToken(text)).toBeNull();
  },
);
