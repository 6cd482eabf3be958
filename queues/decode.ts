// From what a queue delivered (unknown) to a message that consumers can trust, or the reason why not. It is strict
// enough that what passes cannot make the statement fail that writes a whole batch, nor touch another merchant's row.

import { z } from "zod";
import { MERCHANT_ID_CHARS_MAX, SHARDS_MAX } from "../core/limits.ts";
import { fail, ok, type Result } from "../core/result.ts";
import { DIMENSIONS, type Dimension, MEASURES } from "../core/rollup.ts";
import { gunzip } from "./gunzip.ts";

const merchantId = z
  .string()
  .max(MERCHANT_ID_CHARS_MAX)
  .regex(/^m_[A-Za-z0-9]+$/);
const shard = z
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

const chunkMessage = z
  .object({
    kind: z.literal("chunk"),
    merchant: merchantId,
    shard,
    date,
    from: count,
    to: count,
    events: count,
    body: bytes,
  })
  .refine(({ from, to }) => from <= to, "to is before from");

const rollupMessage = z
  .object({
    kind: z.literal("rollup"),
    merchant: merchantId,
    shard,
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

const booksMessage = z.object({
  kind: z.literal("books"),
  merchant: merchantId,
  shard,
  date,
  seq: count,
  books: z.object({ received: count, accepted: count, duplicate: count, rejected: counts, verdicts: counts }),
});

const overflowMessage = z.object({
  kind: z.literal("overflow"),
  batch: z.object({
    merchant: z.object({
      id: merchantId,
      name: z.string(),
      zone: z.string(),
      currency,
      domains: z.array(z.string()),
      shards: z.int().min(1).max(SHARDS_MAX),
    }),
    shard,
    lines: z.array(z.string()),
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

const rollup = z.object({
  merchant: merchantId,
  shard,
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
export type Overflow = z.infer<typeof overflowMessage>;

export interface HourPart {
  kind: "rollup";
  merchant: string;
  shard: number;
  hour: number;
  seq: number;
  part: number;
  parts: number;
  /** The rollup as JSON that Postgres takes; it has been checked to be a `Rollup`. */
  json: string;
  /** The R2 key of a body that was too large for the message. */
  stored?: string;
}

/** The stored body is no longer there: it was published before, or the object will publish it again. */
export interface Gone {
  kind: "gone";
  stored: string;
}

/** A chunk whose body has been seen to hold as many lines as it says: only then is it worth keeping for ever. */
export const decodeChunk = async (body: unknown): Promise<Result<Chunk, string>> => {
  const message = parsed(chunkMessage, body);
  if (!message.ok) return message;
  const text = await gunzip(message.value.body);
  if (!text.ok) return fail(`body is ${text.failure}`);
  const lines = linesOf(text.value);
  return lines === message.value.events
    ? message
    : fail(`says ${message.value.events} events and holds ${lines} lines`);
};

/** `read` brings a stored body, null when there is none; what it throws is passed on. */
export const decodePublished = async (
  body: unknown,
  read: (key: string) => Promise<Uint8Array<ArrayBuffer> | null>,
): Promise<Result<HourPart | BooksOfDay | Gone, string>> => {
  if (kindOf(body) === "books") return parsed(booksMessage, body);
  const message = parsed(rollupMessage, body);
  if (!message.ok) return message;
  const { stored, ...published } = message.value;
  if (stored === undefined) return decodeHour(published);
  const large = await read(stored);
  if (large === null) return ok({ kind: "gone", stored });
  const hour = await decodeHour({ ...published, body: large });
  return hour.ok ? ok({ ...hour.value, stored }) : hour;
};

const decodeHour = async (
  message: Omit<z.infer<typeof rollupMessage>, "stored">,
): Promise<Result<HourPart, string>> => {
  const { merchant, shard, hour, seq, part, parts } = message;
  const unzipped = await gunzip(message.body);
  if (!unzipped.ok) return fail(`body is ${unzipped.failure}`);
  const text = textOfBytes(unzipped.value);
  if (!text.ok) return text;
  const value = parsedJson(text.value);
  if (!value.ok) return value;
  const checked = parsed(rollup, value.value);
  if (!checked.ok) return fail(`body: ${checked.failure}`);
  const inside = checked.value;
  if (inside.merchant !== merchant || inside.shard !== shard || inside.hour !== hour || inside.seq !== seq)
    return fail("body is of another hour than the message says");
  return ok({ kind: "rollup", merchant, shard, hour, seq, part, parts, json: acceptableJson(text.value, value.value) });
};

export const decodeOverflow = (body: unknown): Result<Overflow, string> => parsed(overflowMessage, body);

const kindOf = (body: unknown): unknown =>
  typeof body === "object" && body !== null && "kind" in body ? body.kind : undefined;

const parsed = <Schema extends z.ZodType>(schema: Schema, value: unknown): Result<z.infer<Schema>, string> => {
  const result = schema.safeParse(value);
  if (result.success) return ok(result.data);
  const [issue] = result.error.issues;
  return fail(issue === undefined ? "not valid" : `${issue.path.join(".") || "message"}: ${issue.message}`);
};

const textOfBytes = (value: Uint8Array): Result<string, string> => {
  try {
    return ok(new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(value));
  } catch {
    return fail("body is not UTF-8");
  }
};

const parsedJson = (text: string): Result<unknown, string> => {
  try {
    return ok(JSON.parse(text) as unknown);
  } catch {
    return fail("body is not JSON");
  }
};

/** What JSON may hold but Postgres' text may not: NUL and halves of surrogate pairs, both always written as escapes. */
const NOT_TEXT = /\\u(?:0000|d[89a-f])/i;

const acceptableJson = (text: string, value: unknown): string =>
  NOT_TEXT.test(text)
    ? JSON.stringify(value, (_, inner: unknown) => (typeof inner === "string" ? asText(inner) : inner))
    : text;

const asText = (text: string): string => text.toWellFormed().replaceAll("\0", "\uFFFD");

function sameLengths(arrays: Record<string, unknown>): boolean {
  const { v } = arrays;
  return Array.isArray(v) && Object.values(arrays).every((array) => !Array.isArray(array) || array.length === v.length);
}

const NEWLINE = 0x0a;

const linesOf = (text: Uint8Array): number => {
  let lines = 0;
  for (let at = text.indexOf(NEWLINE); at !== -1; at = text.indexOf(NEWLINE, at + 1)) lines++;
  return text.length === 0 || text[text.length - 1] === NEWLINE ? lines : lines + 1;
};
