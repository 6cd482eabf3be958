// When a shard is overloaded or out of reach its events take the overflow queue, which is durable, and are appended
// later with the same outcome: the shard recognises what it has had. Throws when the queue refuses as well.

import { QUEUE_BATCH_BYTES_MAX, QUEUE_MESSAGE_BYTES_MAX, RULES_JSON_CHARS_MAX } from "../core/limits.ts";
import type { AppendBatch, OverflowMessage } from "../core/messages.ts";
import { bytesAtMost } from "../core/text.ts";
import type { Env } from "./env.ts";

/** Room for the merchant with its rules (whose letters take up to two bytes), the rejections and the queue's own metadata. */
const LINES_BYTES_MAX = QUEUE_MESSAGE_BYTES_MAX - 12_000 - 2 * RULES_JSON_CHARS_MAX;

export async function overflow(env: Env, batch: AppendBatch): Promise<void> {
  const messages = splitBatch(batch).map((part): MessageSendRequest<OverflowMessage> => ({
    body: { kind: "overflow", batch: part },
    contentType: "v8",
  }));
  // Two full messages are all that one sendBatch takes.
  const atOnce = Math.floor(QUEUE_BATCH_BYTES_MAX / QUEUE_MESSAGE_BYTES_MAX);
  for (let i = 0; i < messages.length; i += atOnce) await env.OVERFLOW_QUEUE.sendBatch(messages.slice(i, i + atOnce));
}

/** Parts that fit a message each; only the first carries the rejections. */
export function splitBatch(batch: AppendBatch): AppendBatch[] {
  const parts: AppendBatch[] = [];
  let again = batch.again ?? 0;
  let lines: string[] = [];
  let bytes = 0;
  const close = () => {
    const { rejectedExamples: _, again: __, ...rest } = batch;
    const ofPart = again > 0 ? { lines, again: Math.min(again, lines.length) } : { lines };
    parts.push(parts.length === 0 ? { ...batch, ...ofPart } : { ...rest, ...ofPart, rejected: {} });
    again -= lines.length;
    lines = [];
    bytes = 0;
  };
  for (const line of batch.lines) {
    const size = bytesAtMost(line);
    if (lines.length > 0 && bytes + size > LINES_BYTES_MAX) close();
    lines.push(line);
    bytes += size;
  }
  if (lines.length > 0 || Object.keys(batch.rejected).length > 0) close();
  return parts;
}
