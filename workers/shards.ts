// All shards of a merchant, asked at the same time.

import { shardObject } from "../core/address.ts";
import { REPORT_SOURCE_MS_MAX } from "../core/limits.ts";
import type { Merchant } from "../core/merchant.ts";
import type { MerchantShardApi } from "../core/messages.ts";
import type { Result } from "../core/result.ts";
import type { Env } from "./env.ts";
import { within } from "./within.ts";

/** Their answers in the order of shards; fails when one of them does. */
export const askShards = <Answer>(
  env: Env,
  merchant: Merchant,
  ask: (shard: MerchantShardApi) => Promise<Answer>,
): Promise<Answer[]> =>
  Promise.all(
    Array.from({ length: merchant.shards }, (_, shard) => ask(shardObject(env.MERCHANT_SHARD, merchant.id, shard))),
  );

/** For reports: each answer as a value, a shard that throws or is silent for long among them. */
export const hearShards = <Answer>(
  env: Env,
  merchant: Merchant,
  ask: (shard: MerchantShardApi) => Promise<Answer>,
): Promise<Result<Answer, unknown>[]> => askShards(env, merchant, (shard) => within(REPORT_SOURCE_MS_MAX, ask(shard)));

/** What an answer says when one of them is away; `missing` is what it lacks. */
export function shardAway(merchant: Merchant, shard: number, failure: unknown, missing: string): string {
  console.warn(`reports: shard ${shard} of ${merchant.id} did not answer: ${String(failure)}`);
  const which = merchant.shards === 1 ? "The counting object" : `Counting object ${shard + 1} of ${merchant.shards}`;
  return `${which} is unreachable: ${missing}`;
}
