// Every queue and its consumer. The composition root hands each batch here.

import type { Bindings } from "./bindings.ts";
import { handleDeadLetters } from "./dead-letters.ts";
import { handleEvents } from "./events.ts";
import { handleOverflow } from "./overflow.ts";
import { handleReplay } from "./replay.ts";
import { handleRollups } from "./rollups.ts";
import { handleSeal } from "./seal.ts";

export const handleQueue = async (batch: MessageBatch, env: Bindings): Promise<void> => {
  switch (batch.queue) {
    case "events":
      return handleEvents(batch, env);
    case "rollups":
      return handleRollups(batch, env);
    case "overflow":
      return handleOverflow(batch, env);
    case "seal":
      return handleSeal(batch, env);
    case "replay":
      return handleReplay(batch, env);
    case "dead-letters":
      return handleDeadLetters(batch, env);
    default:
      // The platform keeps the batch: wrangler.toml names a queue that has no consumer.
      throw new Error(`no consumer for the queue ${batch.queue}`);
  }
};
