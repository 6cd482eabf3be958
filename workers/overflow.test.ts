import { expect, test } from "vitest";
import { EVENT_BYTES_MAX, QUEUE_MESSAGE_BYTES_MAX, RULES_JSON_CHARS_MAX } from "../core/limits.ts";
import type { Merchant } from "../core/merchant.ts";
import type { AppendBatch } from "../core/messages.ts";
import { splitBatch } from "./overflow.ts";

const excludedPages = Array.from({ length: 100 }, (_, n) => `/${"ü".repeat(150)}${n}`);
const merchant: Merchant = {
  id: "m_overflow",
  name: "Shop",
  zone: "UTC",
  currency: "EUR",
  domains: ["shop.example"],
  shards: 1,
  rules: { version: 1, extraBots: [], excludedPages },
};
const batch: AppendBatch = {
  merchant,
  shard: 0,
  lines: Array.from({ length: 40 }, (_, n) => JSON.stringify({ id: `e${n}`, filler: "x".repeat(9_000) })),
  rejected: { missing: 7 },
  rejectedExamples: [{ atMs: 1, reason: "missing", field: "/name", name: null, page: null }],
  receivedAtMs: 1,
};

test("what does not fit one message goes in several; what was refused goes once", () => {
  const parts = splitBatch(batch);
  expect(parts.length).toBeGreaterThan(3);
  expect(parts.flatMap(({ lines }) => lines)).toEqual(batch.lines);
  expect(parts.map(({ rejected }) => rejected)).toEqual([batch.rejected, ...parts.slice(1).map(() => ({}))]);
  expect(parts.map(({ rejectedExamples = null }) => rejectedExamples)).toEqual([
    batch.rejectedExamples,
    ...parts.slice(1).map(() => null),
  ]);
});

test("what may have been sent before is so in whichever message it goes", () => {
  for (const again of [1, 17, 40]) {
    const parts = splitBatch({ ...batch, again });
    const marked = parts.flatMap((part) => part.lines.filter((_, n) => n < (part.again ?? 0)));
    expect(marked).toEqual(batch.lines.slice(0, again));
  }
  expect(splitBatch(batch).filter((part) => "again" in part)).toEqual([]);
});

test("each fits a message with the largest rules that there may be, and so does the largest event", () => {
  expect(JSON.stringify(merchant.rules).length).toBeLessThan(RULES_JSON_CHARS_MAX);
  expect(JSON.stringify(merchant.rules).length).toBeGreaterThan(0.9 * RULES_JSON_CHARS_MAX);
  const largest = [JSON.stringify({ id: "large", filler: "x".repeat(EVENT_BYTES_MAX - 100) })];
  for (const part of [...splitBatch(batch), ...splitBatch({ ...batch, lines: largest })]) {
    // The queue's serialisation takes two bytes for each letter of a text that has any but Latin-1's.
    const bytes = part.lines.join("").length + 2 * JSON.stringify({ ...part, lines: [] }).length;
    expect(bytes).toBeLessThan(QUEUE_MESSAGE_BYTES_MAX);
  }
});
