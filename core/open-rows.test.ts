import { expect, test } from "vitest";
import type { Merchant } from "./merchant.ts";
import { OpenRows } from "./open-rows.ts";
import { batchesOf, foldedDays } from "./scan-fixture.ts";
import type { ScanBatch } from "./scan-columns.ts";
import { late, reordered, trafficOf } from "./traffic.ts";
import { dayOf } from "./zone.ts";

const merchant: Merchant = {
  id: "m_open",
  name: "",
  zone: "America/St_Johns",
  currency: "CAD",
  domains: ["shop.example"],
  shards: 1,
};
const day = dayOf(merchant.zone, "2026-11-24");

/** Each column's values, whatever they are coded as. */
const plain = ({ columns }: ScanBatch) =>
  Object.fromEntries(
    [...columns].map(([name, column]) => {
      switch (column.kind) {
        case "text":
          return [name, Array.from(column.codes, (code) => (code < 0 ? null : column.text(code)))];
        case "numbers":
          return [name, [...column.numbers]];
        case "ordinals":
          return [name, [...column.ordinals]];
        case "flags":
          return [name, [...column.flags]];
      }
    }),
  );

test("however its events come by and by, an open day has the rows that its file will have", () => {
  const traffic = trafficOf({ merchant, seed: 3, fromMs: day.startMs, toMs: day.endMs, people: 300 });
  const events = late(reordered(traffic, 1, 600_000), 2, 0.1, 6 * 3_600_000);
  const [folded] = foldedDays(events, merchant);
  const [whole] = batchesOf(folded!.rows, merchant.currency, Number.POSITIVE_INFINITY);
  const open = new OpenRows(day, merchant);
  const sizes = [1, 0, 300, 7, 1_000, events.length];
  for (let at = 0, next = 0; at < events.length; at += sizes[next++]!) {
    open.add(events.slice(at, at + sizes[next]!));
    open.batch(["verdict"]);
  }
  expect(open.events).toBe(events.length);
  const names = [...whole!.columns.keys()].filter((name) => !UNSCANNED.has(name));
  expect(plain(open.batch(names))).toEqual(
    plain({ rows: whole!.rows, columns: new Map(names.map((name) => [name, whole!.columns.get(name)!])) }),
  );
});

const UNSCANNED = new Set([
  "id",
  "visit",
  "ordinal",
  "received_at",
  "url",
  "title",
  "screen",
  "transaction_id",
  "tax",
  "shipping",
  "coupon",
]);
