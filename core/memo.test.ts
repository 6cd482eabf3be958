import { expect, test } from "vitest";
import { memo } from "./memo.ts";

const counted = () => {
  const calls: string[] = [];
  const length = memo((key: string) => {
    calls.push(key);
    return { length: key.length };
  });
  return { calls, length };
};

test("makes a value once", () => {
  const { calls, length } = counted();
  expect(length("abc")).toBe(length("abc"));
  expect(calls).toEqual(["abc"]);
});

test("what is in use survives any number of others, and what is not is forgotten", () => {
  const { calls, length } = counted();
  length("once");
  for (let i = 0; i < 20_000; i++) {
    length(`other ${i}`);
    length("hot");
  }
  length("once");
  expect(calls.filter((key) => key === "hot")).toHaveLength(1);
  expect(calls.filter((key) => key === "once")).toHaveLength(2);
});

test("long keys are not kept", () => {
  const { calls, length } = counted();
  length("x".repeat(513));
  length("x".repeat(513));
  expect(calls).toHaveLength(2);
});
