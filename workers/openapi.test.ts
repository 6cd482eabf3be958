import { inspectRoutes } from "hono/dev";
import { beforeAll, expect, test } from "vitest";
import { letterId, letterKey, type StoredLetter } from "../core/dead-letter.ts";
import type { RunView } from "../core/replay.ts";
import { database } from "../migrations/database.ts";
import { api } from "./api.ts";
import { freshEmail, linkFrom, PASSWORD, signedUp } from "./auth-fixture.ts";
import { DESCRIPTIONS } from "./openapi/descriptions.ts";
import { type OpenApi, openApiDocument } from "./openapi/document.ts";
import { bindings, exchange, exchangeBy, HOME, type Operation, strict, succeeded, worker } from "./openapi-fixture.ts";

/** Of handlers that stand before the router: see index.ts. */
const OUTSIDE = ["POST /e", "GET /p.gif"];

test("every route is described, and every description is of a route", () => {
  const routes = inspectRoutes(api)
    .filter(({ isMiddleware }) => !isMiddleware)
    .map(({ method, path }) => `${method} ${path.length > 1 ? path.replace(/\/$/, "") : path}`);
  expect(DESCRIPTIONS.map(({ route }) => route).toSorted()).toEqual([...new Set([...routes, ...OUTSIDE])].toSorted());
});

test("the document holds together: names are given once, references lead somewhere, parameters of paths are described", () => {
  const operations = Object.entries(strict.paths).flatMap(([path, methods]) =>
    Object.values(methods).map((operation) => ({ path, operation: operation as unknown as Operation })),
  );
  const ids = operations.map(({ operation }) => operation.operationId);
  expect(new Set(ids).size).toBe(DESCRIPTIONS.length);
  for (const document of [strict, openApiDocument({ strict: false })]) {
    for (const [, name] of JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g))
      expect(document.components.schemas).toHaveProperty([name!]);
    expect(JSON.stringify(document)).not.toContain("$defs");
  }
  for (const { path, operation } of operations) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const described = operation.parameters.filter((parameter) => parameter.in === "path").map(({ name }) => name);
    expect(described).toEqual(named);
  }
});

test("anybody may read it; what is published lets answers gain fields", async () => {
  const response = await worker.fetch(`${HOME}/api/openapi.json`);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("application/json");
  const published = await response.json();
  expect(published).toEqual(JSON.parse(JSON.stringify(openApiDocument({ strict: false }))));
  for (const path of Object.values((published as OpenApi).paths))
    for (const { responses } of Object.values(path))
      expect(JSON.stringify(responses)).not.toContain('"additionalProperties":false');
});

const post = (body: unknown): RequestInit => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

const MERCHANT = "m_openapi";
const TODAY = new Date().toISOString().slice(0, 10);
const LETTER = letterId(Date.now(), "0123456789abcdef");

beforeAll(async () => {
  await database(bindings)`INSERT INTO merchants (id, name, zone, currency, domains, shards)
    VALUES (${MERCHANT}, 'Kiosk', 'UTC', 'EUR', '{kiosk.example}', 1)`;
  const letter: StoredLetter = {
    id: LETTER,
    queue: "overflow",
    reason: "a test",
    at: new Date().toISOString(),
    message: null,
  };
  await bindings.ARCHIVE.put(letterKey(LETTER)!, JSON.stringify(letter));
});

test("events: receipts, refusals, a picture", async () => {
  const sent = { authorization: `Bearer ${bindings.INGEST_TOKEN}`, "content-type": "application/json" };
  const events = [
    { id: "one", name: "pageview", url: "https://kiosk.example/" },
    { id: "one", name: "pageview", url: "https://kiosk.example/" },
    { name: 7 },
    {
      id: "two",
      name: "purchase",
      transaction_id: "A-1",
      items: [{ item_id: "hat", item_name: "Hat", price: 7, quantity: 2 }],
    },
  ];
  const body = JSON.stringify({ merchant: MERCHANT, events });
  await exchange("POST /e", "/e", { method: "POST", headers: sent, body, status: 202 });
  await exchange("POST /e", "/e", { method: "POST", headers: sent, body: "7", status: 400 });
  await exchange("POST /e", "/e", { ...post({}), status: 401 });
  await exchange("GET /p.gif", `/p.gif?merchant=${MERCHANT}`, { headers: sent });
  await exchange("GET /api/v1/schemas/collect", "/api/v1/schemas/collect");
});

test("reports: rows with all that can be in them, the catalogue, GraphQL, the live socket", async () => {
  const asked = { merchant: MERCHANT, date_range: "day", metrics: ["visitors", "gross_revenue", "bounce_rate"] };
  const ask = (more: object, status = 200) =>
    exchange<{ results: unknown[] }>("POST /api/v1/query", "/api/v1/query", { ...post({ ...asked, ...more }), status });
  const { results } = await ask({ include: { comparisons: { mode: "previous_period" }, total_rows: true } });
  expect(results).toHaveLength(1);
  await ask({ metrics: ["gross_revenue"], dimensions: ["product"] });
  await ask({ metrics: ["visits"], dimensions: ["time:hour"], include: { time_labels: true, fill: true } });
  await ask({ metrics: ["nothing"] }, 400);
  await ask({ merchant: "m_nobody" }, 404);
  await exchange("GET /api/v1/merchants", "/api/v1/merchants");
  await exchange("GET /api/v1/metrics", "/api/v1/metrics");
  await exchange("GET /api/v1/schemas/query", "/api/v1/schemas/query");
  const address = `/api/v1/query?merchant=${MERCHANT}&metrics=visits&date_range=day&dimensions=page`;
  await exchange("GET /api/v1/query", address);
  await exchange("GET /api/v1/query", `${address}&format=csv`);
  await exchange("GET /api/v1/query", `${address}&format=ndjson`);
  await exchange("GET /api/v1/query", "/api/v1/query", { status: 400 });
  await exchange("GET /api/v1/schemas/query", "/api/v1/schemas/query");
  await ask({ metrics: ["visits"], dimensions: ["source"], include: { totals: true }, explain: true });
  await exchange("POST /api/graphql", "/api/graphql", post({ query: "{ metrics { name } nothing }" }));
  const accept = { accept: "application/graphql-response+json" };
  await exchange("GET /api/graphql", "/api/graphql?query={nothing}", { headers: accept, status: 400 });
  await exchange("GET /api/graphql", "/api/graphql?query={merchants{id}}");
  await exchange("GET /live", `/live?merchant=${MERCHANT}`, { status: 426 });
  await exchange("GET /live", `/live?merchant=${MERCHANT}`, { headers: { upgrade: "websocket" }, status: 101 });
});

test("sessions", async () => {
  const at = "/api/v1/session";
  await exchange(`POST ${at}`, at, { ...post({ token: bindings.OPERATOR_TOKEN }), status: 204 });
  await exchange(`POST ${at}`, at, { ...post({}), status: 400 });
  await exchange(`GET ${at}`, at, { status: 204 });
  await exchange(`GET ${at}`, at, { headers: { authorization: "Bearer no" }, status: 401 });
  await exchange(`DELETE ${at}`, at, { method: "DELETE", status: 204 });
});

test("operations: how things stand, books, files, letters", async () => {
  const of = `/api/ops/merchants/${MERCHANT}`;
  const route = "/api/ops/merchants/:id";
  await exchange("GET /api/ops/status", "/api/ops/status");
  await exchange("GET /api/ops/status", `/api/ops/status?merchant=${MERCHANT}`);
  await exchange(`GET ${route}/status`, `${of}/status`);
  await exchange(`POST ${route}/seal`, `${of}/seal`, { method: "POST" });
  await exchange(`POST ${route}/flush`, `${of}/flush`, { method: "POST" });
  await exchange(`GET ${route}/books`, `${of}/books?date=${TODAY}`);
  await exchange(`GET ${route}/books`, `${of}/books`, { status: 400 });
  await bindings.ARCHIVE.put(`raw/merchant=${MERCHANT}/date=2026-01-01/one.gz`, "bytes");
  const { files } = await exchange<{ files: { key: string }[] }>(`GET ${route}/raw`, `${of}/raw?date=2026-01-01`);
  await exchange(`GET ${route}/raw/file`, `${of}/raw/file?key=${encodeURIComponent(files[0]!.key)}`);
  await exchange(`GET ${route}/raw/file`, `${of}/raw/file?key=no`, { status: 404 });
  const letters = "/api/ops/dead-letters";
  await exchange(`GET ${letters}`, letters);
  await exchange(`GET ${letters}/:id`, `${letters}/${LETTER}`);
  await exchange(`GET ${letters}/:id`, `${letters}/nothing`, { status: 404 });
  await exchange(`POST ${letters}/:id/retry`, `${letters}/${LETTER}/retry`, { method: "POST", status: 202 });
  const again = letterId(Date.now(), "fedcba9876543210");
  await bindings.ARCHIVE.put(letterKey(again)!, "{}");
  await exchange(`DELETE ${letters}/:id`, `${letters}/${again}`, { method: "DELETE", status: 204 });
});

test("replays, from their start to their end", async () => {
  const at = "/api/ops/replays";
  const asked = { merchants: [MERCHANT], from: "2026-01-01", to: "2026-01-02", who: "ann", why: "a test" };
  const start = () => exchange<RunView>(`POST ${at}`, at, { ...post({ ...asked, preview: true }), status: 202 });
  const { id } = await start();
  await exchange(`POST ${at}`, at, { ...post({}), status: 400 });
  await exchange(`GET ${at}`, at);
  await exchange(`GET ${at}/:id`, `${at}/${id}`);
  await exchange(`GET ${at}/:id`, `${at}/999999`, { status: 404 });
  await exchange(`GET ${at}/:id/diff`, `${at}/${id}/diff`);
  await exchange(`POST ${at}/:id/resume`, `${at}/${id}/resume`, { method: "POST" });
  await exchange(`POST ${at}/:id/apply`, `${at}/${id}/apply`, post({ who: "ann" }));
  await exchange(`POST ${at}/:id/rollback`, `${at}/${id}/rollback`, post({ who: "ann" }));
  await exchange(`POST ${at}/:id/rollback`, `${at}/${id}/rollback`, { ...post({ who: "ann" }), status: 409 });
  const other = await start();
  await exchange(`POST ${at}/:id/cancel`, `${at}/${other.id}/cancel`, post({ who: "ann" }));
});

test("accounts: signing up and in, a second factor, organisations, members, invitations, merchants", async () => {
  const ada = await signedUp();
  await exchangeBy(ada.client, "GET /api/v1/me");
  await exchange("GET /api/v1/me", "/api/v1/me");
  await exchangeBy(ada.client, "POST /api/v1/organisations", { body: { name: "" }, status: 400 });
});

test("configuration: rules and their versions, previews, goals, books", async () => {
  const of = `/api/v1/merchants/${MERCHANT}`;
  const route = "/api/v1/merchants/:id";
  const put = (body: unknown): RequestInit => ({ ...post(body), method: "PUT" });
  await exchange(`GET ${route}/rules`, `${of}/rules`);
  const rules = { excludedPages: ["/admin/*"], channels: [{ channel: "Letters", campaign: "november" }] };
  await exchange(`PUT ${route}/rules`, `${of}/rules`, put({ rules, version: 0 }));
  for (const [status, body] of [
    [400, {}],
    [412, { rules, version: 0 }],
    [428, { rules }],
  ] as const)
    await exchange(`PUT ${route}/rules`, `${of}/rules`, { ...put(body), status });
  await exchange(`GET ${route}/rules`, `${of}/rules`);
  await exchange(`GET ${route}/rules/versions/:version`, `${of}/rules/versions/1`);
  const range = { from: "2026-01-01", to: "2026-01-02" };
  const preview = `POST ${route}/rules/preview`;
  const start = () => exchange<RunView>(preview, `${of}/rules/preview`, { ...post(range), status: 202 });
  await exchange(preview, `${of}/rules/preview`, { ...post({}), status: 400 });
  const [one, other] = [await start(), await start()];
  const run = `${route}/rules/runs/:run`;
  await exchange(`GET ${run}`, `${of}/rules/runs/${one.id}`);
  await exchange(`GET ${run}/diff`, `${of}/rules/runs/${one.id}/diff`);
  await exchange(`GET ${run}`, `${of}/rules/runs/999999`, { status: 404 });
  for (const way of ["resume", "apply", "rollback"])
    await exchange(`POST ${run}/${way}`, `${of}/rules/runs/${one.id}/${way}`, post({}));
  await exchange(`POST ${run}/rollback`, `${of}/rules/runs/${one.id}/rollback`, { ...post({}), status: 409 });
  await exchange(`POST ${run}/cancel`, `${of}/rules/runs/${other.id}/cancel`, post({}));
  const goal = { goal_type: "page", page_path: "/thanks*", value: 12 };
  await exchange(`POST ${route}/goals`, `${of}/goals`, { ...post(goal), status: 201 });
  await exchange(`POST ${route}/goals`, `${of}/goals`, { ...post(goal), status: 409 });
  await exchange(`PUT ${route}/goals/:name`, `${of}/goals/Visit%20%2Fthanks*`, put({ ...goal, display_name: "Thanks" }));
  await exchange(`GET ${route}/goals`, `${of}/goals`);
  await exchange(`DELETE ${route}/goals/:name`, `${of}/goals/Thanks`, { method: "DELETE", status: 204 });
  await exchange(`DELETE ${route}/goals/:name`, `${of}/goals/Thanks`, { method: "DELETE", status: 404 });
  await exchange(`GET ${route}/books`, `${of}/books`);
  await exchange(`GET ${route}/books`, `${of}/books?from=x`, { status: 400 });
});

test("about the API", async () => {
  await exchange("GET /api/openapi.json", "/api/openapi.json");
  await exchange("GET /api/health", "/api/health");
});

test("of every route an answer has been seen", () => {
  expect(DESCRIPTIONS.map(({ route }) => route).filter((route) => !succeeded.has(route))).toEqual([]);
});
