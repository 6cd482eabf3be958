// What a scan of single events is asked, as data: which questions, of which days, and so which columns. One pass over the
// events answers all its questions. The events are those of the derived files of sealed days (core/derived-columns.ts), and
// for the open day the same rows made by folding it.
//
// Meaning, the same as that of rollups wherever those can answer:
// - Only counted events take part.
// - An event matches a filter by its own values and by its visit's attributes. `has_done` matches every event of a visit in
//   which some event matches what is inside it. Negations are of the event: `is_not` page A is every event on another page.
// - Event measures (pageviews, events, orders, money, units, views, adds to cart, checkouts) are of matching events, in the
//   hour of the event. By `product` and by fields of items, a row has its own items' part of them.
// - Visit measures (visits, bounces, duration) are of visits with at least one matching event, in the hour of the visit's
//   first event and whole: a filter by page does not shorten the visits that it finds. In a breakdown a visit is counted once
//   in every row that some matching event of it has; by time in the bucket of the visit's first event.
// - Visitors are distinct visitors with a matching event, in the hour of the event, by sketches like those of rollups. By the
//   page that visits end on they are counted with the visit.
// - An event without a visit (a refund by the back office) has event measures alone.

import type { Range } from "./date-range.ts";
import type { Field, Goal } from "./field.ts";
import type { Filter } from "./filter.ts";
import type { Interval } from "./interval.ts";
import type { Measure } from "./rollup.ts";

export interface ScanQuestion {
  /** Rows are by these together, in this order; none for the one row of the whole. */
  fields: readonly Field[];
  /** Rows are by the bucket of time too, before the fields. */
  interval: Interval | null;
  filter: Filter | null;
  measures: readonly Measure[];
  visitors: boolean;
}

export interface ScanPlan {
  zone: string;
  currency: string;
  goals: readonly Goal[];
  questions: readonly ScanQuestion[];
  /** The range, and the compared one where there is one. */
  ranges: readonly Range[];
}

/** The key of a row: its bucket's label where there is one, then its values. */
export const rowKey = (parts: readonly string[]): string => JSON.stringify(parts);
export const partsOf = (key: string): string[] => JSON.parse(key) as string[];
