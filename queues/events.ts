// The events consumer: chunks of raw events go to R2 under create-only keys, and the objects are told. Both halves can
// be repeated: a chunk that is there already is as good as written, so dying between R2 and the object costs nothing.

import { textOf } from "../core/error-text.ts";
import { chunkKey } from "../core/archive.ts";
import type { Bindings } from "./bindings.ts";
import { decodeChunk } from "./decode.ts";
import { bury, confirm, type Delivery, retryLater } from "./delivery.ts";
import type { Chunk } from "./shapes.ts";

export const handleEvents = async (batch: MessageBatch, env: Bindings): Promise<void> => {
  const writes: Promise<Delivery | null>[] = [];
  for (const message of batch.messages) {
    // One at a time: only one decompressed chunk is in memory.
    const chunk = await decodeChunk(message.body);
    if (chunk.ok) writes.push(archive(env, message, chunk.value));
    else await bury(env, batch.queue, message, chunk.failure);
  }
  const written = await Promise.all(writes);
  await confirm(
    env,
    written.filter((delivery) => delivery !== null),
  );
};

/** Null when R2 did not take it: then the message comes again. */
const archive = async (env: Bindings, message: Message, chunk: Chunk): Promise<Delivery | null> => {
  const { merchant, shard, date, from, to, events, body } = chunk;
  try {
    // Answers null when the key exists, which is as good.
    await env.ARCHIVE.put(chunkKey(chunk), body, {
      onlyIf: { etagDoesNotMatch: "*" },
      httpMetadata: { contentType: "application/x-ndjson", contentEncoding: "gzip" },
      customMetadata: { events: String(events) },
    });
  } catch (error) {
    console.warn(`events: R2 did not take ${chunkKey(chunk)}: ${textOf(error)}`);
    retryLater(message);
    return null;
  }
  const undo = () => env.ARCHIVE.delete(chunkKey(chunk));
  return { message, merchant, shard, confirmation: { kind: "chunk", date, from, to }, undo };
};
