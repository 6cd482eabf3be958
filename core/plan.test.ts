import { expect, test } from "vitest";
import { askedOf, type Plan, plannedDays, plannedHours, planReport } from "./plan.ts";
import { parseQuery } from "./query.ts";

const BERLIN = { id: "m_shop", name: "Shop", zone: "Europe/Berlin", currency: "EUR", domains: [], shards: 1 };
const NOW_MS = Date.parse("2026-03-29T14:20:00+02:00");

const planOf = (asked: Record<string, unknown>): Plan => {
  const query = parseQuery({ merchant: "m_shop", metrics: ["visits"], date_range: "day", ...asked });
  if (!query.ok) throw new Error(query.failure.message);
  const plan = planReport(query.value, BERLIN, NOW_MS);
  if (!plan.ok) throw new Error(plan.failure.message);
  return plan.value;
};

const NOTHING = { totals: [], visitors: false, minutes: false, dimension: null, sketches: false };
const DAY = { fromMs: Date.parse("2026-03-29T00:00:00+01:00"), toMs: Date.parse("2026-03-30T00:00:00+02:00") };

test("a whole reads the totals that its metrics need", () => {
  const { query, ...plan } = planOf({ metrics: ["net_revenue", "bounce_rate", "orders"] });
  expect(query.metrics).toEqual(["net_revenue", "bounce_rate", "orders"]);
  expect(plan).toEqual({
    zone: "Europe/Berlin",
    currency: "EUR",
    range: { ...DAY, days: { first: "2026-03-29", last: "2026-03-29" } },
    comparison: null,
    rows: { kind: "whole" },
    needs: ["gross", "refunds", "bounces", "visits", "orders"],
    reads: { ...NOTHING, totals: ["visits", "bounces", "orders", "gross", "refunds"] },
  });
});

test.each<[string, Record<string, unknown>, Partial<Plan["reads"]>]>([
  ["visitors of a whole are the hours' sketches", { metrics: ["visitors"] }, { visitors: true }],
  ["visitors by time too", { metrics: ["visitors"], dimensions: ["time:hour"] }, { visitors: true }],
  ["a breakdown reads its column", { dimensions: ["source"] }, { dimension: "source" }],
  [
    "and its values' sketches for visitors",
    { metrics: ["visitors"], dimensions: ["source"] },
    { dimension: "source", sketches: true },
  ],
  [
    "but none over a single hour",
    {
      metrics: ["visitors"],
      dimensions: ["source"],
      date_range: ["2026-03-29T13:00:00+02:00", "2026-03-29T13:59:59+02:00"],
    },
    { dimension: "source" },
  ],
  [
    "though over that hour and one to compare with none either, but over a longer one",
    {
      metrics: ["visitors"],
      dimensions: ["source"],
      date_range: ["2026-03-29T13:00:00+02:00", "2026-03-29T13:59:59+02:00"],
      include: { comparisons: { mode: "custom", date_range: ["2026-03-20", "2026-03-20"] } },
    },
    { dimension: "source", sketches: true },
  ],
  [
    "minutes are a column of their own",
    { metrics: ["visitors", "visits"], dimensions: ["time:minute"] },
    { minutes: true },
  ],
  ["conversion needs the events", { metrics: ["conversion_rate"] }, { totals: ["visits"], dimension: "event" }],
  [
    "conversion by event needs all visits",
    { metrics: ["conversion_rate"], dimensions: ["event"] },
    { totals: ["visits"], dimension: "event" },
  ],
])("%s", (_, asked, reads) => {
  expect(planOf(asked).reads).toEqual({ ...NOTHING, ...reads });
});

test("a shard is asked once, for both ranges", () => {
  const plan = planOf({
    metrics: ["visitors"],
    dimensions: ["page"],
    include: { comparisons: { mode: "previous_period" } },
  });
  expect(askedOf(plan, false)).toEqual({
    fromMs: Date.parse("2026-03-28T00:00:00+01:00"),
    toMs: DAY.toMs,
    dimensions: ["page"],
    minutes: false,
    sketches: true,
    all: false,
  });
});

test("the hours that are read are those of both ranges, with their dates, and none between them", () => {
  const plan = planOf({ include: { comparisons: { mode: "year_over_year" } } });
  const hours = plannedHours(plan);
  // 23 on the day when the clocks go forward; a year before as many as that day has had by 14:20, the present one too.
  expect(hours.length).toBe(23 + 14);
  expect(hours[0]).toEqual(["2026-03-29", DAY.fromMs]);
  expect(hours[22]).toEqual(["2026-03-29", DAY.toMs - 3_600_000]);
  expect(hours[23]).toEqual(["2025-03-29", Date.parse("2025-03-29T00:00:00+01:00")]);
});

test("a range that cuts hours is one by minute, if we may choose", () => {
  const cut = { date_range: ["2026-03-29T13:10:00+02:00", "2026-03-29T14:19:59+02:00"] };
  expect(planOf({ ...cut, dimensions: ["time"] }).rows).toEqual({ kind: "time", interval: "minute" });
  expect(plannedHours(planOf({ ...cut, dimensions: ["time"] })).map(([, ms]) => new Date(ms).toISOString())).toEqual([
    "2026-03-29T11:00:00.000Z",
    "2026-03-29T12:00:00.000Z",
  ]);
  expect(askedOf(planOf({ ...cut, dimensions: ["time"] }), false)).toMatchObject({
    fromMs: Date.parse("2026-03-29T13:00:00+02:00"),
    toMs: Date.parse("2026-03-29T14:20:00+02:00"),
  });
  expect(planOf({ date_range: "30m", dimensions: ["time"] }).rows).toEqual({ kind: "time", interval: "minute" });
  expect(planOf({ date_range: "7d", dimensions: ["time"] }).rows).toEqual({ kind: "time", interval: "day" });
});

test.each<[string, Record<string, unknown>, string[]]>([
  [
    "a whole: the days of its range",
    { date_range: ["2026-03-26", "2026-03-28"] },
    ["2026-03-26", "2026-03-27", "2026-03-28"],
  ],
  [
    "days, weeks and months too",
    { date_range: ["2026-03-26", "2026-03-26"], dimensions: ["time:week"] },
    ["2026-03-26"],
  ],
  ["a breakdown too", { date_range: ["2026-03-26", "2026-03-26"], dimensions: ["page"] }, ["2026-03-26"]],
  ["by hour none", { date_range: ["2026-03-26", "2026-03-28"], dimensions: ["time:hour"] }, []],
  ["nor by minute", { date_range: ["2026-03-26", "2026-03-27"], dimensions: ["time:minute"] }, []],
  [
    "a day that the range cuts is read by hours",
    { date_range: ["2026-03-26T00:00:00+01:00", "2026-03-28T12:59:59+01:00"] },
    ["2026-03-26", "2026-03-27"],
  ],
  [
    "an hour of another day is not a day, but the 23 of this one are",
    { date_range: ["2026-03-28T23:00:00+01:00", "2026-03-30T00:59:59+02:00"] },
    ["2026-03-29"],
  ],
  [
    "those of the range compared with come too, but for the one that it cuts",
    { date_range: "7d", include: { comparisons: { mode: "previous_period" } } },
    [23, 24, 25, 26, 27, 28, 29, 16, 17, 18, 19, 20, 21].map((day) => `2026-03-${day}`),
  ],
  [
    "a day that is whole in one range and cut in the other is read by hours for both",
    {
      date_range: ["2026-03-20", "2026-03-21"],
      include: {
        comparisons: { mode: "custom", date_range: ["2026-03-21T05:00:00+01:00", "2026-03-22T23:59:59+01:00"] },
      },
    },
    ["2026-03-20", "2026-03-22"],
  ],
])("read as days: %s", (_, asked, days) => {
  expect(plannedDays(planOf(asked))).toEqual(days);
});
