import { env, exports } from "cloudflare:workers";
import { buildClientSchema, getIntrospectionQuery, printSchema } from "graphql";
import { Hono } from "hono";
import { expect, test } from "vitest";
import type { Merchant } from "../core/merchant.ts";
import type { HoursAnswer } from "../core/messages.ts";
import { METRIC_NAMES } from "../core/metrics.ts";
import { rollupsOf, visitAt } from "../core/rollup-fixture.ts";
import { database } from "../migrations/database.ts";
import type { Guarded } from "./access.ts";
import { signedUp } from "./auth-fixture.ts";
import type { Env } from "./env.ts";
import { graphql } from "./graphql.ts";
import { AS_OF_MS, forOperator, publish, Shards } from "./reports-doubles.ts";
import { reports } from "./reports.ts";

const bindings = env as unknown as Env;

interface Answered {
  data?: Record<string, unknown> | null;
  errors?: { message: string; path?: unknown[]; extensions?: Record<string, unknown> }[];
}

const merchant: Merchant = {
  id: "m_graph",
  name: "Kiosk",
  zone: "Europe/Berlin",
  currency: "EUR",
  domains: [],
  shards: 1,
};
const shards = new Shards();
const odd: Merchant = { ...merchant, id: "m_odd", zone: "Nowhere/At_all" };
const find = async (_: Env, id: string) => [merchant, odd].find((each) => each.id === id) ?? null;
const world = (over: Partial<Env> = {}): Env => ({ ...bindings, MERCHANT_SHARD: shards.namespace, ...over });

const app = forOperator(new Hono<{ Bindings: Env; Variables: Guarded }>().route("/api/graphql", graphql(find)));

async function ask(query: string, variables: object = {}, over: Partial<Env> = {}) {
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: "" };
  init.body = JSON.stringify({ query, variables });
  const response = await app.request("/api/graphql", init, world(over));
  return { status: response.status, headers: response.headers, ...((await response.json()) as Answered) };
}

/** Lets nobody go on before so many are there. */
class Together {
  #missing: number;
  readonly #all = Promise.withResolvers<void>();
  constructor(count: number) {
    this.#missing = count;
  }
  async arrive(): Promise<HoursAnswer> {
    if (--this.#missing === 0) this.#all.resolve();
    await this.#all.promise;
    return { hours: [], confirmed: [], asOfMs: AS_OF_MS, seq: 1 };
  }
}

test("a dashboard in one request: what REST answers, with names and exact money; parts that are refused leave the others be", async () => {
  const visits = [
    visitAt("2026-01-05T09:10:00Z", { person: 1, channel: "Email", gross: 12_345_678 }),
    visitAt("2026-01-06T10:00:00Z", { person: 2, pages: ["/", "/a"] }),
  ];
  await publish(bindings, rollupsOf(merchant.id, merchant.zone, 1, visits));
  const { status, headers, data, errors } = await ask(
    `query ($range: DateRange!) {
      headline: report(merchant: "m_graph", metrics: [VISITORS, GROSS_REVENUE, BOUNCE_RATE], dateRange: $range,
        include: { comparisons: { mode: PREVIOUS_PERIOD } }) {
        rows { values { metric number money { value currency } } visitors: value(metric: VISITORS) { number }
          orders: value(metric: ORDERS) { number } comparison { change value(metric: VISITORS) { number } } }
        meta { freshTo completeTo timeZone currency stale generations approximate source { postgresRows objectHours } }
        query
      }
      channels: report(merchant: "m_graph", metrics: [VISITS], dateRange: $range, dimensions: [CHANNEL],
        orderBy: [{ dimension: CHANNEL, direction: DESC }], include: { totalRows: true }, pagination: { limit: 1 }) {
        rows { dimensions { name value label } values { number } } meta { totalRows }
      }
      days: report(merchant: "m_graph", metrics: [PAGEVIEWS], dateRange: $range, dimensions: [TIME_DAY]) {
        rows { dimensions { name value } values { number } }
      }
      refused: report(merchant: "m_graph", metrics: [VISITS], dateRange: $range,
        filters: [{ not: { is: { dimension: TIME_DAY, values: ["2026-01-05"] } } }]) { rows { values { number } } }
      nobodys: report(merchant: "m_other", metrics: [VISITS], dateRange: $range) { rows { values { number } } }
    }`,
    { range: { from: "2026-01-05", to: "2026-01-06" } },
  );
  expect(status).toBe(200);
  expect(headers.get("cache-control")).toBe("private, no-store");
  expect(headers.get("access-control-allow-origin")).toBeNull();
  expect(data).toMatchObject({
    headline: {
      rows: [
        {
          values: [
            { metric: "VISITORS", number: 2, money: null },
            { metric: "GROSS_REVENUE", number: null, money: { value: "12.345678", currency: "EUR" } },
            { metric: "BOUNCE_RATE", number: 0, money: null },
          ],
          visitors: { number: 2 },
          orders: null,
          comparison: { change: [null, null, null], value: { number: 0 } },
        },
      ],
      meta: {
        freshTo: "2026-01-06T13:34:56+01:00",
        completeTo: "2026-01-06T13:00:00+01:00",
        timeZone: "Europe/Berlin",
        currency: "EUR",
        stale: null,
        generations: [0],
        approximate: [],
        source: { postgresRows: 2, objectHours: 0 },
      },
      query: { merchant: "m_graph", metrics: ["visitors", "gross_revenue", "bounce_rate"] },
    },
    channels: {
      rows: [{ dimensions: [{ name: "channel", value: "Email", label: null }], values: [{ number: 1 }] }],
      meta: { totalRows: 2 },
    },
    days: {
      rows: [
        { dimensions: [{ name: "time:day", value: "2026-01-05" }], values: [{ number: 1 }] },
        { dimensions: [{ name: "time:day", value: "2026-01-06" }], values: [{ number: 2 }] },
      ],
    },
    refused: null,
    nobodys: null,
  });
  const told = Object.fromEntries((errors ?? []).map(({ path, extensions }) => [path?.[0], extensions]));
  expect(told).toEqual({
    refused: { pointer: "#/filters/0/not/is/dimension", reason: "invalid_filter" },
    nobodys: { pointer: "#/merchant", reason: "unknown_merchant" },
  });
});

test("reports of one request are read at the same time", async () => {
  const together = new Together(3);
  const asked = ["VISITS", "ORDERS", "EVENTS"].map(
    (metric) =>
      `${metric}: report(merchant: "m_graph", metrics: [${metric}], dateRange: { name: DAY }) { meta { stale } }`,
  );
  const over = { getByName: () => ({ hours: () => together.arrive() }) } as unknown as Env["MERCHANT_SHARD"];
  const { data } = await ask(`{ ${asked.join(" ")} }`, {}, { MERCHANT_SHARD: over });
  const answered = { meta: { stale: null } };
  expect(data).toEqual({ VISITS: answered, ORDERS: answered, EVENTS: answered });
});

test("the catalogue and the enums are the tables", async () => {
  const { data } = await ask(`{
    metrics { metric name label definition kind }
    __type(name: "Metric") { enumValues { name description } }
    range: __type(name: "NamedRange") { enumValues { name } }
  }`);
  const { metrics, __type: metric, range } = data as Record<string, unknown>;
  const enums = METRIC_NAMES.map((name) => ({ name: name.toUpperCase(), description: expect.any(String) }));
  expect((metrics as { name: string }[]).map(({ name }) => name)).toEqual(METRIC_NAMES);
  expect(metrics).toContainEqual(
    expect.objectContaining({ metric: "BOUNCE_RATE", name: "bounce_rate", label: "Bounce rate", kind: "percent" }),
  );
  expect(metric).toMatchObject({ enumValues: expect.arrayContaining(enums) });
  expect(range).toMatchObject({ enumValues: expect.arrayContaining([{ name: "LAST_7D" }, { name: "YESTERDAY" }]) });
});

test("whatever an answer's meta says can be asked for", async () => {
  const rest = forOperator(reports(find));
  const body = { merchant: "m_graph", metrics: ["visits"], date_range: "day", dimensions: ["time"] };
  const init = { method: "POST", body: JSON.stringify({ ...body, include: { time_labels: true, total_rows: true } }) };
  const { meta } = (await (await rest.request("/query", init, world())).json()) as { meta: object };
  const { data } = await ask('{ __type(name: "Meta") { fields { name } } }');
  const fields = (data as { __type: { fields: { name: string }[] } }).__type.fields.map(({ name }) => name);
  const camelCase = (name: string) => name.replaceAll(/_[a-z]/g, (letter) => letter[1]!.toUpperCase());
  expect(fields).toEqual(expect.arrayContaining(Object.keys(meta).map(camelCase)));
});

test("merchants are those that the asker may see", async () => {
  await database(bindings)`INSERT INTO merchants (id, name, zone, currency, domains, shards)
    VALUES ('m_graph', 'Kiosk', 'Europe/Berlin', 'EUR', '{kiosk.example}', 1)`;
  const { data } = await ask("{ merchants { id name zone currency shards } }");
  const seen = { id: "m_graph", name: "Kiosk", zone: "Europe/Berlin", currency: "EUR", shards: 1 };
  expect((data as { merchants: unknown[] }).merchants).toContainEqual(seen);
});

test("faults of ours are recorded and masked; the rest of the request is answered", async () => {
  const query = `{ metrics { name } odd: report(merchant: "m_odd", metrics: [VISITS], dateRange: { name: DAY }) { query } }`;
  const { status, data, errors } = await ask(query);
  expect(status).toBe(200);
  expect(data).toEqual({ metrics: expect.any(Array), odd: null });
  expect(errors).toEqual([
    { message: expect.stringContaining("recorded"), path: ["odd"], extensions: { pointer: "", reason: "internal" } },
  ]);
});

const fields = (count: number) => Array.from({ length: count }, (_, at) => `f${at}: __typename`).join(" ");
const REPORT = 'report(merchant: "m_graph", metrics: [VISITS], dateRange: { name: DAY })';
const tower = (height: number) => `{ ${"a { ".repeat(height)} b ${"}".repeat(height)} }`;
/** Each fragment has the next one ten times: 10^12 fields in a few lines. */
const bomb = Array.from({ length: 12 }, (_, at) => {
  const below = Array.from({ length: 10 }, (__, copy) => `f${copy}: ofType { ...F${at + 1} }`).join(" ");
  return `fragment F${at} on __Type { ${at === 11 ? "name" : below} }`;
}).join(" ");

test.for<[string, string, RegExp]>([
  ["too deep", tower(17), /16 levels/],
  ["deeper than any stack", tower(12_000), /64 deep/],
  ["values deeper than any stack", `{ metrics(a: ${"[".repeat(60_000)}`, /64 deep/],
  ["too long", `{ ${"a ".repeat(4_000)} }`, /4000 words/],
  ["too many fields", `{ ${fields(1_001)} }`, /1000 fields/],
  [
    "too many reports",
    `{ ${Array.from({ length: 21 }, (_, at) => `r${at}: ${REPORT} { meta { stale } }`).join(" ")} }`,
    /20 reports/,
  ],
  [
    "reports by way of fragments",
    `{ ...A ...B } fragment A on Query { ${Array.from({ length: 15 }, (_, at) => `a${at}: ${REPORT} { query }`).join(" ")} }
      fragment B on Query { ${Array.from({ length: 15 }, (_, at) => `b${at}: ${REPORT} { query }`).join(" ")} }`,
    /20 reports/,
  ],
  ["fragments that multiply", `{ __type(name: "Meta") { ...F0 } } ${bomb}`, /1000 fields/],
  ["a fragment within itself", "{ ...A } fragment A on Query { ...A }", /within itself/],
  [
    "the schema of the schema of the schema",
    "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
    /introspection depth/i,
  ],
  ["no such field", "{ metrics { nme } }", /nme/],
  ["no mutations", "mutation { merchants { id } }", /mutation/],
])("%s is refused before anything is done", async ([, query, message]) => {
  const { data, errors } = await ask(query);
  expect(data ?? null).toBeNull();
  expect(errors?.map((error) => error.message).join("\n")).toMatch(message);
  expect(JSON.stringify(errors)).not.toContain("stack");
});

test("the usual question for the schema is answered", async () => {
  const { data, errors } = await ask(getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true }));
  expect(errors).toBeUndefined();
  expect(printSchema(buildClientSchema(data as never))).toContain("input Filter @oneOf");
});

test("more rows than a request may have are refused, and no number is left out", async () => {
  const hours = Array.from({ length: 48 }, (_, at) =>
    visitAt(new Date(Date.UTC(2026, 0, 5) + at * 3_600_000).toISOString()),
  );
  await publish(bindings, rollupsOf("m_graph", "Europe/Berlin", 1, hours), 1);
  const range = '{ from: "2023-06-01", to: "2026-01-06" }';
  const wide = Array.from({ length: 45 }, (_, at) => `v${at}: value(metric: VISITS) { number }`).join(" ");
  const one = `report(merchant: "m_graph", metrics: [VISITS], dateRange: ${range}, dimensions: [TIME_HOUR], include: { fill: true })`;
  const { data, errors } = await ask(`{ large: ${one} { rows { ${wide} } } }`);
  expect(data).toEqual({ large: null });
  expect(errors).toMatchObject([{ path: ["large"], extensions: { reason: "too_much" } }]);
});

test("GET asks like POST; other types and too long bodies are refused", async () => {
  const headers = { accept: "application/graphql-response+json" };
  const get = await app.request(
    `/api/graphql?query=${encodeURIComponent("{ metrics { name } }")}`,
    { headers },
    world(),
  );
  expect(get.status).toBe(200);
  expect(await get.json()).toMatchObject({ data: { metrics: expect.any(Array) } });
  const send = (type: string, body: string) =>
    app.request("/api/graphql", { method: "POST", headers: { ...headers, "content-type": type }, body }, world());
  expect((await send("application/json", "{")).status).toBe(400);
  expect((await send("application/json", JSON.stringify([{ query: "{ metrics { name } }" }]))).status).toBe(400);
  expect((await send("application/json", JSON.stringify({ query: " ".repeat(65_536) }))).status).toBe(413);
  expect((await send("multipart/form-data; boundary=x", "--x--")).status).toBe(415);
  expect((await send("application/json", JSON.stringify({ query: "{ nothing }" }))).status).toBe(400);
});

test("a session is of use to the site's own pages only", async () => {
  const worker = (exports as unknown as { default: Fetcher }).default;
  const home = "https://shop.example";
  const signedIn = await worker.fetch(`${home}/api/v1/session`, {
    method: "POST",
    body: JSON.stringify({ token: bindings.OPERATOR_TOKEN }),
  });
  const cookie = signedIn.headers.get("set-cookie")!.split(";")[0]!;
  const send = (headers: Record<string, string>, type = "application/json") =>
    worker.fetch(`${home}/api/graphql`, {
      method: "POST",
      headers: { "content-type": type, ...headers },
      body: '{"query":"{ metrics { name } }"}',
    });
  expect((await send({ cookie, origin: home })).status).toBe(200);
  for (const type of ["application/json", "text/plain", "application/x-www-form-urlencoded"])
    expect((await send({ cookie, origin: "https://evil.example" }, type)).status).toBe(403);
  expect((await send({ cookie })).status).toBe(403);
  expect((await send({})).status).toBe(401);
});

test("whose a merchant is not does not learn that there is one", async () => {
  const owner = await signedUp();
  const organisation = await (
    await owner.client.send("POST", "/api/v1/organisations", { name: "Hats" })
  ).json<{ id: string }>();
  const shop = { organisation: organisation.id, name: "Hats", zone: "Europe/Berlin", currency: "EUR" };
  const { id } = await (await owner.client.send("POST", "/api/v1/merchants", shop)).json<{ id: string }>();
  const query = `{ merchants { id } report(merchant: "${id}", metrics: [VISITS], dateRange: { name: DAY }) { rows { values { number } } } }`;
  const seen = await (await owner.client.send("POST", "/api/graphql", { query })).json<Answered>();
  expect(seen).toEqual({ data: { merchants: [{ id }], report: { rows: [{ values: [{ number: 0 }] }] } } });
  const { client: other } = await signedUp();
  const unseen = await (await other.send("POST", "/api/graphql", { query })).json<Answered>();
  expect(unseen.data).toEqual({ merchants: [], report: null });
  expect(unseen.errors).toMatchObject([{ extensions: { reason: "unknown_merchant" } }]);
});
