// The server that every local run and test stands on: what it keeps when it dies, and whom it lets in.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import pg from "pg";
import { afterEach, beforeEach, expect, test } from "vitest";
import { migrate } from "./migrate.ts";
import { freePort, startPostgres, type Postgres } from "./postgres.ts";

let folder: string;
let postgres: Postgres | null = null;

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "countinghouse-postgres-"));
  fs.chmodSync(folder, 0o755);
});

afterEach(async () => {
  await postgres?.stop("crash");
  postgres = null;
  fs.rmSync(folder, { recursive: true, force: true });
});

const start = async (dataDir: string): Promise<void> => {
  postgres = await startPostgres({ dataDir, durable: false });
};

async function sql(text: string): Promise<unknown[]> {
  const client = new pg.Client(postgres?.url);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

test("what was committed outlives a kill, and another process that now has its number", async () => {
  const dataDir = path.join(folder, "data");
  await start(dataDir);
  expect(await sql("SHOW timezone")).toEqual([{ TimeZone: "UTC" }]);
  await sql("CREATE TABLE kept AS SELECT 1 AS n");
  process.kill(postgres?.pid ?? 0, "SIGKILL");
  await postgres?.exited;
  const lock = path.join(dataDir, "cluster", "postmaster.pid");
  fs.writeFileSync(lock, fs.readFileSync(lock, "utf8").replace(/^\d+/, String(process.ppid)));
  await start(dataDir);
  expect(await sql("SELECT n FROM kept")).toEqual([{ n: 1 }]);
});

test("a cluster whose making was interrupted is made anew", async () => {
  const dataDir = path.join(folder, "data");
  fs.mkdirSync(path.join(dataDir, "cluster.unfinished"), { recursive: true });
  fs.writeFileSync(path.join(dataDir, "cluster.unfinished", "PG_VERSION"), "18\n");
  await start(dataDir);
  expect(await sql("SELECT 1 AS n")).toEqual([{ n: 1 }]);
});

test("data that a living server uses is refused", async () => {
  const dataDir = path.join(folder, "data");
  await start(dataDir);
  const second = startPostgres({ dataDir, durable: false });
  await expect(second).rejects.toThrow(`${dataDir} is in use by another Postgres (process ${postgres?.pid}).`);
});

test.runIf(process.getuid?.() === 0)(
  "root's folders work, through a link to a place that Postgres can enter",
  async () => {
    fs.chmodSync(folder, 0o700);
    const dataDir = path.join(folder, "data");
    await start(dataDir);
    const target = fs.readlinkSync(dataDir);
    await sql("CREATE TABLE kept AS SELECT 1 AS n");
    await postgres?.stop();
    await start(dataDir);
    expect(await sql("SELECT n FROM kept")).toEqual([{ n: 1 }]);
    expect(fs.readlinkSync(dataDir)).toBe(target);
    fs.rmSync(target, { recursive: true });
  },
);

test("migrations are applied once, and a database that is not there is said in one sentence", async () => {
  await start(path.join(folder, "data"));
  const { url } = postgres as Postgres;
  await migrate(url);
  await migrate(url);
  expect(await sql("SELECT count(*)::int AS n FROM merchants")).toEqual([{ n: 0 }]);
  const port = await freePort();
  const absent = `postgres://somebody:secret@127.0.0.1:${port}/postgres`;
  await expect(migrate(absent)).rejects.toThrow(
    `No database at postgres://somebody@127.0.0.1:${port}/postgres: connect ECONNREFUSED 127.0.0.1:${port}`,
  );
});
