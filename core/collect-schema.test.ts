// The published schema and the reader agree: what one refuses for a reason that a schema can say, so does the other.

import { expect, test } from "vitest";
import { z } from "zod";
import { COLLECT_SCHEMA } from "./collect-schema.ts";
import { readHit } from "./hit.ts";

const schema = z.fromJSONSchema(COLLECT_SCHEMA as Parameters<typeof z.fromJSONSchema>[0]);
const NOW = Date.parse("2026-11-24T12:00:00Z");

const agrees = (event: object): boolean => {
  const bySchema = schema.safeParse({ merchant: "m_shop", events: [event] }).success;
  const byReader = readHit(event, "", { receivedAtMs: NOW, trusted: true, sentAtMs: null }).ok;
  expect({ event, bySchema }).toEqual({ event, bySchema: byReader });
  return byReader;
};

test.each([
  { name: "pageview" },
  { id: "a1", name: "pageview", url: "https://shop.example/", props: { a: 1, b: "x", c: true } },
  { name: "purchase", value: "72,93", currency: "eur", transaction_id: 17, items: [{ item_id: 1, price: 2.5 }] },
  { name: "x", occurred_at: "2026-11-24T11:00:00+01:00", user: "u", visitor: { ip: "192.0.2.1" } },
  { name: "x", occurred_at: 1_700_000_000_000 },
])("both take %j", (event) => {
  expect(agrees(event)).toBe(true);
});

test.each([
  {},
  { name: true },
  { name: "x", props: { deep: {} } },
  { name: "x", items: [{}] },
  { name: "x", items: { item_id: "a" } },
  { name: "x", value: "many" },
  { name: "x", value: 1e12 },
  { name: "x", currency: "EURO" },
  { name: "x", occurred_at: "yesterday" },
  { name: "x", id: "with space" },
  { name: "x".repeat(121) },
  { name: "x", url: 7 },
])("both refuse %j", (event) => {
  expect(agrees(event)).toBe(false);
});
