import { exports } from "cloudflare:workers";
import { expect, test } from "vitest";
import { freshToken, scopeOfToken } from "../core/token.ts";
import { database } from "../migrations/database.ts";
import { makeWorld, type World } from "./access-fixture.ts";
import { api } from "./api.ts";
import { bindings, HOME } from "./auth-fixture.ts";
import type { Env } from "./env.ts";
import { findToken, hashOfToken } from "./known-tokens.ts";

const worker = (exports as unknown as { default: Fetcher }).default;
const sql = database(bindings);
const bytes = (count: number): Uint8Array => crypto.getRandomValues(new Uint8Array(count));

interface Made {
  id: string;
  token: string;
  state: string;
  expires_at: string | null;
  error: { reason: string; pointer: string };
  tokens: object[];
}

async function ask(
  world: World,
  method: string,
  path: string,
  body?: unknown,
  asker: Parameters<World["headersOf"]>[0] = "admin",
): Promise<{ status: number; body: Made }> {
  const response = await api.request(
    HOME + path,
    {
      method,
      headers: { origin: HOME, "content-type": "application/json", ...(await world.headersOf(asker)) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    },
    bindings,
  );
  const text = await response.text();
  return { status: response.status, body: (text === "" ? null : JSON.parse(text)) as Made };
}

const make = (world: World, more: object = {}, asker: Parameters<World["headersOf"]>[0] = "admin") =>
  ask(world, "POST", "/api/v1/tokens", { name: "a till", scope: "read", merchant: world.merchant, ...more }, asker);

const query = (merchant: string, token: string, env: Env = bindings): Promise<Response> =>
  Promise.resolve(
    api.request(
      `${HOME}/api/v1/query?merchant=${merchant}&metrics=visits&date_range=day`,
      { headers: { authorization: `Bearer ${token}` } },
      env,
    ),
  );

test("a token is told once, and only its hash is kept", async () => {
  const world = await makeWorld();
  const made = await make(world);
  expect(made.status).toBe(201);
  const { token, id } = made.body;
  expect(scopeOfToken(token)).toBe("read");
  expect((await query(world.merchant, token)).status).toBe(200);
  const listed = await ask(world, "GET", `/api/v1/tokens?merchant=${world.merchant}`);
  expect(JSON.stringify(listed.body)).not.toContain(token.slice(11));
  const view = { id, name: "a till", scope: "read", beginning: token.slice(0, 11), state: "valid", expires_at: null };
  expect(listed.body.tokens[0]).toMatchObject(view);
  const [row] = await sql`SELECT * FROM tokens WHERE id = ${id}`;
  expect(row).toMatchObject({ hash: await hashOfToken(token) });
  expect(JSON.stringify(row)).not.toContain(token.slice(11));
  const [entry] = await sql`SELECT * FROM audit_log WHERE merchant = ${world.merchant} AND action = 'token made'`;
  expect(JSON.stringify(entry)).not.toMatch(new RegExp(`${token.slice(7, 20)}|${await hashOfToken(token)}`));
});

test("a merchant's token opens the one merchant, an organisation's all of it, and neither anything else", async () => {
  const [world, other] = [await makeWorld(), await makeWorld()];
  const second = `m_${crypto.randomUUID().slice(0, 8)}`;
  await sql`INSERT INTO merchants (id, name, zone, currency, domains, organisation)
    VALUES (${second}, 'second', 'UTC', 'EUR', '{}', ${world.organisation})`;
  const one = (await make(world)).body.token;
  const all = (await make(world, { merchant: undefined, organisation: world.organisation })).body.token;
  const seen = async (token: string) => {
    const statuses = await Promise.all(
      [world.merchant, second, other.merchant].map(async (merchant) => (await query(merchant, token)).status),
    );
    const list = await api.request(
      `${HOME}/api/v1/merchants`,
      { headers: { authorization: `Bearer ${token}` } },
      bindings,
    );
    const { merchants } = await list.json<{ merchants: { id: string }[] }>();
    return [...statuses, merchants.map(({ id }) => id).toSorted()];
  };
  expect(await seen(one)).toEqual([200, 404, 404, [world.merchant]]);
  expect(await seen(all)).toEqual([200, 200, 404, [world.merchant, second].toSorted()]);
});

test("of a merchant that is nobody's the operator makes tokens", async () => {
  const world = await makeWorld();
  const merchant = `m_${crypto.randomUUID().slice(0, 8)}`;
  await sql`INSERT INTO merchants (id, name, zone, currency, domains) VALUES (${merchant}, 'x', 'UTC', 'EUR', '{}')`;
  expect((await make(world, { merchant }, "owner")).status).toBe(404);
  const { token } = (await make(world, { merchant }, "operator")).body;
  expect([(await query(merchant, token)).status, (await query(world.merchant, token)).status]).toEqual([200, 404]);
});

test("nobody makes tokens that can do more than they may themselves", async () => {
  const world = await makeWorld();
  expect((await make(world, { scope: "ops" }, "owner")).body.error.reason).toBe("operator_only");
  const ops = await make(world, { scope: "ops" }, "operator");
  expect(ops.status).toBe(201);
  expect((await ask(world, "POST", `/api/v1/tokens/${ops.body.id}/rotate`, {}, "owner")).status).toBe(403);
  expect((await ask(world, "DELETE", `/api/v1/tokens/${ops.body.id}`, undefined, "owner")).status).toBe(204);
});

test.each<[object, string, string]>([
  [{ name: "" }, "#/name", "too_little"],
  [{ scope: "all" }, "#/scope", "invalid"],
  [{ organisation: "o_x" }, "#", "invalid"],
  [{ merchant: undefined }, "#", "invalid"],
  [{ expires_at: "2020-01-01T00:00:00Z" }, "#/expires_at", "invalid"],
  [{ hash: "x" }, "#/hash", "unknown_key"],
])("a body is read strictly: %j", async (more, pointer, reason) => {
  const made = await make(await makeWorld(), more);
  expect([made.status, made.body.error]).toMatchObject([400, { pointer, reason }]);
});

test("a revoked token opens nothing from then on, here and by the copy in KV", async () => {
  const world = await makeWorld();
  const { id, token } = (await make(world)).body;
  expect((await query(world.merchant, token)).status).toBe(200);
  const hash = await hashOfToken(token);
  for (let turn = 0; turn < 2; turn++) expect((await ask(world, "DELETE", `/api/v1/tokens/${id}`)).status).toBe(204);
  expect((await query(world.merchant, token)).status).toBe(401);
  expect(await bindings.MERCHANTS.get(`token:${hash}`, { type: "json" })).toMatchObject({ token: null });
  const entries = await sql`SELECT id FROM audit_log WHERE merchant = ${world.merchant} AND action = 'token revoked'`;
  expect(entries).toHaveLength(1);
  expect((await ask(world, "POST", `/api/v1/tokens/${id}/rotate`, {})).body.error.reason).toBe("not_valid");
});

test("a copy that a reader wrote just as the token was revoked is put right", async () => {
  const world = await makeWorld();
  const { id, token } = (await make(world)).body;
  const hash = await hashOfToken(token);
  // The reader has read Postgres, the token is revoked, and only then does the reader write KV.
  const { promise: revoked, resolve } = Promise.withResolvers<void>();
  let puts = 0;
  const MERCHANTS = {
    get: () => Promise.resolve(null),
    put: async (key: string, text: string, options: object) => {
      if (puts++ === 0) await revoked;
      return bindings.MERCHANTS.put(key, text, options);
    },
  } as unknown as KVNamespace;
  expect(await findToken({ ...bindings, MERCHANTS }, token)).toMatchObject({ id });
  await sql`UPDATE tokens SET revoked_at = now() WHERE id = ${id}`;
  resolve();
  await expect
    .poll(() => bindings.MERCHANTS.get(`token:${hash}`, { type: "json" }), { timeout: 5_000 })
    .toMatchObject({ token: null });
});

test("a token expires by the clock, whatever copies say", async () => {
  const world = await makeWorld();
  const soon = new Date(Date.now() + 1_500).toISOString();
  const { token } = (await make(world, { expires_at: soon })).body;
  expect((await query(world.merchant, token)).status).toBe(200);
  await expect.poll(async () => (await query(world.merchant, token)).status, { timeout: 5_000 }).toBe(401);
});

test("replaced, the former token goes on for as long as is said", async () => {
  const world = await makeWorld();
  const former = (await make(world)).body;
  await query(world.merchant, former.token);
  const rotate = (id: string, body: object) => ask(world, "POST", `/api/v1/tokens/${id}/rotate`, body);
  const next = await rotate(former.id, { overlap_hours: 2 });
  expect(next.status).toBe(201);
  const works = () =>
    Promise.all([former, next.body].map(async ({ token }) => (await query(world.merchant, token)).status));
  expect(await works()).toEqual([200, 200]);
  const [row] =
    await sql`SELECT extract(epoch FROM expires_at - now())::float8 AS seconds FROM tokens WHERE id = ${former.id}`;
  expect(row!["seconds"]).toBeGreaterThan(7_190);
  expect(row!["seconds"]).toBeLessThan(7_201);
  expect((await rotate(former.id, {})).body.error).toMatchObject({ reason: "missing", pointer: "#/expires_at" });
  const last = await rotate(next.body.id, { overlap_hours: 0, expires_at: null });
  expect(last.body).toMatchObject({ state: "valid", expires_at: null, name: "a till" });
  expect(await works()).toEqual([200, 401]);
});

test("whoever is given a merchant does not get those who look at it", async () => {
  const [giver, taker] = [await makeWorld(), await makeWorld()];
  await sql`INSERT INTO members (organisation, person, role) VALUES (${taker.organisation}, ${giver.people.owner}, 'admin')`;
  const { token } = (await make(giver)).body;
  const all = (await make(giver, { merchant: undefined, organisation: giver.organisation })).body.token;
  const give = (organisation: string) =>
    ask(giver, "POST", `/api/v1/merchants/${giver.merchant}/transfer`, { organisation }, "owner");
  expect((await give(taker.organisation)).status).toBe(200);
  expect((await query(giver.merchant, token)).status).toBe(401);
  expect((await query(giver.merchant, all)).status).toBe(404);
});

test("when a token was used last is noted once an hour, after the answer", async () => {
  const world = await makeWorld();
  const { id, token } = (await make(world)).body;
  const lastUsed = async () =>
    (await sql`SELECT last_used_at::text AS at FROM tokens WHERE id = ${id}`)[0]!["at"] as string;
  await query(world.merchant, token);
  await expect.poll(lastUsed, { timeout: 5_000 }).not.toBeNull();
  const first = await lastUsed();
  await query(world.merchant, token);
  expect(await lastUsed()).toBe(first);
});

test("what is no token costs no look-up, and an unknown one opens nothing", async () => {
  const nowhere = { ...bindings, MERCHANTS: undefined as unknown as KVNamespace, NEON_BRIDGE: "127.0.0.1:9" };
  for (const text of ["", "x", `cht_rd_${"0".repeat(38)}`]) expect(await findToken(nowhere, text)).toBeNull();
  const unknown = freshToken("read", bytes);
  expect(await findToken(bindings, unknown)).toBeNull();
  await expect(findToken(nowhere, freshToken("read", bytes))).rejects.toThrow();
  const response = await query("m_x", freshToken("read", bytes), { ...bindings, NEON_BRIDGE: "127.0.0.1:9" });
  expect([response.status, response.headers.get("retry-after")]).toEqual([503, "5"]);
});

test("while Postgres is away a token that KV knows goes on", async () => {
  const world = await makeWorld();
  const { token, id } = (await make(world)).body;
  await bindings.MERCHANTS.put(
    `token:${await hashOfToken(token)}`,
    JSON.stringify({
      token: { id, name: "", scope: "read", organisation: "o", merchant: null, expiresAtMs: null },
      freshUntilMs: 1,
    }),
  );
  expect(await findToken({ ...bindings, NEON_BRIDGE: "127.0.0.1:9" }, token)).toMatchObject({ id });
});

test("an ingest token sends the events of its merchants and opens nothing; others send none of theirs with it", async () => {
  const [world, other] = [await makeWorld(), await makeWorld()];
  const { token } = (await make(world, { scope: "ingest" })).body;
  const send = async (authorization: string) => {
    const event = (merchant: string) => ({
      merchant,
      name: "pageview",
      url: "https://hats.example/",
      visitor: { ip: "192.0.2.1", user_agent: "x" },
    });
    const response = await worker.fetch(`${HOME}/e`, {
      method: "POST",
      headers: { authorization, "content-type": "application/json" },
      body: JSON.stringify([event(world.merchant), event(other.merchant), event("m_nobody")]),
    });
    const body = await response.json<{ receipts?: { status: string; reason?: string; path?: string }[] }>();
    return [response.status, body.receipts?.map(({ status, reason, path }) => [status, reason, path])];
  };
  expect(await send(`Bearer ${token}`)).toEqual([
    202,
    [
      ["accepted", undefined, undefined],
      ["rejected", "foreign_merchant", "/1/merchant"],
      ["rejected", "unknown_merchant", "/2/merchant"],
    ],
  ]);
  const { token: reads, id } = (await make(world)).body;
  expect((await send(`Bearer ${reads}`))[0]).toBe(401);
  expect((await send(`Bearer ${freshToken("ingest", bytes)}`))[0]).toBe(401);
  expect((await send(token))[0]).toBe(401);
  const refused = await query(world.merchant, token);
  expect([refused.status, await refused.json()]).toMatchObject([403, { error: { reason: "wrong_scope" } }]);
  expect(id).not.toBe("");
});

test("an ops token reaches the objects and files of its merchants, and nothing that concerns others too", async () => {
  const [world, other] = [await makeWorld(), await makeWorld()];
  const { token } = (await make(world, { scope: "ops" }, "operator")).body;
  const get = async (path: string) =>
    (await api.request(`${HOME}/api/ops${path}`, { headers: { authorization: `Bearer ${token}` } }, bindings)).status;
  expect(await get(`/merchants/${world.merchant}/status`)).toBe(200);
  expect(await get(`/merchants/${other.merchant}/status`)).toBe(404);
  expect(await get(`/merchants/${world.merchant}/../${other.merchant}/status`)).toBe(404);
  expect(await get(`/merchants/${other.merchant.replace("m_", "m%5F")}/status`)).toBe(404);
  expect(await get("/status")).toBe(403);
  expect(await get("/replays")).toBe(403);
  expect(await get("/dead-letters")).toBe(403);
});
