// Files of a merchant's days.

import { z } from "zod";
import { COUNT, DATE, type Description, INSTANT, json, refusal } from "./describe.ts";

const topic = "Files";
const unavailable = { ...refusal("They cannot be read just now."), headers: { "Retry-After": "Seconds." } };

const LISTED = z.object({
  kind: z.enum(["raw", "derived"]),
  files: z.array(
    z.object({
      name: z.string(),
      date: DATE,
      shard: COUNT,
      bytes: COUNT,
      format: z.enum(["parquet", "ndjson.gz"]),
      generation: COUNT.exactOptional().describe("Of derived files: the one that reports show."),
      url: z.string().describe("Opens without a session until `expires_at`."),
    }),
  ),
  next: DATE.nullable().describe("The first date that is not listed; null when all are."),
  expires_at: INSTANT,
});

const FILE = z.string().meta({ contentMediaType: "application/octet-stream" });

export const FILES: readonly Description[] = [
  {
    route: "GET /api/v1/merchants/:id/files",
    topic,
    audience: "readers",
    summary: "The files of a merchant's days",
    details: "For the merchant's admins and owners.",
    path: { id: { description: "The merchant's id.", schema: z.string() } },
    query: {
      kind: {
        description: "Events as sent, or with what was made of them.",
        schema: z.enum(["raw", "derived"]),
        required: true,
      },
      from: { description: "The first date.", schema: DATE, required: true },
      to: { description: "The last date.", schema: DATE, required: true },
    },
    answers: {
      200: json("By date and shard.", LISTED),
      400: refusal("What is wrong with the question."),
      404: refusal("There is no such merchant."),
      503: unavailable,
    },
  },
  {
    route: "GET /api/v1/files/:key{.+}",
    topic,
    audience: "anybody",
    summary: "A file, by an address from the list",
    details: "Gives ranges of bytes. HEAD is answered too.",
    path: { key: { description: "The file's name.", schema: z.string() } },
    query: {
      expires: { description: "Seconds since 1970.", schema: COUNT, required: true },
      signature: { description: "Of the name and the time.", schema: z.string(), required: true },
    },
    answers: {
      200: {
        description: "All of it.",
        content: [
          { type: "application/vnd.apache.parquet", schema: FILE },
          { type: "application/gzip", schema: FILE },
        ],
        headers: { ETag: "Of this file.", "Accept-Ranges": "bytes" },
      },
      206: { description: "The bytes asked for.", headers: { "Content-Range": "Which of how many." } },
      304: { description: "The file that If-None-Match names is still the one." },
      403: refusal("The address was good until its time."),
      404: refusal("There is no such file, or the address is not one of ours."),
      416: refusal("It has no such bytes."),
      503: unavailable,
    },
  },
];
