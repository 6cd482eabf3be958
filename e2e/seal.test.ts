// Laws 5 and 6 on a whole stack, over real input: the Apache log and the retail file are sealed while every process is
// killed again and again; each day is proven, no answer changes, and the books balance. Then a late event, and in the end
// Postgres loses its rollups and gets them back from R2.

import { DuckDBInstance } from "@duckdb/node-api";
import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ops, query, send, sql } from "./client.ts";
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
    const ask = async (more: object) =>
      (await query(stack.running(), { merchant, date_range: range, ...more })).results;
    all.push(await ask({ metrics }));
    all.push(await ask({ metrics, dimensions: ["time:day"] }));
    all.push(await ask({ metrics: ["visitors", "visits", "pageviews", "bounce_rate"], dimensions: ["source"] }));
    all.push(await ask({ metrics: ["visitors", "pageviews"], dimensions: ["page"] }));
    all.push(await ask({ metrics: ["visitors", "visits"], dimensions: ["exit_page"] }));
    all.push(await ask({ metrics: ["net_revenue", "units"], dimensions: ["product"] }));
    all.push(await ask({ metrics: ["visitors", "orders"], dimensions: ["country"] }));
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

test("Postgres loses every rollup, and R2 gives them back: each answer is as it was", async () => {
  const full = await answers();
  await sql(stack.running(), "DELETE FROM hourly_rollups");
  await sql(stack.running(), "DELETE FROM daily_rollups");
  expect(await answers()).not.toEqual(full);
  for (const { merchant, range } of [LOG, RETAIL]) {
    const [from, to] = range;
    const args = ["--merchant", merchant, "--from", from!, "--to", to!, "--who", "test", "--why", "rollups were lost"];
    await command(stack, "scripts/ops.ts", "replay", ...args);
  }
  expect(await answers()).toEqual(full);
  for (const { merchant, days } of [LOG, RETAIL]) {
    const book = await dayBook(merchant);
    expect(book).toHaveLength(days);
    for (const day of book) {
      expect(Number(day.accepted)).toBe(Object.values(day.verdicts).reduce((sum, n) => sum + n, 0));
    }
  }
});
