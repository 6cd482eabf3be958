import { beforeAll, expect, test } from "vitest";
import { chunkKey } from "../core/archive.ts";
import type { JobView } from "../core/job.ts";
import { database } from "../migrations/database.ts";
import { bindings, exchange, HOME, post, unseen } from "./openapi-fixture.ts";

const MERCHANT = "m_openapi";

beforeAll(async () => {
  await database(bindings)`INSERT INTO merchants (id, name, zone, currency, domains, shards)
    VALUES (${MERCHANT}, 'Kiosk', 'UTC', 'EUR', '{kiosk.example}', 1)`;
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

test("funnels", async () => {
  const route = "POST /api/v1/funnel";
  const at = "/api/v1/funnel";
  await exchange(route, at, post({ merchant: MERCHANT, date_range: "day", preset: "shop" }));
  const steps = [{ event: "pageview" }, { page: "/*" }, { name: "bought", filters: [["is", "event", ["purchase"]]] }];
  await exchange(
    route,
    at,
    post({ merchant: MERCHANT, date_range: "7d", steps, filters: [["is", "source", ["(direct)"]]] }),
  );
  await exchange(route, at, { ...post({ merchant: MERCHANT, date_range: "7d" }), status: 400 });
  await exchange(route, at, { ...post({ merchant: "m_nobody", date_range: "7d", preset: "shop" }), status: 404 });
});

test("properties", async () => {
  const route = "POST /api/v1/properties";
  const at = "/api/v1/properties";
  const props = { size: "L", gift: true };
  const body = JSON.stringify({ merchant: MERCHANT, name: "signup", url: "https://kiosk.example/", props });
  const sent = { authorization: `Bearer ${bindings.INGEST_TOKEN}`, "content-type": "application/json" };
  await exchange("POST /e", "/e", { method: "POST", headers: sent, body, status: 202 });
  const { results } = await exchange<{ results: unknown[] }>(
    route,
    at,
    post({ merchant: MERCHANT, date_range: "day" }),
  );
  expect(results).toEqual([
    { name: "gift", events: 1 },
    { name: "size", events: 1 },
  ]);
  await exchange(route, at, { ...post({ merchant: MERCHANT, date_range: "ever" }), status: 400 });
  await exchange(route, at, { ...post({ merchant: "m_nobody", date_range: "day" }), status: 404 });
});

test("files of days, and the addresses that open them", async () => {
  await bindings.ARCHIVE.put(chunkKey({ merchant: MERCHANT, date: "2026-01-01", shard: 0, from: 1, to: 2 }), "chunk");
  const route = "GET /api/v1/merchants/:id/files";
  const address = `/api/v1/merchants/${MERCHANT}/files?from=2026-01-01&to=2026-01-02`;
  const { files } = await exchange<{ files: { url: string }[] }>(route, `${address}&kind=raw`);
  await exchange(route, address, { status: 400 });
  const file = files[0]!.url.slice(HOME.length);
  await exchange("GET /api/v1/files/:key{.+}", file);
  await exchange("GET /api/v1/files/:key{.+}", `${file}0`, { status: 404 });
});

test("a job, from its start to its result", async () => {
  const at = "/api/v1/jobs";
  const query = { merchant: MERCHANT, metrics: ["visits"], dimensions: ["source"], date_range: "7d" };
  const { id } = await exchange<JobView>(`POST ${at}`, at, { ...post({ query }), status: 202 });
  await exchange(`POST ${at}`, at, { ...post({}), status: 400 });
  const stands = () => exchange<JobView>(`GET ${at}/:id`, `${at}/${id}`);
  while ((await stands()).state !== "done") await new Promise((resolve) => setTimeout(resolve, 20));
  for (const form of ["json", "csv", "ndjson"])
    await exchange(`GET ${at}/:id/result`, `${at}/${id}/result?format=${form}`);
  await exchange(`DELETE ${at}/:id`, `${at}/${id}`, { method: "DELETE", status: 204 });
  await exchange(`GET ${at}/:id`, `${at}/${id}`, { status: 404 });
});

test("about the API", async () => {
  await exchange("GET /api/openapi.json", "/api/openapi.json");
  await exchange("GET /api/health", "/api/health");
});

test("of every route an answer has been seen", () => {
  expect(unseen("reports")).toEqual([]);
});
