// How fast hours get into Postgres through the rollups consumer's own code and statement: decode, reduce, one round
// trip a batch, on a real Postgres with fsync, through the bridge that stands for Neon. Prints rows/s of new hours, of
// replaced ones and of redelivered old ones, beside a statement per hour; and what a merchant-hour weighs.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { Command } from "commander";
import pg from "pg";
import type { RollupMessage } from "../core/messages.ts";
import { database, type Sql } from "../migrations/database.ts";
import { decodePublished } from "../queues/decode.ts";
import { type Row, rowsOf, writeRows } from "../queues/rows.ts";
import { migrate } from "../scripts/migrate.ts";
import { startNeonBridge } from "../scripts/neon-bridge.ts";
import { startPostgres } from "../scripts/postgres.ts";
import { sampleHour } from "./sample-hour.ts";

interface Options {
  merchants: number;
  hours: number;
  batch: number;
  json?: true;
}

interface Case {
  name: string;
  rows: number;
  seconds: number;
}

const START_MS = Date.UTC(2026, 10, 24);
const HOUR_MS = 3_600_000;
/** Statements of one hour each are slow; some are enough to know how slow. */
const SINGLE_ROWS_MAX = 200;

const read = (): Promise<null> => Promise.resolve(null);

function messageOf(merchant: number, hour: number, seq: number): RollupMessage {
  const rollup = sampleHour({
    merchant: `m_bench${merchant}`,
    hourMs: START_MS + hour * HOUR_MS,
    seq,
    seed: merchant * 31 + hour,
  });
  const { shard } = rollup;
  const body = new Uint8Array(gzipSync(JSON.stringify(rollup)));
  return { kind: "rollup", merchant: rollup.merchant, shard, hour: rollup.hour, seq, part: 0, parts: 1, body };
}

async function decoded(messages: readonly RollupMessage[]): Promise<Row<null>[]> {
  const values = await Promise.all(messages.map((message) => decodePublished(message, read)));
  return rowsOf(
    values.map((result) => {
      if (!result.ok || result.value.kind === "gone") throw new Error("the sample is not a rollup");
      return { value: result.value, source: null };
    }),
  );
}

/** Hours as they come: all merchants of one hour, then of the next. */
async function measure(name: string, sql: Sql, messages: readonly RollupMessage[], batch: number): Promise<Case> {
  const start = performance.now();
  for (let at = 0; at < messages.length; at += batch)
    await writeRows(sql, await decoded(messages.slice(at, at + batch)));
  return { name, rows: messages.length, seconds: (performance.now() - start) / 1000 };
}

async function measureDecoding(messages: readonly RollupMessage[], batch: number): Promise<Case> {
  const start = performance.now();
  for (let at = 0; at < messages.length; at += batch) await decoded(messages.slice(at, at + batch));
  return { name: "decode and check only", rows: messages.length, seconds: (performance.now() - start) / 1000 };
}

async function measureRoundTrip(sql: Sql): Promise<Case> {
  const rows = 300;
  await sql`SELECT 1`;
  const start = performance.now();
  for (let at = 0; at < rows; at++) await sql`SELECT 1`;
  return { name: "SELECT 1, the round trip", rows, seconds: (performance.now() - start) / 1000 };
}

async function run({
  merchants,
  hours,
  batch,
}: Options): Promise<{ cases: Case[]; bytesPerHour: number; bytesSent: number }> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "countinghouse-bench-"));
  fs.chmodSync(folder, 0o755);
  const postgres = await startPostgres({ dataDir: path.join(folder, "postgres"), durable: true });
  try {
    await migrate(postgres.url);
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    const bridge = await startNeonBridge({ databaseUrl: postgres.url });
    const sql = database({ DATABASE_URL: postgres.url, NEON_BRIDGE: bridge.address });
    const messages = (seq: number): RollupMessage[] =>
      Array.from({ length: merchants * hours }, (_, n) => messageOf(n % merchants, Math.floor(n / merchants), seq));
    const [first, second] = [messages(1), messages(2)];
    const cases = [await measureRoundTrip(sql), await measureDecoding(first, batch)];
    cases.push(await measure(`new hours, ${batch} a batch`, sql, first, batch));
    const { rows } = await client.query<{ bytes: string; hours: string }>(
      `SELECT sum(pg_total_relation_size(inhrelid)) AS bytes, (SELECT count(*) FROM hourly_rollups) AS hours
       FROM pg_inherits WHERE inhparent = 'hourly_rollups'::regclass`,
    );
    cases.push(await measure(`replaced by a higher sequence, ${batch} a batch`, sql, second, batch));
    cases.push(await measure(`an old sequence again, ${batch} a batch`, sql, first, batch));
    cases.push(await measure("new sequence, a statement per hour", sql, messages(3).slice(0, SINGLE_ROWS_MAX), 1));
    await client.end();
    await bridge.close();
    const bytesSent = first.reduce((sum, { body }) => sum + body.length, 0) / first.length;
    return { cases, bytesPerHour: Number(rows[0]!.bytes) / Number(rows[0]!.hours), bytesSent };
  } finally {
    await postgres.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

const positive = (text: string): number => {
  const n = Number(text);
  if (!Number.isSafeInteger(n) || n < 1) throw new Error(`${text} is not a positive whole number`);
  return n;
};

export const rollupsBench = new Command("rollups")
  .description("Rows per second into Postgres through the rollups consumer's own statement.")
  .option("--merchants <n>", "small merchants with traffic in each hour", positive, 200)
  .option("--hours <n>", "hours of a day", positive, 10)
  .option("--batch <n>", "messages of a queue batch", positive, 100)
  .option("--json", "print JSON for programs")
  .action(async (options: Options) => {
    const { cases, bytesPerHour, bytesSent } = await run(options);
    const perSecond = ({ rows, seconds }: Case): number => Math.round(rows / seconds);
    const slowest = perSecond(cases.at(-1)!);
    const table = cases.map((one) => ({
      case: one.name,
      rows: one.rows,
      "rows/s": perSecond(one),
      "ms per row": Number(((one.seconds * 1000) / one.rows).toFixed(3)),
      ratio: Number((perSecond(one) / slowest).toFixed(1)),
    }));
    const sizes = {
      bytesPerMerchantHourInPostgres: Math.round(bytesPerHour),
      bytesPerMessageBody: Math.round(bytesSent),
    };
    if (options.json) return console.log(JSON.stringify({ cases: table, ...sizes }));
    console.table(table);
    console.log(
      `A merchant-hour: ${sizes.bytesPerMessageBody} bytes as a message, ${sizes.bytesPerMerchantHourInPostgres} in Postgres with its key.`,
    );
  });

if (import.meta.main) await rollupsBench.parseAsync();
