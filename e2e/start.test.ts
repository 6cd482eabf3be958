// `npm start` as its users meet it: ready when it says so, the same after any end, and nothing left behind by any of them.

import { once } from "node:events";
import fs from "node:fs";
import net from "node:net";
import path from "node:path";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { DEMO_MERCHANTS } from "../scripts/demo-merchants.ts";
import {
  launch,
  listens,
  nothingLeft,
  ready,
  signal,
  startStack,
  temporaryFolder,
  until,
  type TestStack,
} from "./stack.ts";

const MS_MAX = 30_000;
const BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";
/** A connection kept for later would be one to the server that has been killed. */
const ONCE = { connection: "close" };
let stack: TestStack;

async function sql(text: string): Promise<unknown[]> {
  const client = new pg.Client(stack.running().databaseUrl);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

async function sendPageview(): Promise<number> {
  const response = await fetch(`${stack.running().baseUrl}/e`, {
    method: "POST",
    headers: { ...ONCE, "content-type": "application/json", "user-agent": BROWSER },
    body: JSON.stringify({ merchant: "m_demo", name: "pageview", url: "http://localhost/shop/" }),
  });
  return response.status;
}

async function pageviewsToday(): Promise<unknown> {
  const { baseUrl, operatorToken } = stack.running();
  const response = await fetch(`${baseUrl}/api/v1/query`, {
    method: "POST",
    headers: {
      ...ONCE,
      "content-type": "application/json",
      "cache-control": "no-cache",
      authorization: `Bearer ${operatorToken}`,
    },
    body: JSON.stringify({ merchant: "m_demo", metrics: ["pageviews"], date_range: "day" }),
  });
  return ((await response.json()) as { results?: { metrics: number[] }[] }).results?.[0]?.metrics[0];
}

beforeEach(async () => {
  stack = await startStack();
});

afterEach(async () => {
  await stack.remove();
});

test("ready means that pages, database and running.json are there", async () => {
  const running = stack.running();
  const page = await fetch(running.baseUrl);
  expect(page.status).toBe(200);
  expect(page.headers.get("content-type")).toContain("text/html");
  expect(await sql("SELECT id FROM merchants ORDER BY id")).toEqual(
    DEMO_MERCHANTS.map(({ id }) => ({ id })).toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  );
  expect(running.merchants.map(({ id, zone }) => `${id} ${zone}`)).toContain("m_kathmandu Asia/Kathmandu");
  expect(running.operatorToken).toMatch(/^cht_op_[\w-]{32}$/);
  expect(running.ingestToken).toMatch(/^cht_in_[\w-]{32}$/);
  expect(fs.statSync(path.join(stack.dataDir, "running.json")).mode & 0o777).toBe(0o600);
  expect(fs.statSync(path.join(stack.dataDir, "secrets.json")).mode & 0o777).toBe(0o600);
  expect(stack.output()).toContain(`/#token=${running.operatorToken}`);
});

test("Ctrl-C stops everything, and the next start finds what was there", async () => {
  const before = stack.running();
  await sql("UPDATE merchants SET name = 'Renamed' WHERE id = 'm_demo'");
  expect(await stack.stop()).toBe(0);
  expect(fs.existsSync(path.join(stack.dataDir, "running.json"))).toBe(false);
  await stack.startAgain();
  expect(await sql("SELECT name FROM merchants WHERE id = 'm_demo'")).toEqual([{ name: "Renamed" }]);
  expect(stack.running()).toMatchObject({ baseUrl: before.baseUrl, operatorToken: before.operatorToken });
});

test("SIGKILL of the supervisor leaves nothing, and loses nothing", async () => {
  await sql("UPDATE merchants SET name = 'Renamed' WHERE id = 'm_demo'");
  signal(stack.running().pids.supervisor, "SIGKILL");
  await nothingLeft(stack.running());
  await stack.startAgain();
  expect(await sql("SELECT name FROM merchants WHERE id = 'm_demo'")).toEqual([{ name: "Renamed" }]);
});

test("SIGKILL of the stack's own process leaves nothing", async () => {
  signal(stack.running().pids.stack, "SIGKILL");
  await nothingLeft(stack.running());
  await stack.startAgain();
});

test("SIGKILL of both at once leaves nothing, and a new start need not wait for that", async () => {
  const { supervisor, stack: leader } = stack.running().pids;
  await sql("UPDATE merchants SET name = 'Renamed' WHERE id = 'm_demo'");
  expect(await sendPageview()).toBe(202);
  signal(supervisor, "SIGKILL");
  signal(leader, "SIGKILL");
  await stack.startAgain();
  expect(await sql("SELECT name FROM merchants WHERE id = 'm_demo'")).toEqual([{ name: "Renamed" }]);
  expect(await pageviewsToday()).toBe(1);
  await stack.kill();
});

test("SIGKILL of npm leaves nothing", async () => {
  await stack.stop();
  let output = "";
  const program = ["npm", "start"];
  const npm = launch({ dataDir: stack.dataDir, port: 0, program }, (text) => (output += text));
  const running = await ready(npm, stack.dataDir, () => output);
  npm.kill("SIGKILL");
  await nothingLeft(running);
});

test("a port that is taken is one sentence, and nothing is left behind", async () => {
  const other = net.createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as net.AddressInfo;
  const dataDir = temporaryFolder();
  let output = "";
  const child = launch({ dataDir, port }, (text) => (output += text));
  const [code] = (await once(child, "close")) as [number];
  other.close();
  expect(code).toBe(1);
  expect(output).toBe(`Port ${port} is taken. Choose another one: PORT=${port + 1} npm start\n`);
  expect(fs.existsSync(path.join(dataDir, "postgres"))).toBe(false);
  fs.rmSync(dataDir, { recursive: true });
});

test("a second start on the same folder is one sentence, and the first goes on", async () => {
  const { baseUrl, pid } = stack.running();
  let output = "";
  const child = launch({ dataDir: stack.dataDir, port: 0 }, (text) => (output += text));
  const [code] = (await once(child, "close")) as [number];
  expect(code).toBe(1);
  expect(output).toBe(
    `Already running on ${stack.dataDir} at ${baseUrl} (process ${pid}). Stop it, or set another DATA_DIR.\n`,
  );
  expect((await fetch(baseUrl)).status).toBe(200);
});

test("Postgres that dies comes back by itself; one that is taken away stays away until it is brought back", async () => {
  const { postgres } = stack.running().pids;
  const port = Number(new URL(stack.running().databaseUrl).port);
  signal(postgres, "SIGKILL");
  await until(async () => stack.output().includes("Postgres is back") && (await listens(port)), MS_MAX, "No Postgres");
  await stack.takePostgresAway();
  await expect(sql("SELECT 1")).rejects.toThrow("ECONNREFUSED");
  expect((await fetch(stack.running().baseUrl)).status).toBe(200);
  await stack.bringPostgresBack();
  expect(await sql("SELECT 1 AS n")).toEqual([{ n: 1 }]);
});
