// The dead letters' consumer keeps each letter in R2, where ops lists, retries and deletes it. Letters come with their
// reason from our consumers, or bare from the platform, which gives a message up after its retries.

import { textOf } from "../core/error-text.ts";
import { jsonOf, letterId, letterKey, queueOf, type StoredLetter } from "../core/dead-letter.ts";
import type { Bindings } from "./bindings.ts";
import { retryLater } from "./delivery.ts";

export const handleDeadLetters = async (batch: MessageBatch, env: Bindings): Promise<void> => {
  await Promise.all(
    batch.messages.map(async (message) => {
      try {
        await keep(env, message);
        message.ack();
      } catch (error) {
        console.error(`dead-letters: R2 did not take a letter: ${textOf(error)}`);
        retryLater(message);
      }
    }),
  );
};

const keep = async (env: Bindings, message: Message): Promise<void> => {
  const { queue, reason, message: content } = contentOf(message.body);
  const plain = jsonOf(content);
  const id = letterId(message.timestamp.getTime(), await hashOf(JSON.stringify([queue, plain])));
  const letter: StoredLetter = { id, queue, reason, at: message.timestamp.toISOString(), message: plain };
  await env.ARCHIVE.put(letterKey(id)!, JSON.stringify(letter), {
    httpMetadata: { contentType: "application/json" },
    customMetadata: { queue: queue ?? "", reason: printable(reason), at: letter.at },
  });
};

const contentOf = (body: unknown): Pick<StoredLetter, "queue" | "reason" | "message"> => {
  if (typeof body === "object" && body !== null && "kind" in body && body.kind === "dead-letter" && "message" in body) {
    const queue = "queue" in body && typeof body.queue === "string" ? body.queue : null;
    const reason = "reason" in body && typeof body.reason === "string" ? body.reason : "no reason given";
    return { queue, reason, message: body.message };
  }
  return { queue: queueOf(body), reason: "given up by the queue after its retries", message: body };
};

const hashOf = async (text: string): Promise<string> => {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
};

/** R2 metadata travels as HTTP headers. */
const printable = (text: string): string => text.replace(/[^\x20-\x7E]/g, "?");
