import { expect, test } from "vitest";
import { tableOf } from "./ops-table.ts";

test("columns are as wide as what is in them, numbers to the right, nothing behind the last", () => {
  const rows = [
    ["a", 1_234.5, null],
    ["longer", null, "x"],
  ];
  expect(tableOf(["name", "n", "note"], rows).split("\n")).toEqual([
    "name          n  note",
    "──────  ───────  ────",
    "a       1,234.5",
    "longer           x",
  ]);
});
