import { expect, test } from "vitest";
import type { Answer } from "../../core/answer.ts";
import { META } from "./meta-fixture.ts";
import { changeOf, comparedSeriesOf, figuresOf, listOf, seriesOf } from "./answers.ts";

const answer = (results: Answer["results"], meta: Partial<Answer["meta"]> = {}): Answer => ({
  results,
  meta: {
    ...META,
    ...meta,
  },
  query: {},
});
const euros = (value: string) => ({ value, currency: "EUR" });

test("figures are the API's own numbers and changes", () => {
  const figures = figuresOf(["net_revenue", "bounce_rate", "average_order_value"], {
    metrics: [euros("90.50"), 40, null],
    dimensions: [],
    comparison: { metrics: [euros("100.00"), 42.5, euros("5.00")], dimensions: [], change: [-9.5, -2.5, null] },
  });
  expect(figures).toEqual([
    {
      metric: "net_revenue",
      now: 90.5,
      before: 100,
      change: { size: 9.5, unit: "percent", direction: "down", good: false },
    },
    {
      metric: "bounce_rate",
      now: 40,
      before: 42.5,
      change: { size: 2.5, unit: "points", direction: "down", good: true },
    },
    { metric: "average_order_value", now: null, before: 5, change: null },
  ]);
});

test("no events at all are no numbers, and no change is neither good nor bad", () => {
  expect(figuresOf(["visits"], undefined)).toEqual([{ metric: "visits", now: null, before: null, change: null }]);
  expect(changeOf("visits", 0)).toEqual({ size: 0, unit: "percent", direction: "same", good: null });
});

test("a list keeps the API's order, and bars are measured by the longest; a loss has none", () => {
  const rows = listOf(
    answer([
      { metrics: [euros("200.00"), 2], dimensions: ["a"], label: "Kettle" },
      { metrics: [euros("50.00"), 9], dimensions: ["b"] },
      { metrics: [euros("-10.00"), 0], dimensions: ["c"] },
    ]),
    (row) => row.label ?? row.dimensions[0] ?? "",
  );
  expect(rows.map(({ name, share }) => [name, share])).toEqual([
    ["Kettle", 1],
    ["b", 0.25],
    ["c", 0],
  ]);
});

test("a list of nothing but zeros has no bars", () => {
  const rows = listOf(answer([{ metrics: [0], dimensions: ["a"] }]), () => "a");
  expect(rows[0]?.share).toBe(0);
});

test("a series has a place for every bucket: no value for those to come, incomplete where the API says so", () => {
  const labels = ["2026-11-24 13:00:00", "2026-11-24 14:00:00", "2026-11-24 15:00:00"];
  const series = seriesOf(
    "visits",
    ["orders", "visits"],
    answer(
      [
        { metrics: [0, 7], dimensions: ["2026-11-24 13:00:00"] },
        { metrics: [1, 3], dimensions: ["2026-11-24 14:00:00"] },
      ],
      { time_labels: labels, incomplete: ["2026-11-24 14:00:00"] },
    ),
  );
  expect(series).toEqual({ labels, values: [7, 3, null], incomplete: new Set([1]) });
});

test("what it is compared with stands at the same places, and nowhere where there was no such bucket", () => {
  const compared = (visits: number, label: string[]) => ({ metrics: [visits], dimensions: label, change: [null] });
  const series = comparedSeriesOf(
    "visits",
    ["visits"],
    answer([
      { metrics: [7], dimensions: ["2026-02-28"], comparison: compared(5, ["2026-01-28"]) },
      { metrics: [3], dimensions: ["2026-03-01"], comparison: compared(0, []) },
    ]),
  );
  expect(series.values).toEqual([5, null]);
});
