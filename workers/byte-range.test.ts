import { expect, test } from "vitest";
import { byteRangeOf, placeOf } from "./byte-range.ts";

test.each([
  ["bytes=0-3", { first: 0, last: 3 }],
  ["bytes=4-", { first: 4, last: 9 }],
  ["bytes=-4", { first: 6, last: 9 }],
  ["bytes=-99", { first: 0, last: 9 }],
  ["bytes=9-99999999999999999999", { first: 9, last: 9 }],
  [" bytes=2-2 ", { first: 2, last: 2 }],
  ["bytes=10-", null],
  ["bytes=-0", null],
])("%s of ten bytes", (header, place) => {
  expect(placeOf(byteRangeOf(header)!, 10)).toEqual(place);
});

test.each([undefined, "", "bytes=", "bytes=-", "bytes=3-1", "bytes=0-1,4-5", "lines=0-1", "bytes=a-b"])(
  "%s is no range",
  (header) => {
    expect(byteRangeOf(header)).toBeNull();
  },
);
