// What the consumers need of the Worker's bindings, and how they reach a merchant's object: by the same name as
// everyone, through the RPC face in core/messages.ts.

import { shardName } from "../core/address.ts";
import type {
  BooksMessage,
  ChunkMessage,
  DeadLetter,
  MerchantShardApi,
  OverflowMessage,
  RollupMessage,
} from "../core/messages.ts";
import type { DatabaseEnv } from "../migrations/database.ts";

export interface Bindings extends DatabaseEnv {
  MERCHANT_SHARD: Pick<DurableObjectNamespace, "getByName">;
  ARCHIVE: R2Bucket;
  EVENTS_QUEUE: Queue<ChunkMessage>;
  ROLLUPS_QUEUE: Queue<RollupMessage | BooksMessage>;
  OVERFLOW_QUEUE: Queue<OverflowMessage>;
  DEAD_LETTERS_QUEUE: Queue<DeadLetter>;
}

export const shardObject = (env: Pick<Bindings, "MERCHANT_SHARD">, merchant: string, shard: number): MerchantShardApi =>
  env.MERCHANT_SHARD.getByName(shardName(merchant, shard)) as unknown as MerchantShardApi;
