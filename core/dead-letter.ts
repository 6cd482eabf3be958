// A dead letter as it rests in R2: JSON that people can read, with bytes as base64, and from which the message can be
// made again. Its id is a date and a hash of what it holds, so the same poison, sent again and again, is one letter a day.

import { fail, ok, type Result } from "./result.ts";

export const LETTERS_PREFIX = "dead-letters/";

export interface StoredLetter {
  id: string;
  /** Where the message was refused; null when the platform gave it up and nothing in it tells. */
  queue: string | null;
  reason: string;
  /** When it was kept, ISO 8601. */
  at: string;
  /** The message, bytes as `{ "$base64": "…" }`. */
  message: unknown;
}

/** A letter in a list: without what is in it, which may be large. */
export interface ListedLetter extends Omit<StoredLetter, "message"> {
  bytes: number;
}

/** YYYY-MM-DD-hash. `hash`: 16 hexadecimal digits or more. */
export const letterId = (atMs: number, hash: string): string =>
  `${new Date(atMs).toISOString().slice(0, 10)}-${hash.slice(0, 16)}`;

/** The R2 key of an id; null when it cannot be one. */
export const letterKey = (id: string): string | null => {
  const [, date] = /^(\d{4}-\d{2}-\d{2})-[0-9a-f]{16}$/.exec(id) ?? [];
  return date === undefined ? null : `${LETTERS_PREFIX}${date}/${id}.json`;
};

const QUEUE_OF_KIND: Record<string, string> = {
  chunk: "events",
  rollup: "rollups",
  books: "rollups",
  overflow: "overflow",
  seal: "seal",
  replay: "replay",
  job: "jobs",
};

/** The queue that a message must have come from, by its kind. */
export const queueOf = (message: unknown): string | null =>
  isRecord(message) && typeof message["kind"] === "string" ? (QUEUE_OF_KIND[message["kind"]] ?? null) : null;

const DEPTH_MAX = 16;

/** A message as plain JSON values; deeper than DEPTH_MAX nothing of ours goes, so it is cut there. */
export const jsonOf = (value: unknown, depth = 0): unknown => {
  if (depth > DEPTH_MAX) return "(too deep)";
  if (value instanceof Uint8Array) return { $base64: btoa(binaryString(value)) };
  if (value instanceof ArrayBuffer) return { $base64: btoa(binaryString(new Uint8Array(value))) };
  if (Array.isArray(value)) return value.map((item: unknown) => jsonOf(item, depth + 1));
  if (isRecord(value))
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, jsonOf(item, depth + 1)]));
  if (value === undefined) return null;
  return typeof value === "bigint" ? String(value) : value;
};

/** The message again, from its plain JSON values. */
export const messageOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(messageOf);
  if (!isRecord(value)) return value;
  const base64 = value["$base64"];
  if (typeof base64 === "string") return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, messageOf(item)]));
};

/** Reads what was kept. Fails with a reason when it is not a letter. */
export const readLetter = (text: string): Result<StoredLetter, string> => {
  let letter: unknown;
  try {
    letter = JSON.parse(text);
  } catch {
    return fail("not JSON");
  }
  if (!isRecord(letter) || !("message" in letter)) return fail("not a letter");
  const { id, queue, reason, at, message } = letter;
  if (typeof id !== "string" || typeof reason !== "string" || typeof at !== "string") return fail("not a letter");
  return ok({ id, queue: typeof queue === "string" ? queue : null, reason, at, message });
};

/** Whose message it is, of whichever queue; null when it does not say. */
export function merchantOf(message: unknown): string | null {
  if (!isRecord(message)) return null;
  const { merchant, batch } = message;
  if (typeof merchant === "string") return merchant;
  if (isRecord(merchant)) return typeof merchant["id"] === "string" ? merchant["id"] : null;
  return isRecord(batch) ? merchantOf(batch) : null;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

const binaryString = (bytes: Uint8Array): string => {
  const SLICE_BYTES = 32_768; // as many arguments as a call surely takes
  let text = "";
  for (let at = 0; at < bytes.length; at += SLICE_BYTES)
    text += String.fromCharCode(...bytes.subarray(at, at + SLICE_BYTES));
  return text;
};
