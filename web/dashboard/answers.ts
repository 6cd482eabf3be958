// From the API's answers to what is drawn: pure, so that the page can be wrong only in how it looks. Changes are the
// API's own, so that they are the same everywhere. Money arrives as an exact decimal and becomes a number here, for
// showing; nothing is summed from it.

import type { Answer, ResultRow } from "../../core/answer.ts";
import { type Metric, METRICS, type MetricValue } from "../../core/metrics.ts";
import { FALLING_IS_GOOD } from "./metrics.ts";

/** Null where there is no value: a quotient without a divisor. */
export const numberOf = (value: MetricValue | undefined): number | null => {
  if (value === null || value === undefined) return null;
  return typeof value === "number" ? value : Number(value.value);
};

export interface Change {
  /** Percent, of percentages in percentage points; never negative. */
  size: number;
  unit: "percent" | "points";
  direction: "up" | "down" | "same";
  /** Is that direction what a merchant hopes for? Null when nothing changed. */
  good: boolean | null;
}

/** `change` as the API gives it. */
export const changeOf = (metric: Metric, change: number | null | undefined): Change | null => {
  if (change === null || change === undefined) return null;
  const unit = METRICS[metric].kind === "percent" ? "points" : "percent";
  if (change === 0) return { size: 0, unit, direction: "same", good: null };
  const direction = change > 0 ? "up" : "down";
  return { size: Math.abs(change), unit, direction, good: (direction === "up") !== FALLING_IS_GOOD.has(metric) };
};

export interface Figure {
  metric: Metric;
  now: number | null;
  before: number | null;
  change: Change | null;
}

/** The numbers of a row, or of the totals, in the order asked. No row at all is the answer of no events. */
export const figuresOf = (metrics: readonly Metric[], row: ResultRow | undefined): Figure[] =>
  metrics.map((metric, index) => ({
    metric,
    now: numberOf(row?.metrics[index]),
    before: numberOf(row?.comparison?.metrics[index]),
    change: changeOf(metric, row?.comparison?.change[index]),
  }));

export interface ListRow {
  /** The dimension's value, as asked. */
  value: string;
  name: string;
  numbers: (number | null)[];
  /** Bar length: of the greatest of the list, 0 to 1. */
  share: number;
}

/** Rows as they came; the bars follow the first metric. */
export const listOf = (answer: Answer, nameOf: (row: ResultRow) => string): ListRow[] => {
  const greatest = Math.max(0, ...answer.results.map((row) => numberOf(row.metrics[0]) ?? 0));
  return answer.results.map((row) => {
    const first = numberOf(row.metrics[0]) ?? 0;
    return {
      value: row.dimensions[0] ?? "",
      name: nameOf(row),
      numbers: row.metrics.map(numberOf),
      share: greatest > 0 ? Math.max(0, first / greatest) : 0,
    };
  });
};

export interface Series {
  /** Local labels of all buckets of the range, those to come among them. */
  labels: string[];
  /** Null where there is no value, and for buckets that have not begun. */
  values: (number | null)[];
  /** Buckets that are not over, or that the range cuts. */
  incomplete: ReadonlySet<number>;
}

/** One metric of a question by time. `metrics` are those asked, in that order. */
export const seriesOf = (metric: Metric, metrics: readonly Metric[], answer: Answer): Series => {
  const { labels, rows } = bucketsIn(answer);
  const column = metrics.indexOf(metric);
  const incomplete = new Set(answer.meta.incomplete);
  return {
    labels,
    values: rows.map((row) => numberOf(row?.metrics[column])),
    incomplete: new Set(labels.flatMap((label, index) => (incomplete.has(label) ? [index] : []))),
  };
};

/** The same of what it was compared with, at the same places; no value where that has no such bucket. */
export const comparedSeriesOf = (metric: Metric, metrics: readonly Metric[], answer: Answer): Series => {
  const { labels, rows } = bucketsIn(answer);
  const column = metrics.indexOf(metric);
  const values = rows.map((row) =>
    row?.comparison?.dimensions.length === 1 ? numberOf(row.comparison.metrics[column]) : null,
  );
  return { labels, values, incomplete: new Set() };
};

function bucketsIn({ meta, results }: Answer): { labels: string[]; rows: (ResultRow | undefined)[] } {
  const labels = meta.time_labels ?? results.map((row) => row.dimensions[0] ?? "");
  const rows = new Map(results.map((row) => [row.dimensions[0], row]));
  return { labels, rows: labels.map((label) => rows.get(label)) };
}
