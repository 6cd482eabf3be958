import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Merchant } from "../core/merchant.ts";
import { planReport } from "../core/plan.ts";
import { parseQuery } from "../core/query.ts";
import { rollupsOf, visitAt, type VisitFixture } from "../core/rollup-fixture.ts";
import { database } from "../migrations/database.ts";
import type { Env } from "./env.ts";
import { readPublished } from "./published-hours.ts";
import { statement } from "./published-statement.ts";
import { forOperator, publish, Shards } from "./reports-doubles.ts";
import { reports } from "./reports.ts";

const bindings = env as unknown as Env;
/** Nothing listens there. */
const NOWHERE = "127.0.0.1:1";

const bed = (id: string, shardCount = 1) => {
  const merchant: Merchant = { id, name: id, zone: "Europe/Berlin", currency: "EUR", domains: [], shards: shardCount };
  const shards = new Shards();
  const app = forOperator(reports(async (_, asked) => (asked === id ? merchant : null)));
  const send = async (body: unknown, over: Partial<Env> = {}) => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const world = { ...bindings, MERCHANT_SHARD: shards.namespace, ...over };
    // What is published in a test comes to no object first, so nothing would say that there is something new.
    const headers = { "cache-control": "no-cache" };
    const response = await app.request("/query", { method: "POST", headers, body: text }, world);
    return { status: response.status, headers: response.headers, body: (await response.json()) as Answered };
  };
  const ask = (asked: Record<string, unknown>, over: Partial<Env> = {}) =>
    send({ merchant: id, metrics: ["visits"], date_range: ["2026-01-05", "2026-01-06"], ...asked }, over);
  const hoursOf = (...visits: VisitFixture[]) => rollupsOf(id, "Europe/Berlin", shardCount, visits);
  return { merchant, shards, app, send, ask, hoursOf };
};

interface Answered {
  results: { metrics: unknown[]; dimensions: string[] }[];
  meta: Record<string, unknown>;
  query: Record<string, unknown>;
  error: { pointer: string; message: string; reason: string };
}

test("hours of Postgres and of the objects are one answer; a newer one replaces, and nothing is added", async () => {
  const { shards, ask, hoursOf } = bed("m_both", 2);
  const early = [1, 2, 3, 3].map((person) => visitAt("2026-01-05T09:10:00Z", { person, gross: 12_340_000 }));
  const late = [visitAt("2026-01-06T10:00:00Z", { person: 4, channel: "Email", pages: ["/", "/a"] })];
  const published = hoursOf(...early, ...late);
  await publish(bindings, published);
  const later = [...late, visitAt("2026-01-06T10:40:00Z", { person: 2, identified: true })];
  for (const rollup of hoursOf(...later)) shards.hold(rollup);
  for (const rollup of hoursOf(...early)) shards.hold(rollup, rollup.seq);

  const metrics = ["visitors", "visits", "pageviews", "gross_revenue", "conversion_rate"];
  const { status, headers, body } = await ask({ metrics });
  expect(status).toBe(200);
  expect(headers.get("cache-control")).toBe("private, no-store");
  expect(body.results).toEqual([{ metrics: [5, 6, 7, { value: "49.36", currency: "EUR" }, 66.67], dimensions: [] }]);
  expect(body.meta).toEqual({
    fresh_to: "2026-01-06T13:34:56+01:00",
    complete_to: "2026-01-06T13:00:00+01:00",
    time_zone: "Europe/Berlin",
    currency: "EUR",
    source: { kind: "rollup", postgres_rows: 3, object_hours: 1 },
    cost: { rows: 4, bytes: expect.any(Number), ms: expect.any(Number) },
    generations: [0],
    approximate: [],
    notes: [],
    other: false,
    foreign: 0,
    stale: null,
    incomplete: [],
    took_ms: expect.any(Number),
  });
  expect(body.query).toMatchObject({
    merchant: "m_both",
    date_range: ["2026-01-05T00:00:00+01:00", "2026-01-06T23:59:59+01:00"],
  });
  expect(shards.asked.map(({ name }) => name)).toEqual(["m_both/0", "m_both/1"]);

  expect((await ask({ metrics: ["visitors", "visits"], dimensions: ["page"] })).body.results).toEqual([
    { metrics: [5, 6], dimensions: ["/"] },
    { metrics: [1, 1], dimensions: ["/a"] },
  ]);
  expect((await ask({ metrics: ["visits"], dimensions: ["time:hour"] })).body.results).toEqual([
    { metrics: [4], dimensions: ["2026-01-05 10:00:00"] },
    { metrics: [2], dimensions: ["2026-01-06 11:00:00"] },
  ]);
  const minutes = { dimensions: ["time:minute"], date_range: ["2026-01-06T10:30:00Z", "2026-01-06T11:00:00Z"] };
  expect((await ask(minutes)).body.results).toEqual([{ metrics: [1], dimensions: ["2026-01-06 11:40:00"] }]);
});

test("an hour that was published between the two readings is asked for again", async () => {
  const { shards, ask, hoursOf } = bed("m_race");
  await publish(bindings, hoursOf(visitAt("2026-01-05T09:10:00Z")));
  const [newer] = hoursOf(visitAt("2026-01-05T09:10:00Z"), visitAt("2026-01-05T09:20:00Z"));
  shards.hold(newer!, newer!.seq);
  const [unseen] = hoursOf(visitAt("2026-01-06T09:10:00Z"));
  shards.hold(unseen!, unseen!.seq);
  expect((await ask({})).body.results).toEqual([{ metrics: [3], dimensions: [] }]);
  expect(shards.asked.map(({ request }) => request.all)).toEqual([false, true]);
});

test("without Postgres the objects answer with all that they hold, and say what may be missing", async () => {
  const { shards, ask, hoursOf } = bed("m_offline");
  const [first, second] = hoursOf(visitAt("2026-01-06T09:10:00Z"), visitAt("2026-01-06T10:10:00Z"));
  shards.hold(first!, first!.seq);
  shards.hold(second!);
  const { status, body } = await ask({}, { NEON_BRIDGE: NOWHERE });
  expect(status).toBe(200);
  expect(body.results).toEqual([{ metrics: [2], dimensions: [] }]);
  expect(body.meta).toMatchObject({
    complete_to: null,
    stale: "Postgres is unreachable: hours before 2026-01-06T10:00:00+01:00 may be missing.",
    source: { kind: "rollup", postgres_rows: 0, object_hours: 2 },
  });
});

test("without an object Postgres answers with what is published, and says so", async () => {
  const { shards, ask, hoursOf } = bed("m_lonely", 2);
  await publish(bindings, hoursOf(visitAt("2026-01-05T09:10:00Z")));
  shards.away.add("m_lonely/1");
  const { status, body } = await ask({});
  expect(status).toBe(200);
  expect(body.results).toEqual([{ metrics: [1], dimensions: [] }]);
  expect(body.meta).toMatchObject({
    fresh_to: null,
    complete_to: null,
    stale: "Counting object 2 of 2 is unreachable: what it has not published yet is missing.",
  });
});

test("with neither there is no answer, and a time to ask again", async () => {
  const { shards, ask } = bed("m_nothing");
  shards.away.add("m_nothing/0");
  const { status, headers, body } = await ask({}, { NEON_BRIDGE: NOWHERE });
  expect(status).toBe(503);
  expect(headers.get("retry-after")).toBe("5");
  expect(body.error).toMatchObject({ reason: "unavailable", message: expect.stringContaining("Postgres") });
});

test("refusals have their status, a pointer and what would be right", async () => {
  const { send, ask } = bed("m_refusals");
  expect(await send("{")).toMatchObject({ status: 400, body: { error: { pointer: "#", reason: "malformed" } } });
  const deep = `{"merchant":"m_refusals","metrics":${"[".repeat(30_000)}${"]".repeat(30_000)}}`;
  expect(await send(deep)).toMatchObject({ status: 400, body: { error: { pointer: "#/metrics/0" } } });
  expect(await ask({ metrics: ["visits", "baa"] })).toMatchObject({
    status: 400,
    body: { error: { pointer: "#/metrics/1", reason: "unknown_metric", message: expect.stringContaining("visitors") } },
  });
  expect(await ask({ date_range: "30m" })).toMatchObject({ status: 400, body: { error: { pointer: "#/date_range" } } });
  expect(await ask({ merchant: "m_other" })).toMatchObject({ status: 404, body: { error: { pointer: "#/merchant" } } });
  expect(await send(" ".repeat(65_537))).toMatchObject({ status: 413, body: { error: { reason: "too_large" } } });
  const away = forOperator(reports(() => Promise.reject(new Error("neither KV nor Postgres"))));
  const body = JSON.stringify({ merchant: "m_x", metrics: ["visits"], date_range: "day" });
  expect((await away.request("/query", { method: "POST", body }, bindings)).status).toBe(503);
});

const planOf = (merchant: Merchant, asked: Record<string, unknown>) => {
  const query = parseQuery({
    merchant: merchant.id,
    metrics: ["visitors"],
    date_range: ["2026-01-05", "2026-01-06"],
    ...asked,
  });
  if (!query.ok) throw new Error(query.failure.message);
  const plan = planReport(query.value, merchant, Date.parse("2026-01-06T12:00:00Z"));
  if (!plan.ok || plan.value.source !== "rollup") throw new Error("not a plan over rollups");
  return plan.value;
};

test("more than an answer can read is refused before it is read", async () => {
  const { merchant, hoursOf } = bed("m_large");
  await publish(bindings, hoursOf(visitAt("2026-01-05T09:10:00Z"), visitAt("2026-01-05T12:10:00Z")));
  const plan = planOf(merchant, { dimensions: ["page"] });
  expect(await readPublished(bindings, merchant, plan, 10)).toMatchObject({
    hours: [],
    tooLargeBytes: expect.any(Number),
  });
  expect(await readPublished(bindings, merchant, plan)).toMatchObject({ hours: [{}, {}], tooLargeBytes: null });
});

test("each hour is one descent of the primary key, and none but the columns needed are named", async () => {
  const { merchant } = bed("m_plan");
  const text = statement(planOf(merchant, { dimensions: ["page"] }).reads, false);
  expect(text).not.toMatch(/entry_page|"visits"|minutes|anonymous/);
  const sql = database(bindings);
  const date = "2026-01-05";
  const parameters = ["m_plan", [date], [Date.parse(`${date}T09:00:00Z`)], [3], [date], 1, 1_000, date, date, []];
  // A table of a few test rows is quicker read whole, if that is allowed.
  const [, explained] = await sql.transaction([
    sql`SET LOCAL enable_seqscan = off`,
    sql.query(`EXPLAIN ${text}`, parameters),
  ]);
  const lines = explained!.map((row) => String(row["QUERY PLAN"]));
  expect(lines.filter((line) => line.includes("Seq Scan"))).toEqual([]);
  expect(lines.some((line) => /Index Cond: .*date = .*hour = .*merchant = /.test(line))).toBe(true);
  expect(lines.some((line) => /Index Scan using daily_rollups_pkey/.test(line))).toBe(true);
});

test("the catalogue says what can be asked", async () => {
  const { app } = bed("m_catalogue");
  const catalogue = (await (await app.request("/metrics", {}, bindings)).json()) as {
    metrics: { name: string; dimensions: string[] }[];
  };
  const bounceRate = catalogue.metrics.find(({ name }) => name === "bounce_rate");
  expect(bounceRate).toMatchObject({ kind: "percent", dimensions: expect.arrayContaining(["source", "exit_page"]) });
  expect(bounceRate?.dimensions).not.toContain("page");
});
