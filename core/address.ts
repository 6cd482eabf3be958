// Where a merchant's events live. All addressing of objects goes through here, so that a visit never spans two.

/** The shard of a visitor: its 64 bits mod the merchant's shards (the low 32 suffice and stay exact in a number). */
export const shardOf = (visitor: string, shards: number): number =>
  shards === 1 ? 0 : Number.parseInt(visitor.slice(8), 16) % shards;

/** The name of the object that keeps one shard of one merchant. */
export const shardName = (merchant: string, shard: number): string => `${merchant}/${shard}`;
