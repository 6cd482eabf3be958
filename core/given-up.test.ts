import { expect, test } from "vitest";
import { GivenUp, shardOfStamp, stampAfter } from "./given-up.ts";
import { GIVEN_UP_IDS_MAX, SHARDS_MAX } from "./limits.ts";

test("a stamp is higher than the one before it, whoever's that was, and says whose it is", () => {
  const last = SHARDS_MAX - 1;
  const first = stampAfter(undefined, last);
  expect([first > 0, shardOfStamp(first)]).toEqual([true, last]);
  expect(stampAfter(first, 0)).toBeGreaterThan(first);
  expect(stampAfter(stampAfter(first, 0), last)).toBeGreaterThan(stampAfter(first, 0));
  expect(shardOfStamp(stampAfter(first, 7))).toBe(7);
});

test("two shards that ask at the same time never have the same stamp", () => {
  const stamps = Array.from({ length: SHARDS_MAX }, (_, shard) => stampAfter(1_024, shard));
  expect(new Set(stamps).size).toBe(SHARDS_MAX);
});

test("an id is given up to the highest stamp that asked for it, and the oldest is forgotten first", () => {
  const givenUp = new GivenUp();
  givenUp.add("a", 2_048);
  givenUp.add("b", 1_025);
  givenUp.add("a", 1_027);
  expect([givenUp.stampOf("a"), givenUp.stampOf("b"), givenUp.stampOf("c")]).toEqual([2_048, 1_025, undefined]);
  givenUp.add("a", 3_072);
  for (let n = 2; n < GIVEN_UP_IDS_MAX; n++) givenUp.add(`${n}`, 1_025);
  expect(givenUp.all().slice(0, 2)).toEqual([
    ["b", 1_025],
    ["a", 3_072],
  ]);
  givenUp.add("one more", 1_025);
  expect([givenUp.size, givenUp.stampOf("b"), givenUp.stampOf("a")]).toEqual([GIVEN_UP_IDS_MAX, undefined, 3_072]);
});
