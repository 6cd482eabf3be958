import { env, exports } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import { shardName } from "../core/address.ts";
import type { MerchantShardApi } from "../core/messages.ts";
import { database } from "../migrations/database.ts";
import type { Env } from "./env.ts";

const bindings = env as unknown as Env;
const worker = (exports as unknown as { default: Fetcher }).default;

const shard = (merchant: string) =>
  bindings.MERCHANT_SHARD.getByName(shardName(merchant, 0)) as unknown as MerchantShardApi;

interface Receipts {
  receipts: { id: string | null; status: string; reason?: string; path?: string; message?: string }[];
}

beforeAll(async () => {
  const sql = database(bindings);
  for (const id of ["m_collect", "m_books", "m_people", "m_moving"]) {
    await sql`INSERT INTO merchants (id, name, zone, currency, domains, shards)
              VALUES (${id}, ${id}, 'Europe/Berlin', 'EUR', '{shop.example}', ${id === "m_moving" ? 4 : 1}) ON CONFLICT DO NOTHING`;
  }
});

function send(body: unknown, init: { headers?: Record<string, string>; raw?: BodyInit } = {}): Promise<Response> {
  return worker.fetch("https://edge.example/e", {
    method: "POST",
    headers: { "content-type": "text/plain", "cf-connecting-ip": "203.0.113.7", ...init.headers },
    body: init.raw ?? JSON.stringify(body),
  });
}

const token = { authorization: `Bearer ${bindings.INGEST_TOKEN}` };
const pageview = (id: string, more: object = {}) => ({ id, name: "pageview", url: "https://shop.example/", ...more });

test("one receipt per event, in order; a bad event does not spoil its neighbours", async () => {
  const events = [pageview("one"), { id: "two" }, 7, pageview("one"), pageview("three", { props: { deep: { a: 1 } } })];
  const response = await send({ merchant: "m_collect", events });
  expect(response.status).toBe(202);
  expect(response.headers.get("access-control-allow-origin")).toBe("*");
  const { receipts } = await response.json<Receipts>();
  expect(receipts).toMatchObject([
    { id: "one", status: "accepted" },
    { id: "two", status: "rejected", reason: "missing", path: "/events/1/name" },
    { id: null, status: "rejected", reason: "not_an_object", path: "/events/2" },
    { id: "one", status: "duplicate" },
    { id: "three", status: "rejected", reason: "wrong_type", path: "/events/4/props/deep" },
  ]);
  expect(receipts[1]!.message).toContain("needed");
});

test("what is received is accepted, duplicate or rejected, and the books say so", async () => {
  await send({ merchant: "m_books", events: [pageview("a"), pageview("a"), {}] });
  await send({ merchant: "m_books", events: [{}] });
  const { days } = await shard("m_books").status();
  expect(days).toHaveLength(1);
  expect(days[0]!.books).toEqual({
    received: 4,
    accepted: 1,
    duplicate: 1,
    rejected: { missing: 2 },
    verdicts: { counted: 1 },
  });
});

test("with several shards an event that is sent again from other addresses counts once, if its sender says so", async () => {
  const statuses = async (again: object): Promise<string[]> => {
    const id = crypto.randomUUID();
    const found: string[] = [];
    for (let n = 0; n < 12; n++) {
      const events = [pageview(id), ...(n === 0 ? [] : [pageview(`${id} ${n}`.replaceAll(" ", "."))])];
      const headers = { "cf-connecting-ip": `198.51.100.${n}` };
      const response = await send({ merchant: "m_moving", events, ...(n === 0 ? {} : again) }, { headers });
      const { receipts } = await response.json<Receipts>();
      found.push(receipts[0]!.status);
      expect(receipts.slice(1).map(({ status }) => status)).toEqual(n === 0 ? [] : ["accepted"]);
    }
    return found;
  };
  expect(await statuses({ again: true })).toEqual(["accepted", ...Array.from({ length: 11 }, () => "duplicate")]);
  expect(await statuses({ again: 1 })).toEqual(["accepted", ...Array.from({ length: 11 }, () => "duplicate")]);
  // That all addresses go to one of four shards happens once in four million times.
  expect((await statuses({})).filter((status) => status === "accepted").length).toBeGreaterThan(1);
});

test("a single event and an array of events with their merchants are taken too", async () => {
  const single = await send({ merchant: "m_collect", ...pageview("single") });
  expect(await single.json()).toMatchObject({ receipts: [{ id: "single", status: "accepted" }] });
  const several = await send([
    { merchant: "m_collect", ...pageview("s1") },
    { merchant: "m_nobody", ...pageview("s2") },
    { merchant: "m_collect", ...pageview("s3") },
  ]);
  expect(await several.json()).toMatchObject({
    receipts: [
      { id: "s1", status: "accepted" },
      { id: "s2", status: "rejected", reason: "unknown_merchant", path: "/1/merchant" },
      { id: "s3", status: "accepted" },
    ],
  });
});

test("an event without an id gets one", async () => {
  const response = await send({ merchant: "m_collect", name: "pageview" });
  const { receipts } = await response.json<Receipts>();
  expect(receipts[0]).toMatchObject({ status: "accepted", id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string });
});

test.each([
  ["nothing", 400, "invalid_json", ""],
  ["no JSON", 400, "invalid_json", "{"],
  ["a number", 400, "unreadable", "7"],
  ["events that are no array", 400, "unreadable", '{"merchant":"m_collect","events":7}'],
  [
    "too many events",
    400,
    "unreadable",
    JSON.stringify({ merchant: "m_collect", events: Array.from({ length: 501 }, () => 1) }),
  ],
  ["a megabyte and more", 413, "too_large", JSON.stringify({ pad: "x".repeat(1_000_001) })],
  ["brackets without end", 400, "invalid_json", "[".repeat(900_000)],
])("%s: %i %s", async (_what, status, reason, raw) => {
  const response = await send(null, { raw });
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ error: { reason, message: expect.any(String) as string } });
});

test("types and encodings that we do not read: 415; other methods: 405", async () => {
  expect((await send({}, { headers: { "content-type": "application/xml" } })).status).toBe(415);
  expect((await send({}, { headers: { "content-encoding": "br" } })).status).toBe(415);
  const response = await worker.fetch("https://edge.example/e", { method: "PUT", body: "{}" });
  expect(response.status).toBe(405);
  expect(response.headers.get("allow")).toBe("POST, OPTIONS");
});

const gzip = async (text: string): Promise<ArrayBuffer> =>
  new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer();

test("gzip is unpacked within the limit; a bomb and half a gzip are refused", async () => {
  const headers = { "content-encoding": "gzip" };
  const good = await gzip(JSON.stringify({ merchant: "m_collect", events: [pageview("zipped")] }));
  expect(await (await send(null, { headers, raw: good })).json()).toMatchObject({ receipts: [{ status: "accepted" }] });
  const bomb = await gzip(" ".repeat(5_000_000));
  expect((await send(null, { headers, raw: bomb })).status).toBe(413);
  expect((await send(null, { headers, raw: good.slice(0, 40) })).status).toBe(400);
});

test("without a token nobody says who the visitor is, and a wrong token is refused", async () => {
  const body = { merchant: "m_collect", visitor: { ip: "192.0.2.1" }, events: [pageview("claim")] };
  expect(await (await send(body)).json()).toMatchObject({
    receipts: [{ status: "rejected", reason: "token_needed", path: "/visitor" }],
  });
  expect((await send(body, { headers: { authorization: "Bearer wrong" } })).status).toBe(401);
  expect(await (await send(body, { headers: token })).json()).toMatchObject({ receipts: [{ status: "accepted" }] });
});

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36";

test("the same person is one visitor; another address, agent or user id is another; the address is nowhere", async () => {
  const asVisitor = (id: string, ip: string, userAgent: string, more: object = {}) =>
    pageview(id, { visitor: { ip, user_agent: userAgent }, ...more });
  const events = [
    asVisitor("p1", "192.0.2.1", firefox),
    asVisitor("p2", "192.0.2.1", firefox),
    asVisitor("p3", "192.0.2.2", firefox),
    asVisitor("p4", "192.0.2.1", chrome),
    asVisitor("p5", "192.0.2.1", firefox, { user: "customer 1" }),
    asVisitor("p6", "192.0.2.9", chrome, { user: "customer 1" }),
  ];
  await send({ merchant: "m_people", events }, { headers: token });
  const request = { fromMs: 0, toMs: 1e13, dimensions: ["page" as const], minutes: true, sketches: true, all: true };
  const { hours } = await shard("m_people").hours(request);
  expect(hours[0]!.totals.visits).toBe(4);
  expect(JSON.stringify(hours)).not.toContain("192.0.2");
});

test("too many requests from one address: 429 with the time to wait", async () => {
  const headers = { "cf-connecting-ip": "203.0.113.99" };
  const statuses = new Map<number, string | null>();
  for (let i = 0; i < 2_100 && !statuses.has(429); i++) {
    const response = await send("", { raw: "", headers });
    statuses.set(response.status, response.headers.get("retry-after"));
  }
  expect(Number(statuses.get(429))).toBeGreaterThan(0);
});

test("the pixel is always a picture and says what became of the event", async () => {
  const get = (query: string) => worker.fetch(`https://edge.example/p.gif?${query}`);
  const good = await get("merchant=m_collect&url=https%3A%2F%2Fshop.example%2Fpixel");
  expect(good.headers.get("content-type")).toBe("image/gif");
  expect(good.headers.get("x-countinghouse-status")).toBe("accepted");
  const bad = await get("merchant=m_nobody");
  expect(bad.status).toBe(200);
  expect(bad.headers.get("x-countinghouse-status")).toBe("rejected");
});

test("browsers on any site may ask first", async () => {
  const response = await worker.fetch("https://edge.example/e", { method: "OPTIONS" });
  expect(response.status).toBe(204);
  expect(response.headers.get("access-control-allow-headers")).toContain("content-type");
});
