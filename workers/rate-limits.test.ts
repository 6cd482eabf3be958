import { expect, test } from "vitest";
import { makeWorld, type World } from "./access-fixture.ts";
import { api } from "./api.ts";
import { bindings, HOME } from "./auth-fixture.ts";
import type { Env } from "./env.ts";

const ask = async (
  world: World,
  asker: Parameters<World["headersOf"]>[0],
  path: string,
  env: Env = bindings,
): Promise<Response> => api.request(HOME + path, { headers: { origin: HOME, ...(await world.headersOf(asker)) } }, env);

/** The limiter is heard after an answer. */
async function untilRefused(send: () => Promise<Response>): Promise<Response> {
  for (let turn = 0; turn < 100; turn++) {
    const response = await send();
    if (response.status === 429) return response;
  }
  throw new Error("not refused");
}

const queryOf = ({ merchant }: World): string => `/api/v1/query?merchant=${merchant}&metrics=visits&date_range=day`;

/** A limiter that says no, as Cloudflare's does when another isolate has used all up. */
const no = { limit: () => Promise.resolve({ success: false }) };
/** One that cannot be asked. */
const away = { limit: () => Promise.reject(new Error("away")) };

test("a token is told how many requests are left, and after the last to wait", async () => {
  const world = await makeWorld();
  const first = await ask(world, "read token", "/api/v1/metrics");
  expect(first.headers.get("ratelimit-policy")).toBe('"token";q=600;w=60');
  expect(first.headers.get("ratelimit")).toMatch(/^"token";r=599;t=([1-9]|[1-5]\d|60)$/);
  let last = first;
  // Two windows' worth: a minute may end meanwhile.
  for (let asked = 0; last.status === 200 && asked < 1_300; asked++)
    last = await ask(world, "read token", "/api/v1/metrics");
  expect(last.status).toBe(429);
  expect(last.headers.get("ratelimit")).toMatch(/^"token";r=0;t=\d+$/);
  expect(Number(last.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await last.json()).toMatchObject({ error: { reason: "too_many_requests" } });
  expect((await ask(world, "read token of all", "/api/v1/metrics")).status).toBe(200);
});

test("what the limiter of the place says counts, whatever this isolate has counted", async () => {
  const world = await makeWorld();
  const env = { ...bindings, TOKEN_RATE: no };
  const refused = await untilRefused(() => ask(world, "read token", "/api/v1/metrics", env));
  expect(refused.headers.get("ratelimit")).toContain('"token";r=0;');
  const passed = await ask(world, "ops token", "/api/v1/metrics", { ...bindings, TOKEN_RATE: away });
  expect(passed.status).toBe(200);
});

test("a merchant's questions are limited whoever asks, but for the operator", async () => {
  const world = await makeWorld();
  const env = { ...bindings, MERCHANT_RATE: no };
  const refused = await untilRefused(() => ask(world, "viewer", queryOf(world), env));
  expect(refused.headers.get("ratelimit-policy")).toBe('"merchant";q=6000;w=60');
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await refused.json()).toMatchObject({ error: { reason: "too_many_requests", pointer: "#/merchant" } });
  expect((await ask(world, "operator", queryOf(world), env)).status).toBe(200);
  const other = await makeWorld();
  const asked = await ask(other, "viewer", queryOf(other));
  expect([asked.status, asked.headers.get("ratelimit")]).toEqual([200, expect.stringContaining('"merchant";r=59')]);
  expect(asked.headers.has("retry-after")).toBe(false);
});

test("a question of a token is told of both", async () => {
  const world = await makeWorld();
  const asked = await ask(world, "read token", queryOf(world));
  expect(asked.headers.get("ratelimit-policy")).toBe('"merchant";q=6000;w=60, "token";q=600;w=60');
  expect(asked.headers.get("ratelimit")).toMatch(/^"merchant";r=\d+;t=\d+, "token";r=\d+;t=\d+$/);
});

test("whoever may not see a merchant uses up none of its questions", async () => {
  const world = await makeWorld();
  const before = await ask(world, "viewer", queryOf(world));
  for (let turn = 0; turn < 3; turn++) expect((await ask(world, "stranger", queryOf(world))).status).toBe(404);
  const after = await ask(world, "viewer", queryOf(world));
  const leftOf = (response: Response): number => Number(/r=(\d+)/.exec(response.headers.get("ratelimit")!)![1]);
  // A minute may end in between.
  expect([leftOf(before) - 1, 5_999]).toContain(leftOf(after));
});
