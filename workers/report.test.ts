// One question, one answer, without HTTP: what is asked of whom, and what of it is answered from rollups.

import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Merchant } from "../core/merchant.ts";
import { rollupsOf, type VisitFixture } from "../core/rollup-fixture.ts";
import type { Env } from "./env.ts";
import { answerAsked, findAsked } from "./report.ts";
import { AS_OF_MS, publish, Shards } from "./reports-doubles.ts";

const bindings = env as unknown as Env;
const OPERATOR = { kind: "operator" } as const;

const merchant: Merchant = {
  id: "m_report",
  name: "",
  zone: "Europe/Berlin",
  currency: "EUR",
  domains: [],
  shards: 1,
};
const shards = new Shards();
const world: Env = { ...bindings, MERCHANT_SHARD: shards.namespace };
const find = async (_: Env, id: string) => (id === merchant.id ? merchant : null);

const visit = (at: string, over: Partial<VisitFixture> = {}): VisitFixture => ({
  person: 1,
  identified: false,
  atMs: Date.parse(at),
  channel: "Direct",
  pages: ["/"],
  gross: 0,
  ...over,
});

const ask = async (asked: Record<string, unknown>) => {
  const body = { merchant: merchant.id, metrics: ["visits"], date_range: ["2026-01-05", "2026-01-06"], ...asked };
  const found = await findAsked(world, find, OPERATOR, body);
  return found.ok ? answerAsked(world, found.value, AS_OF_MS) : found;
};

test("by time and channel, with a filter on it, totals, and the plan", async () => {
  await publish(
    bindings,
    rollupsOf(merchant.id, merchant.zone, 1, [
      visit("2026-01-05T09:10:00Z", { channel: "Email" }),
      visit("2026-01-05T12:10:00Z", { person: 2, channel: "Direct" }),
      visit("2026-01-06T09:10:00Z", { person: 3, channel: "Email" }),
      visit("2026-01-06T09:20:00Z", { person: 4, channel: "Paid Search", gross: 10_000 }),
    ]),
  );
  const answer = await ask({
    metrics: ["visits", "visitors"],
    dimensions: ["channel", "time:day"],
    filters: [["contains_not", "channel", ["paid"], { case_sensitive: false }]],
    explain: true,
  });
  expect(answer).toMatchObject({
    ok: true,
    value: {
      results: [
        { metrics: [1, 1], dimensions: ["Direct", "2026-01-05"] },
        { metrics: [1, 1], dimensions: ["Email", "2026-01-05"] },
        { metrics: [1, 1], dimensions: ["Email", "2026-01-06"] },
      ],
      meta: {
        source: { kind: "rollup", postgres_rows: 3 },
        cost: { rows: 3, ms: expect.any(Number) as number },
        plan: { source: "rollup", because: null, rollups: { whole_days: 2 } },
      },
    },
  });
  expect(
    await ask({ metrics: ["visits", "percentage"], dimensions: ["channel"], include: { totals: true } }),
  ).toMatchObject({
    ok: true,
    value: {
      results: [
        { metrics: [2, 50], dimensions: ["Email"] },
        { metrics: [1, 25], dimensions: ["Direct"] },
        { metrics: [1, 25], dimensions: ["Paid Search"] },
      ],
      meta: { totals: { metrics: [4, 100], dimensions: [] } },
    },
  });
  expect(await ask({ metrics: ["orders", "bounce_rate"], filters: [["is", "channel", ["Email"]]] })).toMatchObject({
    ok: true,
    value: { results: [{ metrics: [0, 100], dimensions: [] }], meta: { source: { kind: "rollup" } } },
  });
});

test("refusals of the question, of the merchant, and of the plan", async () => {
  expect(await ask({ metrics: ["baa"] })).toMatchObject({
    ok: false,
    failure: { status: 400, pointer: "#/metrics/0" },
  });
  expect(await ask({ merchant: "m_other" })).toMatchObject({ ok: false, failure: { status: 404 } });
  expect(await ask({ date_range: ["2026-01-07", "2026-01-08"] })).toMatchObject({
    ok: false,
    failure: { status: 400, pointer: "#/date_range", reason: "invalid_range" },
  });
});
