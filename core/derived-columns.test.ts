import { expect, test } from "vitest";
import { DERIVED_COLUMNS, type DerivedRow, derivedColumnsOf } from "./derived-columns.ts";
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
const counted = (of: Event): DerivedRow => ({
  event: of,
  verdict: "counted",
  visit: "first",
  attributes: VISIT_DIMENSIONS.map((name) => `a ${name}`),
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
  const [first, second] = rowsOf([
    { event: bot, verdict: "bot", visit: null, attributes: null },
    { event: broken, verdict: "failed", visit: null, attributes: null },
  ]);
  for (const name of ["orders", "gross", "visit", "channel"]) expect(first).not.toHaveProperty(name);
  expect(first).toMatchObject({ verdict: "bot", page: "/café", value: 5 });
  expect(second).toMatchObject({ id: "2", verdict: "failed", title: "half \ufffd" });
  for (const name of ["items", "url", "page"]) expect(second).not.toHaveProperty(name);
});

test("rows are in order of time; of one instant in the order of the log", () => {
  const rows = [3, 1, 2, 1].map((atMs, n) => counted(event(`${n}`, atMs)));
  expect(rowsOf(rows).map(({ id }) => id)).toEqual(["1", "3", "2", "0"]);
});

test("no two columns have one name", () => {
  const names = DERIVED_COLUMNS.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
