// One question, one answer, without HTTP: what is asked of whom, and what of it is answered from rollups.

import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { shardName } from "../core/address.ts";
import type { Event } from "../core/event.ts";
import { SCAN_EVENTS_MAX } from "../core/limits.ts";
import type { Merchant } from "../core/merchant.ts";
import type { MerchantShardApi } from "../core/messages.ts";
import { OTHER } from "../core/rollup.ts";
import { rollupsOf, visitAt } from "../core/rollup-fixture.ts";
import { database } from "../migrations/database.ts";
import type { Env } from "./env.ts";
import { answerAsked, findAsked } from "./report.ts";
import { AS_OF_MS, publish, seal, Shards } from "./reports-doubles.ts";

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
const MANY: Merchant = { ...merchant, id: "m_many" };
const LIVELY: Merchant = {
  ...merchant,
  id: "m_lively",
  rules: { extraBots: [], goals: [{ name: "Bought", match: { kind: "event", event: "purchase" } }] },
};
const find = async (_: Env, id: string) => [merchant, LIVELY, MANY].find((each) => each.id === id) ?? null;

const ask = async (asked: Record<string, unknown>, over: Partial<Env> = {}) => {
  const world: Env = { ...bindings, MERCHANT_SHARD: shards.namespace, ...over };
  const body = { merchant: merchant.id, metrics: ["visits"], date_range: ["2026-01-05", "2026-01-06"], ...asked };
  const found = await findAsked(world, find, OPERATOR, body);
  return found.ok ? answerAsked(world, found.value, AS_OF_MS) : found;
};

test("by time and channel, with a filter on it, totals, and the plan", async () => {
  await publish(
    bindings,
    rollupsOf(merchant.id, merchant.zone, 1, [
      visitAt("2026-01-05T09:10:00Z", { channel: "Email" }),
      visitAt("2026-01-05T12:10:00Z", { person: 2, channel: "Direct" }),
      visitAt("2026-01-06T09:10:00Z", { person: 3, channel: "Email" }),
      visitAt("2026-01-06T09:20:00Z", { person: 4, channel: "Paid Search", gross: 10_000 }),
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

/** With the real objects, which single events are asked of. */
const REAL = { MERCHANT_SHARD: bindings.MERCHANT_SHARD };

test("by goal and property and with a filter on something else, from single events", async () => {
  const event = (id: string, visitor: string, more: Partial<Event>): Event => ({
    id,
    name: "pageview",
    occurred_at: Date.parse("2026-01-05T09:00:00Z"),
    received_at: AS_OF_MS,
    visitor: visitor.padEnd(16, "0"),
    url: "https://shop.example/",
    user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    ...more,
  });
  const events = [
    event("1", "a", { props: { plan: "pro" }, country: "DE" }),
    event("2", "a", { name: "purchase", transaction_id: "A-1", value: 12, props: { plan: "pro" }, country: "DE" }),
    event("3", "b", { props: { plan: "free" }, country: "DE" }),
    event("4", "c", { props: { plan: "pro" }, country: "FR" }),
  ];
  const object = bindings.MERCHANT_SHARD.getByName(shardName(LIVELY.id, 0)) as unknown as MerchantShardApi;
  const lines = events.map((each) => JSON.stringify(each));
  await object.append({ merchant: LIVELY, shard: 0, lines, rejected: {}, receivedAtMs: AS_OF_MS });
  const asked = {
    merchant: LIVELY.id,
    metrics: ["visits", "gross_revenue", "conversion_rate"],
    dimensions: ["goal", "event:props:plan"],
    filters: [["is", "country", ["DE"]]],
    include: { totals: true },
    explain: true,
  };
  expect(await ask(asked, REAL)).toMatchObject({
    ok: true,
    value: {
      results: [{ metrics: [1, { value: "12.00", currency: "EUR" }, 50], dimensions: ["Bought", "pro"] }],
      meta: {
        source: { kind: "scan" },
        cost: { rows: 4, ms: expect.any(Number) as number },
        stale: null,
        totals: { metrics: [2, { value: "12.00", currency: "EUR" }, 50] },
        plan: { source: "scan", because: expect.stringMatching(/\.$/) as string, events: { days: 2 } },
      },
    },
  });
});

test("a filter that meets (other) is answered from single events, and from rollups when those are too many, which is said", async () => {
  const [hour] = rollupsOf(MANY.id, MANY.zone, 1, [visitAt("2026-01-05T09:10:00Z")]);
  const page = { v: ["/", OTHER], pageviews: [3, 4] };
  await publish(bindings, [{ ...hour!, dimensions: { page } }]);
  const asked = { merchant: MANY.id, metrics: ["pageviews"], filters: [["contains", "page", ["/"]]] };
  // There are no such events.
  expect(await ask(asked, REAL)).toMatchObject({
    ok: true,
    value: { results: [{ metrics: [0] }], meta: { source: { kind: "scan" }, approximate: [], other: false } },
  });
  await seal(bindings, { merchant: MANY.id, date: "2026-01-05", shard: 0 });
  await database(bindings)`UPDATE day_book SET accepted = ${SCAN_EVENTS_MAX + 1} WHERE merchant = ${MANY.id}`;
  expect(await ask(asked, REAL)).toMatchObject({
    ok: true,
    value: {
      results: [{ metrics: [3] }],
      meta: {
        source: { kind: "rollup" },
        approximate: ["pageviews"],
        other: true,
        notes: [expect.stringContaining("(other)") as string],
      },
    },
  });
  // Without rollups that tell there is no number.
  expect(await ask({ ...asked, dimensions: ["event:props:plan"] }, REAL)).toMatchObject({
    ok: false,
    failure: {
      status: 400,
      pointer: "#/date_range",
      reason: "too_much",
      message: expect.stringContaining("/jobs") as string,
    },
  });
});
