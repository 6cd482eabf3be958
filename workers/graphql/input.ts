// What a report is asked with, in GraphQL's types: enums made from the tables, and filters as a tree of input objects.

import { COMPARISON_MODES, DIRECTIONS } from "../../core/query-options.ts";
import { builder } from "./builder.ts";
import { DIMENSION_VALUES, METRIC_VALUES, RANGE_VALUES, valuesOf } from "./names.ts";
import { type Clause as ClauseShape, type Filter as FilterShape, OPERATORS } from "./question.ts";

export const METRIC = builder.enumType("Metric", { values: METRIC_VALUES });

export const DIMENSION = builder.enumType("Dimension", {
  description: "What rows can be broken down by. TIME chooses an interval that suits the range.",
  values: DIMENSION_VALUES,
});

const DIRECTION = builder.enumType("Direction", { values: valuesOf(DIRECTIONS) });
const RANGE = builder.enumType("NamedRange", { values: RANGE_VALUES });
const COMPARISON = builder.enumType("ComparisonMode", {
  values: valuesOf(COMPARISON_MODES),
});

export const DATE_RANGE = builder.inputType("DateRange", {
  description:
    "A name; or the first and the last day, as YYYY-MM-DD; or two instants with an offset. On the merchant's clock.",
  fields: (t) => ({ name: t.field({ type: RANGE }), from: t.string(), to: t.string() }),
});

const CLAUSE = builder.inputRef<ClauseShape>("FilterClause").implement({
  description: "A dimension, or a property of events by its name, and the values that it is compared with.",
  fields: (t) => ({
    dimension: t.field({ type: DIMENSION }),
    prop: t.string(),
    values: t.stringList({ required: true }),
    caseSensitive: t.boolean(),
  }),
});

export const FILTER = builder.inputRef<FilterShape>("Filter");
FILTER.implement({
  description: "One comparison, or filters combined. The filters of a list must all be true.",
  isOneOf: true,
  fields: (t) => ({
    ...(Object.fromEntries(Object.keys(OPERATORS).map((name) => [name, t.field({ type: CLAUSE })])) as Record<
      keyof typeof OPERATORS,
      ReturnType<typeof t.field<typeof CLAUSE, false>>
    >),
    and: t.field({ type: [FILTER] }),
    or: t.field({ type: [FILTER] }),
    not: t.field({ type: FILTER }),
    hasDone: t.field({ type: FILTER, description: "Some event of the visit fits." }),
    hasNotDone: t.field({ type: FILTER, description: "No event of the visit fits." }),
    segment: t.idList({ description: "Saved segments by their ids: any of them fits." }),
  }),
});

export const ORDER = builder.inputType("OrderBy", {
  description: "A metric, a dimension or a property of the report.",
  fields: (t) => ({
    metric: t.field({ type: METRIC }),
    dimension: t.field({ type: DIMENSION }),
    prop: t.string(),
    direction: t.field({ type: DIRECTION, required: true }),
  }),
});

const COMPARISONS = builder.inputType("Comparisons", {
  fields: (t) => ({
    mode: t.field({ type: COMPARISON, required: true }),
    dateRange: t.field({ type: DATE_RANGE, description: "With CUSTOM." }),
    matchDayOfWeek: t.boolean({ description: "By whole weeks, so that weekdays are compared with the same." }),
  }),
});

export const INCLUDE = builder.inputType("Include", {
  fields: (t) => ({
    timeLabels: t.boolean({ description: "All buckets of time of the range, in meta." }),
    totalRows: t.boolean({ description: "How many rows there are on all pages, in meta." }),
    totals: t.boolean({ description: "The whole question, without its dimensions, in meta." }),
    fill: t.boolean({ description: "Rows of zeros for buckets of time without events." }),
    comparisons: t.field({ type: COMPARISONS }),
  }),
});

export const PAGINATION = builder.inputType("Pagination", {
  fields: (t) => ({ limit: t.int(), offset: t.int() }),
});
