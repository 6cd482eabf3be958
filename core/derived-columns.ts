// An event with what the fold made of it, as a row of the derived Parquet files: what reports over single events,
// funnels and exports read. Conclusions have the names that reports give them; the inputs that they stand for (referrer,
// user agent, place, language) are in the raw files alone. Derived files are made anew by each replay.
//
// A counted event has its visit's attributes, so a column's measures sum to those of the rollup's dimension. The trade
// measures (money in minor units × 10⁴) are there for counted events only: summing a column needs no condition.

import { commerceOf, type Trade } from "./commerce.ts";
import { factsOf } from "./enrich.ts";
import type { Event } from "./event.ts";
import type { Verdict } from "./fold.ts";
import { type ColumnType, fits, type Value } from "./raw-columns.ts";
import { VISIT_DIMENSIONS } from "./rollup.ts";

export interface DerivedRow {
  event: Event;
  verdict: Verdict;
  /** The id of the event that its visit began with; null for an event without a visit. */
  visit: string | null;
  /** In the order of VISIT_DIMENSIONS; null for an event that is not counted. */
  attributes: readonly string[] | null;
}

const TRADE = ["orders", "gross", "refunds", "units", "product_views", "adds_to_cart", "checkouts"] as const;

interface Conclusions {
  row: DerivedRow;
  page: string | null;
  hostname: string | null;
  trade: Trade | null;
}

interface DerivedColumn {
  name: string;
  type: ColumnType;
  value: (conclusions: Conclusions) => Value;
}

const NO_FACTS = { page: null, hostname: null };

const given = (name: keyof Event, type: ColumnType): DerivedColumn => ({
  name,
  type,
  value: ({ row: { event } }) => {
    const value: unknown = event[name];
    if (fits(value, type)) return type === "json" ? JSON.stringify(value) : (value as Value);
    return type === "text" && typeof value === "string" ? value.toWellFormed() : null;
  },
});

export const DERIVED_COLUMNS: readonly DerivedColumn[] = [
  given("occurred_at", "instant"),
  given("id", "text"),
  given("name", "text"),
  { name: "verdict", type: "text", value: ({ row }) => row.verdict },
  { name: "visit", type: "text", value: ({ row }) => row.visit },
  given("visitor", "text"),
  given("identified", "flag"),
  { name: "page", type: "text", value: ({ page }) => page },
  { name: "hostname", type: "text", value: ({ hostname }) => hostname },
  ...VISIT_DIMENSIONS.map((name, at): DerivedColumn => ({
    name,
    type: "text",
    value: ({ row }) => row.attributes?.[at],
  })),
  ...TRADE.map((name): DerivedColumn => ({ name, type: "integer", value: ({ trade }) => trade?.[name] })),
  given("received_at", "instant"),
  given("url", "text"),
  given("title", "text"),
  given("screen", "text"),
  given("props", "json"),
  given("value", "number"),
  given("currency", "text"),
  given("transaction_id", "text"),
  given("tax", "number"),
  given("shipping", "number"),
  given("coupon", "text"),
  given("items", "json"),
];

/** The rows in order of `occurred_at`, a column at a time. `currency` is the merchant's. */
export function derivedColumnsOf(rows: readonly DerivedRow[], currency: string): Value[][] {
  const ordered = rows.toSorted((a, b) => a.event.occurred_at - b.event.occurred_at);
  const conclusions = ordered.map((row): Conclusions => {
    // What could not be folded need not be readable at all.
    const { page, hostname } = row.verdict === "failed" ? NO_FACTS : factsOf(row.event);
    const trade = row.verdict === "counted" ? (commerceOf(row.event, currency)?.trade ?? null) : null;
    return { row, page, hostname, trade };
  });
  return DERIVED_COLUMNS.map(({ value }) => conclusions.map((each) => value(each)));
}
