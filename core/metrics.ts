// What can be asked: each metric is one entry of one table that says what it means, which sums it needs and how it is computed.
// The catalogue for UIs, the schema and the docs print the same entries. Every metric can be asked by everything: it is computed
// from the sums of its row. Everything is computed from exact integers and rounded once, at the end; a quotient without a
// divisor is null.

import { minorDigits } from "./money.ts";
import { type Dimension, EXIT_DIMENSIONS, type Measure, VISIT_DIMENSIONS } from "./rollup.ts";

/** What a metric is computed from: the row's own sums, or those of other questions (core/questions.ts). */
export type Need =
  | Measure
  /** Distinct visitors of the row. */
  | "visitors"
  /** Visitors of the question without dimensions. */
  | "all_visitors"
  /** Visits of the row that reached the goal asked about, or had a `CONVERSION` event where none is. */
  | "converting_visits"
  /** Visits that could have: those of the question without its goals, in the row's bucket of time. */
  | "all_visits"
  /** The same, of the row's group: those that also have the row's values, but for goals. */
  | "group_visits";

/** What rows are broken down by, as far as it matters for a metric: nothing or time, or a kind of dimension. */
export type Group = "whole" | "minute" | "visit" | "exit" | "page" | "hostname" | "event" | "product";

export type MetricKind = "count" | "money" | "percent" | "ratio" | "seconds";

/** Integers, and quotients already rounded. Money in minor units × 10⁴. */
export type MetricNumber = bigint | number | null;
export type MetricValue = number | { value: string; currency: string } | null;

export interface MetricDefinition {
  label: string;
  definition: string;
  kind: MetricKind;
  needs: readonly Need[];
  /** What it is usually asked by: what people understand at once, and rollups tell. */
  groups: readonly Group[];
  compute: (of: (need: Need) => bigint) => MetricNumber;
}

/** The event whose visits count as converted where no other event is asked for. */
export const CONVERSION = "purchase";

const VISITS: readonly Group[] = ["whole", "minute", "visit"];
const EVENTS: readonly Group[] = ["page", "hostname", "event", "product"];

const sum = (
  measure: Measure,
  label: string,
  definition: string,
  groups = [...VISITS, ...EVENTS],
): MetricDefinition => ({
  label,
  definition,
  kind: measure === "gross" || measure === "refunds" ? "money" : "count",
  needs: [measure],
  groups,
  compute: (of) => of(measure),
});

const net = (of: (need: Need) => bigint): bigint => of("gross") - of("refunds");

const TABLE = {
  visitors: {
    label: "Visitors",
    definition:
      "Distinct visitor ids. Without an id of yours a person is a new visitor each local day, so several days are the sum of daily people.",
    kind: "count",
    needs: ["visitors"],
    groups: [...VISITS, "exit", ...EVENTS],
    compute: (of) => of("visitors"),
  },
  visits: sum(
    "visits",
    "Visits",
    "A visitor's events with no gap over 30 minutes, within one local day. By page, event or product, and with a filter: visits in which it occurred.",
    [...VISITS, "exit", ...EVENTS],
  ),
  pageviews: sum("pageviews", "Pageviews", "Events named pageview."),
  events: sum("events", "Events", "All events, pageviews among them."),
  views_per_visit: {
    label: "Views per visit",
    definition: "Pageviews ÷ visits.",
    kind: "ratio",
    needs: ["pageviews", "visits"],
    groups: VISITS,
    compute: (of) => rounded(of("pageviews"), of("visits"), 2),
  },
  bounce_rate: {
    label: "Bounce rate",
    definition: "Visits with one pageview and no interactive event ÷ visits.",
    kind: "percent",
    needs: ["bounces", "visits"],
    groups: [...VISITS, "exit"],
    compute: (of) => percent(of("bounces"), of("visits")),
  },
  visit_duration: {
    label: "Visit duration",
    definition: "Mean time from a visit's first event to its last; a visit with one event counts as 0.",
    kind: "seconds",
    needs: ["duration", "visits"],
    groups: [...VISITS, "exit"],
    compute: (of) => rounded(of("duration"), of("visits") * 1_000n, 1),
  },
  orders: sum("orders", "Orders", "Purchases, once per order id. By product: orders with the product in them."),
  gross_revenue: sum(
    "gross",
    "Gross revenue",
    "Σ price × quantity of purchases, without shipping and tax, in the merchant's currency.",
  ),
  refunds: sum("refunds", "Refunds", "Money given back, on the day of the refund; a positive amount."),
  net_revenue: {
    label: "Net revenue",
    definition: "Gross revenue − refunds.",
    kind: "money",
    needs: ["gross", "refunds"],
    groups: [...VISITS, ...EVENTS],
    compute: net,
  },
  average_order_value: {
    label: "Average order value",
    definition: "Net revenue ÷ orders.",
    kind: "money",
    needs: ["gross", "refunds", "orders"],
    groups: [...VISITS, ...EVENTS],
    compute: (of) => moneyPer(net(of), of("orders")),
  },
  units: sum("units", "Units sold", "Σ quantity of purchases."),
  revenue_per_visit: {
    label: "Revenue per visit",
    definition: "Net revenue ÷ visits.",
    kind: "money",
    needs: ["gross", "refunds", "visits"],
    groups: VISITS,
    compute: (of) => moneyPer(net(of), of("visits")),
  },
  percentage: {
    label: "Percentage",
    definition: "Visitors ÷ visitors of the whole question, without its dimensions.",
    kind: "percent",
    needs: ["visitors", "all_visitors"],
    groups: ["visit", "exit", ...EVENTS],
    compute: (of) => percent(of("visitors"), of("all_visitors")),
  },
  conversion_rate: {
    label: "Conversion rate",
    definition: `Visits with a ${CONVERSION} ÷ visits. With a goal as dimension or filter, and by event: visits with it ÷ all visits of the question without it.`,
    kind: "percent",
    needs: ["converting_visits", "all_visits"],
    groups: ["whole", "event"],
    compute: (of) => percent(of("converting_visits"), of("all_visits")),
  },
  group_conversion_rate: {
    label: "Conversion rate in the group",
    definition:
      "The same, but of the visits that have the row's other values: by goal and source, of the visits from that source.",
    kind: "percent",
    needs: ["converting_visits", "group_visits"],
    groups: ["whole", "event"],
    compute: (of) => percent(of("converting_visits"), of("group_visits")),
  },
  product_views: sum("product_views", "Product views", "Products in view_item events."),
  adds_to_cart: sum("adds_to_cart", "Adds to cart", "Products in add_to_cart events."),
  checkouts: sum("checkouts", "Checkouts", "Events named begin_checkout. By product: those with the product in them."),
  cart_to_order_rate: {
    label: "Cart to order rate",
    definition: "Orders ÷ adds to cart.",
    kind: "percent",
    needs: ["orders", "adds_to_cart"],
    groups: [...VISITS, "product"],
    compute: (of) => percent(of("orders"), of("adds_to_cart")),
  },
} satisfies Record<string, MetricDefinition>;

export type Metric = keyof typeof TABLE;
export const METRICS: Readonly<Record<Metric, MetricDefinition>> = TABLE;
export const METRIC_NAMES = Object.keys(TABLE) as readonly Metric[];

export const isMetric = (name: unknown): name is Metric => typeof name === "string" && Object.hasOwn(TABLE, name);

const VISIT_NAMES: readonly Dimension[] = VISIT_DIMENSIONS;
const EXIT_NAMES: readonly Dimension[] = EXIT_DIMENSIONS;

export function groupOf(dimension: Dimension): Group {
  if (VISIT_NAMES.includes(dimension)) return "visit";
  if (EXIT_NAMES.includes(dimension)) return "exit";
  return dimension as Group;
}

/** The metric as the wire shows it: money as an exact decimal with the currency's digits, and more where it has more. */
export function shown(metric: Metric, number: MetricNumber, currency: string): MetricValue {
  if (number === null) return null;
  return METRICS[metric].kind === "money" ? { value: decimal(BigInt(number), currency), currency } : Number(number);
}

/** Minor units × 10⁴ as a decimal of major units, exactly: rounding parts would make them miss their total. */
function decimal(units: bigint, currency: string): string {
  const digits = minorDigits(currency);
  const size = (units < 0n ? -units : units).toString().padStart(digits + 5, "0");
  const whole = size.slice(0, -(digits + 4));
  const minor = size.slice(-(digits + 4), size.length - 4);
  const rest = size.slice(-4).replace(/0+$/, "");
  return `${units < 0n ? "-" : ""}${whole}${minor + rest === "" ? "" : `.${minor}${rest}`}`;
}

const percent = (part: bigint, whole: bigint): number | null => rounded(part * 100n, whole, 2);

/** part ÷ whole with so many decimals, half away from zero; null without a whole. */
function rounded(part: bigint, whole: bigint, decimals: number): number | null {
  if (whole === 0n) return null;
  return Number(divided(part * 10n ** BigInt(decimals), whole)) / 10 ** decimals;
}

/** Money ÷ count, rounded to a whole minor unit. */
const moneyPer = (units: bigint, count: bigint): bigint | null =>
  count === 0n ? null : divided(units, count * 10_000n) * 10_000n;

/** Half away from zero; the divisor is positive. */
function divided(part: bigint, whole: bigint): bigint {
  const size = part < 0n ? -part : part;
  const quotient = (2n * size + whole) / (2n * whole);
  return part < 0n ? -quotient : quotient;
}
