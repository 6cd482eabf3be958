import { expect, test } from "vitest";
import { Hour } from "./hour.ts";
import { VISIT_GAP_MS, VISIT_LINGER_MS } from "./limits.ts";
import { belongs, isBounce, isOver, type Visit } from "./visit.ts";

const hour = new Hour(0, "1970-01-01", "EUR");
const visit = (fields: Partial<Visit>): Visit => ({
  visitor: "0123456789abcdef",
  identified: false,
  hi: 0x01234567,
  lo: 0x89abcdef,
  attributes: [],
  hour,
  firstMs: 0,
  minMs: 0,
  maxMs: 0,
  pageviews: 1,
  interactive: false,
  exitPage: "/",
  seen: new Set(),
  cells: [],
  eventHour: hour,
  eventCells: [],
  lastMinute: 0,
  ...fields,
});

test("an event belongs to a visit up to the gap before its first and after its last event", () => {
  const one = visit({ minMs: 10_000_000, maxMs: 11_000_000 });
  const inside = [one.minMs - VISIT_GAP_MS, one.minMs, one.maxMs, one.maxMs + VISIT_GAP_MS];
  expect(inside.map((ms) => belongs(one, ms))).toEqual([true, true, true, true]);
  expect([one.minMs - VISIT_GAP_MS - 1, one.maxMs + VISIT_GAP_MS + 1].map((ms) => belongs(one, ms))).toEqual([
    false,
    false,
  ]);
});

test("a visit stays open for a while longer than an event in order could join it", () => {
  const one = visit({ maxMs: 11_000_000 });
  expect(isOver(one, 11_000_000 + VISIT_LINGER_MS)).toBe(false);
  expect(isOver(one, 11_000_000 + VISIT_LINGER_MS + 1)).toBe(true);
  expect(belongs(one, 11_000_000 + VISIT_LINGER_MS)).toBe(false);
});

test("a bounce is at most one page and nothing done", () => {
  expect(isBounce(visit({ pageviews: 1 }))).toBe(true);
  expect(isBounce(visit({ pageviews: 0 }))).toBe(true);
  expect(isBounce(visit({ pageviews: 2 }))).toBe(false);
  expect(isBounce(visit({ interactive: true }))).toBe(false);
});
