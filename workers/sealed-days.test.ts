// Reports over sealed days and over the hours that they are made of: the same real traffic under several merchants' names,
// resting in Postgres in different ways, must give the same answers by every dimension and metric.

import { env } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import { shardOf } from "../core/address.ts";
import { type DayRollup, DayRollupBuilder } from "../core/day-rollup.ts";
import type { Merchant } from "../core/merchant.ts";
import { type Group, groupOf, METRIC_NAMES, METRICS } from "../core/metrics.ts";
import { planReport, type RollupPlan } from "../core/plan.ts";
import { parseQuery, type Query } from "../core/query.ts";
import { Rehearsal } from "../core/rehearsal.ts";
import { DIMENSIONS, type Rollup } from "../core/rollup.ts";
import { trafficOf } from "../core/traffic.ts";
import { database } from "../migrations/database.ts";
import type { Env } from "./env.ts";
import { readPublished } from "./published-hours.ts";
import { forOperator, publish, publishDays, seal, Shards } from "./reports-doubles.ts";
import { reports } from "./reports.ts";

const bindings = env as unknown as Env;
const ZONE = "Europe/Berlin";
const SHARDS = 2;
/** The clocks go forward on the second. */
const [FIRST, SECOND, LAST] = ["2026-03-28", "2026-03-29", "2026-03-30"] as const;
const RANGE = [FIRST, LAST];

const merchantOf = (id: string): Merchant => ({
  id,
  name: id,
  zone: ZONE,
  currency: "EUR",
  domains: ["shop.example"],
  shards: SHARDS,
});

const hoursOf = (merchant: Merchant): Rollup[] => {
  const fromMs = Date.parse(`${FIRST}T00:00:00+01:00`);
  const toMs = Date.parse(`${LAST}T23:59:59+02:00`);
  const events = trafficOf({ merchant, seed: 11, fromMs, toMs, people: 120 });
  return Array.from({ length: SHARDS }, (_, shard) => {
    const rehearsal = new Rehearsal(merchant);
    rehearsal.append(events.filter(({ visitor }) => shardOf(visitor, SHARDS) === shard));
    return rehearsal.rollups().map((rollup) => ({ ...rollup, shard }));
  }).flat();
};

const daysOf = (hours: readonly Rollup[]): DayRollup[] =>
  [...Map.groupBy(hours, ({ date, shard }) => `${date}/${shard}`).values()].map((ofDay) => {
    const builder = new DayRollupBuilder(ofDay[0]!);
    for (const hour of ofDay) builder.add(hour);
    return builder.build();
  });

/** Numbers that nobody may see. */
const wrong = <Kind extends Rollup | DayRollup>(rollups: readonly Kind[]): Kind[] =>
  rollups.map((rollup) => ({
    ...rollup,
    seq: rollup.seq + 1_000,
    totals: { ...rollup.totals, visits: rollup.totals.visits + 5_000 },
    anonymous: null,
    dimensions: { page: { v: ["/wrong"], visits: [7], pageviews: [7] } },
    sketches: {},
    ...("hours" in rollup ? { hours: { v: [Date.parse(`${rollup.date}T12:00:00Z`)], visits: [7] } } : {}),
  }));

const objects = new Shards();

const ask = async (id: string, asked: Record<string, unknown>): Promise<{ results: unknown; meta: Meta }> => {
  const app = forOperator(reports(async () => merchantOf(id)));
  const body = JSON.stringify({ merchant: id, date_range: RANGE, ...asked });
  const world = { ...bindings, MERCHANT_SHARD: objects.namespace };
  // What is published in a test comes to no object first, so nothing would say that there is something new.
  const headers = { "cache-control": "no-cache" };
  const response = await app.request("/query", { method: "POST", headers, body }, world);
  expect(response.status, `${id} ${JSON.stringify(asked)}`).toBe(200);
  return response.json();
};

interface Meta {
  source: { postgres_rows: number; object_hours: number };
  generations: number[];
  stale: string | null;
}

const metricsBy = (group: Group): string[] => METRIC_NAMES.filter((metric) => METRICS[metric].groups.includes(group));

const BY_DAYS = [
  { metrics: metricsBy("whole") },
  ...["time:day", "time:week", "time:month"].map((time) => ({ metrics: metricsBy("whole"), dimensions: [time] })),
  ...DIMENSIONS.map((dimension) => ({
    metrics: metricsBy(groupOf(dimension)),
    dimensions: [dimension],
  })),
];
const BY_HOURS = [
  { metrics: [...metricsBy("minute"), "percentage"], dimensions: ["time:hour"], include: { totals: true } },
  { metrics: metricsBy("whole"), dimensions: ["time:hour"] },
  { metrics: metricsBy("whole"), date_range: [`${FIRST}T05:00:00+01:00`, `${LAST}T13:00:00+02:00`] },
  {
    metrics: metricsBy("page"),
    dimensions: ["page"],
    date_range: [`${FIRST}T05:00:00+01:00`, `${LAST}T13:00:00+02:00`],
  },
  {
    metrics: metricsBy("whole"),
    date_range: [SECOND, SECOND],
    include: { comparisons: { mode: "custom", date_range: [`${FIRST}T00:00:00+01:00`, `${SECOND}T09:00:00+02:00`] } },
  },
];

beforeAll(async () => {
  const hourly = hoursOf(merchantOf("m_hourly"));
  await publish(bindings, hourly);
  // The hours are past keeping.
  const daily = daysOf(hoursOf(merchantOf("m_daily")));
  await publishDays(bindings, daily);
  for (const day of daily) await seal(bindings, day);
  // Of three days the first is sealed, the second in one shard of two, and the objects do not know it yet.
  const mixed = hoursOf(merchantOf("m_mixed"));
  const isSealed = ({ date, shard }: Pick<Rollup, "date" | "shard">) =>
    date === FIRST || (date === SECOND && shard === 0);
  const open = mixed.filter((hour) => !isSealed(hour));
  const unpublished = open.filter(({ date }) => date === LAST);
  await publish(
    bindings,
    mixed.filter(({ date }) => date !== LAST),
  );
  const sealed = daysOf(mixed).filter(isSealed);
  await publishDays(bindings, sealed);
  for (const day of sealed) await seal(bindings, day);
  for (const hour of unpublished) objects.hold(hour);
  for (const hour of open) if (hour.date !== LAST) objects.hold(hour, hour.seq);
  for (const hour of wrong(mixed.filter(isSealed))) objects.hold(hour, hour.hour % 2 === 0 ? hour.seq : 0);
  // Counted again: what was counted live and what a replay previews stand beside what readers see.
  const again = hoursOf(merchantOf("m_again"));
  await publish(bindings, wrong(again), 0);
  await publish(bindings, again, 6);
  await publish(bindings, wrong(again), 9);
  await publishDays(bindings, wrong(daysOf(again)), 0);
  await publishDays(bindings, daysOf(again), 6);
  await publishDays(bindings, wrong(daysOf(again)), 9);
  for (const day of daysOf(again)) await seal(bindings, day, 6);
  for (const hour of wrong(again)) objects.hold(hour);
}, 120_000);

test.each(["m_daily", "m_mixed", "m_again"])("%s: every number by every dimension is that of the hours", async (id) => {
  for (const asked of BY_DAYS) {
    const [expected, found] = [await ask("m_hourly", asked), await ask(id, asked)];
    expect(found.results, JSON.stringify(asked)).toEqual(expected.results);
    expect(found.meta.stale).toBeNull();
  }
});

test.each(["m_mixed", "m_again"])("%s: hours and ranges that cut days too", async (id) => {
  for (const asked of BY_HOURS) {
    const [expected, found] = [await ask("m_hourly", asked), await ask(id, asked)];
    expect(found.results, JSON.stringify(asked)).toEqual(expected.results);
  }
});

test("by the hour a day tells its hours, also when they are past keeping", async () => {
  const [asked] = BY_HOURS;
  const [expected, found] = [await ask("m_hourly", asked!), await ask("m_daily", asked!)];
  expect(found.results).toEqual(expected.results);
  expect(found.meta.source.postgres_rows).toBe(6);
});

test("days are read where there are any, hours elsewhere, and it says so", async () => {
  const sourceOf = async (id: string, asked: Record<string, unknown> = {}) => {
    const { source, generations } = (await ask(id, { metrics: ["visits"], ...asked })).meta;
    return { rows: source.postgres_rows, generations };
  };
  const count = async (table: string, where: string): Promise<number> => {
    const [row] = await database(bindings).query(`SELECT count(*)::int AS n FROM ${table} WHERE ${where}`);
    return Number(row?.["n"]);
  };
  const hours = await count("hourly_rollups", "merchant = 'm_hourly'");
  expect(await sourceOf("m_hourly")).toEqual({ rows: hours, generations: [0] });
  expect(await sourceOf("m_daily")).toEqual({ rows: 6, generations: [0] });
  const rest = await count("hourly_rollups", `merchant = 'm_mixed' AND date = '${SECOND}' AND shard = 1`);
  expect(await sourceOf("m_mixed")).toEqual({ rows: 3 + rest, generations: [0] });
  expect(await sourceOf("m_again")).toEqual({ rows: 6, generations: [6] });
  expect(await sourceOf("m_again", { dimensions: ["time:hour"] })).toEqual({ rows: 6, generations: [6] });
  const cut = [`${FIRST}T00:00:00+01:00`, `${LAST}T23:00:00+02:00`];
  const ofLast = await count("hourly_rollups", `merchant = 'm_again' AND date = '${LAST}' AND generation = 6`);
  const lastHour = await count(
    "hourly_rollups",
    `merchant = 'm_again' AND hour = '${LAST} 23:00 Europe/Berlin' AND generation = 6`,
  );
  const rows = 4 + ofLast - lastHour;
  expect(await sourceOf("m_again", { dimensions: ["time:hour"], date_range: cut })).toEqual({ rows, generations: [6] });
});

test("a column that was read is not read again, until its row is written", async () => {
  const bytesOf = async (): Promise<number> => {
    const { value } = planReport(parsed, merchantOf("m_kept"), Date.parse("2026-04-10")) as { value: RollupPlan };
    return (await readPublished(bindings, merchantOf("m_kept"), value)).bytes;
  };
  const asked = { metrics: ["visits", "visitors"], dimensions: ["entry_page"] };
  const { value: parsed } = parseQuery({ merchant: "m_kept", date_range: RANGE, ...asked }) as { value: Query };
  const days = daysOf(hoursOf(merchantOf("m_kept")));
  await publishDays(bindings, days);
  for (const day of days) await seal(bindings, day);
  const first = await ask("m_kept", asked);
  expect(await bytesOf()).toBe(0);
  expect((await ask("m_kept", asked)).results).toEqual(first.results);
  const [row] = await database(bindings)`UPDATE daily_rollups SET entry_page = ${'{"v":["/new"],"visits":[7]}'}::json
    WHERE merchant = 'm_kept' AND date = ${LAST} AND shard = 1 RETURNING pg_column_size(entry_page) AS size`;
  const read = await bytesOf();
  expect(read).toBeGreaterThan(Number(row?.["size"]));
  expect(read).toBeLessThan(1_000);
  expect((await ask("m_kept", asked)).results).toContainEqual({ dimensions: ["/new"], metrics: [7, 0] });
});

test("views for people show what readers see", async () => {
  const views = async (merchant: string) => {
    const sql = database(bindings);
    return {
      hours:
        await sql`SELECT date::text, hour, visits, gross FROM rollup_hours WHERE merchant = ${merchant} ORDER BY hour`,
      days: await sql`SELECT date::text, shards, visits, gross, anonymous_visitors FROM rollup_days WHERE merchant = ${merchant} ORDER BY date`,
      pages: await sql`SELECT hour, shard, value, visits FROM rollup_values
        WHERE merchant = ${merchant} AND dimension = 'page' ORDER BY hour, shard, value`,
    };
  };
  const [hourly, daily, again] = [await views("m_hourly"), await views("m_daily"), await views("m_again")];
  expect(hourly.days).toEqual([]);
  expect(daily.days.length).toBe(3);
  expect(again).toEqual({ ...hourly, days: daily.days });
});

test("more than an answer can read is refused before it is read, of days as of hours", async () => {
  const query = parseQuery({ merchant: "m_daily", metrics: ["pageviews"], date_range: RANGE, dimensions: ["page"] });
  if (!query.ok) throw new Error(query.failure.message);
  const plan = planReport(query.value, merchantOf("m_daily"), Date.parse("2026-04-10"));
  if (!plan.ok || plan.value.source !== "rollup") throw new Error("not a plan over rollups");
  expect(await readPublished(bindings, merchantOf("m_daily"), plan.value, 100)).toMatchObject({
    hours: [],
    days: [],
    tooLargeBytes: expect.any(Number),
  });
  const read = await readPublished(bindings, merchantOf("m_daily"), plan.value);
  expect([read.hours.length, read.days.length, read.sealed.size, read.tooLargeBytes]).toEqual([0, 6, 6, null]);
});
