// Where a merchant's events live. All addressing of objects goes through here, so that a visit never spans two.

import type { MerchantShardApi } from "./messages.ts";

/**
 * The shard of a visitor: its highest bits cut the range of hashes into as many pieces as there are shards. The lowest
 * bits choose a sketch's register, so they must not say which shard a visitor is in.
 */
export const shardOf = (visitor: string, shards: number): number =>
  Math.floor((Number.parseInt(visitor.slice(0, 8), 16) / 2 ** 32) * shards);

/** The name of the object that keeps one shard of one merchant. */
export const shardName = (merchant: string, shard: number): string => `${merchant}/${shard}`;

/** That object's RPC face, out of the platform's namespace of such objects (or a test's double of it). */
export const shardObject = (
  namespace: { getByName(name: string): unknown },
  merchant: string,
  shard: number,
): MerchantShardApi => namespace.getByName(shardName(merchant, shard)) as MerchantShardApi;
