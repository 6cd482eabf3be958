// A customer of a real shop asks to be forgotten, by the command that operators use. Everything is killed while their days are being
// counted; in the end each answer is that of a shop that never had them, and no file has them.

import { createHmac } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AuditView } from "../core/audit.ts";
import type { ErasureView } from "../core/erasure-view.ts";
import { parquetReadObjects } from "hyparquet";
import { localSecrets } from "../scripts/local-secrets.ts";
import { ask, ops, query, sql } from "./client.ts";
import { booksOf, command, published } from "./questions.ts";
import { startStack, until, type TestStack } from "./stack.ts";

const SHOP = "m_retail";
const ALIKE = "m_alike";
const CUSTOMER = "14911";
const FILE = "data/retail-2010-12.csv.gz";
const DAYS = 20;
const RANGE = ["2010-12-01", "2010-12-31"] as const;
const MS_MAX = 240_000;

let stack: TestStack;
/** As workers/visitor.ts makes it. */
let customer: string;
const npmRunOps = <Printed>(...args: string[]): Promise<Printed> => command<Printed>(stack, "scripts/ops.ts", ...args);

beforeAll(async () => {
  stack = await startStack();
  const { visitorSecret } = localSecrets(stack.dataDir);
  customer = createHmac("sha256", visitorSecret).update(`visitor\0${SHOP}\0${CUSTOMER}`).digest("hex").slice(0, 16);
  await sql(
    stack.running(),
    "INSERT INTO merchants (id, name, zone, currency, domains) SELECT $1, name, zone, currency, domains FROM merchants WHERE id = $2 ON CONFLICT DO NOTHING",
    [ALIKE, SHOP],
  );
  const without = path.join(stack.dataDir, "without.csv");
  const lines = gunzipSync(fs.readFileSync(FILE)).toString().split("\n");
  fs.writeFileSync(without, lines.filter((line) => !line.includes(`,${CUSTOMER}.0,`)).join("\n"));
  for (const [merchant, file] of [
    [SHOP, FILE],
    [ALIKE, without],
  ] as const) {
    await command(stack, "scripts/import.ts", "retail", "--merchant", merchant, "--file", file);
    await published(stack, merchant);
  }
  await until(allSealed, MS_MAX, "The days were not sealed");
});
afterAll(() => stack.remove());

async function allSealed(): Promise<boolean> {
  const sealed = await Promise.all(
    [SHOP, ALIKE].map(async (merchant) => {
      const { shards } = await npmRunOps<{ shards: { days: { state: string }[] }[] }>("seal", "--merchant", merchant);
      const states = shards.flatMap((shard) => shard.days.map(({ state }) => state));
      return states.length === DAYS && states.every((state) => state === "sealed");
    }),
  );
  return sealed.every(Boolean);
}

async function answers(merchant: string): Promise<string> {
  const metrics = ["visits", "events", "orders", "net_revenue", "refunds"];
  const questions = [
    { metrics },
    // A day's visitors are few enough to be told exactly; over the month two shops' are two estimates.
    { metrics: ["visitors", ...metrics], dimensions: ["time:day"] },
    { metrics: ["orders", "net_revenue"], dimensions: ["product"] },
    { metrics: ["visits", "orders"], dimensions: ["country"] },
    { metrics: ["visits"], dimensions: ["country", "channel"] },
  ];
  const results = await Promise.all(
    questions.map(
      async (question) => (await query(stack.running(), { merchant, date_range: RANGE, ...question })).results,
    ),
  );
  return JSON.stringify(results);
}

test("a customer is forgotten although everything is killed meanwhile", async () => {
  const running = stack.running();
  const expected = await answers(ALIKE);
  expect(await answers(SHOP)).not.toBe(expected);
  const before = await rawRows();
  const own = before.filter(({ visitor }) => visitor === customer);
  expect(own.length).toBeGreaterThan(10);
  const asked = { method: "POST", body: JSON.stringify({ user: CUSTOMER, who: "test" }) };
  const begun = await ask<ErasureView>(running, `/api/v1/merchants/${SHOP}/erasures`, asked);
  expect(begun).toMatchObject({ visitor: customer, state: "running" });
  const isUnderWay = async (): Promise<boolean> => (await standing(begun.id)).days.done > 2;
  await until(isUnderWay, MS_MAX, "No day was looked at");
  await stack.kill();
  await stack.startAgain();
  const isDone = async (): Promise<boolean> => {
    await ops(stack.running(), `/replays/${begun.id}/resume`, "POST");
    return (await standing(begun.id)).state === "done";
  };
  await until(isDone, MS_MAX, "The erasure was not done");

  const dates = new Set(own.map(({ occurred_at: at }) => at.toISOString().slice(0, 10)));
  const done = await standing(begun.id);
  expect(done).toMatchObject({ events: own.length, following: [], days: { done: DAYS, failed: 0 } });
  expect(done.erased.map(({ date }) => date)).toEqual([...dates].toSorted());
  expect(await answers(SHOP)).toBe(expected);
  const left = await rawRows();
  expect(left).toHaveLength(before.length - own.length);
  expect(left.filter(({ visitor }) => visitor === customer)).toEqual([]);
  for (const date of dates) {
    const books = await booksOf(stack, SHOP, date);
    expect(books.balanced).toBe(true);
    expect(books.verdicts["erased"]).toBeGreaterThan(0);
  }
  // By the command there is nothing left to do, and what is left proves itself.
  const again = await npmRunOps<ErasureView>("erase", "--merchant", SHOP, "--user", CUSTOMER, "--who", "test");
  expect(again).toMatchObject({ state: "done", events: 0, days: { done: DAYS } });
  const range = ["--from", RANGE[0], "--to", RANGE[1]];
  expect(await npmRunOps<AuditView>("audit", "--merchant", SHOP, ...range)).toMatchObject({
    proven: DAYS,
    differing: 0,
  });
});

interface Row {
  visitor: string;
  occurred_at: Date;
}

/** Of every event in the shop's raw files of sealed days. */
async function rawRows(): Promise<Row[]> {
  const { baseUrl, operatorToken } = stack.running();
  const { files } = await ops<{ files: { key: string }[] }>(stack.running(), `/merchants/${SHOP}/raw`);
  const rows: Row[] = [];
  for (const { key } of files) {
    const at = `${baseUrl}/api/ops/merchants/${SHOP}/raw/file?key=${encodeURIComponent(key)}`;
    const response = await fetch(at, { headers: { authorization: `Bearer ${operatorToken}` } });
    const file = await response.arrayBuffer();
    rows.push(...((await parquetReadObjects({ file, columns: ["visitor", "occurred_at"] })) as unknown as Row[]));
  }
  return rows;
}

async function standing(id: number): Promise<ErasureView> {
  const { erasures } = await npmRunOps<{ erasures: ErasureView[] }>("erase", "list", "--merchant", SHOP);
  return erasures.find((each) => each.id === id)!;
}
