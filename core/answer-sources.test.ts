// One number everywhere: whatever rollups answer, single events answer with the same rows. Over every metric by every dimension
// and interval, and with filters that rollups can tell.

import { expect, test } from "vitest";
import { answerCounted, answerReport, type Counted, type Reading, type ResultRow } from "./answer.ts";
import type { Merchant } from "./merchant.ts";
import { METRIC_NAMES } from "./metrics.ts";
import type { DaySlice, HourSlice } from "./newest-hours.ts";
import { type Plan, planReport } from "./plan.ts";
import { parseQuery } from "./query.ts";
import { DIMENSIONS } from "./rollup.ts";
import { foldedDays, scanned, slicesOf } from "./scan-fixture.ts";
import { trafficOf } from "./traffic.ts";
import { dayOf } from "./zone.ts";

const merchant: Merchant = {
  id: "m_one",
  name: "",
  zone: "Europe/Berlin",
  currency: "EUR",
  domains: ["shop.example"],
  shards: 2,
};
const [FIRST, LAST] = ["2026-10-24", "2026-10-26"] as const;
const NOW_MS = Date.parse("2026-11-24T12:00:00Z");
const days = foldedDays(
  trafficOf({
    merchant,
    seed: 8,
    fromMs: dayOf(merchant.zone, FIRST).startMs,
    toMs: dayOf(merchant.zone, LAST).endMs,
    people: 120,
  }),
  merchant,
);
const nothing = { published: [], days: [], sealed: new Set<string>(), live: [], freshToMs: NOW_MS, stale: [] };
const HOURLY: Reading = { ...nothing, published: slicesOf(days, "hours") as HourSlice[] };
const DAILY: Reading = { ...nothing, days: slicesOf(days, "days") as DaySlice[] };

const planOf = (asked: Record<string, unknown>): Plan => {
  const query = parseQuery({ merchant: merchant.id, date_range: [FIRST, LAST], ...asked });
  if (!query.ok) throw new Error(`${query.failure.pointer} ${query.failure.message}`);
  const plan = planReport(query.value, merchant, NOW_MS);
  if (!plan.ok) throw new Error(`${plan.failure.pointer} ${plan.failure.message}`);
  return plan.value;
};

/** The plan as single events would answer it. */
const countedOf = (plan: Plan): Counted => {
  return {
    tallies: scanned(plan.scan, days, plan.currency),
    freshToMs: NOW_MS,
    stale: [],
    generations: [0],
    source: { kind: "scan", postgres_rows: 0, object_hours: 0 },
    cost: { rows: 0, bytes: 0 },
  };
};

/** How many rows rollups answered, each of them as single events did; null where they do not tell. */
const compared = (asked: Record<string, unknown>, readings: readonly Reading[]): number | null => {
  const plan = planOf(asked);
  if (plan.source === "scan") return null;
  const byEvents: ResultRow[] = answerCounted(plan, countedOf(plan)).results;
  for (const reading of readings) expect([asked, answerReport(plan, reading).results]).toEqual([asked, byEvents]);
  return byEvents.length;
};

const TIMES = ["time:hour", "time:day", "time:week", "time:month"];
const DIMENSION_SETS = [
  [],
  ...TIMES.map((time) => [time]),
  ...DIMENSIONS.map((dimension) => [dimension]),
  ...TIMES.map((time) => ["source", time]),
  ["time:day", "page"],
];

/** Metrics that rollups tell of it, each alone: one that they do not tell takes the others with it. */
const keptOf = (rest: { dimensions: string[]; filters?: unknown[] }): string[] =>
  METRIC_NAMES.filter(
    (metric) =>
      (metric !== "percentage" || rest.dimensions.length > 0) &&
      planOf({ ...rest, metrics: [metric] }).source === "rollup",
  );

test("every metric by every dimension and time: where rollups tell, they tell what single events do", () => {
  let [rows, told] = [0, 0];
  for (const dimensions of DIMENSION_SETS) {
    const readings = dimensions.includes("time:hour") ? [HOURLY] : [HOURLY, DAILY];
    const kept = keptOf({ dimensions });
    rows += compared({ metrics: kept, dimensions }, readings) ?? 0;
    told += kept.length;
  }
  expect(told).toBeGreaterThan(500);
  expect(rows).toBeGreaterThan(500);
});

test("which rows there are does not depend on what is asked of them", () => {
  for (const dimensions of [[], ["time:hour"], ["source", "time:hour"], ["page"]])
    for (const metric of keptOf({ dimensions })) compared({ metrics: [metric], dimensions }, [HOURLY]);
});

const FILTERS = [
  [["is", "source", ["Google"]]],
  [["is_not", "source", ["Google", "(direct)"]]],
  [["contains", "source", ["oo"], { case_sensitive: false }]],
  [["matches", "page", ["^/.*s$"]]],
  [
    [
      "not",
      [
        "or",
        [
          ["is", "page", ["/"]],
          ["contains", "page", ["cart"]],
        ],
      ],
    ],
  ],
  [["is", "page", ["/"]]],
  [["is", "event", ["purchase"]]],
  [["is_not", "event", ["pageview"]]],
  [["is", "exit_page", ["/"]]],
  [
    ["is", "device", ["Mobile"]],
    ["is_not", "device", ["Desktop"]],
  ],
];

test("filters, where rollups tell", () => {
  let told = 0;
  for (const filters of FILTERS) {
    const dimension = /source|page|event|exit_page|device/.exec(JSON.stringify(filters))![0];
    for (const dimensions of [[], ["time:day"], ["time:hour"], [dimension], [dimension, "time:day"]]) {
      const readings = dimensions.includes("time:hour") ? [HOURLY] : [HOURLY, DAILY];
      const kept = keptOf({ dimensions, filters });
      if (kept.length > 0) compared({ metrics: kept, dimensions, filters }, readings);
      told += kept.length;
    }
  }
  expect(told).toBeGreaterThan(400);
});

test("ranges that cut days, and comparisons", () => {
  const range = [`${FIRST}T05:00:00+02:00`, `${LAST}T13:00:00+01:00`];
  const comparisons = { mode: "custom", date_range: [`${FIRST}T00:00:00+02:00`, `${FIRST}T11:00:00+02:00`] };
  let told = 0;
  for (const dimensions of DIMENSION_SETS) {
    for (const metrics of [
      ["visits", "visitors"],
      ["orders", "net_revenue"],
      ["bounce_rate", "conversion_rate"],
    ]) {
      if (compared({ metrics, dimensions, date_range: range, include: { comparisons } }, [HOURLY]) !== null) told++;
    }
  }
  expect(told).toBeGreaterThan(60);
});
