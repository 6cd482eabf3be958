// The catalogue of what can be asked: the entries that answers are computed from.

import { NAMED_RANGES } from "./date-range.ts";
import { ITEM_FIELDS } from "./field.ts";
import { INTERVALS } from "./interval.ts";
import { groupOf, METRIC_NAMES, METRICS } from "./metrics.ts";
import { DIMENSIONS } from "./rollup.ts";

/** Every metric can be asked by everything; `dimensions` and `by_minute` are what is usual, and quick. */
export const CATALOGUE = {
  metrics: METRIC_NAMES.map((name) => {
    const { label, definition, kind, groups } = METRICS[name];
    const dimensions = DIMENSIONS.filter((dimension) => groups.includes(groupOf(dimension)));
    return { name, label, definition, kind, dimensions, by_minute: groups.includes("minute") };
  }),
  dimensions: DIMENSIONS,
  item_fields: ITEM_FIELDS.map((field) => `item:${field}`),
  intervals: INTERVALS,
  date_ranges: NAMED_RANGES,
};
