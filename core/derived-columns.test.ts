import { expect, test } from "vitest";
import { DERIVED_COLUMNS, derivedColumnsOf, visitOrder } from "./derived-columns.ts";
import type { DerivedRow } from "./derive.ts";
import { factsOf } from "./enrich.ts";
import type { Event } from "./event.ts";
import { VISIT_DIMENSIONS } from "./rollup.ts";

const event = (id: string, occurred_at: number, fields: Partial<Event> = {}): Event => ({
  id,
  name: "pageview",
  occurred_at,
  received_at: occurred_at,
  visitor: "00000000000000aa",
  url: "https://www.shop.example/caf%C3%A9?q=1",
  ...fields,
});
const counted = (of: Event, ordinal = 0, visit = 0): DerivedRow => ({
  event: of,
  verdict: "counted",
  ordinal,
  visit: { id: "first", number: visit },
  attributes: VISIT_DIMENSIONS.map((name) => `a ${name}`),
  page: factsOf(of).page,
  hostname: factsOf(of).hostname,
});
const uncounted = (of: Event, verdict: "bot" | "failed"): DerivedRow => ({
  event: of,
  verdict,
  ordinal: 0,
  visit: null,
  attributes: null,
  page: verdict === "failed" ? null : factsOf(of).page,
  hostname: null,
});

/** Rows as objects, without what is null. */
const rowsOf = (rows: DerivedRow[]): Record<string, unknown>[] => {
  const columns = derivedColumnsOf(rows, "EUR");
  return rows.map((_, at) =>
    Object.fromEntries(
      DERIVED_COLUMNS.map(({ name }, column) => [name, columns[column]![at]]).filter(([, value]) => value != null),
    ),
  );
};

test("a counted event has its own conclusions, its visit's, and what it adds to the shop's measures", () => {
  const items = [{ item_id: "a", price: 9.99, quantity: 2 }];
  const [row] = rowsOf([counted(event("1", 5, { name: "purchase", items, props: { gift: true }, currency: "EUR" }))]);
  expect(row).toMatchObject({
    id: "1",
    verdict: "counted",
    visit: "first",
    page: "/café",
    hostname: "shop.example",
    entry_page: "a entry_page",
    channel: "a channel",
    visit_number: 0,
    orders: 1,
    gross: 19_980_000,
    units: 2,
    items: JSON.stringify(items),
    props: '{"gift":true}',
  });
});

test("an event that is not counted adds nothing, and one that cannot be read is a row all the same", () => {
  const bot = event("1", 1, { name: "purchase", value: 5, currency: "EUR" });
  const broken = { ...event("2", 2), items: 7, url: 7, title: "half \ud800" } as unknown as Event;
  const [first, second] = rowsOf([uncounted(bot, "bot"), uncounted(broken, "failed")]);
  for (const name of ["orders", "gross", "visit", "channel"]) expect(first).not.toHaveProperty(name);
  expect(first).toMatchObject({ verdict: "bot", page: "/café", value: 5 });
  expect(second).toMatchObject({ id: "2", verdict: "failed", title: "half \ufffd" });
  for (const name of ["items", "url", "page"]) expect(second).not.toHaveProperty(name);
});

test("the rows of a visit are together, in the order of the log; those without a visit come last", () => {
  expect(visitOrder([null, 1, 0, undefined, 1, 0])).toEqual([2, 5, 1, 4, 0, 3]);
  const rows = [counted(event("1", 1), 7, 3), { ...counted(event("2", 1), 8), visit: null }];
  expect(rowsOf(rows).map(({ ordinal, visit_number }) => [ordinal, visit_number])).toEqual([
    [7, 3],
    [8, undefined],
  ]);
});

test("no two columns have one name", () => {
  const names = DERIVED_COLUMNS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
