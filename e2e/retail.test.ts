// A month of a real shop through the whole stack, shuffled, with one event in twenty sent twice, over a line that loses
// answers and is busy at times: every figure equals, to the cent, what another program has worked out from the file
// (retail-figures.py).

import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Outcome } from "../scripts/send.ts";
import { command, published, report } from "./questions.ts";
import { startStack, type TestStack } from "./stack.ts";

interface Figures {
  lines: number;
  skipped: number;
  orders: number;
  gross: string;
  refund_invoices: number;
  refunds: string;
  average_order_value: string;
  units: number;
  days: Top[];
  products: Top[];
}

interface Top {
  value: string;
  orders: number;
  gross: string;
  refunds: string;
  units: number;
}

const figures = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, "retail-figures.json"), "utf8")) as Figures;
const MERCHANT = "m_retail";
const RANGE = ["2010-12-01", "2010-12-31"];

interface Printed extends Outcome {
  file: { lines: number; purchases: number; refunds: number; skipped: Record<string, number> };
}

let stack: TestStack;
let line: http.Server;
let printed: Printed;

beforeAll(async () => {
  stack = await startStack();
  line = badLine(stack.running().baseUrl);
  await once(line.listen(0, "127.0.0.1"), "listening");
  const { port } = line.address() as AddressInfo;
  const way = ["--url", `http://127.0.0.1:${port}`, "--token", stack.running().ingestToken, "--concurrency", "2"];
  const mess = ["--shuffle", "2010", "--duplicates", "0.05"];
  const file = ["--merchant", MERCHANT, "--file", "data/retail-2010-12.csv.gz"];
  printed = await command<Printed>(stack, "scripts/import.ts", "retail", ...file, ...way, ...mess);
});

afterAll(async () => {
  line.closeAllConnections();
  line.close();
  await stack.remove();
});

/** Of each four requests the second is not passed on, and the answer of the third is lost after it took effect. */
function badLine(baseUrl: string): http.Server {
  let requests = 0;
  const pass = async (request: http.IncomingMessage, response: http.ServerResponse): Promise<void> => {
    const body = await buffer(request);
    const turn = ++requests % 4;
    if (turn === 2) return void response.writeHead(503, { "retry-after": "0" }).end();
    const { authorization = "", "content-type": type = "" } = request.headers;
    const headers = { authorization, "content-type": type };
    const answer = await fetch(baseUrl + (request.url ?? ""), { method: "POST", headers, body });
    const text = await answer.text();
    if (turn === 3) response.destroy();
    else response.writeHead(answer.status).end(text);
  };
  return http.createServer((request, response) => void pass(request, response));
}

const ask = async (query: Record<string, unknown>) =>
  (await report(stack, { merchant: MERCHANT, date_range: RANGE, ...query })).results;

const pounds = (value: string) => ({ value, currency: "GBP" });

test("every line is in an event or has its reason, and the line was as bad as intended", () => {
  const { lines, purchases, refunds, skipped } = printed.file;
  expect({ lines, purchases, refunds }).toEqual({
    lines: figures.lines,
    purchases: figures.orders,
    refunds: figures.refund_invoices,
  });
  expect(Object.values(skipped).reduce((sum, n) => sum + n, 0)).toBe(figures.skipped);
  const events = figures.orders + figures.refund_invoices;
  expect(printed.sent).toBe(events + Math.round(events * 0.05));
  expect(printed.accepted + printed.duplicate).toBe(printed.sent);
  // Those that were accepted and whose answer was lost come back as duplicates.
  expect(printed.duplicate).toBeGreaterThan(Math.round(events * 0.05));
  expect(printed.retries).toBeGreaterThanOrEqual(2);
});

test("orders, revenue, refunds, average order value and units of the month", async () => {
  const metrics = ["orders", "gross_revenue", "refunds", "average_order_value", "units"];
  expect(await ask({ metrics })).toEqual([
    {
      metrics: [
        figures.orders,
        pounds(figures.gross),
        pounds(figures.refunds),
        pounds(figures.average_order_value),
        figures.units,
      ],
      dimensions: [],
    },
  ]);
  expect([figures.orders, figures.gross, figures.refunds]).toEqual([1_559, "823746.14", "74789.12"]);
});

test("refunds are as many events as cancellation invoices", async () => {
  const rows = await ask({ metrics: ["events"], dimensions: ["event"] });
  expect(Object.fromEntries(rows.map(({ dimensions, metrics }) => [dimensions[0], metrics[0]]))).toEqual({
    purchase: figures.orders,
    refund: figures.refund_invoices,
  });
});

test.each([
  ["product", figures.products],
  ["time:day", figures.days],
])("by %s: orders, revenue, refunds and units, the largest first", async (dimension, expected) => {
  const rows = await ask({
    metrics: ["orders", "gross_revenue", "refunds", "units"],
    dimensions: [dimension],
    order_by: [["gross_revenue", "desc"]],
    pagination: { limit: expected.length },
  });
  expect(rows.map(({ dimensions, metrics }) => ({ value: dimensions[0], metrics }))).toEqual(
    expected.map(({ value, orders, gross, refunds, units }) => ({
      value,
      metrics: [orders, pounds(gross), pounds(refunds), units],
    })),
  );
});

test("the same once Postgres has it, and the object is not needed for it", async () => {
  const question = { metrics: ["orders", "gross_revenue", "refunds", "units"], dimensions: ["product"] };
  const before = await ask(question);
  await published(stack, MERCHANT);
  const { results, meta } = await report(stack, { merchant: MERCHANT, date_range: RANGE, ...question });
  expect(meta.source.object_hours).toBe(0);
  expect(meta.source.postgres_rows).toBeGreaterThan(100);
  expect(results).toEqual(before);
});
