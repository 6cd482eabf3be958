import { expect, test } from "vitest";
import type { QueryDimension } from "./breakdown.ts";
import type { Interval } from "./interval.ts";
import { type Group, groupOf, METRIC_NAMES, type Metric, METRICS, type Need, shown } from "./metrics.ts";
import { questionsOf } from "./questions.ts";
import { readsOf } from "./reads.ts";
import { DIMENSIONS } from "./rollup.ts";

const valueOf = (metric: Metric, sums: Partial<Record<Need, bigint>>, currency = "EUR") =>
  shown(
    metric,
    METRICS[metric].compute((need) => sums[need] ?? 0n),
    currency,
  );

test.each<[Metric, Partial<Record<Need, bigint>>, unknown]>([
  ["visitors", { visitors: 7n }, 7],
  ["views_per_visit", { pageviews: 10n, visits: 3n }, 3.33],
  ["bounce_rate", { bounces: 1n, visits: 8n }, 12.5],
  ["bounce_rate", { bounces: 2n, visits: 3n }, 66.67],
  ["visit_duration", { duration: 90_500n, visits: 2n }, 45.3],
  ["conversion_rate", { converting_visits: 1n, all_visits: 40n }, 2.5],
  ["group_conversion_rate", { converting_visits: 1n, group_visits: 3n }, 33.33],
  ["percentage", { visitors: 3n, all_visitors: 8n }, 37.5],
  ["cart_to_order_rate", { orders: 3n, adds_to_cart: 7n }, 42.86],
  ["gross_revenue", { gross: 8_237_461_400_00n }, { value: "823746.14", currency: "EUR" }],
  ["refunds", { refunds: 747_891_200_00n }, { value: "74789.12", currency: "EUR" }],
  ["net_revenue", { gross: 1_000_000n, refunds: 1_500_000n }, { value: "-0.50", currency: "EUR" }],
  ["average_order_value", { gross: 10_000_000n, orders: 3n }, { value: "3.33", currency: "EUR" }],
  ["average_order_value", { gross: 10_000n, refunds: 20_000n, orders: 2n }, { value: "-0.01", currency: "EUR" }],
  ["revenue_per_visit", { gross: 20_000_000n, visits: 3n }, { value: "6.67", currency: "EUR" }],
])("%s of %o", (metric, sums, value) => {
  expect(valueOf(metric, sums)).toEqual(value);
});

test("a quotient is rounded once: what is just below a half stays below it", () => {
  // 0.4999… cents: rounded to units × 10⁴ first, it would be 0.5 and then 1 cent.
  expect(valueOf("average_order_value", { gross: 4_999n * 100_000n + 99_999n, orders: 100_000n })).toEqual({
    value: "0.00",
    currency: "EUR",
  });
});

test("a quotient without a divisor is null", () => {
  const quotients = METRIC_NAMES.filter((metric) => valueOf(metric, {}) === null);
  expect(quotients).toEqual([
    "views_per_visit",
    "bounce_rate",
    "visit_duration",
    "average_order_value",
    "revenue_per_visit",
    "percentage",
    "conversion_rate",
    "group_conversion_rate",
    "cart_to_order_rate",
  ]);
});

test("money has its currency's digits, and more where a price had more, so that parts sum to their total", () => {
  const money = (gross: bigint, currency: string) => valueOf("gross_revenue", { gross }, currency);
  expect(money(5_000_000n, "JPY")).toEqual({ value: "500", currency: "JPY" });
  expect(money(5_005_000n, "JPY")).toEqual({ value: "500.5", currency: "JPY" });
  expect(money(12_345_678n, "EUR")).toEqual({ value: "12.345678", currency: "EUR" });
  expect(money(-1n, "EUR")).toEqual({ value: "-0.000001", currency: "EUR" });
  expect(money(12_340_000n, "KWD")).toEqual({ value: "1.234", currency: "KWD" });
  expect(money(10n ** 24n, "EUR")).toEqual({ value: "1000000000000000000.00", currency: "EUR" });
});

test("every metric has a definition to print", () => {
  for (const metric of METRIC_NAMES) expect(METRICS[metric].definition).toMatch(/\.$/);
});

test("what a metric is usually asked by, rollups tell", () => {
  const asked: [Group, QueryDimension, Interval | null][] = [
    ["whole", { kind: "time", interval: "hour" }, "hour"],
    ["minute", { kind: "time", interval: "minute" }, "minute"],
    ...DIMENSIONS.map((dimension): [Group, QueryDimension, null] => [
      groupOf(dimension),
      { kind: "dimension", dimension },
      null,
    ]),
  ];
  for (const metric of METRIC_NAMES) {
    for (const [group, dimension, interval] of asked) {
      if (!METRICS[metric].groups.includes(group)) continue;
      const core = { metrics: [metric], dimensions: [dimension], filter: null, include: { totals: false } };
      expect([metric, group, readsOf(questionsOf(core, interval).questions, "day").ok]).toEqual([metric, group, true]);
    }
  }
});
