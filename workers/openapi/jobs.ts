// Questions that take longer than one answer may.

import { z } from "zod";
import { JOB_STATES, type JobView } from "../../core/job.ts";
import { COUNT, type Description, empty, INSTANT, json, refusal } from "./describe.ts";
import { format, REPORT_OR_ROWS } from "./reports.ts";

const topic = "Reports";
const audience = "readers";
const path = { id: { description: "The job's id.", schema: z.string() } };
const unknown = refusal("There is no such job, or not any more.");
const unavailable = { ...refusal("Jobs cannot be reached just now."), headers: { "Retry-After": "Seconds." } };

const JOB: z.ZodType<JobView> = z
  .object({
    id: z.string(),
    merchant: z.string(),
    state: z.enum(JOB_STATES),
    progress: z
      .object({ days: COUNT, days_done: COUNT })
      .describe("Days whose events are looked at one by one; none where rollups answer."),
    asked_at: INSTANT,
    expires_at: INSTANT.describe("From then on neither the job nor its result is there."),
    query: z.unknown().describe("As it was sent."),
    error: z
      .object({ pointer: z.string(), reason: z.string(), message: z.string() })
      .nullable()
      .describe("Why it has failed."),
    result: z.string().nullable().describe("Where its result is, once it is done."),
  })
  .meta({ id: "Job" });

export const JOBS: readonly Description[] = [
  {
    route: "POST /api/v1/jobs",
    topic,
    audience,
    summary: "Ask for a report as a job",
    body: {
      schema: z.object({ query: z.record(z.string(), z.unknown()).describe("What POST /api/v1/query takes.") }),
      example: {
        query: { merchant: "m_demo", metrics: ["visits"], date_range: "12mo", dimensions: ["page", "source"] },
      },
    },
    answers: {
      202: { ...json("It has begun.", JOB), headers: { Location: "Of the job.", "Retry-After": "Seconds." } },
      400: refusal("What is wrong with the question, where, and what would be right."),
      404: refusal("There is no such merchant."),
      413: refusal("Too large."),
      429: refusal("The merchant has as many as it may have."),
      503: unavailable,
    },
  },
  {
    route: "GET /api/v1/jobs/:id",
    topic,
    audience,
    summary: "How a job stands",
    path,
    answers: { 200: json("And how far it has come.", JOB), 404: unknown, 503: unavailable },
  },
  {
    route: "GET /api/v1/jobs/:id/result",
    topic,
    audience,
    summary: "What came of a job",
    path,
    query: { format },
    answers: {
      200: REPORT_OR_ROWS,
      400: refusal("There is no such format."),
      404: unknown,
      409: refusal("It is not done, or has failed."),
      503: unavailable,
    },
  },
  {
    route: "DELETE /api/v1/jobs/:id",
    topic,
    audience,
    summary: "Drop a job and its result",
    path,
    answers: { 204: empty("It is gone."), 404: unknown, 503: unavailable },
  },
];
