// Proving days again: see docs/operations.md.

import { z } from "zod";
import type { AuditView, Finding } from "../../core/audit.ts";
import { DIMENSIONS } from "../../core/rollup.ts";
import { COUNT, DATE, type Description, json, refusal } from "./describe.ts";
import { RUN, RUN_BY, RUN_OF } from "./replays.ts";

const topic = "Replay";
const audience = "operator";

const KEPT = z.union([z.number(), z.string()]).nullable();

const FINDING: z.ZodType<Finding> = z
  .object({
    what: z.enum(["raw", "hours", "day", "proof", "derived", "books"]),
    date: DATE.exactOptional(),
    hour: z.number().nullable().exactOptional().describe("First instant of the hour, milliseconds since 1970."),
    dimension: z.enum([...DIMENSIONS, "total", "minute"]).exactOptional(),
    value: z.union([z.string(), z.number()]).exactOptional(),
    measure: z.string().exactOptional(),
    before: KEPT.exactOptional().describe("What is kept."),
    after: KEPT.exactOptional().describe("What was counted."),
    note: z.string().exactOptional().describe("In words, where there is no number to show."),
  })
  .meta({ id: "Finding" });

const AUDIT: z.ZodType<AuditView> = z
  .object({
    run: RUN,
    proven: COUNT.describe("Days of shards without findings."),
    differing: COUNT,
    days: z
      .array(z.object({ merchant: z.string(), date: DATE, shard: COUNT, rows: COUNT, findings: z.array(FINDING) }))
      .describe("Those that differ first."),
  })
  .meta({ id: "Audit" });

export const AUDITS: readonly Description[] = [
  {
    route: "POST /api/ops/audits",
    topic,
    audience,
    summary: "Prove days again",
    details: "Holds everything that is kept of sealed days against what their raw events give. It changes nothing.",
    body: {
      schema: z.object({
        ...RUN_OF,
        from: DATE,
        to: DATE,
        ...RUN_BY,
      }),
    },
    answers: {
      202: json("The run.", RUN),
      400: refusal("See its pointer."),
      404: refusal("One of the merchants does not exist."),
      413: refusal("Too large."),
    },
  },
  {
    route: "GET /api/ops/audits/:id",
    topic,
    audience,
    summary: "What an audit has found",
    path: { id: { description: "Of the run.", schema: z.int().min(1) } },
    query: { limit: { description: "Days.", schema: z.int().min(0).max(10_000) } },
    answers: { 200: json("So far.", AUDIT), 400: refusal("A wrong limit."), 404: refusal("There is no such audit.") },
  },
];
