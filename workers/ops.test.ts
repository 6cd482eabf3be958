import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { letterKey, letterId, jsonOf } from "../core/dead-letter.ts";
import type { Merchant } from "../core/merchant.ts";
import { database } from "../migrations/database.ts";
import type { Env } from "./env.ts";
import { opsRoutes } from "./ops.ts";

const bindings = env as unknown as Env;
const shop: Merchant = { id: "m_ops", name: "Shop", zone: "UTC", currency: "EUR", domains: [], shards: 2 };
const app = opsRoutes(async (_, id) => (id === shop.id ? shop : null));

const keep = async (hash: string, queue: string | null, message: unknown): Promise<string> => {
  const at = Date.UTC(2026, 10, 24);
  const id = letterId(at, hash);
  const letter = { id, queue, reason: "not gzip", at: new Date(at).toISOString(), message: jsonOf(message) };
  const customMetadata = { queue: queue ?? "", reason: letter.reason, at: letter.at };
  await bindings.ARCHIVE.put(letterKey(id)!, JSON.stringify(letter), { customMetadata });
  return id;
};

test("letters are listed, shown, sent again as they were, and removed", async () => {
  const message = { kind: "chunk", body: new Uint8Array([0, 255, 128]), nested: [{ n: 1 }] };
  const id = await keep("0123456789abcdef", "events", message);
  expect(await (await app.request("/dead-letters", {}, bindings)).json()).toMatchObject({
    letters: [{ id, queue: "events", reason: "not gzip", at: "2026-11-24T00:00:00.000Z" }],
    cursor: null,
  });
  expect(await (await app.request(`/dead-letters/${id}`, {}, bindings)).json()).toMatchObject({
    id,
    message: { body: { $base64: "AP+A" } },
  });

  const sent: unknown[] = [];
  const EVENTS_QUEUE = {
    send: async (body: unknown, options: unknown) => void sent.push(body, options),
  } as unknown as Env["EVENTS_QUEUE"];
  const retried = await app.request(`/dead-letters/${id}/retry`, { method: "POST" }, { ...bindings, EVENTS_QUEUE });
  expect(retried.status).toBe(202);
  expect(sent).toEqual([message, { contentType: "v8" }]);
  expect((await app.request(`/dead-letters/${id}`, {}, bindings)).status).toBe(404);
  expect((await app.request(`/dead-letters/${id}/retry`, { method: "POST" }, bindings)).status).toBe(404);
});

test("a letter that cannot be sent stays; one of unknown origin can only be deleted", async () => {
  const id = await keep("00000000000000aa", "rollups", {});
  const ROLLUPS_QUEUE = { send: () => Promise.reject(new Error("away")) } as unknown as Env["ROLLUPS_QUEUE"];
  expect(
    (await app.request(`/dead-letters/${id}/retry`, { method: "POST" }, { ...bindings, ROLLUPS_QUEUE })).status,
  ).toBe(500);
  expect((await app.request(`/dead-letters/${id}`, {}, bindings)).status).toBe(200);
  const unknown = await keep("00000000000000bb", null, "?");
  expect((await app.request(`/dead-letters/${unknown}/retry`, { method: "POST" }, bindings)).status).toBe(409);
  expect((await app.request(`/dead-letters/${unknown}`, { method: "DELETE" }, bindings)).status).toBe(204);
  expect((await app.request(`/dead-letters/${unknown}`, { method: "DELETE" }, bindings)).status).toBe(404);
});

test("nothing but a letter's id leads into the bucket", async () => {
  await bindings.ARCHIVE.put("raw/secret", "{}");
  for (const id of ["..%2Fraw%2Fsecret", "2026-11-24-zzzz", "secret"])
    expect((await app.request(`/dead-letters/${id}`, {}, bindings)).status).toBe(404);
});

test("long lists come in pages", async () => {
  for (let n = 0; n < 101; n++) await keep(`1${String(n).padStart(15, "0")}`, "events", n);
  const ids = new Set<string>();
  let cursor: string | null = "";
  while (cursor !== null) {
    const page = (await (
      await app.request(`/dead-letters${cursor && `?cursor=${encodeURIComponent(cursor)}`}`, {}, bindings)
    ).json()) as {
      letters: { id: string }[];
      cursor: string | null;
    };
    for (const { id } of page.letters) ids.add(id);
    cursor = page.cursor;
  }
  expect(ids.size).toBeGreaterThanOrEqual(101);
});

const books = (n: number) => ({
  received: 3 * n,
  accepted: n,
  duplicate: n,
  rejected: { name_missing: n },
  verdicts: { counted: n },
});

/** Shard 0 has the day open with `n` accepted events, shard 1 has forgotten it. */
const shardsWith = (n: number) =>
  ({
    getByName: (name: string) => {
      const answer = async () => ({
        shard: Number(name.split("/")[1]),
        days: name.endsWith("/0") ? [{ date: "2026-11-24", books: books(n) }] : [],
      });
      return { status: answer, flush: answer };
    },
  }) as unknown as Env["MERCHANT_SHARD"];

test("the books of a day: what an object still has open replaces what it published, the rest is the day book's", async () => {
  const world = { ...bindings, MERCHANT_SHARD: shardsWith(100) };
  await database(
    bindings,
  )`INSERT INTO day_book (date, merchant, shard, seq, received, accepted, duplicate, rejected, verdicts)
    SELECT '2026-11-24', 'm_ops', shard, 5, 30, 10, 10, '{"name_missing":10}', '{"counted":10}' FROM generate_series(0, 1) AS shard`;
  expect(await (await app.request("/merchants/m_ops/books?date=2026-11-24", {}, world)).json()).toEqual({
    merchant: "m_ops",
    date: "2026-11-24",
    books: books(110),
    balanced: true,
    shards: [
      { shard: 0, from: "object", books: books(100) },
      { shard: 1, from: "day book", books: books(10) },
    ],
  });
  // Of a sealed day the book knows the verdicts, and what has come since is late.
  await database(bindings)`UPDATE day_book SET sealed_at = now(), verdicts = '{"counted":7,"bot":90}', accepted = 97
    WHERE merchant = 'm_ops' AND shard = 0`;
  expect(await (await app.request("/merchants/m_ops/books?date=2026-11-24", {}, world)).json()).toMatchObject({
    balanced: true,
    shards: [{ from: "object", books: { ...books(100), verdicts: { counted: 7, bot: 90, late: 3 } } }, {}],
  });
  expect((await app.request("/merchants/m_ops/books", {}, world)).status).toBe(400);
  expect((await app.request("/merchants/m_none/books?date=2026-11-24", {}, world)).status).toBe(404);
});

test("all shards of a merchant are asked how they stand, and to flush", async () => {
  const world = { ...bindings, MERCHANT_SHARD: shardsWith(1) };
  const expected = { merchant: "m_ops", shards: [{ shard: 0 }, { shard: 1, days: [] }] };
  expect(await (await app.request("/merchants/m_ops/status", {}, world)).json()).toMatchObject(expected);
  expect(await (await app.request("/merchants/m_ops/flush", { method: "POST" }, world)).json()).toMatchObject(expected);
  expect((await app.request("/merchants/m_none/status", {}, world)).status).toBe(404);
  expect((await app.request("/merchants/m_none/flush", { method: "POST" }, world)).status).toBe(404);
});
