// The counters of one merchant, one shard, one hour, in the form in which they travel and rest: a queue message, a
// Postgres row, an object's answer to a report. Columns of parallel arrays, so a dimension that nobody asks for costs
// nothing to skip. `hour.ts` holds the living form.

/** The additive measures. Money (`gross`, `refunds`) is in minor units × 10⁴, `duration` in milliseconds. */
export const MEASURES = [
  "visits",
  "pageviews",
  "events",
  "bounces",
  "duration",
  "orders",
  "gross",
  "refunds",
  "units",
  "product_views",
  "adds_to_cart",
  "checkouts",
] as const;
export type Measure = (typeof MEASURES)[number];

/** Attributes of a visit: they come from its first counted event and hold for all its events. */
export const VISIT_DIMENSIONS = [
  "entry_page",
  "channel",
  "source",
  "referrer",
  "utm_source",
  "utm_medium",
  "utm_campaign",
  "utm_content",
  "utm_term",
  "country",
  "region",
  "city",
  "browser",
  "browser_version",
  "os",
  "os_version",
  "device",
  "language",
] as const;

/** Known when the visit ends; until then a snapshot shows the last page so far. Visit measures and visitors only. */
export const EXIT_DIMENSIONS = ["exit_page"] as const;

/** Attributes of a single event. `visits` here is visits in which the value occurred, so it is not additive. */
export const EVENT_DIMENSIONS = ["page", "hostname", "event", "product"] as const;

export const DIMENSIONS = [...VISIT_DIMENSIONS, ...EXIT_DIMENSIONS, ...EVENT_DIMENSIONS] as const;
export type VisitDimension = (typeof VISIT_DIMENSIONS)[number];
export type Dimension = (typeof DIMENSIONS)[number];

/** The value of a dimension that an event or visit does not have: kept, so that parts sum to their total. */
export const NOT_SET = "(not set)";
/** Where values go past DIMENSION_VALUES_MAX in an hour. */
export const OTHER = "(other)";

/**
 * Values of a dimension (or minutes of the hour) and their measures, as parallel arrays. A measure that is zero for
 * every value is left out. `visitors` is the distinct count of that hour and value: it does not add up over hours.
 */
export interface Column {
  v: (string | number)[];
  /** For products: a name to show for the id in `v`. */
  label?: (string | null)[];
  visitors?: number[];
  visits?: number[];
  pageviews?: number[];
  events?: number[];
  bounces?: number[];
  duration?: number[];
  orders?: number[];
  gross?: number[];
  refunds?: number[];
  units?: number[];
  product_views?: number[];
  adds_to_cart?: number[];
  checkouts?: number[];
}

/** The sketches of a column's values, in the order of its `v`: hexadecimal postgresql-hll, null when empty. */
export interface ColumnSketches {
  /** Visitors under a daily salt: they cannot recur on another day. */
  anonymous?: (string | null)[];
  /** Visitors with a supplied id: the same on other days, so days are merged and not added. */
  identified?: (string | null)[];
}

export interface Rollup {
  merchant: string;
  shard: number;
  /** The merchant-local date, YYYY-MM-DD. */
  date: string;
  /** The hour's first instant, milliseconds since 1970 (hours are aligned to the merchant's zone). */
  hour: number;
  /** ISO 4217: what `gross` and `refunds` are in. */
  currency: string;
  /** Grows with every change of the hour; a higher one replaces a lower one, whatever the order of arrival. */
  seq: number;
  totals: Record<Measure, number>;
  /** Orders and refunds in another currency: counted as orders, not as money. */
  foreign: number;
  /** The hour's distinct visitors, hexadecimal postgresql-hll; null when there are none. */
  anonymous: string | null;
  identified: string | null;
  /** `v` holds minutes of the hour (0–59); `visitors` is exact enough to show, counted by minute. */
  minutes: Column | null;
  dimensions: Partial<Record<Dimension, Column>>;
  sketches: Partial<Record<Dimension, ColumnSketches>>;
}
