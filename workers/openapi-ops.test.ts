import { beforeAll, expect, test } from "vitest";
import { letterId, letterKey, type StoredLetter } from "../core/dead-letter.ts";
import type { RunView } from "../core/replay.ts";
import { database } from "../migrations/database.ts";
import { bindings, exchange, post, unseen } from "./openapi-fixture.ts";

const MERCHANT = "m_openapiops";
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

test("audits", async () => {
  const at = "/api/ops/audits";
  const asked = { merchants: [MERCHANT], from: "2026-01-01", to: "2026-01-02", who: "ann", why: "a test" };
  const { id } = await exchange<RunView>(`POST ${at}`, at, { ...post(asked), status: 202 });
  await exchange(`POST ${at}`, at, { ...post({}), status: 400 });
  await exchange(`GET ${at}/:id`, `${at}/${id}`);
  await exchange(`GET ${at}/:id`, `${at}/999999`, { status: 404 });
});

test("a rebuild", async () => {
  const at = "/api/ops/rebuilds";
  await exchange<RunView>(`POST ${at}`, at, {
    ...post({ merchants: ["m_none"], who: "ann", why: "a test" }),
    status: 202,
  });
  await exchange(`POST ${at}`, at, { ...post({}), status: 400 });
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
  await exchange(
    `PUT ${route}/goals/:name`,
    `${of}/goals/Visit%20%2Fthanks*`,
    put({ ...goal, display_name: "Thanks" }),
  );
  await exchange(`GET ${route}/goals`, `${of}/goals`);
  await exchange(`DELETE ${route}/goals/:name`, `${of}/goals/Thanks`, { method: "DELETE", status: 204 });
  await exchange(`DELETE ${route}/goals/:name`, `${of}/goals/Thanks`, { method: "DELETE", status: 404 });
  await exchange(`GET ${route}/books`, `${of}/books`);
  const asked = { ...post({ user: "customer-1" }), status: 202 };
  const erasure = await exchange<{ id: number }>(`POST ${route}/erasures`, `${of}/erasures`, asked);
  await exchange(`POST ${route}/erasures`, `${of}/erasures`, { ...post({}), status: 400 });
  await exchange(`GET ${route}/erasures`, `${of}/erasures`);
  await exchange(`GET ${route}/erasures/:run`, `${of}/erasures/${erasure.id}`);
  await exchange(`GET ${route}/books`, `${of}/books?from=x`, { status: 400 });
});

test("of every route an answer has been seen", () => {
  expect(unseen("ops")).toEqual([]);
});
