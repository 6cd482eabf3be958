// A report as GraphQL shows it: rows with their values and dimensions by name, and what the numbers are worth.

import type { Answer, ComparisonRow, Meta, ResultRow } from "../../core/answer.ts";
import { isMetric, type Metric, type MetricValue } from "../../core/metrics.ts";
import { builder } from "./builder.ts";
import { METRIC } from "./input.ts";

export interface Report extends Omit<Answer, "meta"> {
  meta: Meta & { took_ms: number };
}

type Cells = Pick<ResultRow, "metrics" | "dimensions"> & Partial<Pick<ResultRow, "label">>;

/** A row and the names of its columns. */
interface Row<Of extends Cells = ResultRow> {
  row: Of;
  metrics: readonly Metric[];
  dimensions: readonly string[];
}

interface Value {
  metric: Metric;
  value: MetricValue;
}

const MONEY = builder.objectRef<{ value: string; currency: string }>("Money").implement({
  description: "An exact decimal, and its currency by ISO 4217.",
  fields: (t) => ({ value: t.exposeString("value"), currency: t.exposeString("currency") }),
});

const VALUE = builder.objectRef<Value>("Value").implement({
  description: "Either a number or money; neither where there is nothing to divide by.",
  fields: (t) => ({
    metric: t.field({ type: METRIC, resolve: ({ metric }) => metric }),
    number: t.float({ nullable: true, resolve: ({ value }) => (typeof value === "number" ? value : null) }),
    money: t.field({
      type: MONEY,
      nullable: true,
      resolve: ({ value }) => (typeof value === "object" ? value : null),
    }),
  }),
});

const DIMENSION_VALUE = builder
  .objectRef<{ name: string; value: string; label: string | null }>("DimensionValue")
  .implement({
    fields: (t) => ({
      name: t.exposeString("name", { description: 'As REST names it: "source", "time:day", "event:props:plan".' }),
      value: t.exposeString("value"),
      label: t.exposeString("label", { nullable: true, description: "Of products: the name to show for the id." }),
    }),
  });

const COMPARISON_ROW = builder.objectRef<Row<ComparisonRow>>("ComparisonRow").implement({
  description: "The same of the range that is compared with.",
  fields: (t) => ({
    dimensions: t.field({ type: [DIMENSION_VALUE], resolve: dimensionsOf }),
    values: t.field({ type: [VALUE], resolve: valuesOf }),
    value: t.field({
      type: VALUE,
      nullable: true,
      args: { metric: t.arg({ type: METRIC, required: true }) },
      resolve: (row, { metric }) => valueOf(row, metric),
    }),
    change: t.field({
      type: ["Float"],
      nullable: { list: false, items: true },
      description: "Of each metric, in per cent; of percentages in percentage points.",
      resolve: ({ row }) => row.change,
    }),
  }),
});

const ROW = builder.objectRef<Row>("Row").implement({
  fields: (t) => ({
    dimensions: t.field({ type: [DIMENSION_VALUE], description: "In the order asked.", resolve: dimensionsOf }),
    values: t.field({ type: [VALUE], description: "In the order asked.", resolve: valuesOf }),
    value: t.field({
      type: VALUE,
      nullable: true,
      description: "Of one metric; null when the report was not asked for it.",
      args: { metric: t.arg({ type: METRIC, required: true }) },
      resolve: (row, { metric }) => valueOf(row, metric),
    }),
    comparison: t.field({
      type: COMPARISON_ROW,
      nullable: true,
      description: "With include.comparisons.",
      resolve: ({ row, ...names }) => (row.comparison === undefined ? null : { row: row.comparison, ...names }),
    }),
  }),
});

const SOURCE = builder.objectRef<Meta["source"]>("Source").implement({
  description: "What was read to answer.",
  fields: (t) => ({
    kind: t.exposeString("kind", { description: "rollup: counted before; scan: single events." }),
    postgresRows: t.exposeInt("postgres_rows"),
    objectHours: t.exposeInt("object_hours"),
    files: t.exposeInt("files", { nullable: true, description: "Of a scan: files that were read." }),
    cachedDays: t.exposeInt("cached_days", { nullable: true, description: "Of a scan: days known already." }),
  }),
});

const COST = builder.objectRef<Meta["cost"]>("Cost").implement({
  fields: (t) => ({
    rows: t.exposeFloat("rows", { description: "Rollups, or events." }),
    bytes: t.exposeFloat("bytes"),
    ms: t.exposeFloat("ms", { nullable: true }),
  }),
});

const META = builder.objectRef<Report>("Meta").implement({
  description: "What the numbers of a report are worth.",
  fields: (t) => ({
    freshTo: t.string({
      nullable: true,
      description: "Every event accepted before is counted; null when a counting object did not answer.",
      resolve: ({ meta }) => meta.fresh_to,
    }),
    completeTo: t.string({
      nullable: true,
      description: "Before it no more is to come but late events; null when something is missing.",
      resolve: ({ meta }) => meta.complete_to,
    }),
    timeZone: t.string({ resolve: ({ meta }) => meta.time_zone }),
    currency: t.string({ resolve: ({ meta }) => meta.currency }),
    source: t.field({ type: SOURCE, resolve: ({ meta }) => meta.source }),
    cost: t.field({ type: COST, resolve: ({ meta }) => meta.cost }),
    generations: t.intList({
      description: "0 is what was counted live; others were counted again later.",
      resolve: ({ meta }) => meta.generations,
    }),
    approximate: t.field({
      type: [METRIC],
      description: "Metrics that hold an estimate; notes says why.",
      resolve: ({ meta }) => meta.approximate,
    }),
    notes: t.stringList({ resolve: ({ meta }) => meta.notes }),
    other: t.boolean({ description: 'Some values share "(other)".', resolve: ({ meta }) => meta.other }),
    foreign: t.int({
      description: "Orders and refunds in another currency, which are not in the money.",
      resolve: ({ meta }) => meta.foreign,
    }),
    stale: t.string({
      nullable: true,
      description: "What may be missing, since a source did not answer.",
      resolve: ({ meta }) => meta.stale,
    }),
    incomplete: t.stringList({
      description: "Labels of buckets of time that the range cuts or that are not over.",
      resolve: ({ meta }) => meta.incomplete,
    }),
    timeLabels: t.stringList({ nullable: true, resolve: ({ meta }) => meta.time_labels }),
    totalRows: t.int({ nullable: true, resolve: ({ meta }) => meta.total_rows }),
    totals: t.field({
      type: ROW,
      nullable: true,
      description: "With include.totals: the whole question, without its dimensions.",
      resolve: (report) => (report.meta.totals === undefined ? null : named(report.meta.totals, report)),
    }),
    plan: t.field({
      type: "JSON",
      nullable: true,
      description: "With explain: how the answer was come by.",
      resolve: ({ meta }) => meta.plan ?? null,
    }),
    tookMs: t.int({ resolve: ({ meta }) => meta.took_ms }),
  }),
});

export const REPORT = builder.objectRef<Report>("Report").implement({
  fields: (t) => ({
    rows: t.field({ type: [ROW], resolve: rowsOf }),
    meta: t.field({ type: META, resolve: (report) => report }),
    query: t.field({
      type: "JSON",
      description: "The question as it was understood, with all defaults, as POST /api/v1/query takes it.",
      resolve: ({ query }) => query,
    }),
  }),
});

const rowsOf = (report: Report): Row[] => report.results.map((row) => named(row, report));

function named(row: ResultRow, { query }: Report): Row {
  const metrics = namesIn(query["metrics"]).filter(isMetric);
  return { row, metrics, dimensions: namesIn(query["dimensions"]) };
}

const namesIn = (list: unknown): string[] => (Array.isArray(list) ? (list as string[]) : []);

const valuesOf = ({ row, metrics }: Row<Cells>): Value[] =>
  metrics.map((metric, at) => ({ metric, value: row.metrics[at] ?? null }));

function valueOf({ row, metrics }: Row<Cells>, metric: string): Value | null {
  const at = metrics.findIndex((each) => each === metric);
  return at < 0 ? null : { metric: metrics[at]!, value: row.metrics[at] ?? null };
}

const dimensionsOf = ({ row, dimensions }: Row<Cells>) =>
  row.dimensions.map((value, at) => {
    const name = dimensions[at] ?? "";
    return { name, value, label: name === "product" ? (row.label ?? null) : null };
  });
