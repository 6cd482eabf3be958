// The files that a seal writes, opened by DuckDB: what is computed there is what the rollups say.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { DuckDBConnection } from "@duckdb/node-api";
import { afterAll, beforeAll, expect, test } from "vitest";
import { chunkKey, derivedFileKey, rawFileKey } from "../core/archive.ts";
import type { DayRollup } from "../core/day-rollup.ts";
import type { Event } from "../core/event.ts";
import type { Merchant } from "../core/merchant.ts";
import type { Dimension, Measure } from "../core/rollup.ts";
import { reordered, trafficOf } from "../core/traffic.ts";
import { dayOf } from "../core/zone.ts";
import { countIntoFiles } from "./day-files.ts";

const merchant: Merchant = {
  id: "m_files",
  name: "",
  zone: "Asia/Kathmandu",
  currency: "EUR",
  domains: ["shop.example", "blog.example"],
  shards: 1,
};
const day = dayOf(merchant.zone, "2026-11-23");
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "countinghouse-files-"));
let connection: DuckDBConnection;
let daily: DayRollup;
let events: Event[];

beforeAll(async () => {
  const happened = trafficOf({ merchant, seed: 11, fromMs: day.startMs, toMs: day.endMs, people: 1_500 });
  events = reordered(happened, 1, 60_000);
  daily = await countIntoFiles({ events, day, merchant, folder, groupRows: 3_000 });
  connection = await DuckDBConnection.create();
});
afterAll(() => {
  connection.closeSync();
  fs.rmSync(folder, { recursive: true });
});

/** Rows as plain values. `raw` and `derived` stand for the files. */
const ask = async (sql: string): Promise<Record<string, unknown>[]> => {
  const text = sql.replace(/\b(raw|derived)\b/g, (name) => `'${path.join(folder, `${name}.parquet`)}'`);
  const rows = (await connection.runAndReadAll(text)).getRowObjectsJson() as Record<string, unknown>[];
  return rows;
};

test("the raw file has every event in the order of the log, its instants as such", async () => {
  const rows = await ask(`SELECT id, epoch_ms(occurred_at) AS at, value, typeof(occurred_at) AS type, props FROM raw`);
  expect(rows).toHaveLength(events.length);
  expect(rows.map(({ id, at, value, props }) => ({ id, at: Number(at), value, props }))).toEqual(
    events.map(({ id, occurred_at: at, value = null, props }) => ({
      id,
      at,
      value,
      props: props === undefined ? null : JSON.stringify(props),
    })),
  );
  expect(rows[0]!["type"]).toBe("TIMESTAMP WITH TIME ZONE");
});

const MEASURES = ["visits", "pageviews", "events", "orders", "gross", "refunds", "units"] as const;

const SUMS = `count(DISTINCT visit) AS visits, count(*) FILTER (name = 'pageview') AS pageviews, count(*) AS events,
  coalesce(sum(orders), 0) AS orders, coalesce(sum(gross), 0) AS gross, coalesce(sum(refunds), 0) AS refunds,
  coalesce(sum(units), 0) AS units`;

const numbers = (row: Record<string, unknown>): Partial<Record<Measure, number>> =>
  Object.fromEntries(MEASURES.map((measure) => [measure, Number(row[measure])]));

test("visits, orders and revenue of the day are those of its rollup", async () => {
  const [row] = await ask(`SELECT ${SUMS}, count(DISTINCT visitor) AS visitors FROM derived WHERE verdict = 'counted'`);
  expect(daily.totals.gross).toBeGreaterThan(0);
  expect(daily.totals).toMatchObject(numbers(row!));
  const everything = await ask(`SELECT sum(gross) AS gross, sum(orders) AS orders FROM derived`);
  expect(everything.map(({ gross, orders }) => [Number(gross), Number(orders)])).toEqual([
    [daily.totals.gross, daily.totals.orders],
  ]);
});

test.each(["channel", "utm_campaign", "country", "browser", "page", "hostname"] as const)(
  "so they are by %s",
  async (dimension: Dimension) => {
    const rows = await ask(`SELECT ${dimension} AS of, ${SUMS} FROM derived WHERE verdict = 'counted' GROUP BY of`);
    const column = daily.dimensions[dimension]!;
    const expected = column.v.map((value, at) => ({
      value,
      ...Object.fromEntries(MEASURES.map((measure) => [measure, column[measure]?.[at] ?? 0])),
    }));
    expect(rows.map((row) => ({ value: row["of"], ...numbers(row) })).toSorted(byValue)).toEqual(
      expected.toSorted(byValue),
    );
  },
);

const byValue = (a: { value: unknown }, b: { value: unknown }): number => (String(a.value) < String(b.value) ? -1 : 1);

test("a question about an hour reads few row groups: each has its bounds, and they hardly overlap", async () => {
  const groups = await ask(`
    SELECT stats_min_value AS min, stats_max_value AS max, row_group_num_rows AS rows
    FROM parquet_metadata(derived) WHERE path_in_schema = 'occurred_at' ORDER BY row_group_id`);
  expect(groups.length).toBeGreaterThan(2);
  expect(groups.reduce((sum, { rows }) => sum + Number(rows), 0)).toBe(events.length);
  const hour = (ms: unknown): number => Date.parse(String(ms).replace(" ", "T").replace("+00", "Z"));
  for (const [at, { min, max }] of groups.entries()) {
    expect(hour(min)).toBeLessThanOrEqual(hour(max));
    if (at > 0) expect(hour(min)).toBeGreaterThan(hour(groups[at - 1]!["max"]) - 60_001);
  }
});

test("the questions in the documentation have answers", async () => {
  const at = { merchant: "m_1", date: "2026-10-05", shard: 0 };
  const chunk = chunkKey({ ...at, date: "2026-10-06", from: 1, to: 2 });
  const places: [string, Buffer][] = [
    [rawFileKey(at.merchant, at.date, 0, 4_711), fs.readFileSync(path.join(folder, "raw.parquet"))],
    [derivedFileKey(at.merchant, at.date, 0, 0), fs.readFileSync(path.join(folder, "derived.parquet"))],
    [
      chunk,
      gzipSync(
        events
          .slice(0, 50)
          .map((event) => JSON.stringify(event))
          .join("\n"),
      ),
    ],
  ];
  const derived = { url: path.join(folder, derivedFileKey(at.merchant, at.date, 0, 0)) };
  places.push(["files.json", Buffer.from(JSON.stringify({ files: [derived] }))]);
  for (const [key, bytes] of places) {
    fs.mkdirSync(path.join(folder, path.dirname(key)), { recursive: true });
    fs.writeFileSync(path.join(folder, key), bytes);
  }
  const text = fs.readFileSync(path.join(import.meta.dirname, "../docs/your-data.md"), "utf8");
  const questions = [...text.matchAll(/```sql\n(.*?)```/gs)].map(([, sql]) => sql!);
  expect(questions.length).toBeGreaterThan(3);
  await connection.run(`SET file_search_path = '${folder}'`);
  for (const question of questions) {
    const rows = await connection.runAndReadAll(question);
    expect(rows.currentRowCount, question).toBeGreaterThan(0);
  }
});
