import { expect, test } from "vitest";
import { parseQuery } from "../../core/query.ts";
import { questionOf, type ReportArguments } from "./question.ts";

const least: ReportArguments = { merchant: "m_a", metrics: ["visits"], dateRange: { name: "7d" } };

test("arguments are the query that REST takes", () => {
  const { body } = questionOf({
    ...least,
    dateRange: { from: "2026-01-01", to: "2026-01-31" },
    dimensions: ["source", "time:day"],
    props: ["plan"],
    filters: [
      { is: { dimension: "country", values: ["DE"], caseSensitive: false } },
      { segment: ["g_1", "g_2"] },
      {
        or: [
          { containsNot: { prop: "plan", values: ["free"] } },
          { not: { hasDone: { matches: { dimension: "page", values: ["^/a"] } } } },
        ],
      },
    ],
    orderBy: [
      { metric: "visits", direction: "desc" },
      { prop: "plan", direction: "asc" },
    ],
    include: { totals: true, fill: null, comparisons: { mode: "previous_period", matchDayOfWeek: true } },
    pagination: { limit: 5, offset: undefined },
    explain: true,
  });
  expect(body).toEqual({
    merchant: "m_a",
    metrics: ["visits"],
    date_range: ["2026-01-01", "2026-01-31"],
    dimensions: ["source", "time:day", "event:props:plan"],
    filters: [
      ["is", "country", ["DE"], { case_sensitive: false }],
      ["is", "segment", ["g_1", "g_2"]],
      [
        "or",
        [
          ["contains_not", "event:props:plan", ["free"]],
          ["not", ["has_done", ["matches", "page", ["^/a"]]]],
        ],
      ],
    ],
    order_by: [
      ["visits", "desc"],
      ["event:props:plan", "asc"],
    ],
    include: { totals: true, comparisons: { mode: "previous_period", match_day_of_week: true } },
    pagination: { limit: 5 },
    explain: true,
  });
  const email = [["is", "channel", ["Email"]]];
  expect(parseQuery(body, new Map(["g_1", "g_2"].map((id) => [id, email]))).ok).toBe(true);
  expect(questionOf(least).body).toEqual({ merchant: "m_a", metrics: ["visits"], date_range: "7d" });
});

test.for<[string, Partial<ReportArguments>, string]>([
  ["a metric twice", { metrics: ["visits", "visits"] }, "#/metrics/1"],
  ["no range", { dateRange: {} }, "#/dateRange"],
  ["a range of both kinds", { dateRange: { name: "7d", from: "2026-01-01", to: "2026-01-02" } }, "#/dateRange"],
  ["a day that is none", { dateRange: { from: "2026-01-01", to: "2026-02-30" } }, "#/dateRange/to"],
  ["half a range", { dateRange: { from: "2026-01-01" } }, "#/dateRange/to"],
  ["a property without a name", { dimensions: ["page"], props: ["a", ""] }, "#/props/1"],
  ["a filter on time", { filters: [{ is: { dimension: "time", values: ["x"] } }] }, "#/filters/0/is/dimension"],
  ["a filter on nothing", { filters: [{ is: { values: ["x"] } }] }, "#/filters/0/is/dimension"],
  [
    "an empty value",
    { filters: [{ and: [{ isNot: { prop: "a", values: ["b", ""] } }] }] },
    "#/filters/0/and/0/isNot/values/1",
  ],
  [
    "a wrong expression",
    { filters: [{ not: { matches: { dimension: "page", values: ["("] } } }] },
    "#/filters/0/not/matches/values/0",
  ],
  ["a segment that there is not", { filters: [{ not: { segment: ["g_1"] } }] }, "#/filters/0/not/segment/0"],
  ["nothing to combine", { filters: [{ or: [] }] }, "#/filters/0/or"],
  [
    "what was done within what was done",
    { filters: [{ hasDone: { hasNotDone: { is: { dimension: "page", values: ["/"] } } } }] },
    "#/filters/0/hasDone",
  ],
  ["an order by what is not asked", { orderBy: [{ metric: "orders", direction: "asc" }] }, "#/orderBy/0/metric"],
  ["an order by no dimension of it", { orderBy: [{ dimension: "page", direction: "asc" }] }, "#/orderBy/0/dimension"],
  ["labels without time", { include: { timeLabels: true } }, "#/include/timeLabels"],
  ["no range to compare with", { include: { comparisons: { mode: "custom" } } }, "#/include/comparisons/dateRange"],
  ["too many rows", { pagination: { limit: 10_001 } }, "#/pagination/limit"],
])("%s is refused where it stands in the arguments", ([, args, pointer]) => {
  const { body, pointerOf } = questionOf({ ...least, ...args });
  const query = parseQuery(body);
  expect(query.ok ? null : pointerOf(query.failure.pointer)).toBe(pointer);
});
