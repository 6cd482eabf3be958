// The driver that the Worker uses, through the bridge, against a real Postgres that goes away and comes back.

import fs from "node:fs";
import http from "node:http";
import os from "node:os";
import path from "node:path";
import { neon, neonConfig, NeonDbError, Pool } from "@neondatabase/serverless";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { startNeonBridge, type NeonBridge } from "./neon-bridge.ts";
import { startPostgres, type Postgres } from "./postgres.ts";

let folder: string;
let postgres: Postgres;
let bridge: NeonBridge;

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), "countinghouse-bridge-"));
  fs.chmodSync(folder, 0o755);
  postgres = await startPostgres({ dataDir: path.join(folder, "postgres"), durable: false });
  bridge = await startNeonBridge({ databaseUrl: postgres.url });
  neonConfig.fetchEndpoint = () => `http://${bridge.address}/sql`;
  neonConfig.wsProxy = () => `${bridge.address}/v1`;
  neonConfig.useSecureWebSocket = false;
  neonConfig.pipelineTLS = false;
  neonConfig.pipelineConnect = false;
  neonConfig.webSocketConstructor = WebSocket;
});

afterAll(async () => {
  await bridge.close();
  await postgres.stop("crash");
  fs.rmSync(folder, { recursive: true, force: true });
});

// The driver wants the form of Neon's URLs; the bridge knows the database itself.
const sql = neon("postgres://user:password@host.example/postgres");

test("a statement over HTTP brings its values in their types", async () => {
  const rows = await sql`SELECT ${41}::int + 1 AS n, ${"ü"}::text AS text, null AS nothing, '{1,2}'::int[] AS list`;
  expect(rows).toEqual([{ n: 42, text: "ü", nothing: null, list: [1, 2] }]);
});

test("an array of statements is one transaction", async () => {
  await sql`CREATE TABLE kept (n int PRIMARY KEY)`;
  await sql.transaction([sql`INSERT INTO kept VALUES (1)`, sql`INSERT INTO kept VALUES (2)`]);
  const half = sql.transaction([sql`INSERT INTO kept VALUES (3)`, sql`INSERT INTO kept VALUES (1)`]);
  await expect(half).rejects.toMatchObject({ code: "23505", constraint: "kept_pkey" });
  expect(await sql`SELECT n FROM kept ORDER BY n`).toEqual([{ n: 1 }, { n: 2 }]);
});

test("a failed statement is the database's own error", async () => {
  const failed = sql`SELECT * FROM absent`;
  await expect(failed).rejects.toBeInstanceOf(NeonDbError);
  await expect(failed).rejects.toMatchObject({ code: "42P01", message: 'relation "absent" does not exist' });
});

test("the socket carries interactive transactions", async () => {
  const pool = new Pool({ connectionString: "postgres://postgres@host.example/postgres" });
  const client = await pool.connect();
  await client.query("BEGIN");
  const { rows } = await client.query("SELECT count(*)::int AS n FROM generate_series(1, 100000)");
  await client.query("ROLLBACK");
  client.release();
  await pool.end();
  expect(rows).toEqual([{ n: 100_000 }]);
});

test("pages in a browser are refused", async () => {
  const status = await new Promise((resolve, reject) => {
    const headers = { origin: "http://evil.example" };
    const request = http.request(`http://${bridge.address}/sql`, { method: "POST", headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.on("error", reject).end('{"query":"SELECT 1"}');
  });
  expect(status).toBe(403);
  const socket = new WebSocket(`ws://${bridge.address}/v1`, { origin: "http://evil.example" });
  const refused = await new Promise<Error>((resolve) => socket.once("error", resolve));
  expect(refused.message).toContain("403");
});

test("Postgres away is an error, and its return needs nothing", async () => {
  await sql`SELECT 1`;
  await postgres.stop("crash");
  await expect(sql`SELECT 1`).rejects.toThrow("503");
  const pool = new Pool({ connectionString: "postgres://postgres@host.example/postgres" });
  pool.on("error", () => {});
  await expect(pool.query("SELECT 1")).rejects.toThrow();
  await pool.end();
  postgres = await startPostgres({ dataDir: path.join(folder, "postgres"), port: postgres.port, durable: false });
  expect(await sql`SELECT n FROM kept ORDER BY n`).toEqual([{ n: 1 }, { n: 2 }]);
});
