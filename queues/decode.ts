// From what a queue delivered (unknown) to a message that consumers can trust, or the reason why not: its shape, then
// what is inside its compressed body. Nothing here writes or retries.

import type { z } from "zod";
import { fail, ok, type Result } from "../core/result.ts";
import { gunzip } from "../archive/gunzip.ts";
import {
  type BooksOfDay,
  booksMessage,
  type Chunk,
  chunkMessage,
  type Overflow,
  overflowMessage,
  type Replay,
  replayMessage,
  rollup,
  rollupMessage,
  type Seal,
  sealMessage,
} from "./shapes.ts";

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

export const decodeSeal = (body: unknown): Result<Seal, string> => parsed(sealMessage, body);

export const decodeReplay = (body: unknown): Result<Replay, string> => parsed(replayMessage, body);

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

const NEWLINE = 0x0a;

const linesOf = (text: Uint8Array): number => {
  let lines = 0;
  for (let at = text.indexOf(NEWLINE); at !== -1; at = text.indexOf(NEWLINE, at + 1)) lines++;
  return text.length === 0 || text[text.length - 1] === NEWLINE ? lines : lines + 1;
};
