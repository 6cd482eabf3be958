// A release that counts wrongly, as it happens: built from sources in which one line of the fold is broken, it counts a web
// server's log. The repaired release that takes its place seals the days: each seal reports what was counted wrongly, and no
// number is proven. A replay by the repaired code is looked at and applied; then the numbers are right and the books balance.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AuditView } from "../core/audit.ts";
import type { RunDifference, RunView } from "../core/replay.ts";
import type { Standing } from "../core/standing.ts";
import { query, sql } from "./client.ts";
import { booksOf, command, published } from "./questions.ts";
import { startStack, until, type TestStack } from "./stack.ts";

const ROOT = path.resolve(import.meta.dirname, "..");
const SOURCES = ["archive", "core", "durable-objects", "migrations", "queues", "scripts", "web", "workers"];
const LOG = { merchant: "m_log", days: ["2015-05-17", "2015-05-18", "2015-05-19", "2015-05-20"] };
/** Of the log as it is: see docs/replay.md. */
const PAGEVIEWS = 1_565;
const MS_MAX = 120_000;

/** The line, and what a hurried hand has made of it: every page counts twice. */
const LINE = `const pageviews = event.name === "pageview" ? 1 : 0;`;
const BROKEN = `const pageviews = event.name === "pageview" ? 2 : 0;`;

let broken: string;
let stack: TestStack;

beforeAll(async () => {
  broken = brokenSources();
  stack = await startStack(broken);
  const file = path.join(ROOT, "data/apache-access.log.gz");
  await command(stack, "scripts/import.ts", "apache", "--merchant", LOG.merchant, "--file", file);
  await published(stack, LOG.merchant);
});
afterAll(async () => {
  await stack?.remove();
  fs.rmSync(broken, { recursive: true, force: true });
});

/** A copy of everything that is built, with that line broken. */
function brokenSources(): string {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), "countinghouse-broken-"));
  const files = fs
    .readdirSync(ROOT)
    .filter((name) => /^(?:package.*\.json|tsconfig.*\.json|wrangler\.toml|vite\.config\.ts)$/.test(name));
  for (const name of [...SOURCES, ...files])
    fs.cpSync(path.join(ROOT, name), path.join(root, name), { recursive: true });
  fs.symlinkSync(path.join(ROOT, "node_modules"), path.join(root, "node_modules"));
  const fold = path.join(root, "core", "fold.ts");
  const text = fs.readFileSync(fold, "utf8");
  expect(text.split(LINE)).toHaveLength(2);
  fs.writeFileSync(fold, text.replace(LINE, BROKEN));
  return root;
}

const npmRunOps = <Printed>(...args: string[]): Promise<Printed> => command<Printed>(stack, "scripts/ops.ts", ...args);
const RANGE = ["--from", LOG.days[0]!, "--to", LOG.days.at(-1)!];

async function pageviews(): Promise<number> {
  const range = [LOG.days[0], LOG.days.at(-1)];
  const { results } = await query(stack.running(), {
    merchant: LOG.merchant,
    date_range: range,
    metrics: ["pageviews"],
  });
  return results[0]!.metrics[0] as number;
}

const books = () =>
  sql<{ proven: boolean | null; sealed: boolean; difference: Record<string, unknown> | null }>(
    stack.running(),
    "SELECT proven, sealed_at IS NOT NULL AS sealed, difference FROM day_book WHERE merchant = $1 ORDER BY date",
    [LOG.merchant],
  );

test("what the broken release has counted is not proven by the repaired one: each day says what differs", async () => {
  expect(await pageviews()).toBe(2 * PAGEVIEWS);
  await stack.stop();
  await stack.startAgain(ROOT);
  await until(
    async () => {
      await npmRunOps("seal", "--merchant", LOG.merchant);
      return (await books()).every(({ proven }) => proven === false);
    },
    MS_MAX,
    "The seals have reported nothing",
  );
  for (const { sealed, difference } of await books()) {
    expect(sealed).toBe(false);
    expect(difference).toMatchObject({ dimension: "total", measure: "pageviews" });
    expect(difference!["before"]).toBe(2 * Number(difference!["after"]));
  }
  // Readers still see what was published; nothing has been changed behind their backs.
  expect(await pageviews()).toBe(2 * PAGEVIEWS);
  // The command ends with 1, and shows the days.
  await expect(npmRunOps<Standing>("status")).rejects.toThrow(/"unproven": 4/);
});

test("repaired, looked at, applied: the numbers are right, every day is proven, the books balance", async () => {
  const asked = [
    "--merchant",
    LOG.merchant,
    ...RANGE,
    "--preview",
    "--limit",
    "1000",
    "--who",
    "test",
    "--why",
    "pages counted twice",
  ];
  const { run, difference } = await npmRunOps<{ run: RunView; difference: RunDifference }>("replay", ...asked);
  const changed = difference.totals.filter(({ before, after }) => before !== after);
  expect(changed).toEqual([{ measure: "pageviews", before: 2 * PAGEVIEWS, after: PAGEVIEWS, change: -50 }]);
  expect(new Set(difference.rows.map(({ measure }) => measure))).toEqual(new Set(["pageviews"]));
  expect(await npmRunOps("replay", "apply", String(run.id))).toMatchObject({
    state: "applied",
    switched: 1,
    refused: [],
  });
  expect(await pageviews()).toBe(PAGEVIEWS);
  for (const book of await books()) expect(book).toEqual({ proven: true, sealed: true, difference: null });
  for (const date of LOG.days) expect((await booksOf(stack, LOG.merchant, date)).balanced).toBe(true);
  expect(await npmRunOps<AuditView>("audit", "--merchant", LOG.merchant, ...RANGE)).toMatchObject({
    proven: 4,
    differing: 0,
  });
  const isSettled = async () => {
    const { shards } = await npmRunOps<{ shards: { days: { state: string }[] }[] }>("seal", "--merchant", LOG.merchant);
    return shards.every(({ days }) => days.every(({ state }) => state === "sealed"));
  };
  await until(isSettled, MS_MAX, "The object was not told");
  expect(await npmRunOps<Standing>("status")).toMatchObject({
    dead_letters: 0,
    days: { open: 0, unproven: 0, stale: 0 },
  });
});
