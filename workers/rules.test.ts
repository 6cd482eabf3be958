import { env, exports } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import { shardName } from "../core/address.ts";
import type { MerchantShardApi } from "../core/messages.ts";
import { NO_RULES } from "../core/rules.ts";
import { database } from "../migrations/database.ts";
import type { Env } from "./env.ts";
import { findMerchant } from "./merchants.ts";
import { publish } from "./rules.ts";
import { saveRules } from "./rules-store.ts";

const bindings = env as unknown as Env;
const worker = (exports as unknown as { default: Fetcher }).default;
const sql = database(bindings);

beforeAll(async () => {
  for (const id of ["m_rules", "m_goals", "m_race", "m_edge", "m_missing", "m_kv"])
    await sql`INSERT INTO merchants (id, name, zone, currency, domains, shards)
      VALUES (${id}, ${id}, 'Europe/Berlin', 'EUR', '{shop.example}', 1) ON CONFLICT DO NOTHING`;
});

interface Answer<Body> {
  status: number;
  is: Body;
  etag: string | null;
}

async function ask<Body = unknown>(
  method: string,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Answer<Body>> {
  const response = await worker.fetch(`https://edge.example/api/v1/merchants/${path}`, {
    method,
    headers: { authorization: `Bearer ${bindings.OPERATOR_TOKEN}`, "content-type": "application/json", ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    is: (text === "" ? null : JSON.parse(text)) as Body,
    etag: response.headers.get("etag"),
  };
}

const NONE = {
  bots: "exclude",
  extraBots: [],
  excludedPages: [],
  excludedHosts: [],
  allowedHosts: [],
  excludedCountries: [],
  excludedAddresses: [],
  channels: [],
  keptParameters: [],
  keptProps: null,
};

test("rules are saved in versions, with who and why; the edge knows the newest at once", async () => {
  expect(await ask("GET", "m_rules/rules")).toEqual({
    status: 200,
    etag: '"0"',
    is: { version: 0, who: null, why: null, at: null, rules: NONE, history: [] },
  });
  const first = { rules: { excludedPages: ["/admin/*"] }, version: 0, why: "the back office", who: "ann" };
  const saved = await ask<object>("PUT", "m_rules/rules", first);
  const one = {
    version: 1,
    who: "ann",
    why: "the back office",
    at: expect.stringMatching(/Z$/) as string,
    rules: { ...NONE, excludedPages: ["/admin/*"] },
  };
  expect(saved).toEqual({
    status: 200,
    etag: '"1"',
    is: { ...one, holds_from: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) as string },
  });
  expect((await findMerchant(bindings, "m_rules"))?.rules).toEqual({
    version: 1,
    extraBots: [],
    excludedPages: ["/admin/*"],
  });
  // What is shown can be sent back, changed.
  const { rules } = (await ask<{ rules: object }>("GET", "m_rules/rules")).is;
  const second = await ask("PUT", "m_rules/rules", { rules: { ...rules, bots: "count" } }, { "if-match": '"1"' });
  expect(second).toMatchObject({ status: 200, is: { version: 2, who: "operator", why: null } });
  expect(await ask("GET", "m_rules/rules")).toMatchObject({
    is: {
      version: 2,
      rules: { bots: "count", excludedPages: ["/admin/*"] },
      history: [
        { version: 2, who: "operator" },
        { version: 1, who: "ann", why: "the back office" },
      ],
    },
  });
  expect(await ask("GET", "m_rules/rules/versions/1")).toMatchObject({ status: 200, is: one });
  const audited = await sql`SELECT who, subject FROM audit_log WHERE merchant = 'm_rules' ORDER BY id`;
  expect(audited).toMatchObject([
    { who: "ann", subject: { version: 1, why: "the back office" } },
    { who: "operator", subject: { version: 2 } },
  ]);
});

test("of two who change the same version one is refused, and nothing is saved of theirs", async () => {
  const change = (page: string) => ask("PUT", "m_race/rules", { rules: { excludedPages: [page] }, version: 0 });
  const both = await Promise.all([change("/a"), change("/b")]);
  expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 412]);
  const refused = both.find(({ status }) => status === 412)!;
  expect(refused.is).toMatchObject({ error: { reason: "changed", pointer: "#/version" } });
  expect(await ask("GET", "m_race/rules")).toMatchObject({ is: { version: 1 } });
});

test.each([
  ["PUT", "m_rules/rules", { rules: {} }, 428, "version_needed", "#"],
  ["PUT", "m_rules/rules", { rules: {}, version: -1 }, 428, "version_needed", "#"],
  ["PUT", "m_rules/rules", { rules: { bots: "kill" }, version: 2 }, 400, "invalid", "#/rules/bots"],
  ["PUT", "m_rules/rules", { version: 2 }, 400, "invalid", "#/rules"],
  ["PUT", "m_rules/rules", { rules: {}, version: 2, merchant: "m_race" }, 400, "unknown_key", "#/merchant"],
  ["PUT", "m_rules/rules", [], 400, "invalid", "#"],
  ["PUT", "m_none/rules", { rules: {}, version: 0 }, 404, "unknown_merchant", "#"],
  ["GET", "m_none/rules", undefined, 404, "unknown_merchant", "#"],
  ["GET", "m_rules/rules/versions/7", undefined, 404, "unknown_version", "#"],
  ["GET", "m_rules/rules/versions/x", undefined, 404, "unknown_version", "#"],
  ["POST", "m_rules/rules/preview", { from: "2026-11-01" }, 400, "invalid", "#/to"],
  [
    "POST",
    "m_rules/rules/preview",
    { from: "2026-11-01", to: "2026-11-01", rules: { excludedPages: "x" } },
    400,
    "invalid",
    "#/rules/excludedPages",
  ],
  ["GET", "m_rules/rules/runs/0", undefined, 404, "unknown_run", "#"],
  ["POST", "m_rules/rules/runs/999999/apply", {}, 404, "unknown_run", "#"],
  ["GET", "m_rules/books?from=yesterday", undefined, 400, "invalid", "#/from"],
  ["GET", "m_rules/books?from=2026-11-02&to=2026-11-01", undefined, 400, "invalid", "#/to"],
  ["GET", "m_none/books", undefined, 404, "unknown_merchant", "#"],
  ["POST", "m_goals/goals", { goal_type: "page", page_path: "x" }, 400, "invalid", "#/page_path"],
  ["POST", "m_goals/goals", { goal_type: "page", page_path: "/", id: 7 }, 400, "unknown_key", "#/id"],
  ["DELETE", "m_goals/goals/nothing", undefined, 404, "unknown_goal", "#"],
  ["PUT", "m_goals/goals/nothing", { goal_type: "page", page_path: "/" }, 404, "unknown_goal", "#"],
] as const)("%s %s %j is refused with %i %s", async (method, path, body, status, reason, pointer) => {
  expect(await ask(method, path, body)).toMatchObject({ status, is: { error: { reason, pointer } } });
});

test("a run of another merchant is none of this one's", async () => {
  const { is } = await ask<{ id: number }>("POST", "m_race/rules/preview", { from: "2026-11-01", to: "2026-11-02" });
  expect(await ask("GET", `m_race/rules/runs/${is.id}`)).toMatchObject({
    status: 200,
    is: { preview: true, merchants: ["m_race"], rules: { version: 1 } },
  });
  for (const [method, way] of [
    ["GET", ""],
    ["GET", "/diff"],
    ["POST", "/apply"],
    ["POST", "/cancel"],
  ] as const)
    expect(await ask(method, `m_rules/rules/runs/${is.id}${way}`, method === "POST" ? {} : undefined)).toMatchObject({
      status: 404,
    });
  expect(await ask("POST", `m_race/rules/runs/${is.id}/cancel`, {})).toMatchObject({ status: 200 });
});

test("goals are made, changed and removed by name, each as a version of the rules, which they leave as they are", async () => {
  await ask("PUT", "m_goals/rules", { rules: { bots: "count" }, version: 0 });
  const signup = { goal_type: "event", event_name: "signup", value: 12 };
  const thanks = { goal_type: "page", page_path: "/thanks*" };
  expect(await ask("POST", "m_goals/goals", signup)).toEqual({
    status: 201,
    etag: null,
    is: { ...signup, display_name: "signup" },
  });
  expect(await ask("POST", "m_goals/goals", signup)).toMatchObject({
    status: 409,
    is: { error: { reason: "exists" } },
  });
  // At the same moment: each is there in the end.
  await Promise.all([
    ask("POST", "m_goals/goals", thanks),
    ask("POST", "m_goals/goals", { ...thanks, display_name: "Thanks" }),
  ]);
  const renamed = { ...thanks, display_name: "Thank you / danke" };
  expect(await ask("PUT", "m_goals/goals/Thanks", renamed)).toMatchObject({ status: 200, is: renamed });
  expect(await ask("DELETE", "m_goals/goals/signup")).toMatchObject({ status: 204 });
  const { goals } = (await ask<{ goals: object[] }>("GET", "m_goals/goals")).is;
  expect(goals).toHaveLength(2);
  expect(goals).toEqual(expect.arrayContaining([renamed, { ...thanks, display_name: "Visit /thanks*" }]) as object[]);
  expect(await ask("DELETE", `m_goals/goals/${encodeURIComponent("Thank you / danke")}`)).toMatchObject({
    status: 204,
  });
  expect(await ask("GET", "m_goals/rules")).toMatchObject({ is: { version: 7, rules: { bots: "count" } } });
  expect((await findMerchant(bindings, "m_goals"))?.rules?.goals).toEqual([
    { name: "Visit /thanks*", match: { kind: "page", pattern: "/thanks*" } },
  ]);
  // Rules that are changed leave the goals.
  await ask("PUT", "m_goals/rules", { rules: {}, version: 7 });
  expect((await ask<{ goals: object[] }>("GET", "m_goals/goals")).is.goals).toHaveLength(1);
});

const send = (merchant: string, events: unknown[], headers: Record<string, string> = {}) =>
  worker.fetch("https://edge.example/e", {
    method: "POST",
    headers: { "content-type": "text/plain", "cf-connecting-ip": "203.0.113.7", ...headers },
    body: JSON.stringify({ merchant, events }),
  });
const shard = (merchant: string) =>
  bindings.MERCHANT_SHARD.getByName(shardName(merchant, 0)) as unknown as MerchantShardApi;
const pageview = (id: string, path = "/") => ({ id, name: "pageview", url: `https://shop.example${path}` });

test("rules that were saved before the first event count it; an excluded address leaves a mark, and not itself", async () => {
  const rules = { excludedAddresses: ["192.0.2.0/24"], excludedPages: ["/admin*"] };
  await ask("PUT", "m_edge/rules", { rules, version: 0 });
  await send("m_edge", [pageview("a"), pageview("b", "/admin/x")]);
  await send("m_edge", [pageview("c")], { "cf-connecting-ip": "192.0.2.9" });
  // A server speaks for its visitor.
  const token = { authorization: `Bearer ${bindings.INGEST_TOKEN}`, "cf-connecting-ip": "192.0.2.9" };
  await send("m_edge", [{ ...pageview("d"), visitor: { ip: "203.0.113.8" } }], token);
  await send("m_edge", [{ ...pageview("e"), visitor: { ip: "192.0.2.8" } }], token);
  const verdicts = { counted: 2, excluded_page: 1, excluded_address: 2 };
  const { days } = await shard("m_edge").status();
  expect(days.map(({ books }) => books.verdicts)).toEqual([verdicts]);
  const open = await shard("m_edge").openDay(days[0]!.date);
  const text = open!.segments.map(({ lines }) => lines).join("\n");
  expect(text.match(/"excluded_address":true/g)).toHaveLength(2);
  expect(text).not.toContain("192.0.2");
  const books = await ask("GET", `m_edge/books`);
  expect(books.is).toMatchObject({
    days: [
      {
        received: 5,
        accepted: 5,
        counted: 2,
        not_counted: { excluded_page: 1, excluded_address: 2 },
        balanced: true,
        late: 0,
        state: "open",
      },
    ],
    rejected_examples: [],
  });
});

test("why is my event missing? the books say how many, and show some", async () => {
  await send("m_missing", [
    pageview("a"),
    { name: "signup", url: "https://shop.example/join/ann@example.com?token=x", occurred_at: "yesterday" },
    { url: "https://shop.example/pay?card=1" },
    pageview("a"),
  ]);
  await send(
    "m_missing",
    Array.from({ length: 30 }, () => 7),
  );
  const { is } = await ask<{ days: object[]; rejected_examples: object[] }>("GET", "m_missing/books");
  expect(is.days).toMatchObject([
    {
      received: 34,
      accepted: 1,
      duplicate: 1,
      rejected: { invalid_time: 1, missing: 1, not_an_object: 30 },
      counted: 1,
      balanced: true,
    },
  ]);
  expect(is.rejected_examples).toHaveLength(7);
  expect(is.rejected_examples.slice(-2)).toEqual([
    { at: expect.any(String) as string, reason: "missing", field: "/name", name: null, page: "shop.example/pay" },
    {
      at: expect.any(String) as string,
      reason: "invalid_time",
      field: "/occurred_at",
      name: "signup",
      page: "shop.example/join/…",
    },
  ]);
});

test("KV refuses a second write within a second: it is written again, and with the newest rules", async () => {
  let puts = 0;
  const MERCHANTS = {
    put: async (...args: Parameters<KVNamespace["put"]>) => {
      if (++puts === 1) throw new Error("KV PUT failed: 429 Too Many Requests");
      // Somebody else saves while the second write is under way.
      if (puts === 2) await saveRules(bindings, "m_kv", { seen: 1, rules: NO_RULES, who: "ann", why: null });
      return bindings.MERCHANTS.put(...args);
    },
  } as unknown as KVNamespace;
  await saveRules(bindings, "m_kv", { seen: 0, rules: { extraBots: ["x"] }, who: "ann", why: null });
  await publish({ ...bindings, MERCHANTS }, "m_kv");
  expect(puts).toBe(3);
  const copy = await bindings.MERCHANTS.get("config:m_kv", { type: "json" });
  expect(copy).toMatchObject({ config: { merchant: { rules: { version: 2, extraBots: [] } } } });
});
