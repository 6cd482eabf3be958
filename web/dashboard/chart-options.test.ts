import { expect, test } from "vitest";
import { chartData } from "./chart-options.ts";

const labels = ["a", "b", "c", "d"];

test("what is not over is drawn apart, joined to its neighbours; what is to come is not drawn", () => {
  const series = { labels, values: [5, 6, 2, null], incomplete: new Set([2]) };
  expect(chartData(series, null)).toEqual([
    [0, 1, 2, 3],
    [5, 6, null, null],
    [null, 6, 2, null],
    [null, null, null, null],
  ]);
});

test("a first bucket that the range cuts is joined to the one after it", () => {
  const series = { labels, values: [1, 8, 9, 7], incomplete: new Set([0]) };
  expect(chartData(series, null).slice(1, 3)).toEqual([
    [null, 8, 9, 7],
    [1, 8, null, null],
  ]);
});

test("the period before lies under the same places, as far as both reach", () => {
  const series = { labels, values: [1, 2, 3, 4], incomplete: new Set<number>() };
  const before = { labels: ["v", "w", "x"], values: [9, 8, 7], incomplete: new Set<number>() };
  expect(chartData(series, before)[3]).toEqual([9, 8, 7, null]);
});
