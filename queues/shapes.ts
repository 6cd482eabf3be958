// What each message must look like: strict enough that what passes cannot make the statement fail that writes a whole
// batch, nor touch another merchant's row, nor make an object refuse its good neighbours.

import { z } from "zod";
import { MERCHANT_ID_CHARS_MAX, SHARDS_MAX } from "../core/limits.ts";
import { DIMENSIONS, type Dimension, MEASURES } from "../core/rollup.ts";
import { isZones } from "../core/zone.ts";

const merchantId = z
  .string()
  .max(MERCHANT_ID_CHARS_MAX)
  .regex(/^m_[A-Za-z0-9]+$/);
const shardNumber = z
  .int()
  .min(0)
  .max(SHARDS_MAX - 1);
const date = z.iso.date();
const count = z.int().nonnegative();
const counts = z.record(z.string(), count);
const currency = z.string().regex(/^[A-Z]{3}$/);
const instantMs = z.int().min(0).max(8.64e15);
const bytes = z.custom<Uint8Array<ArrayBuffer>>((value) => value instanceof Uint8Array);
/** Whole bytes in hexadecimal. */
const HEX = /^(?:[0-9a-f]{2})+$/;
const hex = z.string().regex(HEX);

export const chunkMessage = z
  .object({
    kind: z.literal("chunk"),
    merchant: merchantId,
    shard: shardNumber,
    date,
    from: count,
    to: count,
    events: count,
    body: bytes,
  })
  .refine(({ from, to }) => from <= to, "to is before from");

export const rollupMessage = z
  .object({
    kind: z.literal("rollup"),
    merchant: merchantId,
    shard: shardNumber,
    hour: instantMs,
    seq: count,
    part: count,
    parts: z.int().min(1),
    body: bytes,
    stored: z.string().optional(),
  })
  .refine(
    ({ merchant, shard, stored }) => stored?.startsWith(`outbox/${merchant}/${shard}/`) !== false,
    "stored elsewhere",
  )
  .refine(({ part, parts }) => part < parts, "part is past parts");

export const booksMessage = z.object({
  kind: z.literal("books"),
  merchant: merchantId,
  shard: shardNumber,
  date,
  seq: count,
  books: z.object({ received: count, accepted: count, duplicate: count, rejected: counts, verdicts: counts }),
});

/** What the object takes for granted of a line. */
const event = z.object({
  id: z.string().min(1),
  name: z.string().min(1),
  occurred_at: z.number(),
  received_at: z.number(),
  visitor: z.string().regex(/^[0-9a-f]{16}$/),
});
/** One line of NDJSON that is an event: a bad one would make the object refuse its good neighbours again and again. */
const line = z.string().refine((text) => !text.includes("\n") && isEvent(text), "not an event");

// Loose: what a newer Worker says of the merchant goes on to the object with the rest.
const merchant = z.looseObject({
  id: merchantId,
  name: z.string(),
  zone: z.string(),
  currency,
  domains: z.array(z.string()),
  shards: z.int().min(1).max(SHARDS_MAX),
});

export const sealMessage = z.object({
  kind: z.literal("seal"),
  merchant: merchant.refine(({ zone }) => isZones(zone), "no time zone"),
  shard: shardNumber,
  date,
  seq: count,
  closedSeq: count.optional(),
});

export const replayMessage = z.object({
  kind: z.literal("replay"),
  run: z.int().positive(),
  merchant: merchant.refine(({ zone }) => isZones(zone), "no time zone"),
  shard: shardNumber,
  date,
});

export const overflowMessage = z.object({
  kind: z.literal("overflow"),
  // Loose: what a newer Worker says of the merchant goes on to the object with the rest.
  batch: z.looseObject({
    merchant: z.looseObject({
      id: merchantId,
      name: z.string(),
      zone: z.string(),
      currency,
      domains: z.array(z.string()),
      shards: z.int().min(1).max(SHARDS_MAX),
    }),
    shard: shardNumber,
    lines: z.array(line),
    rejected: counts,
    receivedAtMs: instantMs,
  }),
});

/** Money can be negative (refunds), so the sign is free. */
const measures = Object.fromEntries(MEASURES.map((measure) => [measure, z.int()]));
// The many numbers of a rollup are checked an array at a time: an element at a time takes as long as writing the row.
const arrayOf = <Item>(isItem: (item: unknown) => item is Item, what: string) =>
  z.custom<Item[]>((value) => Array.isArray(value) && value.every(isItem), `not an array of ${what}`);
const isInteger = (item: unknown): item is number => Number.isSafeInteger(item);
const isText = (item: unknown): item is string => typeof item === "string";
const isHex = (item: unknown): item is string => isText(item) && HEX.test(item);
const orNull =
  <Item>(isItem: (item: unknown) => item is Item) =>
  (item: unknown): item is Item | null =>
    item === null || isItem(item);
const isValue = (item: unknown): item is string | number => isText(item) || isInteger(item);

const measureArrays = Object.fromEntries(
  ["visitors", ...MEASURES].map((measure) => [measure, arrayOf(isInteger, "whole numbers").optional()]),
);
const column = z
  .object({ v: arrayOf(isValue, "values"), label: arrayOf(orNull(isText), "labels").optional(), ...measureArrays })
  .refine(sameLengths, "arrays of different lengths");
const sketchArray = arrayOf(orNull(isHex), "sketches").optional();
const sketches = z.object({ anonymous: sketchArray, identified: sketchArray });

const perDimension = <Schema extends z.ZodType>(schema: Schema) =>
  z.object(
    Object.fromEntries(DIMENSIONS.map((dimension) => [dimension, schema.optional()])) as Record<
      Dimension,
      z.ZodOptional<Schema>
    >,
  );

export const rollup = z.object({
  merchant: merchantId,
  shard: shardNumber,
  date,
  hour: instantMs,
  currency,
  seq: count,
  totals: z.object(measures),
  foreign: z.int(),
  anonymous: hex.nullable(),
  identified: hex.nullable(),
  minutes: column.nullable(),
  dimensions: perDimension(column),
  sketches: perDimension(sketches),
});

export type Chunk = z.infer<typeof chunkMessage>;
export type BooksOfDay = z.infer<typeof booksMessage>;
export type Seal = z.infer<typeof sealMessage>;
export type Replay = z.infer<typeof replayMessage>;
export type Overflow = z.infer<typeof overflowMessage>;

function isEvent(text: string): boolean {
  try {
    return event.safeParse(JSON.parse(text)).success;
  } catch {
    return false;
  }
}

function sameLengths(arrays: Record<string, unknown>): boolean {
  const { v } = arrays;
  return Array.isArray(v) && Object.values(arrays).every((array) => !Array.isArray(array) || array.length === v.length);
}
