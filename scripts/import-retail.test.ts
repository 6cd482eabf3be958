import { expect, test } from "vitest";
import { ITEMS_MAX } from "../core/limits.ts";
import { invoicesOf, readRetailFile, type RetailLine } from "./import-retail.ts";

const line = (fields: Partial<RetailLine>): RetailLine => ({
  InvoiceNo: "536365",
  StockCode: "85123A",
  Description: " WHITE HOLDER ",
  Quantity: "6",
  InvoiceDate: "2010-12-01 08:26:00",
  UnitPrice: "2.55",
  CustomerID: "17850.0",
  Country: "United Kingdom",
  ...fields,
});

test("the lines of an invoice are one purchase, dated by its first line in London's time", async () => {
  const lines = [
    line({ InvoiceDate: "2010-07-01 08:26:00" }),
    line({ StockCode: "71053", Description: "", Quantity: "2", UnitPrice: "3.39", InvoiceDate: "2010-07-01 08:27:00" }),
  ];
  expect((await invoicesOf(lines)).events).toEqual([
    {
      id: "invoice-536365",
      name: "purchase",
      occurred_at: Date.UTC(2010, 6, 1, 7, 26),
      transaction_id: "536365",
      currency: "GBP",
      user: "17850",
      visitor: { country: "GB" },
      items: [
        { item_id: "85123A", item_name: "WHITE HOLDER", price: 2.55, quantity: 6 },
        { item_id: "71053", price: 3.39, quantity: 2 },
      ],
    },
  ]);
});

test("a cancellation is a refund with positive quantities", async () => {
  const { events } = await invoicesOf([line({ InvoiceNo: "C536379", Quantity: "-1" })]);
  expect(events).toMatchObject([{ name: "refund", transaction_id: "C536379", items: [{ price: 2.55, quantity: 1 }] }]);
});

test("lines that are neither are skipped with their reason, and leave the rest of their invoice alone", async () => {
  const { events, lines, skipped } = await invoicesOf([
    line({}),
    line({ UnitPrice: "0.0" }),
    line({ Quantity: "-3" }),
    line({ InvoiceNo: "C1", Quantity: "3" }),
    line({ InvoiceNo: "2", InvoiceDate: "2010-02-31 10:00:00" }),
    line({ InvoiceNo: "3", UnitPrice: "" }),
    line({ InvoiceNo: "4", UnitPrice: "free" }),
  ]);
  expect(events.map(({ id, items }) => [id, items?.length])).toEqual([["invoice-536365", 1]]);
  expect(lines).toBe(7);
  expect(skipped).toEqual({ price_not_positive: 2, quantity_not_positive: 2, malformed: 2 });
});

test("guests are nobody's address, each invoice another; a place that is no one country has no code", async () => {
  const guest = { CustomerID: "", Country: "Channel Islands" };
  const { events } = await invoicesOf([line(guest), line({ ...guest, InvoiceNo: "536366", Country: "EIRE" })]);
  expect(events.map(({ user, visitor }) => ({ user, visitor }))).toEqual([
    { user: undefined, visitor: { ip: "2001:db8::536365" } },
    { user: undefined, visitor: { ip: "2001:db8::536366", country: "IE" } },
  ]);
});

test("an invoice that no event holds is said, not cut", async () => {
  const lines = Array.from({ length: ITEMS_MAX + 1 }, () => line({}));
  await expect(invoicesOf(lines)).rejects.toThrow("invoice-536365 has 1001 lines; an event holds 1000 items.");
});

test("the recorded month, whole", async () => {
  const { events, lines, skipped } = await readRetailFile("data/retail-2010-12.csv.gz");
  const cents = (name: string): number =>
    events
      .filter((event) => event.name === name)
      .flatMap(({ items = [] }) => items)
      .reduce((sum, { price = 0, quantity = 0 }) => sum + Math.round(price * 100) * quantity, 0);
  expect(lines).toBe(42_481);
  expect(skipped).toEqual({ price_not_positive: 203, quantity_not_positive: 70 });
  expect(events.filter(({ name }) => name === "purchase").length).toBe(1_559);
  expect(events.filter(({ name }) => name === "refund").length).toBe(326);
  expect(cents("purchase")).toBe(82_374_614);
  expect(cents("refund")).toBe(7_478_912);
});
