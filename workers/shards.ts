// All shards of a merchant, asked at the same time.

import { shardObject } from "../core/address.ts";
import type { Merchant } from "../core/merchant.ts";
import type { MerchantShardApi } from "../core/messages.ts";
import type { Env } from "./env.ts";

/** Their answers in the order of shards; fails when one of them does. */
export const askShards = <Answer>(
  env: Env,
  merchant: Merchant,
  ask: (shard: MerchantShardApi) => Promise<Answer>,
): Promise<Answer[]> =>
  Promise.all(
    Array.from({ length: merchant.shards }, (_, shard) => ask(shardObject(env.MERCHANT_SHARD, merchant.id, shard))),
  );
