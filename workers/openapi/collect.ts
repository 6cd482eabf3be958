// Sending events.

import { z } from "zod";
import { COLLECT_SCHEMA } from "../../core/collect-schema.ts";
import type { Receipt } from "../collect.ts";
import { type Description, json } from "./describe.ts";

const RECEIPT: z.ZodType<Receipt> = z
  .object({
    id: z.string().nullable(),
    status: z.enum(["accepted", "duplicate", "rejected"]).describe("accepted means durable."),
    reason: z.string().exactOptional(),
    path: z.string().exactOptional().describe("A JSON pointer into what was sent."),
    message: z.string().exactOptional(),
    late: z.literal(true).exactOptional().describe("Its day is sealed: it counts when the day is sealed again."),
  })
  .meta({ id: "Receipt" });

const REFUSAL = z
  .object({ error: z.object({ pointer: z.literal("#"), reason: z.string(), message: z.string() }) })
  .meta({ id: "CollectRefusal" });
const refusal = (description: string) => json(description, REFUSAL);
const wait = { "Retry-After": "Seconds." };

const text = (description: string) => ({ description, schema: { type: "string" } });

export const COLLECT: readonly Description[] = [
  {
    route: "POST /e",
    topic: "Events",
    summary: "Send events",
    details:
      "Anyone may send, from any site. The body may be text/plain too, so that browsers need not ask first, and gzip. One receipt comes back for each event, in order; a bad event does not spoil its neighbours.",
    audience: "senders",
    body: { schema: { ...COLLECT_SCHEMA, title: "Events" } },
    answers: {
      202: json("What became of each event.", z.object({ receipts: z.array(RECEIPT) })),
      400: refusal("Nothing in the body can be read."),
      401: refusal("The token is not an ingest token."),
      413: refusal("Too large, unpacked."),
      415: refusal("A type or an encoding that is not read here."),
      429: { ...refusal("Too many requests from one address."), headers: wait },
      503: { ...refusal("Nobody can take events now: send them again, with the same ids."), headers: wait },
    },
  },
  {
    route: "GET /p.gif",
    topic: "Events",
    summary: "Count a pageview with a picture",
    details: "For pages without script. It is a picture whatever becomes of the event.",
    audience: "senders",
    query: {
      merchant: { ...text("The merchant's id."), required: true },
      url: text("The page; the Referer when left out."),
      referrer: text("Where the visitor came from."),
      title: text("Of the page."),
      name: text("Of the event: pageview when left out."),
      id: text("Makes the event count once however often the picture is loaded."),
    },
    answers: {
      200: {
        description: "A transparent pixel.",
        content: { type: "image/gif", schema: {} },
        headers: { "x-countinghouse-status": "accepted, duplicate or rejected." },
      },
    },
  },
  {
    route: "GET /api/v1/schemas/collect",
    topic: "Events",
    summary: "The JSON Schema of what can be sent",
    audience: "anybody",
    answers: { 200: json("A JSON Schema, draft 2020-12.", { type: "object" }) },
  },
];
