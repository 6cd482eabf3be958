// How rows are put together from what was counted, whoever counted: keys and dimensions, shares, totals, comparisons.

import { expect, test } from "vitest";
import { answerCounted, answerReport, type Counted, countRollups, sharesRows } from "./answer.ts";
import type { Merchant } from "./merchant.ts";
import { type Plan, planReport, type RollupPlan } from "./plan.ts";
import { parseQuery } from "./query.ts";
import { OTHER } from "./rollup.ts";
import { rowKey } from "./scan-plan.ts";
import { Sums } from "./sums.ts";
import { emptyTally, type Tally } from "./tally.ts";

const merchant: Merchant = {
  id: "m_shop",
  name: "Shop",
  zone: "Europe/Berlin",
  currency: "EUR",
  domains: [],
  shards: 1,
  rules: {
    extraBots: [],
    goals: [
      { name: "Signup", match: { kind: "event", event: "sign_up" } },
      { name: "Read", match: { kind: "page", pattern: "/blog/*" } },
    ],
  },
};
const NOW_MS = Date.parse("2026-01-07T14:20:30+01:00");

const planOf = (asked: Record<string, unknown>): Plan => {
  const query = parseQuery({ merchant: "m_shop", date_range: ["2026-01-05", "2026-01-06"], ...asked });
  if (!query.ok) throw new Error(`${query.failure.pointer} ${query.failure.message}`);
  const plan = planReport(query.value, merchant, NOW_MS);
  if (!plan.ok) throw new Error(`${plan.failure.pointer} ${plan.failure.message}`);
  return plan.value;
};

type Rows = Record<string, { visits?: number; orders?: number; visitors?: number }>;

/** Keys as "a|b"; "" is the whole. */
const tallyOf = (rows: Rows): Tally => {
  const tally = emptyTally();
  for (const [key, { visitors = 0, ...measures }] of Object.entries(rows)) {
    const sums = new Sums();
    for (const [measure, n] of Object.entries(measures)) sums.add(measure as "visits", n);
    sums.addCountedVisitors(visitors);
    tally.rows.set(rowKey(key === "" ? [] : key.split("|")), sums);
  }
  return tally;
};

/** For each question its rows in each range. */
const answered = (plan: Plan, ...questions: Rows[][]) => {
  expect(questions).toHaveLength(plan.questions.length);
  const counted: Counted = {
    tallies: questions.map((ranges) => ranges.map(tallyOf)),
    freshToMs: NOW_MS,
    stale: [],
    generations: [0, 2],
    source: { kind: "scan", postgres_rows: 0, object_hours: 0, files: 4, cached_days: 1 },
    cost: { rows: 9, bytes: 800 },
  };
  return answerCounted(plan, counted);
};

test("dimensions come in the order asked, time wherever it stands; rows by time and then the largest first", () => {
  const plan = planOf({ metrics: ["visits"], dimensions: ["source", "time:day", "device"] });
  const { results, meta, query } = answered(plan, [
    {
      "2026-01-06|Google|Mobile": { visits: 1 },
      "2026-01-05|Bing|Mobile": { visits: 2 },
      "2026-01-05|Google|Desktop": { visits: 7 },
      "2026-01-05|Bing|Desktop": { visits: 2 },
    },
  ]);
  expect(results).toEqual([
    { metrics: [7], dimensions: ["Google", "2026-01-05", "Desktop"] },
    { metrics: [2], dimensions: ["Bing", "2026-01-05", "Desktop"] },
    { metrics: [2], dimensions: ["Bing", "2026-01-05", "Mobile"] },
    { metrics: [1], dimensions: ["Google", "2026-01-06", "Mobile"] },
  ]);
  expect(meta).toMatchObject({
    source: { kind: "scan", files: 4, cached_days: 1 },
    cost: { rows: 9, bytes: 800 },
    generations: [0, 2],
  });
  expect(meta).not.toHaveProperty("plan");
  expect(query).toMatchObject({
    dimensions: ["source", "time:day", "device"],
    order_by: [
      ["time:day", "asc"],
      ["visits", "desc"],
    ],
  });
});

test("rows are ordered by any of their dimensions", () => {
  const order_by = [
    ["device", "desc"],
    ["source", "asc"],
  ];
  const plan = planOf({ metrics: ["visits"], dimensions: ["source", "device"], order_by });
  const { results } = answered(plan, [{ "b|x": { visits: 1 }, "a|y": { visits: 1 }, "a|x": { visits: 9 } }]);
  expect(results.map(({ dimensions }) => dimensions.join(""))).toEqual(["ay", "ax", "bx"]);
});

test("a name of a product stands beside its row, wherever its dimension is", () => {
  const plan = planOf({ metrics: ["orders"], dimensions: ["time:day", "device", "product"] });
  const tally = tallyOf({ "2026-01-05|Mobile|hat": { orders: 2 }, "2026-01-05|Mobile|cap": { orders: 1 } });
  tally.labels.set("hat", { label: "Blue hat", date: "2026-01-05" });
  const { results } = answerCounted(plan, {
    tallies: [[tally]],
    freshToMs: null,
    stale: [],
    generations: [],
    source: { kind: "scan", postgres_rows: 0, object_hours: 0 },
    cost: { rows: 0, bytes: 0 },
  });
  expect(results).toEqual([
    { metrics: [2], dimensions: ["2026-01-05", "Mobile", "hat"], label: "Blue hat" },
    { metrics: [1], dimensions: ["2026-01-05", "Mobile", "cap"] },
  ]);
});

test("rates by goal: of all, and of the row's group", () => {
  const plan = planOf({
    metrics: ["visits", "conversion_rate", "group_conversion_rate", "percentage"],
    dimensions: ["goal", "source"],
    include: { totals: true },
  });
  const { results, meta } = answered(
    plan,
    // By goal and source.
    [
      {
        "Signup|Google": { visits: 2, visitors: 2 },
        "Read|Google": { visits: 5, visitors: 4 },
        "Signup|Bing": { visits: 1, visitors: 1 },
      },
    ],
    // The whole.
    [{ "": { visits: 40, visitors: 32 } }],
    // By source.
    [{ Google: { visits: 10 }, Bing: { visits: 3 }, Else: { visits: 27 } }],
    // Those that reached any goal.
    [{ "": { visits: 6 } }],
  );
  expect(results).toEqual([
    { metrics: [5, 12.5, 50, 12.5], dimensions: ["Read", "Google"] },
    { metrics: [2, 5, 20, 6.25], dimensions: ["Signup", "Google"] },
    { metrics: [1, 2.5, 33.33, 3.13], dimensions: ["Signup", "Bing"] },
  ]);
  expect(meta.totals).toEqual({ metrics: [40, 15, 15, 100], dimensions: [] });
});

test("totals are those of the question, not sums of the rows shown, and are compared", () => {
  const plan = planOf({
    metrics: ["visits", "visitors"],
    dimensions: ["page"],
    include: { totals: true, comparisons: { mode: "previous_period" } },
    pagination: { limit: 1 },
  });
  const { results, meta } = answered(
    plan,
    [{ "/": { visits: 5, visitors: 3 }, "/a": { visits: 5, visitors: 2 } }, { "/a": { visits: 4 } }],
    [{ "": { visits: 6, visitors: 4 } }, { "": { visits: 4, visitors: 4 } }],
  );
  expect(results).toEqual([
    {
      metrics: [5, 3],
      dimensions: ["/"],
      comparison: { metrics: [0, 0], dimensions: ["/"], change: [null, null] },
    },
  ]);
  expect(meta.totals).toEqual({
    metrics: [6, 4],
    dimensions: [],
    comparison: { metrics: [4, 4], dimensions: [], change: [50, 0] },
  });
});

test("by time and value a row is compared with the same value at the same place in time", () => {
  const plan = planOf({
    metrics: ["visits"],
    dimensions: ["device", "time:day"],
    include: { comparisons: { mode: "custom", date_range: ["2026-01-01", "2026-01-01"] } },
  });
  const { results } = answered(plan, [
    { "2026-01-05|Mobile": { visits: 3 }, "2026-01-06|Mobile": { visits: 4 } },
    { "2026-01-01|Mobile": { visits: 6 }, "2026-01-01|Desktop": { visits: 9 } },
  ]);
  expect(results).toEqual([
    {
      metrics: [3],
      dimensions: ["Mobile", "2026-01-05"],
      comparison: { metrics: [6], dimensions: ["Mobile", "2026-01-01"], change: [-50] },
    },
    {
      metrics: [4],
      dimensions: ["Mobile", "2026-01-06"],
      comparison: { metrics: [0], dimensions: [], change: [null] },
    },
  ]);
});

test("of all that there is, time begins with the first bucket that has anything", () => {
  const plan = planOf({
    metrics: ["visits"],
    date_range: "all",
    dimensions: ["time:month"],
    include: { time_labels: true, fill: true },
  });
  const { results, meta } = answered(plan, [{ "2025-11-01": { visits: 3 }, "2026-01-01": { visits: 1 } }]);
  expect(meta.time_labels).toEqual(["2025-11-01", "2025-12-01", "2026-01-01"]);
  expect(results.map(({ metrics }) => metrics[0])).toEqual([3, 0, 1]);
  expect(answered(plan, [{}])).toMatchObject({ results: [], meta: { time_labels: [], incomplete: [] } });
});

test("filters are shown as they were understood; asked again they say the same", () => {
  const asked = {
    metrics: ["visits", "conversion_rate"],
    dimensions: ["event:props:plan"],
    filters: [
      ["is", "goal", ["signup"], { case_sensitive: false }],
      ["not", ["matches", "visit:country", ["^D"]]],
    ],
    include: { totals: true },
    explain: true,
  };
  const plan = planOf(asked);
  const { query, meta } = answered(plan, ...plan.questions.map(() => [{}]));
  expect(query["filters"]).toEqual([
    ["is", "goal", ["signup"], { case_sensitive: false }],
    ["not", ["matches", "country", ["^D"]]],
  ]);
  const again = planOf(query);
  expect([again.questions, again.rows, again.totals]).toEqual([plan.questions, plan.rows, plan.totals]);
  expect(meta.plan).toMatchObject({ source: "scan", because: "event:props:plan is in single events only." });
});

const inRollups = (asked: Record<string, unknown>): RollupPlan => {
  const plan = planOf(asked);
  if (plan.source === "scan") throw new Error(plan.because);
  return plan;
};

const pages = (...v: string[]) => ({
  published: [
    {
      date: "2026-01-05",
      hour: Date.parse("2026-01-05T10:00:00+01:00"),
      shard: 0,
      currency: "EUR",
      seq: 1,
      foreign: 0,
      totals: { pageviews: 9 },
      dimensions: { page: { v, pageviews: v.map(() => 2) } },
      sketches: {},
    },
  ],
  days: [],
  sealed: new Set<string>(),
  live: [],
  freshToMs: NOW_MS,
  stale: [],
});

test("what shares a row with others is in no filter, and it is known that somebody should look", () => {
  const asked = { metrics: ["pageviews"], filters: [["is_not", "page", ["/a"]]] };
  const plan = inRollups(asked);
  const counted = countRollups(plan, pages("/a", "/b", OTHER));
  expect(sharesRows(plan, counted)).toBe(true);
  expect(sharesRows(plan, countRollups(plan, pages("/a", "/b")))).toBe(false);
  const { results, meta } = answerCounted(plan, { ...counted, inexact: true });
  expect(results).toEqual([{ metrics: [2], dimensions: [] }]);
  expect(meta).toMatchObject({
    other: true,
    approximate: ["pageviews"],
    notes: [expect.stringContaining("(other)") as string],
  });
  // Asked for by name it is a value like others; without a filter it is a row.
  expect(answerReport(inRollups({ ...asked, filters: [["is", "page", [OTHER]]] }), pages("/a", OTHER)).results).toEqual(
    [{ metrics: [2], dimensions: [] }],
  );
  const all = inRollups({ metrics: ["pageviews"], dimensions: ["page"] });
  expect(sharesRows(all, countRollups(all, pages("/a", OTHER)))).toBe(false);
  expect(answerReport(all, pages("/a", OTHER)).results).toHaveLength(2);
});
