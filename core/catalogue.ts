// The catalogue of what can be asked: the entries that answers are computed from.

import { NAMED_RANGES } from "./date-range.ts";
import { ITEM_FIELDS } from "./field.ts";
import { type Interval, INTERVALS } from "./interval.ts";
import { type Metric, METRIC_NAMES, METRICS } from "./metrics.ts";
import { questionsOf } from "./questions.ts";
import { readsOf } from "./reads.ts";
import { type Dimension, DIMENSIONS } from "./rollup.ts";

/** Every metric can be asked by everything; `dimensions` and `by_minute` say where no single event has to be looked at for it. */
export const CATALOGUE = {
  metrics: METRIC_NAMES.map((name) => {
    const { label, definition, kind } = METRICS[name];
    const dimensions = DIMENSIONS.filter((dimension) => isKept(name, dimension, null));
    return { name, label, definition, kind, dimensions, by_minute: isKept(name, null, "minute") };
  }),
  dimensions: DIMENSIONS,
  item_fields: ITEM_FIELDS.map((field) => `item:${field}`),
  intervals: INTERVALS,
  date_ranges: NAMED_RANGES,
};

function isKept(metric: Metric, dimension: Dimension | null, interval: Interval | null): boolean {
  const asked = {
    metrics: [metric],
    dimensions: dimension === null ? [] : [{ kind: "dimension" as const, dimension }],
    filter: null,
    include: { totals: false },
  };
  return readsOf(questionsOf(asked, interval).questions, "day").ok;
}
