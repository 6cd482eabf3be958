import { env } from "cloudflare:workers";
import { Hono } from "hono";
import { afterEach, expect, test } from "vitest";
import type { Merchant } from "../core/merchant.ts";
import { parseQuery } from "../core/query.ts";
import { rollupsOf, visitAt, type VisitFixture } from "../core/rollup-fixture.ts";
import { database } from "../migrations/database.ts";
import type { Access, Guarded } from "./access.ts";
import { hashOf, keepHere, keepNear, type Kept, keptHere, keptNear } from "./answer-shelf.ts";
import type { Env } from "./env.ts";
import { forOperator, publish, seal, Shards } from "./reports-doubles.ts";
import { reports } from "./reports.ts";

const bindings = env as unknown as Env;
/** Nothing listens there. */
const NOWHERE = "127.0.0.1:1";
const NOON = Date.parse("2026-01-06T12:34:01Z");
const RANGE = ["2026-01-05", "2026-01-06"];

const realNow = Date.now;
const realFetch = globalThis.fetch;
afterEach(() => {
  Date.now = realNow;
  globalThis.fetch = realFetch;
});
const itIs = (ms: number) => (Date.now = () => ms);

/** Statements that reach Postgres from here on. */
function countStatements(): string[] {
  const statements: string[] = [];
  globalThis.fetch = async (input, init) => {
    if (typeof init?.body === "string") statements.push(init.body);
    return realFetch(input, init);
  };
  return statements;
}

interface Answered {
  results: { metrics: unknown[] }[];
  meta: { stale: string | null };
  query: { date_range: string[] };
  error: { reason: string };
}

const bed = (id: string) => {
  const merchant: Merchant = { id, name: id, zone: "Europe/Berlin", currency: "EUR", domains: [], shards: 1 };
  const shards = new Shards();
  const routes = reports(async (_, asked) => (asked === id ? merchant : null));
  const app = forOperator(routes);
  const world = { ...bindings, MERCHANT_SHARD: shards.namespace };
  const get = async (parameters: Record<string, string>, headers: Record<string, string>, over: Partial<Env>) => {
    const response = await app.request(`/query?${new URLSearchParams(parameters)}`, { headers }, { ...world, ...over });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      from: response.headers.get("x-countinghouse-answer"),
      body: (text === "" ? null : JSON.parse(text)) as Answered,
    };
  };
  const ask = async (
    more: Record<string, string> = {},
    headers: Record<string, string> = {},
    over: Partial<Env> = {},
  ) => get({ merchant: id, metrics: "visits", from: RANGE[0]!, to: RANGE[1]!, ...more }, headers, over);
  const whole = (query: object) => get({ q: JSON.stringify(query) }, {}, {});
  const visits = async (headers: Record<string, string> = {}) => {
    const { from, body } = await ask({}, headers);
    return [from, body.results[0]!.metrics[0]];
  };
  const hoursOf = (...all: VisitFixture[]) => rollupsOf(id, "Europe/Berlin", 1, all);
  return { merchant, shards, routes, world, ask, whole, visits, hoursOf };
};

const CHECKED = { "cache-control": "max-age=0" };
const COMPUTED = { "cache-control": "no-cache" };

/** What is done behind an answer is done. */
async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5));
}

test("200 who ask the same at once reach Postgres and the object once, and all get the same", async () => {
  const { shards, ask, hoursOf } = bed("m_herd");
  for (const rollup of hoursOf(visitAt("2026-01-06T10:00:00Z"))) shards.hold(rollup);
  const statements = countStatements();
  const answers = await Promise.all(Array.from({ length: 200 }, () => ask()));
  expect(shards.asked).toHaveLength(1);
  expect(statements).toHaveLength(1);
  expect(new Set(answers.map(({ headers }) => headers.get("etag"))).size).toBe(1);
  expect(answers.every(({ status, body }) => status === 200 && body.results[0]!.metrics[0] === 1)).toBe(true);
  expect((await ask()).from).toBe("kept");
  expect(shards.asked).toHaveLength(1);
  expect(statements).toHaveLength(1);
});

test("those who want it as of now share the next reading, not the one under way", async () => {
  const { shards, visits, hoursOf } = bed("m_now");
  const [hour] = hoursOf(visitAt("2026-01-06T10:00:00Z"));
  shards.hold(hour!);
  const first = visits(COMPUTED);
  const [newer] = hoursOf(visitAt("2026-01-06T10:00:00Z"), visitAt("2026-01-06T10:01:00Z", { person: 2 }));
  await until(async () => shards.asked.length === 1);
  shards.hold(newer!);
  const answers = await Promise.all([first, ...Array.from({ length: 50 }, () => visits(COMPUTED))]);
  expect(answers.slice(1).every(([, count]) => count === 2)).toBe(true);
  expect(shards.asked).toHaveLength(2);
});

test("whoever may not ask does not see what is kept", async () => {
  const { routes, world, ask, visits } = bed("m_closed");
  expect(await visits()).toEqual(["computed", 0]);
  expect(await visits()).toEqual(["kept", 0]);
  expect(await ask({ merchant: "m_other" })).toMatchObject({
    status: 404,
    body: { error: { reason: "unknown_merchant" } },
  });
  const stranger = { kind: "person", roles: {}, organisationOf: async () => "another" } as unknown as Access;
  const app = new Hono<{ Bindings: Env; Variables: Guarded }>();
  app.use(async (c, next) => {
    c.set("access", stranger);
    await next();
  });
  app.route("/", routes);
  const address = `/query?merchant=m_closed&metrics=visits&from=${RANGE[0]}&to=${RANGE[1]}`;
  expect((await app.request(address, {}, world)).status).toBe(404);
});

test("an open range is shown for seconds, then while it is asked again; a new event is another version", async () => {
  const { shards, visits, hoursOf } = bed("m_open");
  itIs(NOON);
  const [hour] = hoursOf(visitAt("2026-01-06T10:00:00Z"));
  shards.hold(hour!);
  expect(await visits()).toEqual(["computed", 1]);
  itIs(NOON + 6_000);
  expect(await visits()).toEqual(["stale", 1]);
  await until(async () => (await visits())[0] === "kept");
  const reads = shards.asked.length;

  itIs(NOON + 12_000);
  const statements = countStatements();
  expect(await visits(CHECKED)).toEqual(["checked", 1]);
  expect(shards.asked).toHaveLength(reads);
  expect(statements).toHaveLength(1);

  const [newer] = hoursOf(visitAt("2026-01-06T10:00:00Z"), visitAt("2026-01-06T10:01:00Z", { person: 2 }));
  shards.hold(newer!);
  expect(await visits()).toEqual(["kept", 1]);
  expect(await visits(CHECKED)).toEqual(["computed", 2]);
  // The object said that there is something new: Postgres was asked for the numbers alone.
  expect(statements).toHaveLength(2);

  itIs(NOON + 12_000 + 16_000);
  shards.hold(hoursOf(visitAt("2026-01-06T11:00:00Z", { person: 3 }))[0]!);
  expect(await visits()).toEqual(["computed", 3]);
});

test("a query says all that it asks in its JSON, so that no two questions are kept as one", () => {
  const query = parseQuery({
    merchant: "m_1",
    metrics: ["visits", "conversion_rate"],
    date_range: ["2026-01-05T10:00:00Z", "2026-01-05T12:00:00Z"],
    dimensions: ["time:hour", "event:props:size"],
    filters: [
      ["matches", "page", ["^/a+$"], { case_sensitive: false }],
      [
        "or",
        [
          ["is", "country", ["DE"]],
          ["not", ["has_done", ["is", "event:goal", ["Sale"]]]],
        ],
      ],
    ],
    include: { comparisons: { mode: "custom", date_range: "day" } },
  });
  if (!query.ok) throw new Error(JSON.stringify(query.failure));
  expect(JSON.parse(JSON.stringify(query.value))).toEqual(query.value);
});

test("what an answer says of the present holds for its minute", async () => {
  const { visits } = bed("m_minute");
  itIs(NOON);
  await visits();
  expect(await visits(CHECKED)).toEqual(["computed", 0]);
  expect(await visits(CHECKED)).toEqual(["checked", 0]);
  itIs(NOON + 60_000);
  expect(await visits(CHECKED)).toEqual(["computed", 0]);
});

test("a range that is over is kept for long; a seal and another generation are other versions", async () => {
  const { merchant, shards, ask, visits, hoursOf } = bed("m_over");
  itIs(Date.parse("2026-01-20T12:00:00Z"));
  const hours = hoursOf(visitAt("2026-01-05T10:00:00Z"));
  await publish(bindings, hours);
  expect(await visits()).toEqual(["computed", 1]);
  itIs(Date.now() + 50_000);
  expect(await visits()).toEqual(["kept", 1]);
  expect(await visits(CHECKED)).toEqual(["computed", 1]);
  expect(await visits(CHECKED)).toEqual(["checked", 1]);

  for (const date of RANGE) await seal(bindings, { merchant: merchant.id, date, shard: 0 });
  expect(await visits(CHECKED)).toEqual(["computed", 1]);
  const asked = shards.checked.length;
  expect(await visits(CHECKED)).toEqual(["checked", 1]);
  // Of sealed days nobody but Postgres speaks.
  expect(shards.checked).toHaveLength(asked);

  await publish(bindings, hoursOf(visitAt("2026-01-05T10:00:00Z"), visitAt("2026-01-05T10:01:00Z", { person: 2 })), 7);
  const book = database(bindings);
  await book`UPDATE day_book SET generation = 7 WHERE merchant = ${merchant.id} AND date = '2026-01-05'`;
  expect(await visits()).toEqual(["kept", 1]);
  expect(await visits(CHECKED)).toEqual(["computed", 2]);
  await book`UPDATE day_book SET generation = 0 WHERE merchant = ${merchant.id} AND date = '2026-01-05'`;
  itIs(Date.now() + 61_000);
  expect(await visits()).toEqual(["stale", 2]);
  await until(async () => (await visits())[1] === 1);
  expect((await ask()).headers.get("cache-control")).toMatch(/^private, max-age=\d\d, stale-while-revalidate=60$/);
});

test("a named range is another question after midnight, and no browser keeps it past the minute", async () => {
  const { whole } = bed("m_midnight");
  const day = async (ms: number) => {
    itIs(ms);
    return whole({ merchant: "m_midnight", metrics: ["visits"], date_range: "day" });
  };
  const late = await day(Date.parse("2026-01-06T22:59:58Z"));
  expect(late.headers.get("cache-control")).toBe("private, max-age=2");
  const early = await day(Date.parse("2026-01-06T23:00:00Z"));
  expect([late, early].map(({ from, body }) => [from, body.query.date_range[0]])).toEqual([
    ["computed", "2026-01-06T00:00:00+01:00"],
    ["computed", "2026-01-07T00:00:00+01:00"],
  ]);
});

test("an answer that misses a source is kept for two seconds and never shown while asking again", async () => {
  const { shards, ask } = bed("m_partial");
  itIs(NOON);
  shards.away.add("m_partial/0");
  const partial = await ask();
  expect(partial.body.meta.stale).not.toBeNull();
  expect(partial.headers.get("cache-control")).toBe("private, max-age=2");
  expect((await ask()).from).toBe("kept");
  shards.away.clear();
  itIs(NOON + 2_001);
  const whole = await ask();
  expect([whole.from, whole.body.meta.stale]).toEqual(["computed", null]);
});

test("when the sources cannot be asked whether it is still right, it is computed from what answers", async () => {
  const { shards, ask, hoursOf } = bed("m_doubt");
  itIs(NOON);
  for (const rollup of hoursOf(visitAt("2026-01-06T10:00:00Z"))) shards.hold(rollup);
  await ask();
  await ask({}, CHECKED);
  const away = await ask({}, CHECKED, { NEON_BRIDGE: NOWHERE });
  expect([away.from, away.body.meta.stale]).toEqual(["computed", expect.stringContaining("Postgres is unreachable")]);
  shards.away.add("m_doubt/0");
  const both = await ask({}, CHECKED, { NEON_BRIDGE: NOWHERE });
  expect(both.status).toBe(503);
});

test("a tag that is still right is 304 without a body; a new number is a new tag", async () => {
  const { shards, ask, hoursOf } = bed("m_tag");
  itIs(NOON);
  shards.hold(hoursOf(visitAt("2026-01-06T10:00:00Z"))[0]!);
  const etag = (await ask()).headers.get("etag")!;
  expect(etag).toMatch(/^"[0-9a-f]{40}-json"$/);
  const unchanged = await ask({}, { "if-none-match": `"other", W/${etag}` });
  expect([unchanged.status, unchanged.body, unchanged.headers.get("etag")]).toEqual([304, null, etag]);
  shards.hold(hoursOf(visitAt("2026-01-06T10:00:00Z"), visitAt("2026-01-06T10:02:00Z", { person: 2 }))[0]!);
  const changed = await ask({}, { ...CHECKED, "if-none-match": etag });
  expect([changed.status, changed.body.results[0]!.metrics[0]]).toEqual([200, 2]);
  expect(changed.headers.get("etag")).not.toBe(etag);
});

test("what has left memory is in the data centre's cache, and the newer of the two is taken", async () => {
  const kept = async (question: string, text: string, checkedAtMs: number): Promise<Kept> => ({
    note: {
      name: await hashOf(question + text),
      version: null,
      checkedAtMs,
      untilMs: 0,
      lasting: false,
      partial: false,
    },
    text,
  });
  const old = await kept("q-far", "old", 1);
  keepHere("q-far", old);
  await keepNear("q-far", old, 60, true);
  for (let n = 0; n < 40; n++) keepHere(`q-filler-${n}`, await kept(`q-filler-${n}`, "x".repeat(150_000), 1));
  expect(keptHere("q-far")).toBeNull();
  expect(await keptNear("q-far")).toEqual(old);
  keepHere("q-far", await kept("q-far", "new", 2));
  expect((await keptNear("q-far"))?.text).toBe("new");
  expect(await keptNear("q-nowhere")).toBeNull();
});
