// The bindings of wrangler.toml that objects use.

import type { BooksMessage, ChunkMessage, RollupMessage, SealMessage } from "../core/messages.ts";

export interface ObjectBindings {
  MERCHANT_SHARD: DurableObjectNamespace;
  ARCHIVE: R2Bucket;
  EVENTS_QUEUE: Queue<ChunkMessage>;
  ROLLUPS_QUEUE: Queue<RollupMessage | BooksMessage>;
  SEAL_QUEUE: Queue<SealMessage>;
  PUBLISH_AFTER_MS: string;
  ARCHIVE_AFTER_MS: string;
  SEAL_AFTER_MS: string;
}
