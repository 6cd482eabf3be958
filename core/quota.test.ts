import { expect, test } from "vitest";
import { limitHeader, policyHeader, QuotaCounter } from "./quota.ts";

const POLICY = { name: "token", requests: 2, windowMs: 60_000 };

test("each key has its own requests in each window, which begins for all at once", () => {
  const counter = new QuotaCounter(POLICY);
  const take = (key: string, nowMs: number) => {
    const { allowed, left, seconds } = counter.take(key, nowMs);
    return [allowed, left, seconds];
  };
  expect(take("a", 60_000)).toEqual([true, 1, 60]);
  expect(take("a", 119_001)).toEqual([true, 0, 1]);
  expect(take("a", 119_999)).toEqual([false, 0, 1]);
  expect(take("b", 119_999)).toEqual([true, 1, 1]);
  expect(take("a", 120_000)).toEqual([true, 1, 60]);
});

test("what another counter has said holds until the window is over", () => {
  const counter = new QuotaCounter(POLICY);
  counter.take("a", 60_000);
  counter.exhaust("a", 60_001);
  expect(counter.take("a", 60_002)).toMatchObject({ allowed: false, left: 0 });
  expect(counter.take("b", 60_002).allowed).toBe(true);
  expect(counter.take("a", 120_000).allowed).toBe(true);
  // It comes too late to say anything.
  counter.exhaust("a", 119_999);
  expect(counter.take("a", 120_001).allowed).toBe(true);
});

test("the headers are structured fields: the policy, and what is left of it", () => {
  const left = new QuotaCounter(POLICY).take("a", 61_000);
  expect(policyHeader(left)).toBe('"token";q=2;w=60');
  expect(limitHeader(left)).toBe('"token";r=1;t=59');
});

test("however many keys there are, memory is bounded", () => {
  const counter = new QuotaCounter(POLICY);
  for (let key = 0; key < 10_000; key++) counter.take(String(key), 0);
  expect(counter.take("0", 0).left).toBe(1);
});
