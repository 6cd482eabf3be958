// Asking for reports.

import { z } from "zod";
import type { ComparisonRow, Meta, ResultRow } from "../../core/answer.ts";
import type { Explained } from "../../core/explain.ts";
import { METRIC_NAMES, type MetricKind, type MetricValue } from "../../core/metrics.ts";
import { QUERY_SCHEMA } from "../../core/query-schema.ts";
import { FORMATS } from "../formats.ts";
import { type Answer, COUNT, type Description, INSTANT, json, type Parameter, prefixed, refusal } from "./describe.ts";

const topic = "Reports";
const audience = "readers";

const METRIC = z.enum(METRIC_NAMES).meta({ id: "Metric" });

const METRIC_VALUE: z.ZodType<MetricValue> = z
  .union([z.number(), z.object({ value: z.string(), currency: z.string() })])
  .nullable()
  .meta({ id: "MetricValue", description: "Money is an exact decimal; null where there is nothing to divide by." });

const COMPARISON_ROW: z.ZodType<ComparisonRow> = z
  .object({
    metrics: z.array(METRIC_VALUE),
    dimensions: z.array(z.string()),
    change: z.array(z.number().nullable()).describe("Per cent; of percentages in percentage points."),
  })
  .meta({ id: "ComparisonRow" });

const ROW: z.ZodType<ResultRow> = z
  .object({
    metrics: z.array(METRIC_VALUE).describe("In the order asked."),
    dimensions: z.array(z.string()).describe("In the order asked."),
    label: z.string().exactOptional().describe("Of products: the name to show for the id."),
    comparison: COMPARISON_ROW.exactOptional(),
  })
  .meta({ id: "Row" });

const PLAN: z.ZodType<Explained> = z
  .object({
    source: z.enum(["rollup", "scan"]),
    because: z.string().nullable().describe("Why rollups do not tell."),
    questions: z.array(
      z.object({ dimensions: z.array(z.string()), filters: z.array(z.unknown()), measures: z.array(z.string()) }),
    ),
    ranges: z.array(z.tuple([INSTANT, INSTANT])),
    rollups: z
      .object({ hours: COUNT, whole_days: COUNT, columns: z.array(z.string()) })
      .nullable()
      .describe("How much may be read at most, and which columns."),
    events: z
      .object({ days: COUNT, columns: z.array(z.string()) })
      .nullable()
      .describe("The files of how many days, and which columns of them."),
  })
  .meta({ id: "Plan" });

const META_FIELDS = z.object({
  fresh_to: INSTANT.nullable().describe("Every event accepted before is counted."),
  complete_to: INSTANT.nullable().describe("Before it no more is to come but late events."),
  time_zone: z.string(),
  currency: z.string(),
  source: z
    .object({
      kind: z.enum(["rollup", "scan"]).describe("Hours and days that were counted before, or single events."),
      postgres_rows: COUNT,
      object_hours: COUNT,
      files: COUNT.exactOptional().describe("Of a scan: files that were read."),
      cached_days: COUNT.exactOptional().describe("Of a scan: days of which the answer was known already."),
    })
    .describe("What was read."),
  cost: z.object({ rows: COUNT, bytes: COUNT, ms: z.number().exactOptional() }).describe("Rollups or events."),
  generations: z.array(z.int()).describe("0 is what was counted live; others were counted again later."),
  approximate: z.array(METRIC).describe("Metrics that hold an estimate."),
  notes: z.array(z.string()),
  other: z.boolean().describe('Some values share "(other)".'),
  foreign: COUNT.describe("Orders and refunds in another currency, which are not in the money."),
  stale: z.string().nullable().describe("What may be missing, since a source did not answer."),
  incomplete: z.array(z.string()).describe("Labels of buckets that the range cuts or that are not over."),
  time_labels: z.array(z.string()).exactOptional(),
  total_rows: COUNT.exactOptional(),
  totals: ROW.exactOptional().describe("The whole question, without its dimensions."),
  plan: PLAN.exactOptional().describe("How the answer was come by, where that was asked."),
}) satisfies z.ZodType<Meta>;

const REPORT = z
  .object({
    results: z.array(ROW),
    meta: META_FIELDS.extend({ took_ms: z.number() }),
    query: z.record(z.string(), z.unknown()).describe("The question as it was understood, with all defaults."),
  })
  .meta({ id: "Report" });

/** What comes where the asker chooses the form. */
export const REPORT_OR_ROWS: Answer = {
  description: "The answer, or its rows.",
  content: [
    { schema: REPORT },
    { type: "text/csv", schema: z.string() },
    { type: "application/x-ndjson", schema: z.string() },
  ],
};
export const format: Parameter = { description: "Instead of what Accept says.", schema: z.enum(FORMATS) };

const KINDS: readonly MetricKind[] = ["count", "money", "percent", "ratio", "seconds"];

const CATALOGUE = z.object({
  metrics: z.array(
    z.object({
      name: METRIC,
      label: z.string(),
      definition: z.string(),
      kind: z.enum(KINDS),
      dimensions: z.array(z.string()),
      by_minute: z.boolean(),
    }),
  ),
  dimensions: z.array(z.string()),
  item_fields: z.array(z.string()),
  intervals: z.array(z.string()),
  date_ranges: z.array(z.string()),
});

const unavailable = { ...refusal("Neither source answers."), headers: { "Retry-After": "Seconds." } };
const merchant: Parameter = { description: "The merchant's id.", schema: z.string(), required: true };

const list = (example: string): Parameter => ({
  description: "With commas between, or as JSON.",
  schema: z.string(),
  example,
});

export const REPORTS: readonly Description[] = [
  {
    route: "POST /api/v1/query",
    topic,
    audience,
    summary: "Ask for a report",
    body: {
      schema: prefixed("Query", QUERY_SCHEMA),
      example: { merchant: "m_demo", metrics: ["visitors", "net_revenue"], date_range: "7d", dimensions: ["source"] },
    },
    answers: {
      200: json("The answer, and what it is worth.", REPORT),
      400: refusal("What is wrong with the question, where, and what would be right."),
      404: refusal("There is no such merchant."),
      413: refusal("Too large."),
      503: unavailable,
    },
  },
  {
    route: "GET /api/v1/query",
    topic,
    audience,
    summary: "Ask for a report by its address",
    details:
      "The whole question as JSON in `q`, or its keys as parameters. The answer has a tag to ask with again, and says for how long it may be kept.",
    query: {
      q: { description: "The question as JSON, instead of all others but `format`.", schema: z.string() },
      merchant: { ...merchant, required: false },
      metrics: list("visitors,net_revenue"),
      dimensions: list("source"),
      date_range: { description: "A name, or two dates or instants as JSON.", schema: z.string(), example: "7d" },
      from: { description: "With `to`, instead of `date_range`.", schema: z.string(), example: "2026-01-01" },
      to: { description: "Included.", schema: z.string(), example: "2026-01-31" },
      filters: { description: "As JSON.", schema: z.string(), example: '[["is","country",["DE"]]]' },
      order_by: list("net_revenue:desc"),
      include: list("total_rows"),
      comparison: { description: "A mode, or JSON.", schema: z.string(), example: "previous_period" },
      limit: { description: "Rows at most.", schema: COUNT },
      offset: { description: "Rows left out before.", schema: COUNT },
      format,
    },
    answers: {
      200: {
        ...REPORT_OR_ROWS,
        headers: { ETag: "Of this answer.", "Cache-Control": "For how long it may be kept, by who asked alone." },
      },
      304: { description: "The answer that If-None-Match names is still right." },
      400: refusal("What is wrong with the question, where, and what would be right."),
      404: refusal("There is no such merchant."),
      413: refusal("Too large."),
      503: unavailable,
    },
  },
  {
    route: "GET /api/v1/schemas/query",
    topic,
    summary: "The JSON Schema of what can be asked",
    audience: "anybody",
    answers: { 200: json("A JSON Schema, draft 2020-12.", { type: "object" }) },
  },
  {
    route: "GET /api/v1/metrics",
    topic,
    audience,
    summary: "What can be asked",
    answers: { 200: json("Every metric with its definition.", CATALOGUE) },
  },
  {
    route: "GET /live",
    topic,
    audience,
    summary: "What happens now",
    details:
      "A WebSocket, one for each shard of the merchant. It says how things stand on connecting, as events come, and when it is sent anything.",
    query: {
      merchant,
      shard: { description: "From 0; visitors of different shards are different.", schema: COUNT },
    },
    answers: {
      101: { description: "The socket is open." },
      400: refusal("The merchant has no such shard."),
      404: refusal("There is no such merchant."),
      426: refusal("It was not asked for a WebSocket."),
    },
  },
];
