// The overflow consumer: events that a shard could not take at once are appended now, with the same outcome. What an
// object takes, it takes whole; when it cannot, the messages for it come again, later each time.

import { textOf } from "../core/error-text.ts";
import { shardName, shardObject } from "../core/address.ts";
import type { Bindings } from "./bindings.ts";
import { decodeOverflow } from "./decode.ts";
import { bury, retryLater } from "./delivery.ts";
import type { Overflow } from "./shapes.ts";

interface Waiting {
  message: Message;
  batch: Overflow["batch"];
}

export const handleOverflow = async (batch: MessageBatch, env: Bindings): Promise<void> => {
  const waiting: Waiting[] = [];
  for (const message of batch.messages) {
    const decoded = decodeOverflow(message.body);
    if (decoded.ok) waiting.push({ message, batch: decoded.value.batch });
    else await bury(env, batch.queue, message, decoded.failure);
  }
  const byShard = Map.groupBy(waiting, ({ batch: { merchant, shard } }) => shardName(merchant.id, shard));
  await Promise.all([...byShard.values()].map((group) => append(env, group)));
};

/** In order of arrival. After a failure the rest is not tried: an object that says it is overloaded wants to be left alone. */
const append = async (env: Bindings, group: readonly Waiting[]): Promise<void> => {
  const { merchant, shard } = group[0]!.batch;
  const object = shardObject(env.MERCHANT_SHARD, merchant.id, shard);
  let reachable = true;
  for (const { message, batch } of group) {
    if (reachable) {
      try {
        await object.append(batch);
        message.ack();
        continue;
      } catch (error) {
        console.warn(`overflow: ${shardName(merchant.id, shard)} did not take a batch: ${textOf(error)}`);
        reachable = false;
      }
    }
    retryLater(message);
  }
};
