// What an object puts on the queues: hours and books for Postgres, closed log segments for R2. Building a message
// never changes state; the object remembers what it sent and forgets it when the consumers confirm.

import type { Books } from "../core/books.ts";
import { QUEUE_BATCH_BYTES_MAX, QUEUE_MESSAGE_BYTES_MAX } from "../core/limits.ts";
import type { BooksMessage, ChunkMessage, RollupMessage } from "../core/messages.ts";
import { PIECES_MAX, splitRollup } from "../core/rollup-parts.ts";
import type { Rollup } from "../core/rollup.ts";
import { dayAt } from "../core/zone.ts";
import type { Event } from "../core/event.ts";

/** Besides the body a message carries its other fields and the queue's own metadata. */
const MESSAGE_OVERHEAD_BYTES = 1_000;
export const BODY_BYTES_MAX = QUEUE_MESSAGE_BYTES_MAX - MESSAGE_OVERHEAD_BYTES;
const BATCH_MESSAGES_MAX = 100;

export async function gzip(text: string): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/**
 * One message, or several when the hour is larger than a message: by dimension, each with the hour's sequence. A
 * dimension that is too large even alone (thousands of long values) rests in R2 and the message says where.
 */
export async function rollupMessages(rollup: Rollup, store: R2Bucket): Promise<RollupMessage[]> {
  for (let pieces = 1; ; pieces = Math.min(PIECES_MAX, pieces * 2)) {
    const bodies = await Promise.all(splitRollup(rollup, pieces).map((part) => gzip(JSON.stringify(part))));
    const fits = bodies.every((body) => body.length <= BODY_BYTES_MAX);
    if (!fits && pieces < PIECES_MAX) continue;
    return Promise.all(bodies.map((body, part) => rollupMessage(rollup, part, bodies.length, body, store)));
  }
}

async function rollupMessage(
  rollup: Rollup,
  part: number,
  parts: number,
  body: Uint8Array<ArrayBuffer>,
  store: R2Bucket,
): Promise<RollupMessage> {
  const { merchant, shard, hour, seq } = rollup;
  const message = { kind: "rollup" as const, merchant, shard, hour, seq, part, parts };
  if (body.length <= BODY_BYTES_MAX) return { ...message, body };
  const stored = `outbox/${merchant}/${shard}/${hour}-${seq}-${part}`;
  await store.put(stored, body);
  return { ...message, body: new Uint8Array(), stored };
}

export const booksMessage = (
  merchant: string,
  shard: number,
  date: string,
  seq: number,
  books: Books,
): BooksMessage => ({ kind: "books", merchant, shard, date, seq, books: structuredClone(books) });

export interface ClosedSegment {
  first: number;
  last: number;
  /** NDJSON of each row, in the order of the log. */
  rows: string[];
}

/** A segment's events by merchant-local date: each date is one R2 object, with a key that the segment determines. */
export function segmentDates(segment: ClosedSegment, zone: string): Map<string, string[]> {
  const dates = new Map<string, string[]>();
  for (const row of segment.rows) {
    if (row === "") continue;
    for (const line of row.split("\n")) {
      const { date } = dayAt(zone, (JSON.parse(line) as Event).occurred_at);
      const lines = dates.get(date);
      if (lines === undefined) dates.set(date, [line]);
      else lines.push(line);
    }
  }
  return dates;
}

export async function chunkMessages(
  merchant: string,
  shard: number,
  segment: ClosedSegment,
  dates: Map<string, string[]>,
): Promise<ChunkMessage[]> {
  const messages = [...dates].map(async ([date, lines]): Promise<ChunkMessage> => {
    const body = await gzip(`${lines.join("\n")}\n`);
    return { kind: "chunk", merchant, shard, date, from: segment.first, to: segment.last, events: lines.length, body };
  });
  return Promise.all(messages);
}

/** Sends in batches that the queue takes: at most 100 messages and 256 KB. */
export async function sendAll<Message extends object>(
  queue: Queue<Message>,
  messages: readonly Message[],
): Promise<void> {
  let batch: MessageSendRequest<Message>[] = [];
  let bytes = 0;
  for (const message of messages) {
    const body = "body" in message && message.body instanceof Uint8Array ? message.body.length : 0;
    const size = body + MESSAGE_OVERHEAD_BYTES;
    if (batch.length > 0 && (batch.length >= BATCH_MESSAGES_MAX || bytes + size > QUEUE_BATCH_BYTES_MAX)) {
      await queue.sendBatch(batch);
      batch = [];
      bytes = 0;
    }
    batch.push({ body: message, contentType: "v8" });
    bytes += size;
  }
  if (batch.length > 0) await queue.sendBatch(batch);
}
