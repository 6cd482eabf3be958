// Columns that the isolate keeps: which are there, which go.

import { expect, test } from "vitest";
import { KeptColumns } from "./kept-columns.ts";

const columnOf = (...values: string[]) => ({ column: { v: values, visits: values.map(() => 1) }, sketches: null });
const versionsOf = (kept: KeptColumns, shelf: string, ...dates: string[]) => [...kept.of(shelf, dates).keys()];

test("what was kept is there, of the dates asked alone", () => {
  const kept = new KeptColumns();
  expect(kept.keep("m page", "2026-01-01/0/0/5/77", columnOf("/", "/a"))).toEqual(columnOf("/", "/a"));
  kept.keep("m page", "2026-01-02/0/0/5/77", columnOf("/"));
  kept.keep("m country", "2026-01-01/0/0/5/77", columnOf("DE"));
  expect(kept.of("m page", ["2026-01-01", "2026-01-03"])).toEqual(
    new Map([["2026-01-01/0/0/5/77", columnOf("/", "/a")]]),
  );
  expect(versionsOf(kept, "n page", "2026-01-01")).toEqual([]);
});

test("another version of a day takes the place of the one before, and of no other shard's", () => {
  const kept = new KeptColumns();
  for (const version of ["2026-01-01/0/0/5/77", "2026-01-01/1/0/5/77", "2026-01-01/0/3/5/90"])
    kept.keep("m page", version, columnOf("/"));
  expect(versionsOf(kept, "m page", "2026-01-01")).toEqual(["2026-01-01/0/3/5/90", "2026-01-01/1/0/5/77"]);
});

test("past the bytes, what was asked for longest ago goes, and what somebody holds stays theirs", () => {
  const kept = new KeptColumns(300);
  kept.keep("a", "2026-01-01/0/0/5/77", columnOf("x".repeat(100)));
  kept.keep("b", "2026-01-01/0/0/5/77", columnOf("x".repeat(100)));
  const held = kept.of("b", ["2026-01-01"]);
  kept.of("a", []);
  kept.keep("c", "2026-01-01/0/0/5/77", columnOf("x".repeat(100)));
  expect(versionsOf(kept, "b", "2026-01-01")).toEqual([]);
  expect(versionsOf(kept, "a", "2026-01-01")).toHaveLength(1);
  expect(versionsOf(kept, "c", "2026-01-01")).toHaveLength(1);
  expect(held.size).toBe(1);
  kept.keep("d", "2026-01-01/0/0/5/77", columnOf("x".repeat(1_000)));
  expect(["a", "b", "c", "d"].flatMap((shelf) => versionsOf(kept, shelf, "2026-01-01"))).toEqual([]);
});
