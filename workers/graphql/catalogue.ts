// The catalogue of what can be asked, and whom it can be asked about.

import { CATALOGUE } from "../../core/catalogue.ts";
import type { ListedMerchant } from "../../core/merchant-list.ts";
import { listMerchants } from "../merchants-list.ts";
import { type Asker, builder, refusal } from "./builder.ts";
import { DIMENSION, METRIC } from "./input.ts";

export const MERCHANT = builder.objectRef<ListedMerchant>("Merchant").implement({
  fields: (t) => ({
    id: t.exposeID("id"),
    name: t.exposeString("name"),
    zone: t.exposeString("zone", { description: "Its time zone, of the IANA database." }),
    currency: t.exposeString("currency"),
    shards: t.exposeInt("shards"),
    organisation: t.exposeString("organisation", { nullable: true }),
    role: t.exposeString("role", { nullable: true, description: "Yours in its organisation." }),
  }),
});

type Entry = (typeof CATALOGUE.metrics)[number];

export const METRIC_DEFINITION = builder.objectRef<Entry>("MetricDefinition").implement({
  fields: (t) => ({
    metric: t.field({ type: METRIC, resolve: ({ name }) => name }),
    name: t.exposeString("name", { description: "As REST names it." }),
    label: t.exposeString("label"),
    definition: t.exposeString("definition"),
    kind: t.exposeString("kind", { description: "count, money, percent, ratio or seconds." }),
    dimensions: t.field({
      type: [DIMENSION],
      description: "What it is usually broken down by, which is quick.",
      resolve: ({ dimensions }) => dimensions,
    }),
    byMinute: t.exposeBoolean("by_minute"),
  }),
});

export const metricDefinitions = (): Entry[] => CATALOGUE.metrics;

/** By name; those that the asker may see. */
export async function seenMerchants({ env, access }: Asker): Promise<ListedMerchant[]> {
  try {
    return (await listMerchants(env, access)).merchants;
  } catch (error) {
    console.warn(`graphql: merchants not listed: ${String(error)}`);
    const message = "Postgres is unreachable. Try again in a moment.";
    throw refusal({ pointer: "", reason: "unavailable", message });
  }
}
