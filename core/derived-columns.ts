// An event with what the fold made of it, as a row of the derived Parquet files: what reports over single events,
// funnels and exports read. Conclusions have the names that reports give them; the inputs that they stand for (referrer,
// user agent, place, language) are in the raw files alone. Derived files are made anew by each replay.
//
// A counted event has its visit's attributes, so a column's measures sum to those of the rollup's dimension. The trade
// measures (money in minor units × 10⁴) are there for counted events only: summing a column needs no condition.

import { type Commerce, commerceOf } from "./commerce.ts";
import type { DerivedRow } from "./derive.ts";
import type { Event } from "./event.ts";
import { type ColumnType, fits, type Value } from "./raw-columns.ts";
import { VISIT_DIMENSIONS } from "./rollup.ts";

const TRADE = ["orders", "gross", "refunds", "units", "product_views", "adds_to_cart", "checkouts"] as const;

interface Conclusions {
  row: DerivedRow;
  commerce: Commerce | null;
}

interface DerivedColumn {
  name: string;
  type: ColumnType;
  /** Scans read it: see `FileColumn`. */
  scanned?: true;
  value: (conclusions: Conclusions) => Value;
}

const given = (name: keyof Event, type: ColumnType): DerivedColumn => ({
  name,
  type,
  value: ({ row: { event } }) => {
    const value: unknown = event[name];
    if (fits(value, type)) return type === "json" ? JSON.stringify(value) : (value as Value);
    return type === "text" && typeof value === "string" ? value.toWellFormed() : null;
  },
});

const scanned = (column: DerivedColumn): DerivedColumn => ({ ...column, scanned: true });

/** Those that scans read come last, most of all the very last: with the footer, they are read at once. */
export const DERIVED_COLUMNS: readonly DerivedColumn[] = [
  given("id", "text"),
  { name: "visit", type: "text", value: ({ row }) => row.visit?.id },
  { name: "ordinal", type: "ordinal", value: ({ row }) => row.ordinal },
  given("received_at", "instant"),
  given("url", "text"),
  given("title", "text"),
  given("screen", "text"),
  given("transaction_id", "text"),
  given("tax", "number"),
  given("shipping", "number"),
  given("coupon", "text"),
  ...[
    given("value", "number"),
    given("currency", "text"),
    given("props", "json"),
    given("items", "json"),
    ...TRADE.map((name): DerivedColumn => ({ name, type: "integer", value: ({ commerce }) => commerce?.trade[name] })),
    { name: "foreign", type: "flag" as const, value: ({ commerce }: Conclusions) => commerce?.foreign || null },
    ...VISIT_DIMENSIONS.map((name, at): DerivedColumn => ({
      name,
      type: "text",
      value: ({ row }) => row.attributes?.[at],
    })),
    { name: "hostname", type: "text" as const, value: ({ row }: Conclusions) => row.hostname },
    { name: "page", type: "text" as const, value: ({ row }: Conclusions) => row.page },
    given("identified", "flag"),
    given("visitor", "text"),
    given("name", "text"),
    { name: "verdict", type: "text" as const, value: ({ row }: Conclusions) => row.verdict },
    given("occurred_at", "instant"),
    { name: "visit_number", type: "ordinal" as const, value: ({ row }: Conclusions) => row.visit?.number },
  ].map(scanned),
];

/**
 * Of the files, in their footer: what reads them must know what to expect. Another one for each change that a reader would
 * notice; days with an older one are counted again by a replay.
 */
export const DERIVED_FORMAT = "1";

/** The rows as they come, a column at a time. `currency` is the merchant's. */
export function derivedColumnsOf(rows: readonly DerivedRow[], currency: string): Value[][] {
  const conclusions = rows.map((row): Conclusions => ({
    row,
    commerce: row.verdict === "counted" ? commerceOf(row.event, currency) : null,
  }));
  return DERIVED_COLUMNS.map(({ value }) => conclusions.map((each) => value(each)));
}

/**
 * The order in which rows lie in a file: those of a visit together and in the order of the log, those without a visit last.
 * `visits` are their visits' numbers, in the order of the log.
 */
export function visitOrder(visits: readonly Value[]): number[] {
  const numbers = Float64Array.from(visits, (visit) => (typeof visit === "number" ? visit : Number.MAX_SAFE_INTEGER));
  return Array.from(numbers.keys()).sort((a, b) => numbers[a]! - numbers[b]! || a - b);
}
