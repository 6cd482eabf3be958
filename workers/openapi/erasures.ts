// Erasure of a visitor: see docs/your-data.md.

import { z } from "zod";
import { ERASURE_STATES, type ErasureView } from "../../core/erasure-view.ts";
import { USER_CHARS_MAX } from "../../core/limits.ts";
import { COUNT, DATE, type Description, INSTANT, json, refusal } from "./describe.ts";

const topic = "Configuration";
const audience = "readers";

const ERASURE: z.ZodType<ErasureView> = z
  .object({
    id: z.int(),
    merchant: z.string(),
    state: z
      .enum(ERASURE_STATES)
      .describe("running: sealed days are being looked at. following: the rest follows when its days are sealed."),
    visitor: z.string().describe("As the files have it: a hash of merchant and supplied id."),
    asked_at: INSTANT.describe("What was received up to then is erased."),
    who: z.string(),
    why: z.string().nullable(),
    days: z
      .object({ queued: COUNT, done: COUNT, failed: COUNT, listed: z.boolean() })
      .describe(
        "Days of shards that are to be looked at, have been, could not be; listed is false while more are being found.",
      ),
    events: COUNT.describe("Erased so far."),
    erased: z.array(z.object({ date: DATE, events: COUNT })).describe("Days that had some, by date."),
    following: z.array(DATE).describe("Days that are not sealed yet."),
  })
  .meta({ id: "Erasure" });

const id = { description: "The merchant's id.", schema: z.string() };
const changing = {
  403: refusal("The asker's role does not allow it."),
  404: refusal("There is no such merchant."),
  503: { ...refusal("It cannot be answered just now."), headers: { "Retry-After": "Seconds." } },
};
const ROUTE = "/api/v1/merchants/:id/erasures";

export const ERASURES: readonly Description[] = [
  {
    route: `POST ${ROUTE}`,
    topic,
    audience,
    summary: "Erase a visitor",
    details:
      "For admins and owners. Takes everything that came of a visitor with this supplied id, up to now, out of the events and the numbers, for good. Visitors without a supplied id are known to nobody after their day.",
    path: { id },
    body: {
      schema: z.object({
        user: z.union([z.string().min(1).max(USER_CHARS_MAX), z.number()]).describe("As it was sent with the events."),
        why: z.string().optional(),
        who: z.string().optional().describe("Of the operator: who it is."),
      }),
      example: { user: "customer-4711", why: "asked by letter" },
    },
    answers: {
      202: json("Which days are being looked at, and which follow.", ERASURE),
      400: refusal("That is no user."),
      413: refusal("The body is too large."),
      ...changing,
    },
  },
  {
    route: `GET ${ROUTE}`,
    topic,
    audience,
    summary: "Erasures of a merchant's visitors",
    path: { id },
    answers: { 200: json("The newest first.", z.object({ erasures: z.array(ERASURE) })), ...changing },
  },
  {
    route: `GET ${ROUTE}/:run`,
    topic,
    audience,
    summary: "How an erasure stands",
    path: { id, run: { description: "The erasure's number.", schema: z.int().min(1) } },
    answers: {
      200: json("As it stands.", ERASURE),
      ...changing,
      404: refusal("There is no such merchant, or no such erasure."),
    },
  },
];
