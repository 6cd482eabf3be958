import { expect, test } from "vitest";
import { isRange, rangesOf } from "./address-rules.ts";

test.each([
  ["192.0.2.7", ["192.0.2.7", "::ffff:192.0.2.7"], ["192.0.2.8", "", "192.0.2.7 "]],
  ["192.0.2.0/24", ["192.0.2.0", "192.0.2.255"], ["192.0.3.0", "2001:db8::1"]],
  ["0.0.0.0/0", ["203.0.113.9"], ["2001:db8::1"]],
  ["2001:db8::/32", ["2001:db8::1", "2001:DB8:ffff::"], ["2001:db9::1", "192.0.2.7"]],
  ["2001:db8::7", ["2001:db8:0:0:0:0:0:7"], ["2001:db8::8"]],
  ["::ffff:192.0.2.0/120", ["192.0.2.9"], ["192.0.3.9"]],
])("%s", (range, inside, outside) => {
  expect(isRange(range)).toBe(true);
  const isIn = rangesOf([range]);
  expect(inside.filter((address) => !isIn(address))).toEqual([]);
  expect(outside.filter((address) => isIn(address))).toEqual([]);
});

test("of several ranges one is enough; without any nothing is inside", () => {
  const isIn = rangesOf(["192.0.2.7", "2001:db8::/32"]);
  expect(["192.0.2.7", "2001:db8::1", "192.0.2.8"].map(isIn)).toEqual([true, true, false]);
  expect(rangesOf([])("192.0.2.7")).toBe(false);
});

test.each([
  "",
  "office",
  "192.0.2",
  "192.0.2.0/33",
  "2001:db8::/129",
  "192.0.2.0/",
  "0300.0.2.1",
  "192.0.2.0/8x",
  "256.1.1.1",
  "::ffff:1.2.3.4/95",
])("%s is no range", (text) => expect(isRange(text)).toBe(false));
