import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Merchant } from "../core/merchant.ts";
import { OWN_RULES } from "../core/rules.ts";
import type { Env } from "./env.ts";
import { replayRoutes } from "./replays.ts";
import { parseReplay } from "./run-request.ts";

const bindings = env as unknown as Env;
const shop: Merchant = { id: "m_shop", name: "Shop", zone: "UTC", currency: "EUR", domains: [], shards: 1 };
const app = replayRoutes(async (_, id) => (id === shop.id ? shop : null));
const whole = { merchants: ["m_shop"], from: "2026-11-01", to: "2026-11-03", who: "ann", why: "a bug" };

const post = (path: string, body: unknown) =>
  app.request(path, { method: "POST", body: typeof body === "string" ? body : JSON.stringify(body) }, bindings);

test("a request as it should be, with its defaults", () => {
  expect(parseReplay(whole)).toEqual({ ok: true, value: { ...whole, preview: false, rules: OWN_RULES } });
  const { merchants: _, ...all } = { ...whole, all: true, preview: true, rules: { extraBots: ["Crawl"] } };
  expect(parseReplay(all)).toMatchObject({ ok: true, value: { merchants: null, preview: true, rules: all.rules } });
  expect(parseReplay({ ...whole, merchants: ["m_a", "m_b", "m_a"] })).toMatchObject({
    value: { merchants: ["m_a", "m_b"] },
  });
});

test.each([
  ["#", []],
  ["#", null],
  ["#/who", { ...whole, who: " " }],
  ["#/who", { ...whole, who: 7 }],
  ["#/why", { ...whole, why: undefined }],
  ["#/why", { ...whole, why: "x".repeat(1_001) }],
  ["#/why", { ...whole, why: "a\0b" }],
  ["#/from", { ...whole, from: "yesterday" }],
  ["#/from", { ...whole, from: "2026-13-01" }],
  ["#/to", { ...whole, to: "2026-10-31" }],
  ["#/to", { ...whole, to: "2030-01-01" }],
  ["#/preview", { ...whole, preview: "yes" }],
  ["#/merchants", { ...whole, merchants: undefined }],
  ["#/merchants", { ...whole, merchants: [] }],
  ["#/merchants", { ...whole, merchants: [7] }],
  ["#/all", { ...whole, all: true }],
  ["#/rules", { ...whole, rules: "bots" }],
  ["#/rules/exclude", { ...whole, rules: { exclude: [] } }],
  ["#/rules/extraBots", { ...whole, rules: { extraBots: "Crawl" } }],
  ["#/rules/extraBots/0", { ...whole, rules: { extraBots: [""] } }],
  ["#/rules/extraBots", { ...whole, rules: { extraBots: Array.from({ length: 201 }, () => "x") } }],
])("refused at %s (%#)", (pointer, body) => {
  expect(parseReplay(body)).toMatchObject({ ok: false, failure: { pointer, reason: "invalid" } });
});

test("whatever is sent, the answer is JSON that says what is wrong", async () => {
  const refusal = async (response: Response | Promise<Response>) => {
    const { status } = await response;
    const { error } = (await (await response).json()) as { error: { reason: string } };
    return [status, error.reason];
  };
  expect(await refusal(post("/", "{"))).toEqual([400, "invalid"]);
  expect(await refusal(post("/", { ...whole, merchants: ["m_shop", "m_none"] }))).toEqual([404, "unknown_merchant"]);
  expect(await refusal(post("/", JSON.stringify("x".repeat(300_000))))).toEqual([413, "too_large"]);
  for (const id of ["999999", "0", "-1", "1.5", "abc", "1e99"]) {
    expect(await refusal(app.request(`/${id}`, {}, bindings))).toEqual([404, "unknown_run"]);
    expect(await refusal(app.request(`/${id}/diff`, {}, bindings))).toEqual([404, "unknown_run"]);
    for (const way of ["apply", "rollback", "cancel", "resume"])
      expect(await refusal(post(`/${id}/${way}`, { who: "ann" }))).toEqual([404, "unknown_run"]);
  }
});

test("a run without days is finished at once; each of its changes wants a name", async () => {
  const started = await post("/", whole);
  expect(started.status).toBe(202);
  const run = (await started.json()) as { id: number };
  expect(run).toMatchObject({ units: { total: 0 }, finished_at: expect.any(String) as string, merchants: ["m_shop"] });
  for (const way of ["apply", "rollback", "cancel"]) {
    const { status } = await post(`/${run.id}/${way}`, {});
    expect([way, status]).toEqual([way, 400]);
  }
  expect((await post(`/${run.id}/rollback`, { who: "ann" })).status).toBe(409);
  expect((await app.request(`/${run.id}/diff?limit=-1`, {}, bindings)).status).toBe(400);
  expect(await (await app.request(`/${run.id}/diff`, {}, bindings)).json()).toMatchObject({
    days: 0,
    count: 0,
    rows: [],
  });
  expect(await (await app.request("/", {}, bindings)).json()).toMatchObject({
    runs: expect.arrayContaining([expect.objectContaining({ id: run.id })]) as object[],
  });
});
