// Which merchants somebody may see, as the API lists them.

import type { Role } from "./role.ts";

export interface ListedMerchant {
  id: string;
  name: string;
  zone: string;
  currency: string;
  shards: number;
  /** Null: nobody's but the operator's. */
  organisation: string | null;
  /** The asker's in that organisation; null for the operator and tokens. */
  role: Role | null;
}

export interface MerchantList {
  merchants: ListedMerchant[];
  /** Null when it is as it is now; else when it was so (ISO 8601). */
  as_of: string | null;
}
