import { expect, test } from "vitest";
import { type Explained, explained } from "./explain.ts";
import { type EventsPlan, type Plan, planReport, type RollupPlan } from "./plan.ts";
import { askedOf, plannedDays, plannedHours } from "./planned-hours.ts";
import type { Merchant } from "./merchant.ts";
import { parseQuery } from "./query.ts";

const BERLIN: Merchant = {
  id: "m_shop",
  name: "Shop",
  zone: "Europe/Berlin",
  currency: "EUR",
  domains: [],
  shards: 1,
  rules: { extraBots: [], goals: [{ name: "Signup", match: { kind: "event", event: "sign_up" } }] },
};
const NOW_MS = Date.parse("2026-03-29T14:20:00+02:00");

const anyPlanOf = (asked: Record<string, unknown>): Plan => {
  const query = parseQuery({ merchant: "m_shop", metrics: ["visits"], date_range: "day", ...asked });
  if (!query.ok) throw new Error(query.failure.message);
  const plan = planReport(query.value, BERLIN, NOW_MS);
  if (!plan.ok) throw new Error(plan.failure.message);
  return plan.value;
};

const planOf = (asked: Record<string, unknown>): RollupPlan => {
  const plan = anyPlanOf(asked);
  if (plan.source === "scan") throw new Error(`not in rollups: ${plan.because}`);
  return plan;
};

const scanOf = (asked: Record<string, unknown>): EventsPlan => {
  const plan = anyPlanOf(asked);
  if (plan.source === "rollup") throw new Error("in rollups");
  return plan;
};

const NOTHING = { totals: [], visitors: false, minutes: false, dimension: null, sketches: false };
const DAY = { fromMs: Date.parse("2026-03-29T00:00:00+01:00"), toMs: Date.parse("2026-03-30T00:00:00+02:00") };

test("a whole reads the totals that its metrics need", () => {
  const { query, scan, ...plan } = planOf({ metrics: ["net_revenue", "bounce_rate", "orders"] });
  expect(query.metrics).toEqual(["net_revenue", "bounce_rate", "orders"]);
  expect(scan.questions).toEqual(plan.questions);
  const measures = ["visits", "bounces", "orders", "gross", "refunds"];
  expect(plan).toEqual({
    source: "rollup",
    zone: "Europe/Berlin",
    currency: "EUR",
    range: { ...DAY, days: { first: "2026-03-29", last: "2026-03-29" } },
    comparison: null,
    interval: null,
    questions: [{ fields: [], interval: null, filter: null, measures, visitors: false }],
    rows: { rows: { question: 0, positions: [] } },
    totals: null,
    reads: { ...NOTHING, totals: measures },
    discerning: false,
  });
});

test.each<[string, Record<string, unknown>, Partial<RollupPlan["reads"]>]>([
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
  [
    "shares need the visitors of the whole",
    { metrics: ["percentage"], dimensions: ["source"] },
    { visitors: true, dimension: "source", sketches: true },
  ],
  [
    "totals are a question of their own",
    { metrics: ["orders"], dimensions: ["source"], include: { totals: true } },
    { totals: ["orders"], dimension: "source" },
  ],
  [
    "time and a dimension are in the dimension's columns",
    { dimensions: ["source", "time:day"] },
    { dimension: "source" },
  ],
  [
    "a filter on the dimension asked keeps some of its values",
    { dimensions: ["page"], filters: [["contains_not", "page", ["/a"]]] },
    { dimension: "page" },
  ],
  [
    "one on an attribute of visits finds its columns' visits",
    { metrics: ["bounce_rate", "orders"], dimensions: ["time:day"], filters: [["is_not", "country", ["DE"]]] },
    { dimension: "country" },
  ],
  [
    "and visitors of one value",
    { metrics: ["visitors"], filters: [["is", "country", ["DE"]]] },
    { dimension: "country", sketches: true },
  ],
  [
    "page views of several pages add up",
    { metrics: ["pageviews"], filters: [["matches", "page", ["^/blog/"]]] },
    { dimension: "page" },
  ],
  ["and visits of one page are kept", { metrics: ["visits"], filters: [["is", "page", ["/"]]] }, { dimension: "page" }],
])("%s", (_, asked, reads) => {
  expect(planOf(asked).reads).toEqual({ ...NOTHING, ...reads });
});

test.each<[Record<string, unknown>, string]>([
  [{ dimensions: ["source", "country"] }, "no two fields are kept together"],
  [{ dimensions: ["event:props:plan"] }, "event:props:plan is in single events only"],
  [{ filters: [["is", "item:brand", ["Acme"]]] }, "item:brand is in single events only"],
  [{ dimensions: ["goal"] }, "goal is in single events only"],
  [{ dimensions: ["source"], filters: [["is", "country", ["DE"]]] }, "source and country are not kept together"],
  [
    {
      filters: [
        [
          "or",
          [
            ["is", "country", ["DE"]],
            ["is", "os", ["iOS"]],
          ],
        ],
      ],
    },
    "country and os are not kept together",
  ],
  [{ filters: [["has_done", ["is", "page", ["/"]]]] }, "what else a visit has done"],
  [{ dimensions: ["time:minute"], filters: [["is", "os", ["iOS"]]] }, "minutes are not kept by os"],
  [{ metrics: ["bounce_rate"], dimensions: ["page"] }, "how visits went is not kept by page"],
  [{ metrics: ["orders"], dimensions: ["exit_page"] }, "of exit pages only visits are kept"],
  [{ dimensions: ["exit_page", "time:hour"] }, "exit pages are kept by the visit"],
  [{ dimensions: ["exit_page"], date_range: "24h" }, "exit pages are kept by the visit"],
  [{ filters: [["is", "page", ["/", "/a"]]] }, "visits and visitors of several values of page do not add up"],
  [{ filters: [["is", "page", ["/A"], { case_sensitive: false }]] }, "visits and visitors of several values of page"],
  [{ metrics: ["visitors"], filters: [["is", "country", ["DE", "FR"]]] }, "visitors of several values do not add up"],
  [{ metrics: ["orders"], filters: [["is", "product", ["hat"]]] }, "orders of several products"],
  [
    { metrics: ["orders"], dimensions: ["product"], filters: [["is", "product", ["hat"]]] },
    "orders of several products",
  ],
  [{ metrics: ["conversion_rate"], dimensions: ["source"] }, "source and event are not kept together"],
  [{ metrics: ["conversion_rate"], dimensions: ["time:minute"] }, "minutes are not kept by event"],
  [
    {
      metrics: ["percentage"],
      date_range: ["2026-03-29T13:10:00+02:00", "2026-03-29T14:19:59+02:00"],
      dimensions: ["time:minute"],
    },
    "the range cuts hours",
  ],
])("single events: %j, since %s", (asked, because) => {
  const plan = scanOf(asked);
  expect(plan.because).toContain(because);
  expect(plan.scan).toMatchObject({
    zone: "Europe/Berlin",
    currency: "EUR",
    goals: BERLIN.rules!.goals,
    ranges: [plan.range],
  });
  expect(plan.scan.questions).toHaveLength(plan.questions.length);
});

test("where values share a row, a question that tells them apart goes to single events", () => {
  expect(planOf({ dimensions: ["page"] }).discerning).toBe(false);
  expect(planOf({ dimensions: ["page"], filters: [["is", "page", ["(other)"]]] }).discerning).toBe(false);
  expect(planOf({ dimensions: ["page"], filters: [["is", "page", ["/"]]] }).discerning).toBe(true);
});

test("single events are asked for both ranges; by the hour, visits make rows of their own", () => {
  const asked = { metrics: ["orders"], dimensions: ["item:id"], filters: [["is", "os", ["iOS"]]] };
  const comparisons = { mode: "previous_period" };
  const yesterday = ["2026-03-28", "2026-03-28"];
  const byDay = scanOf({ ...asked, date_range: yesterday, include: { comparisons } });
  expect(byDay.scan).toMatchObject({ ranges: [byDay.range, byDay.comparison], questions: byDay.questions });
  // Today is compared as far as it has come.
  expect(scanOf({ ...asked, include: { comparisons } }).scan.questions).toMatchObject([
    { measures: ["visits", "orders"] },
  ]);
  expect(scanOf({ ...asked, dimensions: ["item:id", "time:hour"] }).scan.questions).toMatchObject([
    { interval: "hour", measures: ["visits", "orders"] },
  ]);
});

test("an explained plan says who answers what, from what, and why", () => {
  const kept = {
    metrics: ["visitors", "conversion_rate"],
    dimensions: ["time:day"],
    date_range: ["2026-03-26", "2026-03-27"],
  };
  expect(explained(anyPlanOf(kept))).toEqual({
    source: "rollup",
    because: null,
    questions: [
      { dimensions: ["time:day"], filters: [], measures: ["visits", "visitors"] },
      { dimensions: ["time:day"], filters: [["is", "event", ["purchase"]]], measures: ["visits"] },
    ],
    ranges: [["2026-03-26T00:00:00+01:00", "2026-03-27T23:59:59+01:00"]],
    rollups: { hours: 48, whole_days: 2, columns: ["visits", "visitors", "event"] },
    events: null,
  } satisfies Explained);
  expect(explained(anyPlanOf({ dimensions: ["item:brand"], filters: [["is", "os", ["iOS"]]] }))).toEqual({
    source: "scan",
    because: "item:brand is in single events only.",
    questions: [{ dimensions: ["item:brand"], filters: [["is", "os", ["iOS"]]], measures: ["visits"] }],
    ranges: [["2026-03-29T00:00:00+01:00", "2026-03-29T23:59:59+02:00"]],
    rollups: null,
    events: { days: 1, columns: expect.arrayContaining(["items", "os", "visit_number"]) as string[] },
  } satisfies Explained);
});

test("all is as far back as a report reaches", () => {
  const plan = planOf({ date_range: "all" });
  expect(plan.range).toMatchObject({ toMs: DAY.toMs, days: { first: "2023-03-26", last: "2026-03-29" } });
});

test("left to us, minutes are only where rollups have them", () => {
  const asked = { date_range: ["2026-03-29T13:00:00+02:00", "2026-03-29T14:00:00+02:00"], dimensions: ["time"] };
  expect(planOf({ ...asked }).interval).toBe("minute");
  expect(planOf({ ...asked, metrics: ["conversion_rate"] }).interval).toBe("hour");
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
  expect(planOf({ ...cut, dimensions: ["time"] }).interval).toBe("minute");
  expect(plannedHours(planOf({ ...cut, dimensions: ["time"] })).map(([, ms]) => new Date(ms).toISOString())).toEqual([
    "2026-03-29T11:00:00.000Z",
    "2026-03-29T12:00:00.000Z",
  ]);
  expect(askedOf(planOf({ ...cut, dimensions: ["time"] }), false)).toMatchObject({
    fromMs: Date.parse("2026-03-29T13:00:00+02:00"),
    toMs: Date.parse("2026-03-29T14:20:00+02:00"),
  });
  expect(planOf({ date_range: "30m", dimensions: ["time"] }).interval).toBe("minute");
  expect(planOf({ date_range: "7d", dimensions: ["time"] }).interval).toBe("day");
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
  [
    "by hour those that tell their hours",
    { date_range: ["2026-03-26", "2026-03-27"], dimensions: ["time:hour"] },
    ["2026-03-26", "2026-03-27"],
  ],
  [
    "but not when visitors of two hours are one bucket's",
    { date_range: ["2025-10-25", "2025-10-26"], dimensions: ["time:hour"] },
    ["2025-10-25"],
  ],
  [
    "nor what is in columns of dimensions by the hour",
    { date_range: ["2026-03-26", "2026-03-26"], dimensions: ["time:hour"], metrics: ["conversion_rate"] },
    [],
  ],
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
