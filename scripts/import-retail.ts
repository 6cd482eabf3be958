// Invoice lines of a shop (the columns of the UCI "Online Retail" set) → one purchase or refund for each invoice. Lines
// with quantity and price above zero make a purchase; an invoice number with a leading C is a cancellation, and makes a
// refund with positive quantities. Lines that are neither (gifts, breakage, corrections of stock) are skipped and counted.

import { parse } from "csv-parse";
import { addTo } from "../core/books.ts";
import { ITEMS_MAX } from "../core/limits.ts";
import { memo } from "../core/memo.ts";
import { localInstant } from "../core/zone.ts";
import { RETAIL_COUNTRIES } from "./import-countries.ts";
import { bytesOf } from "./import-lines.ts";
import type { WireEvent } from "./send.ts";

/** The wall clock that invoices are dated by, and what they are paid in. */
const ZONE = "Europe/London";
const CURRENCY = "GBP";

export interface RetailLine {
  InvoiceNo: string;
  StockCode: string;
  Description: string;
  Quantity: string;
  /** "2010-12-01 08:26:00" */
  InvoiceDate: string;
  UnitPrice: string;
  /** "17850.0", or empty for a guest. */
  CustomerID: string;
  Country: string;
}

/** Why a line is part of no purchase or refund. */
export type NoSale = "malformed" | "quantity_not_positive" | "price_not_positive";

export interface Invoices {
  /** In the order in which they begin in the file. */
  events: WireEvent[];
  lines: number;
  /** By `NoSale`. */
  skipped: Record<string, number>;
}

/** All invoices of a file, plain or gzip; memory holds them all. Throws when it is no CSV with these columns. */
export async function readRetailFile(file: string): Promise<Invoices> {
  const reader = parse({ columns: true, bom: true, relax_column_count: false });
  const bytes = bytesOf(file);
  bytes.on("error", (error) => reader.destroy(error));
  return invoicesOf(bytes.pipe(reader) as AsyncIterable<RetailLine>);
}

export async function invoicesOf(lines: AsyncIterable<RetailLine> | Iterable<RetailLine>): Promise<Invoices> {
  const invoices = new Map<string, WireEvent>();
  const skipped: Invoices["skipped"] = {};
  let n = 0;
  for await (const line of lines) {
    n++;
    const item = itemOf(line);
    if (typeof item === "string") addTo(skipped, item);
    else {
      const invoice = invoices.get(line.InvoiceNo) ?? invoiceOf(line);
      invoices.set(line.InvoiceNo, invoice);
      invoice.items!.push(item);
    }
  }
  for (const invoice of invoices.values()) {
    const count = invoice.items!.length;
    if (count > ITEMS_MAX) throw new Error(`${invoice.id} has ${count} lines; an event holds ${ITEMS_MAX} items.`);
  }
  return { events: [...invoices.values()], lines: n, skipped };
}

function itemOf(line: RetailLine): NonNullable<WireEvent["items"]>[number] | NoSale {
  const written = Number(line.Quantity);
  const price = Number(line.UnitPrice);
  const wellFormed = line.InvoiceNo !== "" && line.StockCode !== "" && instantOf(line.InvoiceDate) !== null;
  if (!wellFormed || !Number.isInteger(written) || !Number.isFinite(price)) return "malformed";
  const quantity = isCancellation(line) ? -written : written;
  if (quantity <= 0) return "quantity_not_positive";
  if (price <= 0) return "price_not_positive";
  const name = line.Description.trim();
  return { item_id: line.StockCode, ...(name === "" ? {} : { item_name: name }), price, quantity };
}

const isCancellation = ({ InvoiceNo }: RetailLine): boolean => InvoiceNo.startsWith("C");

/** Without items yet. The invoice is dated by its first line. */
function invoiceOf(line: RetailLine): WireEvent {
  const { InvoiceNo: invoice, CustomerID: customer } = line;
  const country = RETAIL_COUNTRIES[line.Country];
  const place = country === undefined ? {} : { country };
  const event: WireEvent = {
    id: `invoice-${invoice}`,
    name: isCancellation(line) ? "refund" : "purchase",
    occurred_at: instantOf(line.InvoiceDate)!,
    transaction_id: invoice,
    currency: CURRENCY,
    visitor: place,
    items: [],
  };
  if (customer !== "") event.user = customer.replace(/\.0$/, "");
  // A guest has no address here. One of those that are nobody's, for each invoice, keeps guests apart.
  else event.visitor = { ...place, ip: `2001:db8::${invoice}` };
  return event;
}

const DATE = /^(\d{4}-\d\d-\d\d) (\d\d):(\d\d)(?::(\d\d))?$/;

/** The lines of an invoice have their date in common: it is worked out once. */
const instantOf = memo((text: string): number | null => {
  const fields = DATE.exec(text);
  if (fields === null) return null;
  const [, date = "", hour, minute, second] = fields;
  try {
    return localInstant(ZONE, date, Number(hour), Number(minute), Number(second ?? 0));
  } catch (error) {
    // A day that there is not, as the 31st of February.
    if (error instanceof RangeError) return null;
    throw error;
  }
});
