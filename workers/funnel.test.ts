import { env } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import { derivedFileKey } from "../core/archive.ts";
import type { Event } from "../core/event.ts";
import type { Merchant } from "../core/merchant.ts";
import { foldedDays } from "../core/scan-fixture.ts";
import { addDays, dayOf } from "../core/zone.ts";
import { DerivedFile } from "../archive/derived-writer.ts";
import { R2Sink } from "../archive/parquet-writer.ts";
import type { Env } from "./env.ts";
import { type FunnelAnswer, funnelRoutes } from "./funnel.ts";
import { forOperator, seal } from "./reports-doubles.ts";

const bindings = env as unknown as Env;
const FIRST = "2026-11-18";
const merchant: Merchant = {
  id: "m_funnels",
  name: "Shop",
  zone: "America/New_York",
  currency: "USD",
  domains: ["shop.example"],
  shards: 2,
};

const app = forOperator(funnelRoutes(async (_, id) => (id === merchant.id ? merchant : null)));
const ask = async (body: unknown) =>
  app.request("/funnel", { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) }, bindings);
const answer = async (body: Record<string, unknown>): Promise<FunnelAnswer> => {
  const response = await ask({ merchant: merchant.id, date_range: [FIRST, addDays(FIRST, 1)], ...body });
  expect(response.status).toBe(200);
  return response.json();
};

/** A visit that goes so far, on the given day. */
function visit(n: number, date: string, names: string[], country: string): Event[] {
  const startMs = dayOf(merchant.zone, date).startMs + n * 60_000;
  const visitor = `${n.toString(16).padStart(8, "0")}${date.replaceAll("-", "")}`;
  return names.map((name, at) => ({
    id: `${date}-${n}-${at}`,
    name,
    occurred_at: startMs + at * 10_000,
    received_at: startMs + at * 10_000,
    visitor,
    country,
    url: `https://shop.example/${name}`,
  }));
}

const WAYS = [
  ["pageview"],
  ["pageview", "view_item"],
  ["view_item", "add_to_cart", "purchase"],
  ["pageview", "view_item", "add_to_cart", "begin_checkout", "purchase"],
  ["begin_checkout", "add_to_cart", "view_item"],
];

beforeAll(async () => {
  const events = [FIRST, addDays(FIRST, 1)].flatMap((date) =>
    Array.from({ length: 20 }, (_, n) => visit(n, date, WAYS[n % WAYS.length]!, n % 2 === 0 ? "US" : "CA")).flat(),
  );
  for (const { day, shard, rows } of foldedDays(events, merchant)) {
    const sink = new R2Sink(bindings.ARCHIVE, derivedFileKey(merchant.id, day.date, shard, 0));
    const file = new DerivedFile(sink, merchant.currency);
    await file.write(rows);
    await file.finish();
    await seal(bindings, { merchant: merchant.id, date: day.date, shard });
  }
});

test("the shop's funnel: each step of those that took the one before", async () => {
  const { results, meta, query } = await answer({ preset: "shop" });
  expect(results.map(({ name, visits, share, dropped }) => [name, visits, share, dropped])).toEqual([
    ["Visits", 40, 100, 0],
    ["Product viewed", 32, 80, 8],
    ["Added to cart", 16, 40, 16],
    ["Checkout begun", 8, 20, 8],
    ["Ordered", 8, 20, 0],
  ]);
  expect(meta).toMatchObject({ time_zone: merchant.zone, generations: [0], stale: null });
  expect(meta.fresh_to).toMatch(/^20/);
  expect(query).toMatchObject({ merchant: merchant.id, filters: [] });
});

test("a funnel that was asked before reads nothing; another one does", async () => {
  const steps = [{ event: "view_item" }, { page: "/purchase" }, { event: "purchase" }];
  const first = await answer({ steps });
  expect(first.results.map(({ visits }) => visits)).toEqual([32, 0, 0]);
  expect(first.meta.source.files).toBeGreaterThan(1);
  const again = await answer({ steps: steps.map((step) => ({ ...step, name: "other words" })) });
  expect(again.meta.source).toEqual({ kind: "scan", files: 0, cached_days: first.meta.source.files });
  expect(again.results.map(({ name, visits }) => [name, visits])).toEqual([
    ["other words", 32],
    ["other words", 0],
    ["other words", 0],
  ]);
});

test("visits that are asked about, and a part of a day", async () => {
  const { results } = await answer({ preset: "shop", filters: [["is", "country", ["CA"]]] });
  expect(results[0]!.visits).toBe(20);
  const startMs = dayOf(merchant.zone, FIRST).startMs;
  const range = [startMs, startMs + 10 * 60_000].map((ms) => new Date(ms).toISOString());
  const part = await answer({ preset: "shop", date_range: range });
  expect(part.results.map(({ visits }) => visits)).toEqual([10, 8, 4, 2, 2]);
});

test.each([
  ["{", 400, "#"],
  [{ merchant: merchant.id, date_range: "7d" }, 400, "#/steps"],
  [{ merchant: merchant.id, date_range: ["2126-01-01", "2126-01-02"], preset: "shop" }, 400, "#/date_range"],
  [{ merchant: "m_unknown", date_range: "7d", preset: "shop" }, 404, "#/merchant"],
  [`"${"x".repeat(70_000)}"`, 413, "#"],
])("%j is refused with %s at %s", async (body, status, pointer) => {
  const response = await ask(body);
  expect(response.status).toBe(status);
  const { error } = await response.json<{ error: { pointer: string } }>();
  expect(error).toMatchObject({ pointer, reason: expect.any(String) as string, message: expect.any(String) as string });
});
