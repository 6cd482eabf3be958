// Running the system: how it stands, its books, its raw files, what could not be handled.

import { z } from "zod";
import type { Books } from "../../core/books.ts";
import type { StoredLetter } from "../../core/dead-letter.ts";
import type { RejectedExample } from "../../core/rejected-example.ts";
import type { Rejection } from "../../core/rejection.ts";
import type { ShardStatus } from "../../core/messages.ts";
import type { MerchantStanding, Standing, UnsettledDay } from "../../core/standing.ts";
import {
  type Answer,
  COUNT,
  DATE,
  type Description,
  empty,
  INSTANT,
  json,
  type Parameter,
  refusal,
} from "./describe.ts";

const topic = "Operations";
const audience = "operator";

const COUNTS = z.record(z.string(), COUNT);

const BOOKS: z.ZodType<Books> = z
  .object({
    received: COUNT,
    accepted: COUNT,
    duplicate: COUNT,
    rejected: COUNTS.describe("By reason."),
    verdicts: COUNTS.describe("By verdict; counted is one of them."),
  })
  .meta({ id: "Books", description: "received = accepted + duplicate + rejected; accepted = all verdicts." });

export const REJECTIONS: Record<Rejection["reason"], true> = {
  unknown_merchant: true,
  not_an_object: true,
  missing: true,
  wrong_type: true,
  too_long: true,
  too_many: true,
  too_large: true,
  invalid_id: true,
  invalid_url: true,
  invalid_number: true,
  invalid_currency: true,
  invalid_time: true,
  too_old: true,
  in_future: true,
  token_needed: true,
  foreign_merchant: true,
};

const REJECTED_EXAMPLE: z.ZodType<RejectedExample> = z
  .object({
    atMs: z.number(),
    reason: z.enum(Object.keys(REJECTIONS) as Rejection["reason"][]),
    field: z.string().describe("A JSON pointer into the event."),
    name: z.string().nullable(),
    page: z.string().nullable().describe("Host and path."),
  })
  .meta({ id: "RejectedExample" });

const SHARD_STATUS: z.ZodType<ShardStatus> = z
  .object({
    merchant: z.string(),
    shard: COUNT,
    seq: COUNT.describe("Of its log."),
    unarchivedEvents: COUNT.describe("Events that R2 has not confirmed."),
    unpublishedHours: COUNT.describe("Hours that Postgres has not confirmed."),
    unpublishedBooks: COUNT,
    liveVisits: COUNT,
    hoursInMemory: COUNT,
    nextAlarmMs: z.number().nullable(),
    days: z.array(z.object({ date: DATE, books: BOOKS, state: z.enum(["open", "closed", "sealed"]).exactOptional() })),
    rejectedExamples: z.array(REJECTED_EXAMPLE).exactOptional().describe("The newest that were refused."),
  })
  .meta({ id: "ShardStatus" });

const UNSETTLED_DAY: z.ZodType<UnsettledDay> = z
  .object({
    merchant: z.string(),
    date: DATE,
    shard: COUNT,
    state: z
      .enum(["open", "unproven", "stale"])
      .describe("Not sealed though over; counted again it was different; late events wait."),
    difference: z.record(z.string(), z.unknown()).nullable(),
  })
  .meta({ id: "UnsettledDay" });

const MERCHANT_STANDING: z.ZodType<MerchantStanding> = z
  .object({
    merchant: z.string(),
    published_at: INSTANT.nullable(),
    shards: z.array(SHARD_STATUS).nullable().describe("Null: they did not answer."),
    unsettled: z.array(UNSETTLED_DAY),
  })
  .meta({ id: "MerchantStanding" });

const STANDING: z.ZodType<Standing> = z
  .object({
    at: INSTANT,
    dead_letters: COUNT,
    letters_counted: COUNT.describe("Up to how many letters are counted."),
    days: z.object({ open: COUNT, unproven: COUNT, stale: COUNT }),
    runs_under_way: z.array(z.int()),
    merchants: z.array(MERCHANT_STANDING),
    next: z.string().nullable().describe("Where more of them follow, the id to ask after."),
  })
  .meta({ id: "Standing" });

const LETTER: z.ZodType<StoredLetter> = z
  .object({
    id: z.string(),
    queue: z.string().nullable(),
    reason: z.string(),
    at: INSTANT,
    message: z.unknown().describe("Bytes are objects with $base64."),
  })
  .meta({ id: "DeadLetter" });

const CURSOR = z.string().nullable().describe("For the next page; null when there is none.");
const cursor: Parameter = { description: "Of the answer before.", schema: z.string() };

const SHARDS = json("How each shard stands.", z.object({ merchant: z.string(), shards: z.array(SHARD_STATUS) }));
const noMerchant = refusal("There is no such merchant.");
const noLetter = refusal("There is no such letter.");

const ofMerchant = (what: string, summary: string, method: "GET" | "POST", details: string): Description => ({
  route: `${method} /api/ops/merchants/:id/${what}`,
  topic,
  audience,
  summary,
  details,
  answers: { 200: SHARDS, 404: noMerchant } satisfies Record<number, Answer>,
});

const STATUS: readonly Description[] = [
  {
    route: "GET /api/ops/status",
    topic,
    audience,
    summary: "How everything stands",
    query: {
      merchant: { description: "One merchant; those with traffic lately when left out.", schema: z.string() },
      after: { description: "Those after this id: what `next` of the page before says.", schema: z.string() },
    },
    answers: { 200: json("What wants a look.", STANDING), 404: noMerchant },
  },
  ofMerchant(
    "status",
    "How a merchant's shards stand",
    "GET",
    "What is not yet in R2 or Postgres, and the books of its days.",
  ),
  ofMerchant("flush", "Publish and archive everything now", "POST", "Whatever its age and size."),
  ofMerchant("seal", "Seal the days that are over now", "POST", "Without waiting for their grace."),
  {
    route: "GET /api/ops/merchants/:id/books",
    topic,
    audience,
    summary: "Where every event of a day went",
    query: { date: { description: "A day of the merchant.", schema: DATE, required: true } },
    answers: {
      200: json(
        "The books, of all shards and of each.",
        z.object({
          merchant: z.string(),
          date: DATE,
          books: BOOKS,
          balanced: z.boolean(),
          shards: z.array(z.object({ shard: COUNT, from: z.enum(["object", "day book"]), books: BOOKS })),
        }),
      ),
      400: refusal("No date."),
      404: noMerchant,
    },
  },
];

const RAW: readonly Description[] = [
  {
    route: "GET /api/ops/merchants/:id/raw",
    topic,
    audience,
    summary: "The raw files of a merchant",
    query: { date: { description: "Of one day.", schema: DATE }, cursor },
    answers: {
      200: json(
        "Names that say merchant, date, shard and log sequences.",
        z.object({ files: z.array(z.object({ key: z.string(), bytes: COUNT })), cursor: CURSOR }),
      ),
      400: refusal("No date."),
    },
  },
  {
    route: "GET /api/ops/merchants/:id/raw/file",
    topic,
    audience,
    summary: "A raw file",
    query: { key: { description: "As it is listed.", schema: z.string(), required: true } },
    answers: {
      200: { description: "Its bytes.", content: { type: "application/gzip", schema: {} } },
      404: refusal("The merchant has no such file."),
    },
  },
];

const LETTERS: readonly Description[] = [
  {
    route: "GET /api/ops/dead-letters",
    topic,
    audience,
    summary: "Messages that could not be handled",
    query: { cursor },
    answers: {
      200: json(
        "Up to a hundred.",
        z.object({
          letters: z.array(
            z.object({
              id: z.string(),
              queue: z.string().nullable(),
              reason: z.string(),
              at: z.string(),
              bytes: COUNT,
            }),
          ),
          cursor: CURSOR,
        }),
      ),
    },
  },
  {
    route: "GET /api/ops/dead-letters/:id",
    topic,
    audience,
    summary: "One, with its message",
    answers: { 200: json("The letter.", LETTER), 404: noLetter },
  },
  {
    route: "POST /api/ops/dead-letters/:id/retry",
    topic,
    audience,
    summary: "Send it again",
    answers: {
      202: json("It is on its queue, and no letter any more.", z.object({ id: z.string(), queue: z.string() })),
      404: noLetter,
      409: refusal("It is not known which queue it came from."),
    },
  },
  {
    route: "DELETE /api/ops/dead-letters/:id",
    topic,
    audience,
    summary: "Drop it",
    answers: { 204: empty("It is gone."), 404: noLetter },
  },
];

export const OPS: readonly Description[] = [...STATUS, ...RAW, ...LETTERS];
