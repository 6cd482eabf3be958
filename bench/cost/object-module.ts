// The code of the merchant shard as it runs in production, in Node: the platform's module is replaced while loading.

import { registerHooks } from "node:module";
import type { MerchantShardApi } from "../../core/messages.ts";

export interface ShardCode extends MerchantShardApi {
  alarm(): Promise<void>;
}

export type ShardClass = new (ctx: unknown, env: unknown) => ShardCode;

export async function loadMerchantShard(): Promise<ShardClass> {
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === "cloudflare:workers"
        ? { url: new URL("./cloudflare-workers.ts", import.meta.url).href, shortCircuit: true }
        : next(specifier, context),
  });
  const { MerchantShard } = await import("../../durable-objects/merchant-shard.ts");
  return MerchantShard as unknown as ShardClass;
}
