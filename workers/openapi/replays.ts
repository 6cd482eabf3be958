// Counting history again: see docs/replay.md.

import { z } from "zod";
import {
  RUN_KINDS,
  RUN_STATES,
  type RunDifference,
  type RunDifferenceRow,
  type RunView,
  type SwitchView,
  TOTALS,
} from "../../core/replay.ts";
import { COUNT, DATE, type Description, INSTANT, json, type Parameter, REFUSAL, refusal } from "./describe.ts";
import { PROCESSING, RUN_RULES } from "./rules.ts";

const topic = "Replay";
const audience = "operator";

export const RUN: z.ZodType<RunView> = z
  .object({
    id: z.int(),
    kind: z
      .enum(RUN_KINDS)
      .describe("An audit changes nothing; a rebuild counts what Postgres has lost; an erasure takes a visitor out."),
    state: z.enum(RUN_STATES),
    created_at: INSTANT,
    who: z.string(),
    why: z.string(),
    merchants: z.array(z.string()).nullable().describe("Null: all."),
    from: DATE,
    to: DATE,
    preview: z.boolean(),
    rules: RUN_RULES,
    processing: PROCESSING,
    finished_at: INSTANT.nullable(),
    applied_at: INSTANT.nullable(),
    rolled_back_at: INSTANT.nullable(),
    dropped_at: INSTANT.nullable(),
    listed: z.boolean().describe("False while its units are still being made."),
    units: z.object({
      queued: COUNT,
      done: COUNT,
      failed: COUNT,
      total: COUNT,
      applied: COUNT,
      open: COUNT.describe("Previews of days that are open."),
      waiting: COUNT.describe("Those of them that are counted and switched at their seal."),
    }),
    rows: COUNT.describe("Events read so far."),
    failures: z.array(z.object({ merchant: z.string(), date: DATE, shard: COUNT, error: z.string() })),
    previews: z
      .array(z.object({ merchant: z.string(), date: DATE, shard: COUNT, through: COUNT, as_of: INSTANT }))
      .describe("Some days that were open when they were counted, up to which log sequence."),
  })
  .meta({ id: "Run" });

const NUMBER = z.union([z.number(), z.string()]).nullable().describe("Null where the value is not there at all.");
const CHANGE = z.number().nullable().describe("Per cent; null where there was nothing before.");

const DIFFERENCE_ROW: z.ZodType<RunDifferenceRow> = z
  .object({
    merchant: z.string(),
    currency: z.string(),
    date: DATE,
    dimension: z.string(),
    value: z.string(),
    measure: z.string(),
    before: NUMBER,
    after: NUMBER,
    change: CHANGE,
  })
  .meta({ id: "RunDifferenceRow", description: "Money in minor units × 10⁴, duration in milliseconds." });

export const DIFFERENCE: z.ZodType<RunDifference> = z
  .object({
    run: z.int(),
    days: COUNT,
    changed_days: COUNT,
    changed_hours: COUNT,
    count: COUNT.describe("Rows that differ; rows holds the largest."),
    currency: z.string().nullable(),
    totals: z.array(z.object({ measure: z.enum(TOTALS), before: z.number(), after: z.number(), change: CHANGE })),
    rows: z.array(DIFFERENCE_ROW),
  })
  .meta({ id: "RunDifference" });

const DAYS = z.array(z.object({ date: DATE, shard: COUNT }));

export const SWITCH: z.ZodType<SwitchView> = z
  .object({
    run: z.int(),
    state: z.enum(RUN_STATES),
    switched: COUNT,
    remaining: z.int().describe("Merchants still to come: ask again."),
    refused: z.array(
      z.object({
        merchant: z.string(),
        reason: z.enum(["unfinished", "failed", "changed", "moved_on"]),
        days: DAYS,
      }),
    ),
    skipped: z
      .array(z.object({ merchant: z.string(), days: DAYS }))
      .describe("Days that could not be counted and were left as they are, since that was asked for."),
  })
  .meta({ id: "Switch" });

const id: Parameter = { description: "Of the run.", schema: z.int().min(1) };
const path = { id };
const WHO_SWITCHES = {
  schema: z.object({
    who: z.string().min(1).max(1_000).describe("Stays in the record."),
    skip_failed: z.boolean().optional().describe("Apply without the days that could not be counted."),
  }),
};
const WHO = { schema: z.object({ who: z.string().min(1).max(1_000).describe("Stays in the record.") }) };
const noRun = refusal("There is no such run.");
const wrongState = refusal("The run's state does not allow it.");

const switched = (way: "apply" | "rollback", summary: string, details: string): Description => ({
  route: `POST /api/ops/replays/:id/${way}`,
  topic,
  audience,
  summary,
  details,
  path,
  body: WHO_SWITCHES,
  answers: {
    200: json("All its merchants are switched, or some are still to come.", SWITCH),
    400: refusal("Nobody is named."),
    404: noRun,
    409: json("Merchants that were refused; or the run's state does not allow it.", z.union([SWITCH, REFUSAL])),
  },
});

/** What anybody who starts a run names: merchants, or all of them; and who, and why. */
export const RUN_OF = {
  merchants: z.array(z.string()).optional(),
  all: z.boolean().optional().describe("Instead of merchants."),
};
export const RUN_BY = { who: z.string(), why: z.string() };

export const REPLAYS: readonly Description[] = [
  {
    route: "POST /api/ops/replays",
    topic,
    audience,
    summary: "Start a run",
    details: "Counts the closed days of the range again, beside the numbers that readers see.",
    body: {
      schema: z.object({
        ...RUN_OF,
        from: DATE,
        to: DATE,
        preview: z.boolean().optional().describe("Without, it is applied as soon as all of it has been counted."),
        rules: RUN_RULES.optional(),
        ...RUN_BY,
      }),
      example: { merchants: ["m_demo"], from: "2026-11-01", to: "2026-11-03", preview: true, who: "ann", why: "a fix" },
    },
    answers: {
      202: json("The run.", RUN),
      400: refusal("See its pointer."),
      404: refusal("One of the merchants does not exist."),
      413: refusal("Too large."),
    },
  },
  {
    route: "GET /api/ops/replays",
    topic,
    audience,
    summary: "The newest runs",
    answers: { 200: json("Newest first.", z.object({ runs: z.array(RUN) })) },
  },
  {
    route: "GET /api/ops/replays/:id",
    topic,
    audience,
    summary: "How a run stands",
    path,
    answers: { 200: json("The run.", RUN), 404: noRun },
  },
  {
    route: "GET /api/ops/replays/:id/diff",
    topic,
    audience,
    summary: "What a run would change",
    path,
    query: {
      limit: { description: "Rows.", schema: z.int().min(0).max(10_000) },
      dimension: { description: "Of one dimension.", schema: z.string() },
      measure: { description: "Of one measure.", schema: z.string() },
    },
    answers: {
      200: json("The totals, and the largest differences.", DIFFERENCE),
      400: refusal("A wrong limit."),
      404: noRun,
    },
  },
  switched(
    "apply",
    "Let readers see a run",
    "All days of a merchant at once; a day that changed meanwhile is counted again first.",
  ),
  switched("rollback", "Switch readers back", "To what they saw before the run was applied."),
  {
    route: "POST /api/ops/replays/:id/cancel",
    topic,
    audience,
    summary: "Count a run no further",
    path,
    body: WHO,
    answers: {
      200: json("It is cancelled.", z.object({ run: z.int(), state: z.literal("cancelled") })),
      400: refusal("Nobody is named."),
      404: noRun,
      409: wrongState,
    },
  },
  {
    route: "POST /api/ops/replays/:id/resume",
    topic,
    audience,
    summary: "Send again what a queue has lost",
    path,
    answers: { 200: json("How many units were sent.", z.object({ run: z.int(), sent: COUNT })), 404: noRun },
  },
];
