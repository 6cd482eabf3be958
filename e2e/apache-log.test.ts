// A real web server's log through the whole stack, held against figures worked out from the file by another program
// (apache-figures.py): totals, days, pages, referrers and bots. And once more: the same import again counts nothing.

import { afterAll, beforeAll, expect, test } from "vitest";
import fs from "node:fs";
import path from "node:path";
import type { Outcome } from "../scripts/send.ts";
import { booksOf, command, report } from "./questions.ts";
import { startStack, type TestStack } from "./stack.ts";

interface Figures {
  lines: number;
  /** Lines that are no pageview, by reason. */
  skipped: Record<string, number>;
  sent: number;
  bots: number;
  mistaken_for_bots: number;
  pageviews: number;
  visitors: number;
  visits: number;
  bounces: number;
  duration_seconds: number;
  pageviews_by_day: Record<string, number>;
  not_counted_by_day: Record<string, number>;
  pages: Top[];
  entry_pages: Top[];
  referrers: Top[];
}

interface Top {
  value: string;
  count: number;
}

const figures = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, "apache-figures.json"), "utf8")) as Figures;
const MERCHANT = "m_log";
const DAYS = Object.keys(figures.pageviews_by_day);
const RANGE = [DAYS[0], DAYS.at(-1)];
const FILE = ["--file", "data/apache-access.log.gz"];

interface Printed extends Outcome {
  file: { lines: number; pageviews: number; skipped: Record<string, number> };
}

let stack: TestStack;
let printed: Printed;

beforeAll(async () => {
  stack = await startStack();
  printed = await command<Printed>(stack, "scripts/import.ts", "apache", "--merchant", MERCHANT, ...FILE);
});

afterAll(() => stack.remove());

const ask = async (query: Record<string, unknown>) =>
  (await report(stack, { merchant: MERCHANT, date_range: RANGE, ...query })).results;

test("every line is sent or has its reason, and every event sent is accepted", () => {
  expect(printed.file).toEqual({ lines: figures.lines, pageviews: figures.sent, skipped: figures.skipped });
  expect(printed).toMatchObject({ sent: figures.sent, accepted: figures.sent, duplicate: 0, rejected: {} });
});

test("totals", async () => {
  const metrics = ["visitors", "visits", "pageviews", "bounce_rate", "visit_duration"];
  const bounceRate = Math.round((10_000 * figures.bounces) / figures.visits) / 100;
  const duration = Math.round((10 * figures.duration_seconds) / figures.visits) / 10;
  expect(await ask({ metrics })).toEqual([
    { metrics: [figures.visitors, figures.visits, figures.pageviews, bounceRate, duration], dimensions: [] },
  ]);
});

test("days", async () => {
  const rows = await ask({ metrics: ["pageviews"], dimensions: ["time:day"] });
  expect(Object.fromEntries(rows.map(({ dimensions, metrics }) => [dimensions[0], metrics[0]]))).toEqual(
    figures.pageviews_by_day,
  );
});

test.each([
  ["page", "pageviews", figures.pages],
  ["entry_page", "visits", figures.entry_pages],
  ["referrer", "visits", figures.referrers],
] as const)("top %ss", async (dimension, metric, expected) => {
  const rows = await ask({ metrics: [metric], dimensions: [dimension], pagination: { limit: expected.length } });
  expect(rows.map(({ dimensions, metrics }) => ({ value: dimensions[0], count: metrics[0] }))).toEqual(expected);
});

test("bots are accepted and not counted, and the books of each day balance", async () => {
  const notCounted: Record<string, number> = {};
  for (const date of DAYS) {
    const { balanced, verdicts, received } = await booksOf(stack, MERCHANT, date);
    expect(balanced).toBe(true);
    expect(received).toBe((verdicts["counted"] ?? 0) + (verdicts["bot"] ?? 0));
    notCounted[date] = verdicts["bot"] ?? 0;
  }
  expect(notCounted).toEqual(figures.not_counted_by_day);
  expect(figures.mistaken_for_bots).toBeLessThan(figures.pageviews / 200);
});

test("the same import again: every event is a duplicate, and no number changes", async () => {
  const totals = { metrics: ["visitors", "visits", "pageviews"] };
  const before = await ask(totals);
  const again = await command<Printed>(stack, "scripts/import.ts", "apache", "--merchant", MERCHANT, ...FILE);
  expect(again).toMatchObject({ sent: figures.sent, accepted: 0, duplicate: figures.sent });
  expect(await ask(totals)).toEqual(before);
});
