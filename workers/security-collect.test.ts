// What a hostile sender of events can do: nothing to the server, whatever is packed, nested or made up; and what they sent comes out of
// every report as the text that it is.

import { exports } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import { CATALOGUE } from "../core/catalogue.ts";
import { REQUEST_BYTES_MAX } from "../core/limits.ts";
import { database } from "../migrations/database.ts";
import { api } from "./api.ts";
import { bindings, HOME } from "./auth-fixture.ts";
import { findMerchant } from "./merchants.ts";

const worker = (exports as unknown as { default: Fetcher }).default;
const MERCHANT = "m_hostile";

beforeAll(async () => {
  await database(bindings)`INSERT INTO merchants (id, name, zone, currency, domains)
    VALUES (${MERCHANT}, 'Hats', 'Europe/Berlin', 'EUR', '{}') ON CONFLICT DO NOTHING`;
});

const PERSON =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36";

const post = (body: BodyInit, headers: Record<string, string> = {}): Promise<Response> =>
  worker.fetch(`${HOME}/e`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "user-agent": PERSON,
      "cf-connecting-ip": "203.0.113.9",
      ...headers,
    },
    body,
  });

async function refused(response: Response): Promise<[number, string]> {
  const { error } = await response.json<{ error: { reason: string; message: string } }>();
  expect(error.message).not.toMatch(/\bat \S+:\d+|\.tsx?\b/);
  return [response.status, error.reason];
}

/** Gzip of so many zeros, in pieces as they come out. */
async function packed(zeros: number): Promise<Uint8Array[]> {
  let left = zeros;
  const source = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (left <= 0) return controller.close();
      controller.enqueue(new Uint8Array(Math.min(left, 1_000_000)));
      left -= 1_000_000;
    },
  });
  const pieces: Uint8Array[] = [];
  for await (const each of source.pipeThrough(new CompressionStream("gzip"))) pieces.push(each);
  return pieces;
}

test("a bomb of gzip is unpacked no further than a request may be", async () => {
  // Not even the first of its zeros is read by whoever is given all of them: there is no room in an isolate for 300 MB.
  const bomb = await new Blob(await packed(300_000_000)).arrayBuffer();
  expect(bomb.byteLength).toBeLessThan(REQUEST_BYTES_MAX);
  const headers = { "content-encoding": "gzip" };
  expect(await refused(await post(bomb, headers))).toEqual([413, "too_large"]);
  expect(await refused(await post(new Blob([bomb]).stream(), headers))).toEqual([413, "too_large"]);
  // As much as may be, and a byte more.
  const [most, more] = await Promise.all([packed(REQUEST_BYTES_MAX), packed(REQUEST_BYTES_MAX + 1)]);
  expect(await refused(await post(new Blob(most), headers))).toEqual([400, "invalid_json"]);
  expect(await refused(await post(new Blob(more), headers))).toEqual([413, "too_large"]);
});

test("gzip that is no gzip, is not whole, or is packed twice", async () => {
  const whole = new Uint8Array(await new Blob(await packed(1_000)).arrayBuffer());
  const twice = new Response(new Blob([whole]).stream().pipeThrough(new CompressionStream("gzip")));
  const bodies: BodyInit[] = ["no gzip", whole.subarray(0, 12), await twice.arrayBuffer(), ""];
  for (const body of bodies) expect((await refused(await post(body, { "content-encoding": "gzip" })))[0]).toBe(400);
  for (const encoding of ["br", "deflate", "gzip, gzip", "zstd"])
    expect(await refused(await post("{}", { "content-encoding": encoding }))).toEqual([415, "unsupported_encoding"]);
});

test("a length that is not true changes nothing about what is read", async () => {
  const body = `{"merchant":"${MERCHANT}","events":[],"x":"${"x".repeat(REQUEST_BYTES_MAX)}"}`;
  expect(await refused(await post(body))).toEqual([413, "too_large"]);
  expect(await refused(await post(new Blob([body]).stream()))).toEqual([413, "too_large"]);
});

interface Receipts {
  receipts: { status: string; reason?: string; path?: string; id: string | null }[];
}

test("nested JSON is refused where it stands, and takes no stack down", async () => {
  for (const [open, close] of [
    ["[", "]"],
    ['{"a":', "}"],
  ] as const) {
    const depth = 150_000;
    const deep = `${open.repeat(depth)}${open === "[" ? "" : "1"}${close.repeat(depth)}`;
    const whole = await post(deep);
    expect(whole.status, await whole.text()).toBeLessThan(500);
    for (const field of ["id", "name", "url", "props", "items", "visitor", "user", "value", "occurred_at"]) {
      const response = await post(`{"merchant":"${MERCHANT}","events":[{"name":"x","${field}":${deep}}]}`);
      const { receipts } = await response.json<Receipts>();
      expect([field, receipts[0]!.status]).toEqual([field, "rejected"]);
    }
  }
});

test("prototypes: keys of that name are data, and change nothing", async () => {
  const hostile = `{"merchant":"${MERCHANT}","__proto__":{"merchant":"m_x","trusted":true},"events":[
    {"name":"x","__proto__":{"visitor":{"ip":"1.2.3.4"},"polluted":true},"constructor":{"prototype":{"polluted":true}},
     "props":{"__proto__":"one","constructor":"two","prototype":"three","toString":"four","hasOwnProperty":"five"},
     "items":[{"item_id":"__proto__","__proto__":{"price":1}}]}]}`;
  const { receipts } = await (await post(hostile)).json<Receipts>();
  expect(receipts).toMatchObject([{ status: "accepted" }]);
  expect(["polluted" in {}, "merchant" in {}, "visitor" in {}, Object.keys(Object.prototype)]).toEqual([
    false,
    false,
    false,
    [],
  ]);
  for (const [prop, value] of Object.entries({ constructor: "two", toString: "four", hasOwnProperty: "five" }))
    expect(await rowsOf(`event:props:${prop}`)).toContainEqual([[value], [1]]);
  expect(await rowsOf("event:props:__proto__")).toContainEqual([["one"], [1]]);
});

test("ids of merchants are made up by the thousand: Postgres is asked a bounded number of times", async () => {
  // Without Postgres each question to it is an error at once, and so is each that is not asked.
  const away = { ...bindings, DATABASE_URL: "" };
  const reasons = new Map<string, number>();
  for (let i = 0; i < 2_100; i++) {
    const reason = await findMerchant(away, `m_${i}madeup`).then(String, String);
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  }
  expect(reasons.get("Error: too many merchants that nobody knows")).toBeGreaterThanOrEqual(100);
  // Whoever is known goes on.
  expect(
    (await post(JSON.stringify({ merchant: MERCHANT, name: "pageview", url: "https://shop.example/" }))).status,
  ).toBe(202);
});

const HOSTILE = [
  `=HYPERLINK("https://evil.example","x")`,
  "+1+cmd|' /C calc'!A0",
  "-2+3+cmd|' /C calc'!A0",
  "@SUM(1+1)*cmd|' /C calc'!A0",
  "\t=1+1",
  "\r\n=1+1",
  "＝1+1",
  "＋1",
  `"=1+1`,
  `";=1+1;"`,
  "<script>alert(1)</script>",
  `"><img src=x onerror=alert(1)>`,
  "'; DROP TABLE merchants; --",
  "' OR '1'='1",
  String.raw`\'; SELECT pg_sleep(10); --`,
  "$1; ${7*7} {{7*7}} %s %n",
  "a\u0000b",
  "line\nfeed\r\nset-cookie: x=1",
  "\u202Egnp.exe",
  "\ud800 half",
  "__proto__",
  "constructor",
];

/** One event for each string, with it wherever a string may stand. */
const eventsWith = (strings: readonly string[]): object[] =>
  strings.map((text, i) => ({
    id: `hostile-${i}`,
    name: i % 2 === 0 ? text : "purchase",
    url: `https://shop.example/${encodeURIComponent(text.toWellFormed())}?utm_source=${encodeURIComponent(text.toWellFormed())}&utm_campaign=${encodeURIComponent(text.toWellFormed())}&utm_medium=x&utm_term=%00&utm_content=%0A=1`,
    referrer: `https://news.example/${text}`,
    title: text,
    language: text,
    screen: text,
    user: text,
    props: { [text]: text, plan: text },
    transaction_id: text,
    coupon: text,
    value: 1,
    currency: "EUR",
    items: [{ item_id: text, item_name: text, item_brand: text, item_category: text, item_variant: text, price: 1 }],
  }));

const get = (query: Record<string, string>): Promise<Response> =>
  Promise.resolve(
    api.request(
      `${HOME}/api/v1/query?${new URLSearchParams({ merchant: MERCHANT, date_range: "day", ...query })}`,
      { headers: { authorization: `Bearer ${bindings.OPERATOR_TOKEN}`, "cache-control": "no-cache" } },
      bindings,
    ),
  );

async function rowsOf(dimension: string): Promise<[string[], number[]][]> {
  const answer = await (
    await get({ metrics: "events", dimensions: dimension })
  ).json<{
    results: { dimensions: string[]; metrics: number[] }[];
  }>();
  return answer.results.map(({ dimensions, metrics }) => [dimensions, metrics]);
}

/** RFC 4180, as a spreadsheet reads it. */
function cellsOf(csv: string): string[][] {
  const rows: string[][] = [[""]];
  let isQuoted = false;
  for (let at = 0; at < csv.length; at++) {
    const row = rows.at(-1)!;
    const letter = csv[at]!;
    if (letter === '"') {
      if (isQuoted && csv[at + 1] === '"') row[row.length - 1] += csv[++at]!;
      else isQuoted = !isQuoted;
    } else if (isQuoted || (letter !== "," && letter !== "\n" && letter !== "\r")) row[row.length - 1] += letter;
    else if (letter === ",") row.push("");
    else if (letter === "\n") rows.push([""]);
  }
  return rows.slice(0, -1);
}

const countsOf = async (): Promise<object> => {
  const tables = await database(
    bindings,
  )`SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename`;
  const [row] = await database(bindings)`
    SELECT (SELECT count(*) FROM merchants)::int AS merchants, (SELECT count(*) FROM people)::int AS people,
      (SELECT count(*) FROM organisations)::int AS organisations, (SELECT count(*) FROM tokens)::int AS tokens`;
  return { tables: tables.map(({ tablename }) => tablename as string), ...row };
};

test("hostile strings in every field: counted, and every report tells them as text", async () => {
  const before = await countsOf();
  const response = await post(JSON.stringify({ merchant: MERCHANT, events: eventsWith(HOSTILE) }));
  const { receipts } = await response.json<Receipts>();
  expect(new Set(receipts.map(({ status }) => status))).toEqual(new Set(["accepted"]));
  const dimensions = CATALOGUE.dimensions.filter((name) => !name.startsWith("time"));
  expect(dimensions.length).toBeGreaterThan(20);
  let texts = 0;
  for (const dimension of [...dimensions, "event:props:plan", `event:props:${HOSTILE[0]}`]) {
    const metrics = dimension.startsWith("item:") ? "item_revenue" : "events";
    const csv = await get({ metrics, dimensions: dimension, format: "csv" });
    if (csv.status === 400) continue;
    expect([dimension, csv.status]).toEqual([dimension, 200]);
    expect(csv.headers.get("content-type")).toMatch(/^text\/csv/);
    const rows = cellsOf(await csv.text());
    for (const row of rows) {
      expect([dimension, row.length]).toEqual([dimension, rows[0]!.length]);
      texts++;
      expect([dimension, row[0]]).toEqual([
        dimension,
        expect.not.stringMatching(/^[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|\p{Cc}/u),
      ]);
    }
    const lines = (await (await get({ metrics, dimensions: dimension, format: "ndjson" })).text())
      .trimEnd()
      .split("\n");
    expect([dimension, lines.map((line) => Object.keys(JSON.parse(line) as object).length)]).toEqual([
      dimension,
      rows.slice(1).map((row) => row.length),
    ]);
  }
  expect(texts).toBeGreaterThan(200);
  expect(await countsOf()).toEqual(before);
});

test("hostile strings in every part of a question are words that nothing has", async () => {
  const before = await countsOf();
  for (const text of HOSTILE) {
    const filters = JSON.stringify([["is", "page", [text.toWellFormed()]]]);
    const [{ status }, count] = [await get({ metrics: "events", filters }), await get({ metrics: "events" })];
    expect([text, status, count.status]).toEqual([text, 200, 200]);
    const asked: Record<string, string>[] = [
      { metrics: text },
      { metrics: "events", dimensions: text },
      { metrics: "events", filters: text },
      { metrics: "events", filters: JSON.stringify([[text, "page", ["/"]]]) },
      { metrics: "events", date_range: text },
      { metrics: "events", order_by: text },
      { metrics: "events", merchant: text },
      { metrics: "events", format: text },
      { metrics: "events", [text]: text },
    ];
    for (const query of asked) {
      const response = await get(query);
      expect([query, response.status]).toEqual([
        query,
        expect.toSatisfy((code: number) => code === 400 || code === 404),
      ]);
      const { error } = await response.json<{ error: object }>();
      expect(Object.keys(error).toSorted()).toEqual(["message", "pointer", "reason"]);
    }
  }
  expect(await countsOf()).toEqual(before);
});
