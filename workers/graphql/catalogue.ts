// The catalogue of what can be asked, and whom it can be asked about.

import { METRIC_NAMES, METRICS, type Metric } from "../../core/metrics.ts";
import { database } from "../../migrations/database.ts";
import { permits } from "../access.ts";
import { type Asker, builder } from "./builder.ts";
import { METRIC } from "./input.ts";

const MERCHANTS_MAX = 1_000;

interface SeenMerchant {
  id: string;
  name: string;
  zone: string;
  currency: string;
  shards: number;
}

export const MERCHANT = builder.objectRef<SeenMerchant>("Merchant").implement({
  fields: (t) => ({
    id: t.exposeID("id"),
    name: t.exposeString("name"),
    zone: t.exposeString("zone", { description: "Its time zone, of the IANA database." }),
    currency: t.exposeString("currency"),
    shards: t.exposeInt("shards"),
  }),
});

export const METRIC_DEFINITION = builder.objectRef<Metric>("MetricDefinition").implement({
  fields: (t) => ({
    metric: t.field({ type: METRIC, resolve: (metric) => metric }),
    name: t.string({ description: "As REST names it.", resolve: (metric) => metric }),
    label: t.string({ resolve: (metric) => METRICS[metric].label }),
    definition: t.string({ resolve: (metric) => METRICS[metric].definition }),
    kind: t.string({
      description: "count, money, percent, ratio or seconds.",
      resolve: (metric) => METRICS[metric].kind,
    }),
  }),
});

export const metricDefinitions = (): Metric[] => [...METRIC_NAMES];

/** By name; those that the asker may see. */
export async function seenMerchants({ env, access }: Asker): Promise<SeenMerchant[]> {
  const merchants = (await database(env).query(
    "SELECT id, name, zone, currency::text, shards FROM merchants ORDER BY name, id LIMIT $1",
    [MERCHANTS_MAX],
  )) as SeenMerchant[];
  const seen = await Promise.all(merchants.map(({ id }) => permits(access, id, "read")));
  return merchants.filter((_, at) => seen[at]);
}
