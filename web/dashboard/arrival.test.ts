import { expect, test } from "vitest";
import { arrivalIn } from "./arrival.ts";

test("links say what they are for, and nothing else does", () => {
  expect(arrivalIn("#token=cht_op_%2B")).toEqual({ kind: "token", value: "cht_op_+" });
  expect(arrivalIn("#reset=abc")).toEqual({ kind: "reset", value: "abc" });
  expect(arrivalIn("#invitation=%")).toEqual({ kind: "invitation", value: "%" });
  expect(arrivalIn("#verified")).toEqual({ kind: "verified" });
  for (const hash of ["", "#", "#reset=", "#verified=1", "#settings"]) expect(arrivalIn(hash)).toBeNull();
});
