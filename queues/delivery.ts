// How every consumer ends with a message: confirmed to its object and acknowledged, tried again later, or buried as a
// dead letter with the reason. Each message ends by itself, so a bad one never makes its neighbours come again.

import { textOf } from "../core/error-text.ts";
import type { Confirmation } from "../core/messages.ts";
import { shardName, shardObject } from "../core/address.ts";
import type { Bindings } from "./bindings.ts";

/** A message whose content is safely where it belongs, and what its object is to be told. */
export interface Delivery {
  message: Message;
  merchant: string;
  shard: number;
  confirmation: Confirmation;
  /** An R2 object that has served its purpose once the object knows. */
  spent?: string;
  /** Takes back what was written: the merchant has been erased meanwhile. */
  undo?: () => Promise<void>;
}

const RETRY_SECONDS_MAX = 300;
const REASON_CHARS_MAX = 300;

/** 2, 4, 8 … seconds, at most five minutes: 20 attempts span more than an hour. `attempts` counts from 1. */
export const backoffSeconds = (attempts: number): number => Math.min(2 ** Math.max(1, attempts), RETRY_SECONDS_MAX);

export const retryLater = (message: Message): void => message.retry({ delaySeconds: backoffSeconds(message.attempts) });

/** Gives a message that can never succeed to the dead letters. When even that fails it comes again. */
export const bury = async (env: Bindings, queue: string, message: Message, reason: string): Promise<void> => {
  try {
    await env.DEAD_LETTERS_QUEUE.send(
      { kind: "dead-letter", queue, reason: reason.slice(0, REASON_CHARS_MAX), message: message.body },
      { contentType: "v8" },
    );
    message.ack();
  } catch (error) {
    console.error(`${queue}: a message that is ${reason} could not be buried: ${textOf(error)}`);
    retryLater(message);
  }
};

/** Tells each object, in one call, what has been written for it. Objects that cannot be told get theirs told later. */
export const confirm = async (env: Bindings, deliveries: readonly Delivery[]): Promise<void> => {
  const byShard = Map.groupBy(deliveries, ({ merchant, shard }) => shardName(merchant, shard));
  await Promise.all(
    [...byShard.values()].map(async (group) => {
      const { merchant, shard } = group[0]!;
      try {
        const object = shardObject(env.MERCHANT_SHARD, merchant, shard);
        const answer = await object.confirm(group.map(({ confirmation }) => confirmation));
        if (answer === "gone") for (const { undo } of group) await undo?.();
        const spent = group.map((delivery) => delivery.spent).filter((key) => key !== undefined);
        if (spent.length > 0) await env.ARCHIVE.delete(spent);
        for (const { message } of group) message.ack();
      } catch (error) {
        // The write is idempotent, so the whole message may come again.
        console.warn(`${shardName(merchant, shard)} could not be told of ${group.length} messages: ${textOf(error)}`);
        for (const { message } of group) retryLater(message);
      }
    }),
  );
};
