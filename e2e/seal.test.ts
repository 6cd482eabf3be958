// Laws 5 and 6 on a whole stack, over real input: the Apache log and the retail file are sealed while every process is
// killed again and again; each day is proven, no answer changes, and the books balance. Then a late event, audits, and in the
// end Postgres is lost whole and put back from R2.

import { DuckDBInstance } from "@duckdb/node-api";
import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AuditView } from "../core/audit.ts";
import type { RunView, SwitchView } from "../core/replay.ts";
import type { Standing } from "../core/standing.ts";
import { migrate } from "../scripts/migrate.ts";
import { ask, ops, query, send, sql } from "./client.ts";
import { command, published } from "./questions.ts";
import { startStack, until, type TestStack } from "./stack.ts";

const LOG = { merchant: "m_log", range: ["2015-05-17", "2015-05-20"], days: 4 };
const RETAIL = { merchant: "m_retail", range: ["2010-12-01", "2010-12-31"], days: 20 };
const SEALED_MS_MAX = 240_000;

let stack: TestStack;
let before: unknown;

beforeAll(async () => {
  stack = await startStack();
  await command(
    stack,
    "scripts/import.ts",
    "apache",
    "--merchant",
    LOG.merchant,
    "--file",
    "data/apache-access.log.gz",
  );
  await command(
    stack,
    "scripts/import.ts",
    "retail",
    "--merchant",
    RETAIL.merchant,
    "--file",
    "data/retail-2010-12.csv.gz",
  );
  for (const { merchant } of [LOG, RETAIL]) await published(stack, merchant);
  before = await answers();
});
afterAll(() => stack.remove());

/** What reports say of both, over everything that a merchant looks at. */
async function answers(): Promise<unknown> {
  const all = [];
  for (const { merchant, range } of [LOG, RETAIL]) {
    const metrics = [
      "visitors",
      "visits",
      "pageviews",
      "bounce_rate",
      "visit_duration",
      "orders",
      "net_revenue",
      "refunds",
    ];
    const asked = async (more: object) =>
      (await query(stack.running(), { merchant, date_range: range, ...more })).results;
    all.push(await asked({ metrics }));
    all.push(await asked({ metrics, dimensions: ["time:day"] }));
    all.push(await asked({ metrics: ["visitors", "visits", "pageviews", "bounce_rate"], dimensions: ["source"] }));
    all.push(await asked({ metrics: ["visitors", "pageviews"], dimensions: ["page"] }));
    all.push(await asked({ metrics: ["visitors", "visits"], dimensions: ["exit_page"] }));
    all.push(await asked({ metrics: ["net_revenue", "units"], dimensions: ["product"] }));
    all.push(await asked({ metrics: ["visitors", "orders"], dimensions: ["country"] }));
  }
  return all;
}

interface DayBook extends Record<string, unknown> {
  date: string;
  proven: boolean | null;
  generation: number;
  difference: unknown;
  accepted: string;
  verdicts: Record<string, number>;
}

const dayBook = (merchant: string): Promise<DayBook[]> =>
  sql<DayBook>(
    stack.running(),
    "SELECT date::text, proven, generation, difference, accepted, verdicts FROM day_book WHERE merchant = $1 ORDER BY date",
    [merchant],
  );

async function allSealed(): Promise<boolean> {
  const standing = [];
  for (const { merchant, days } of [LOG, RETAIL]) {
    const { shards } = await ops<{ shards: { days: { state: string }[] }[] }>(
      stack.running(),
      `/merchants/${merchant}/seal`,
      "POST",
    );
    const states = shards.flatMap((shard) => shard.days.map(({ state }) => state));
    standing.push(states.length === days && states.every((state) => state === "sealed"));
  }
  return standing.every(Boolean);
}

test("days are sealed and proven although everything is killed meanwhile, and no answer changes", async () => {
  for (let kills = 0; kills < 4; kills++) {
    await allSealed();
    await stack.kill();
    await stack.startAgain();
    // Some days are open now, some closed, some sealed: readers do not notice.
    expect(await answers()).toEqual(before);
  }
  await until(allSealed, SEALED_MS_MAX, "The days were not sealed");
  for (const { merchant, days } of [LOG, RETAIL]) {
    const book = await dayBook(merchant);
    expect(book).toHaveLength(days);
    for (const day of book) {
      expect(day).toMatchObject({ proven: true, difference: null, generation: 0 });
      expect(Number(day.accepted)).toBe(Object.values(day.verdicts).reduce((sum, n) => sum + n, 0));
    }
  }
  expect(await answers()).toEqual(before);
});

test("of each day R2 holds one raw file, and what DuckDB counts in it is what the books say", async () => {
  for (const { merchant, days } of [LOG, RETAIL]) {
    const { files } = await ops<{ files: { key: string }[] }>(stack.running(), `/merchants/${merchant}/raw`);
    expect(files).toHaveLength(days);
    const instance = await DuckDBInstance.create(":memory:");
    const db = await instance.connect();
    const counts: Record<string, number> = {};
    for (const { key } of files) {
      expect(key).toMatch(/\.parquet$/);
      const response = await fetch(
        `${stack.running().baseUrl}/api/ops/merchants/${merchant}/raw/file?key=${encodeURIComponent(key)}`,
        { headers: { authorization: `Bearer ${stack.running().operatorToken}` } },
      );
      const file = path.join(stack.dataDir, "day.parquet");
      fs.writeFileSync(file, new Uint8Array(await response.arrayBuffer()));
      const rows = await db.runAndReadAll(`SELECT count(*)::int AS n, count(DISTINCT id)::int AS ids FROM '${file}'`);
      const [row] = rows.getRowObjects();
      expect(row!.n).toBe(row!.ids);
      counts[/date=([\d-]+)/.exec(key)![1]!] = Number(row!.n);
    }
    db.closeSync();
    const book = await dayBook(merchant);
    expect(counts).toEqual(Object.fromEntries(book.map(({ date, accepted }) => [date, Number(accepted)])));
  }
});

test("a late event is taken, counted when its day is sealed again, and nothing else changes", async () => {
  const late = {
    id: "late-1",
    name: "purchase",
    transaction_id: "LATE",
    value: 100,
    currency: "GBP",
    occurred_at: "2010-12-05T12:00:00Z",
    visitor: { ip: "192.0.2.77" },
  };
  const question = {
    merchant: RETAIL.merchant,
    metrics: ["orders", "gross_revenue"],
    date_range: RETAIL.range,
    dimensions: ["time:day"],
  };
  const ordersOf = async () => (await query(stack.running(), question)).results;
  const then = await ordersOf();
  const receipts = await send(stack.running(), { merchant: RETAIL.merchant, events: [late] });
  expect(receipts).toMatchObject([{ status: "accepted", late: true }]);
  await until(allSealed, SEALED_MS_MAX, "The day was not sealed again");
  const now = await ordersOf();
  const changed = now.filter((row, i) => JSON.stringify(row) !== JSON.stringify(then[i]));
  expect(changed.map(({ dimensions }) => dimensions)).toEqual([["2010-12-05"]]);
  const [day] = (await dayBook(RETAIL.merchant)).filter(({ date }) => date === "2010-12-05");
  expect(day!.generation).toBeGreaterThan(0);
  expect(day!.verdicts.late).toBeUndefined();
});

test("DuckDB counts and adds up in the files of the days what reports say of them", async () => {
  const [from, to] = RETAIL.range;
  const list = `/api/v1/merchants/${RETAIL.merchant}/files?kind=derived&from=${from!}&to=${to!}`;
  const { files } = await ask<{ files: { date: string; url: string }[] }>(stack.running(), list, { method: "GET" });
  const db = await (await DuckDBInstance.create(":memory:")).connect();
  const found: Record<string, [number, string, string]> = {};
  for (const { date, url } of files) {
    const file = path.join(stack.dataDir, "derived.parquet");
    fs.writeFileSync(file, new Uint8Array(await (await fetch(url)).arrayBuffer()));
    // Money is in minor units × 10⁴.
    const rows = await db.runAndReadAll(`SELECT sum(orders)::int AS orders,
      (coalesce(sum(gross), 0) / 1e6)::decimal(18, 6)::text AS gross, (coalesce(sum(refunds), 0) / 1e6)::decimal(18, 6)::text AS refunds
      FROM '${file}' WHERE verdict = 'counted'`);
    const [row] = rows.getRowObjects();
    found[date] = [Number(row!.orders), String(row!.gross), String(row!.refunds)];
  }
  db.closeSync();
  const question = { metrics: ["orders", "gross_revenue", "refunds"], dimensions: ["time:day"] };
  const { results } = await query(stack.running(), {
    merchant: RETAIL.merchant,
    date_range: RETAIL.range,
    ...question,
  });
  const decimals = (money: unknown): string => Number((money as { value: string }).value).toFixed(6);
  const reported = results.map(({ dimensions: [day], metrics: [orders, gross, refunds] }) => [
    day,
    [orders, decimals(gross), decimals(refunds)],
  ]);
  expect(Object.fromEntries(reported)).toEqual(found);
  expect(Object.keys(found)).toHaveLength(RETAIL.days);
});

test("every sealed day is proven again by an audit, which finds what is altered", async () => {
  const audit = async (...more: string[]): Promise<AuditView> => command(stack, "scripts/ops.ts", "audit", ...more);
  const everything = ["--all", "--from", "2010-01-01", "--to", "2012-12-31"];
  expect(await audit(...everything)).toMatchObject({ proven: RETAIL.days, differing: 0 });
  expect(await audit("--merchant", LOG.merchant, "--from", LOG.range[0]!, "--to", LOG.range[1]!)).toMatchObject({
    proven: LOG.days,
  });
  const altered = "merchant = 'm_retail' AND date = '2010-12-05'";
  await sql(stack.running(), `UPDATE daily_rollups SET orders = orders + 1 WHERE ${altered}`);
  // It ends with 1, and says which.
  await expect(audit(...everything)).rejects.toThrow(/"differing": 1/);
  await sql(stack.running(), `UPDATE daily_rollups SET orders = orders - 1 WHERE ${altered}`);
});

/** By rules, which are nowhere but in Postgres and in what R2 remembers of runs. */
async function replayByRules(): Promise<void> {
  const args = [
    "--merchant",
    LOG.merchant,
    "--from",
    LOG.range[0]!,
    "--to",
    "2015-05-18",
    "--treat-as-bot",
    "Firefox/2.0",
  ];
  await command(stack, "scripts/ops.ts", "replay", ...args, "--who", "test", "--why", "a feed fetcher");
}

test("Postgres is lost, all of it, and one command gives everything back from R2: each answer is as it was, to the letter", async () => {
  await replayByRules();
  const full = JSON.stringify(await answers());
  const books = async (merchant: string) => (await dayBook(merchant)).map(({ generation: _, ...book }) => book);
  const kept = await Promise.all([LOG, RETAIL].map(({ merchant }) => books(merchant)));
  await sql(stack.running(), "DROP SCHEMA public CASCADE; CREATE SCHEMA public; DROP SCHEMA drizzle CASCADE");
  await migrate(stack.running().databaseUrl);
  const rebuilt = await command<{ run: RunView; applied: SwitchView }>(stack, "scripts/ops.ts", "rebuild", "--all");
  expect(rebuilt).toMatchObject({
    run: { units: { total: LOG.days + RETAIL.days, failed: 0 } },
    applied: { switched: 2, refused: [] },
  });
  expect(JSON.stringify(await answers())).toBe(full);
  expect(await Promise.all([LOG, RETAIL].map(({ merchant }) => books(merchant)))).toEqual(kept);
  for (const { merchant, range } of [LOG, RETAIL])
    expect(
      await command(stack, "scripts/ops.ts", "audit", "--merchant", merchant, "--from", range[0]!, "--to", range[1]!),
    ).toMatchObject({ differing: 0 });
});

test("and life goes on: an event that comes late for one of those days is counted", async () => {
  const question = { merchant: RETAIL.merchant, metrics: ["orders"], date_range: ["2010-12-06", "2010-12-06"] };
  const ordersOf = async () => (await query(stack.running(), question)).results[0]!.metrics[0] as number;
  const had = await ordersOf();
  const late = {
    id: "late-2",
    name: "purchase",
    transaction_id: "LATE-2",
    value: 5,
    currency: "GBP",
    occurred_at: "2010-12-06T12:00:00Z",
  };
  const events = [{ ...late, visitor: { ip: "192.0.2.78" } }];
  expect(await send(stack.running(), { merchant: RETAIL.merchant, events })).toMatchObject([
    { status: "accepted", late: true },
  ]);
  await until(async () => (await allSealed()) && (await ordersOf()) === had + 1, SEALED_MS_MAX, "It was not counted");
  const standing = await command<Standing>(stack, "scripts/ops.ts", "status", "--all");
  expect(standing).toMatchObject({ dead_letters: 0, days: { open: 0, unproven: 0, stale: 0 }, merchants: [] });
});
