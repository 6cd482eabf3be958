// The document and the code say the same, or this fails: docs/definitions.md is what merchants hold the numbers against.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CHANNEL_RULES } from "./channel.ts";
import { METRICS } from "./metrics.ts";
import { DIMENSIONS } from "./rollup.ts";

const text = readFileSync(new URL("../docs/definitions.md", import.meta.url), "utf8");
const rows = text
  .split("\n")
  .filter((line) => line.startsWith("|"))
  .map((line) => line.split("|").map((cell) => cell.trim()));
const names = rows.flatMap(([, name = ""]) => name.split(", "));

test("every metric is defined in the words of the catalogue", () => {
  for (const [metric, { definition }] of Object.entries(METRICS))
    expect(rows.find(([, name]) => name === metric)?.[2], metric).toBe(definition);
});

test("every dimension is defined", () => {
  for (const dimension of DIMENSIONS) expect(names, dimension).toContain(dimension);
});

test("the channels stand in the order of their rules", () => {
  const channels = [...CHANNEL_RULES.map(([channel]): string => channel), "Unassigned"];
  expect(names.filter((name) => channels.includes(name))).toEqual(channels);
});
