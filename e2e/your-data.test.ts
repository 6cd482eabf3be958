// docs/your-data.md on a whole stack: the files of two days are listed, fetched by their addresses without a session, and the
// questions of the page, as they stand there, are asked to DuckDB. Its numbers are those of reports.

import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import fs from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ask, ops, query, send } from "./client.ts";
import { startStack, until, type TestStack } from "./stack.ts";

const DAYS = ["2026-10-05", "2026-10-06"] as const;
const SEALED_MS_MAX = 120_000;

let stack: TestStack;
let merchant: string;
let db: DuckDBConnection;
let folder: string;

beforeAll(async () => {
  stack = await startStack();
  merchant = stack.running().merchants[0]!.id;
  folder = path.join(stack.dataDir, "files");
  db = await (await DuckDBInstance.create(":memory:")).connect();
});
afterAll(async () => {
  db?.closeSync();
  await stack?.remove();
});

/** The SQL of the page, by the sentence before it. */
const PAGE = fs.readFileSync(path.resolve(import.meta.dirname, "../docs/your-data.md"), "utf8");

async function answer(sentence: string): Promise<Record<string, unknown>[]> {
  const [, rest = ""] = PAGE.split(sentence);
  const [, sql] = /```sql\n([^`]+)```/.exec(rest) ?? [];
  if (sql === undefined) throw new Error(`The page has no question "${sentence}"`);
  const here = sql
    .replaceAll("m_1", merchant)
    .replaceAll("'raw/", `'${folder}/raw/`)
    .replaceAll("'events/", `'${folder}/events/`)
    .replaceAll("'files.json'", `'${folder}/files.json'`);
  let rows: Record<string, unknown>[] = [];
  for (const statement of here.split(";").filter((text) => text.trim() !== ""))
    rows = (await db.runAndReadAll(statement)).getRowObjectsJson();
  return rows;
}

interface Listed {
  files: { name: string; date: string; bytes: number; format: string; url: string }[];
}

const list = (kind: "raw" | "derived"): Promise<Listed> =>
  ask(stack.running(), `/api/v1/merchants/${merchant}/files?kind=${kind}&from=${DAYS[0]}&to=${DAYS[1]}`, {
    method: "GET",
  });

/** To where the page has them. */
async function fetchFiles({ files }: Listed): Promise<void> {
  for (const { name, url, bytes } of files) {
    const response = await fetch(url);
    expect(response.status).toBe(200);
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, new Uint8Array(await response.arrayBuffer()));
    expect(fs.statSync(file).size).toBe(bytes);
  }
}

const shopper = (n: number) => ({ ip: `192.0.2.${n}`, user_agent: "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0" });

function eventsOf(date: string): object[] {
  const at = (minute: number) => `${date}T12:${String(minute).padStart(2, "0")}:00Z`;
  const url = (page: string, search = "") => `https://shop.example${page}${search}`;
  return [1, 2, 3].flatMap((person) => {
    const visitor = shopper(person);
    const source = person === 1 ? "?utm_source=newsletter&utm_medium=email" : "";
    const events: object[] = [
      { name: "pageview", url: url("/", source), occurred_at: at(0) },
      { name: "search", url: url("/"), props: { query: person === 3 ? "scarf" : "hat" }, occurred_at: at(1) },
      { name: "pageview", url: url("/hats"), occurred_at: at(2) },
      { name: "view_item", url: url("/hats"), items: [{ item_id: "hat", price: 19.9 }], occurred_at: at(3) },
    ];
    const items = [{ item_id: "hat", item_name: "Hat", price: 19.9, quantity: person }];
    const order = { name: "purchase", currency: "EUR", transaction_id: `${date}-${person}`, items, occurred_at: at(4) };
    if (person < 3) events.push({ ...order, url: url("/thanks") });
    return events.map((event, n) => ({ ...event, id: `${date}-${person}-${n}`, visitor }));
  });
}

test("a day that is still open is in chunks that anybody with the address can read", async () => {
  for (const date of DAYS) {
    const receipts = await send(stack.running(), { merchant, events: eventsOf(date) });
    expect(receipts?.every(({ status }) => status === "accepted")).toBe(true);
  }
  await ops(stack.running(), `/merchants/${merchant}/flush`, "POST");
  let listed: Listed = { files: [] };
  await until(
    async () => {
      listed = await list("raw");
      return DAYS.every((date) => listed.files.some((file) => file.date === date));
    },
    SEALED_MS_MAX,
    "The chunks did not come",
  );
  expect(listed.files.every(({ format }) => format === "ndjson.gz")).toBe(true);
  await fetchFiles(listed);
  expect(await answer("A day that is still open:")).toEqual([
    { name: "pageview", events: "6" },
    { name: "purchase", events: "2" },
    { name: "search", events: "3" },
    { name: "view_item", events: "3" },
  ]);
});

test("of sealed days the questions of the page give the numbers of reports", async () => {
  await until(
    async () => {
      const { shards } = await ops<{ shards: { days: { date: string; state: string }[] }[] }>(
        stack.running(),
        `/merchants/${merchant}/seal`,
        "POST",
      );
      const days = shards.flatMap((shard) => shard.days).filter(({ date }) => date <= DAYS[1]);
      return days.length === 2 && days.every(({ state }) => state === "sealed");
    },
    SEALED_MS_MAX,
    "The days were not sealed",
  );
  for (const kind of ["raw", "derived"] as const) {
    const listed = await list(kind);
    expect(listed.files.map(({ date, format }) => [date, format])).toEqual(DAYS.map((date) => [date, "parquet"]));
    await fetchFiles(listed);
    // As it stands on the page, but for where the files are: DuckDB here has no way to read by HTTP.
    const local = listed.files.map((file) => ({ ...file, url: path.join(folder, file.name) }));
    fs.writeFileSync(path.join(folder, "files.json"), JSON.stringify({ ...listed, files: local }));
  }

  const report = (more: object) => query(stack.running(), { merchant, date_range: DAYS, ...more });
  const byDay = await report({ metrics: ["pageviews", "visits"], dimensions: ["time:day"] });
  const counted = await answer("In DuckDB, with the list saved as");
  expect(counted).toEqual(
    byDay.results.map(({ dimensions: [date], metrics: [pageviews, visits] }) => ({
      date,
      pageviews: String(pageviews),
      visits: String(visits),
    })),
  );
  const channels = await report({ metrics: ["orders", "net_revenue"], dimensions: ["channel"] });
  expect(await answer("Revenue and orders by channel:")).toEqual(
    channels.results
      .map(({ dimensions: [channel], metrics: [orders, revenue] }) => ({
        channel,
        orders: String(orders),
        revenue: Number((revenue as { value: string }).value),
      }))
      .filter(({ orders }) => orders !== "0")
      .toSorted((a, b) => b.revenue - a.revenue),
  );
  expect(await answer("how many bought:")).toEqual([{ saw: "3", bought: "2" }]);
  expect((await answer("the longest first:")).map(({ path: pages }) => pages)).toEqual(
    [1, 2, 3].map(() => ["/", "/hats"]),
  );
  expect(await answer("What people searched for:")).toEqual([
    { query: "hat", searches: "2" },
    { query: "scarf", searches: "1" },
  ]);
});

test("a part of a file is enough for a tool that reads the footer first", async () => {
  const { files } = await list("derived");
  const { url, bytes } = files[0]!;
  const head = await fetch(url, { method: "HEAD" });
  expect([head.status, head.headers.get("content-length"), head.headers.get("accept-ranges")]).toEqual([
    200,
    String(bytes),
    "bytes",
  ]);
  const tail = await fetch(url, { headers: { range: "bytes=-4" } });
  expect([tail.status, tail.headers.get("content-range"), await tail.text()]).toEqual([
    206,
    `bytes ${bytes - 4}-${bytes - 1}/${bytes}`,
    "PAR1",
  ]);
  expect((await fetch(url.replace("g000000", "g000001"))).status).toBe(404);
});
