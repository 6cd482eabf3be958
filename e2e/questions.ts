// What tests of a whole stack ask it: reports through the API, books through the ops routes, and commands as people run
// them.

import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { text } from "node:stream/consumers";
import type { Books } from "../core/books.ts";
import type { ShardStatus } from "../core/messages.ts";
import type { MetricValue } from "../core/metrics.ts";
import { ask, ops } from "./client.ts";
import { until, type TestStack } from "./stack.ts";

const ROOT = path.resolve(import.meta.dirname, "..");

export interface Report {
  results: { metrics: MetricValue[]; dimensions: string[] }[];
  meta: { source: { postgres_rows: number; object_hours: number } };
}

/** As of now, whatever is kept at the edge. Throws with the API's words when it refuses. */
export async function report(stack: TestStack, query: Record<string, unknown>): Promise<Report> {
  const headers = { "cache-control": "no-cache" };
  return ask<Report>(stack.running(), "/api/v1/query", { method: "POST", headers, body: JSON.stringify(query) });
}

/** Has a merchant's shards publish and archive everything, and waits until Postgres and R2 have it. */
export async function published(stack: TestStack, merchant: string, msMax = 60_000): Promise<void> {
  const route = `/merchants/${merchant}`;
  await ops(stack.running(), `${route}/flush`, "POST");
  const isPublished = async (): Promise<boolean> => {
    const { shards } = await ops<{ shards: ShardStatus[] }>(stack.running(), `${route}/status`);
    return shards.every((one) => one.unpublishedHours + one.unpublishedBooks + one.unarchivedEvents === 0);
  };
  await until(isPublished, msMax, "Not everything was published");
}

export async function booksOf(
  stack: TestStack,
  merchant: string,
  date: string,
): Promise<Books & { balanced: boolean }> {
  const answer = await ops<{ books: Books; balanced: boolean }>(
    stack.running(),
    `/merchants/${merchant}/books?date=${date}`,
  );
  return { ...answer.books, balanced: answer.balanced };
}

/** `node scripts/…` with `--json` on the stack: what it printed. Throws with what it said when it fails. */
export async function command<Printed>(stack: TestStack, script: string, ...args: string[]): Promise<Printed> {
  const child = spawn(process.execPath, [script, ...args, "--json"], {
    cwd: ROOT,
    env: { ...process.env, DATA_DIR: stack.dataDir },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  if (child.exitCode !== 0) throw new Error(`${script} ended with ${String(child.exitCode)}:\n${err}${out}`);
  return JSON.parse(out) as Printed;
}
