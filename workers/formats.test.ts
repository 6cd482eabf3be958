import { env } from "cloudflare:workers";
import { parse } from "csv-parse/sync";
import { expect, test } from "vitest";
import type { Merchant } from "../core/merchant.ts";
import { rollupsOf, visitAt, type VisitFixture } from "../core/rollup-fixture.ts";
import type { Env } from "./env.ts";
import { formatted } from "./formats.ts";
import { forOperator, publish, Shards } from "./reports-doubles.ts";
import { reports } from "./reports.ts";

const bindings = env as unknown as Env;

const bed = async (id: string, ...visits: VisitFixture[]) => {
  const merchant: Merchant = { id, name: id, zone: "Europe/Berlin", currency: "EUR", domains: [], shards: 1 };
  await publish(bindings, rollupsOf(id, "Europe/Berlin", 1, visits));
  const app = forOperator(reports(async () => merchant));
  const world = { ...bindings, MERCHANT_SHARD: new Shards().namespace };
  const get = (parameters: Record<string, string>, headers: Record<string, string> = {}) =>
    app.request(
      `/query?${new URLSearchParams({ merchant: id, from: "2026-01-05", to: "2026-01-06", ...parameters })}`,
      { headers },
      world,
    );
  const post = (query: object, headers: Record<string, string> = {}, search = "") => {
    const body = JSON.stringify({ merchant: id, date_range: ["2026-01-05", "2026-01-06"], ...query });
    return app.request(`/query${search}`, { method: "POST", headers, body }, world);
  };
  return { get, post };
};

const DAYS = [
  visitAt("2026-01-05T09:10:00Z", { gross: 12_345_000 }),
  visitAt("2026-01-06T09:10:00Z", { person: 2, channel: "Email" }),
];

test("an address and a body that ask the same get the same, and are refused in the same words", async () => {
  const { get, post } = await bed("m_same", ...DAYS);
  const short = await get({
    metrics: "visits,gross_revenue",
    dimensions: "channel",
    order_by: "visits:desc",
    limit: "1",
  });
  const body = {
    metrics: ["visits", "gross_revenue"],
    dimensions: ["channel"],
    order_by: [["visits", "desc"]],
    pagination: { limit: 1 },
  };
  expect(await short.json()).toEqual(await (await post(body)).json());
  const wrong = [
    [{ metrics: "visits,baa" }, { metrics: ["visits", "baa"] }],
    [
      { metrics: "visits", limit: "many" },
      { metrics: ["visits"], pagination: { limit: "many" } },
    ],
    [
      { metrics: "visits", nonsense: "1" },
      { metrics: ["visits"], nonsense: 1 },
    ],
  ] as const;
  for (const [parameters, asked] of wrong) {
    const refused = await get(parameters);
    expect(refused.status).toBe(400);
    expect(await refused.json()).toEqual(await (await post(asked)).json());
  }
  expect((await get({ metrics: "visits", q: "{}" })).status).toBe(400);
});

test("CSV: names as in the query, exact money with its currency, what it was before and the change", async () => {
  const { get } = await bed("m_csv", ...DAYS);
  const asked = {
    metrics: "visits,gross_revenue",
    dimensions: "time:day",
    comparison: "previous_period",
    include: "fill",
    from: "2026-01-06",
  };
  const response = await get(asked, { accept: "text/csv" });
  expect(response.status).toBe(200);
  expect(Object.fromEntries(response.headers)).toMatchObject({
    "content-type": "text/csv; charset=utf-8; header=present",
    "content-disposition": 'attachment; filename="m_csv-time-day-2026-01-06-2026-01-06.csv"',
    "x-countinghouse-stale": "false",
  });
  expect(await response.text()).toBe(
    "time:day,visits,gross_revenue,comparison_time:day,comparison_visits,change_visits,comparison_gross_revenue,change_gross_revenue,currency\n" +
      "2026-01-06,1,0.00,2026-01-05,1,0,12.345,-100,EUR\n",
  );
});

test("NDJSON: an object a row", async () => {
  const { post } = await bed("m_lines", ...DAYS);
  const asked = { metrics: ["visits", "gross_revenue", "bounce_rate"], dimensions: ["channel"] };
  const response = await post(asked, {}, "?format=ndjson");
  expect(response.headers.get("content-type")).toBe("application/x-ndjson; charset=utf-8");
  const lines = (await response.text()).trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
    { channel: "Direct", visits: 1, gross_revenue: "12.345", bounce_rate: expect.any(Number), currency: "EUR" },
    { channel: "Email", visits: 1, gross_revenue: "0.00", bounce_rate: expect.any(Number), currency: "EUR" },
  ]);
});

test("a format that nobody knows is refused; what browsers accept is JSON", async () => {
  const { get } = await bed("m_format");
  const refused = await get({ metrics: "visits", format: "xls" });
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({ error: { pointer: "#/format", reason: "malformed" } });
  const accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
  for (const headers of [{}, { accept }, { accept: "*/*" }])
    expect((await get({ metrics: "visits" }, headers)).headers.get("content-type")).toMatch(/^application\/json/);
});

const answerOf = (dimension: string, rows: [string, unknown][]) =>
  JSON.stringify({
    results: rows.map(([value, metric]) => ({ dimensions: [value], metrics: [metric] })),
    meta: { currency: "EUR", fresh_to: null, stale: null },
    query: { merchant: "m_1", metrics: ["net_revenue"], dimensions: [dimension], date_range: [] },
  });

const textOf = async (text: string, format: "csv" | "ndjson") => new Response(formatted(text, format).body).text();

test("no text becomes a formula in a spreadsheet, and numbers stay numbers", async () => {
  const texts = [
    "=1+1",
    "+49 30",
    "-2+3",
    "@x",
    "\tx",
    "\rx",
    "＝1",
    'quo"te, and\nnew line',
    "plain",
    "-5",
    "+4.25",
    "a=b",
    "",
  ];
  const money = { value: "-12.30", currency: "EUR" };
  const written = await textOf(
    answerOf(
      "page",
      texts.map((text) => [text, money]),
    ),
    "csv",
  );
  const rows = parse(written, { columns: true }) as Record<string, string>[];
  expect(rows.map(({ page }) => page)).toEqual(
    texts.map((text) => (/^[=@\t\r＝]|^\+49|^-2/.test(text) ? `'${text}` : text)),
  );
  expect(rows.every((row) => row["net_revenue"] === "-12.30" && row["currency"] === "EUR")).toBe(true);
  // Where nobody opens it in a spreadsheet it is what it is.
  expect(JSON.parse((await textOf(answerOf("page", [["=1+1", null]]), "ndjson")).trim())).toEqual({
    page: "=1+1",
    net_revenue: null,
  });
});

test("rows are written while they are read, however many there are", async () => {
  const rows = Array.from({ length: 10_000 }, (_, n): [string, unknown] => [`/p/${n}`, n]);
  const { body } = formatted(answerOf("page", rows), "csv");
  const reader = (body as ReadableStream<Uint8Array>).getReader();
  const pieces: string[] = [];
  for (let next = await reader.read(); !next.done; next = await reader.read())
    pieces.push(new TextDecoder().decode(next.value));
  expect(pieces.length).toBe(21);
  expect(parse(pieces.join(""), { columns: true })).toHaveLength(10_000);
});
