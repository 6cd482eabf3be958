// What the consumers need of the Worker's bindings.

import type { BooksMessage, ChunkMessage, DeadLetter, OverflowMessage, RollupMessage } from "../core/messages.ts";
import type { DatabaseEnv } from "../migrations/database.ts";

export interface Bindings extends DatabaseEnv {
  MERCHANT_SHARD: Pick<DurableObjectNamespace, "getByName">;
  ARCHIVE: R2Bucket;
  EVENTS_QUEUE: Queue<ChunkMessage>;
  ROLLUPS_QUEUE: Queue<RollupMessage | BooksMessage>;
  OVERFLOW_QUEUE: Queue<OverflowMessage>;
  DEAD_LETTERS_QUEUE: Queue<DeadLetter>;
}
