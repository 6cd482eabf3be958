import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { afterEach, expect, test } from "vitest";
import { REQUEST_BYTES_MAX } from "../core/limits.ts";
import { send, type Outcome, type SendOptions, type WireEvent } from "./send.ts";

const event = (n: number, more: Partial<WireEvent> = {}): WireEvent => ({
  id: `e${n}`,
  name: "pageview",
  occurred_at: 1_700_000_000_000 + n,
  ...more,
});
const events = (n: number): WireEvent[] => Array.from({ length: n }, (_, i) => event(i));

interface Received {
  headers: http.IncomingHttpHeaders;
  bytes: number;
  body: { merchant: string; events: WireEvent[] };
}

type Reply = (request: Received, response: http.ServerResponse) => void;

const accept: Reply = ({ body }, response) => {
  response.writeHead(202).end(JSON.stringify({ receipts: body.events.map(({ id }) => ({ id, status: "accepted" })) }));
};

let server: http.Server | null = null;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** Sends to a server that gives these replies in turn, and the last one from then on. */
async function exchange(
  replies: readonly Reply[],
  sent: Parameters<typeof send>[1],
  options: SendOptions = {},
  host = "127.0.0.1",
): Promise<{ outcome: Promise<Outcome>; received: Received[] }> {
  const received: Received[] = [];
  const reply = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    const bytes = await buffer(request);
    const said = request.headers["content-encoding"] === "gzip" ? gunzipSync(bytes) : bytes;
    const body = JSON.parse(said.toString("utf8")) as Received["body"];
    const one: Received = { headers: request.headers, bytes: bytes.length, body };
    received.push(one);
    replies[Math.min(received.length, replies.length) - 1]?.(one, response);
  };
  server = http.createServer((request, response) => void reply(request, response));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://${host}:${(server.address() as AddressInfo).port}`;
  const outcome = send({ url, ingestToken: "secret", merchant: "m_test" }, sent, options);
  outcome.catch(() => {});
  return { outcome, received };
}

test("batches hold 500 events at most, in order, whatever the pieces they came in", async () => {
  const all = events(1_201);
  const { outcome, received } = await exchange([accept], [all.slice(0, 1_150), [], all.slice(1_150)]);
  expect(await outcome).toMatchObject({ sent: 1_201, accepted: 1_201, requests: 3, retries: 0 });
  expect(received.map(({ body }) => body.events.length)).toEqual([500, 500, 201]);
  expect(received.flatMap(({ body }) => body.events)).toEqual(all);
  expect(received[0]?.headers.authorization).toBe("Bearer secret");
  expect(received[0]?.body.merchant).toBe("m_test");
});

test("batches of large events stay within the bytes of a request, counted as bytes", async () => {
  const large = Array.from({ length: 40 }, (_, n) => event(n, { title: "é".repeat(30_000) }));
  const { outcome, received } = await exchange([accept], [large]);
  expect((await outcome).accepted).toBe(40);
  expect(Math.max(...received.map(({ bytes }) => bytes))).toBeLessThanOrEqual(REQUEST_BYTES_MAX);
  expect(received.length).toBe(3);
});

test("to another machine a request goes packed, to the same one as it is", async () => {
  const here = await exchange([accept], [events(100)]);
  expect((await here.outcome).accepted).toBe(100);
  server?.close();
  // It leads to this machine as well, and does not look like it.
  const elsewhere = await exchange([accept], [events(100)], {}, "0.0.0.0");
  expect((await elsewhere.outcome).accepted).toBe(100);
  const [plain, packed] = [here.received[0], elsewhere.received[0]];
  expect(packed?.headers["content-encoding"]).toBe("gzip");
  expect(packed?.body).toEqual(plain?.body);
  expect(packed?.bytes).toBeLessThan((plain?.bytes ?? 0) / 4);
});

test("nothing to send is no request", async () => {
  const { outcome, received } = await exchange([accept], [[]]);
  expect((await outcome).sent).toBe(0);
  expect(received).toEqual([]);
});

test("429, 5xx and a broken connection are tried again with the same events, and Retry-After is kept", async () => {
  const wait: Reply = (_, response) => response.writeHead(429, { "retry-after": "30" }).end();
  const fail: Reply = (_, response) => response.writeHead(500).end();
  const hangUp: Reply = (_, response) => response.destroy();
  const waits: number[] = [];
  const options = { wait: async (ms: number) => waits.push(ms) };
  const { outcome, received } = await exchange([wait, fail, hangUp, accept], [events(3)], options);
  expect(await outcome).toMatchObject({ sent: 3, accepted: 3, requests: 4, retries: 3 });
  expect(new Set(received.map(({ body }) => JSON.stringify(body))).size).toBe(1);
  expect(waits).toEqual([30_000, 400, 800]);
});

test("receipts are counted by status and reason, with the first refusal explained", async () => {
  const mixed: Reply = (_, response) => {
    const receipts = [
      { id: "e0", status: "accepted" },
      { id: "e1", status: "duplicate" },
      { id: "e2", status: "rejected", reason: "invalid_url", path: "/events/2/url", message: "No URL." },
      { id: "e3", status: "rejected", reason: "invalid_url", path: "/events/3/url", message: "No URL." },
    ];
    response.writeHead(202).end(JSON.stringify({ receipts }));
  };
  const { outcome } = await exchange([mixed], [events(4)]);
  expect(await outcome).toEqual({
    sent: 4,
    accepted: 1,
    duplicate: 1,
    rejected: { invalid_url: 2 },
    refusals: { invalid_url: "/events/2/url No URL." },
    requests: 1,
    retries: 0,
  });
});

test("a refused request ends it at once, with what the other side said", async () => {
  const refuse: Reply = (_, response) => response.writeHead(401).end("no such token");
  const { outcome, received } = await exchange([refuse], [events(600)]);
  await expect(outcome).rejects.toThrow(/answered 401: no such token/);
  expect(received.length).toBe(1);
});

test("an unknown merchant ends it at once: no event of it will ever be taken", async () => {
  const unknown: Reply = ({ body }, response) => {
    const receipt = { id: null, status: "rejected", reason: "unknown_merchant", message: "No such merchant." };
    response.writeHead(202).end(JSON.stringify({ receipts: body.events.map(() => receipt) }));
  };
  const { outcome, received } = await exchange([unknown], [events(2_000)]);
  await expect(outcome).rejects.toThrow("No such merchant.");
  expect(received.length).toBe(1);
});

test("fewer receipts than events are an error, not a loss", async () => {
  const forget: Reply = (_, response) => response.writeHead(202).end('{"receipts":[]}');
  const { outcome } = await exchange([forget], [events(2)]);
  await expect(outcome).rejects.toThrow("2 events were sent and 0 receipts came back.");
});

test("who stays away too long is given up, and the last reason said", async () => {
  const fail: Reply = (_, response) => response.writeHead(503).end("down");
  const { outcome } = await exchange([fail], [events(1)], { patienceMs: 1_400, wait: async () => {} });
  await expect(outcome).rejects.toThrow(/Given up after 4 attempts: .* answered 503: down/);
});

test("one request at a time by default; as many as asked for otherwise, and no more", async () => {
  for (const concurrency of [1, 3]) {
    let open = 0;
    let most = 0;
    const slowly: Reply = (request, response) => {
      most = Math.max(most, ++open);
      setTimeout(() => {
        open--;
        accept(request, response);
      }, 20);
    };
    const { outcome } = await exchange([slowly], [events(4_000)], { concurrency });
    expect((await outcome).accepted).toBe(4_000);
    expect(most).toBe(concurrency);
    server?.close();
  }
});
