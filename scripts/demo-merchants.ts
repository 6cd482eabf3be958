// The merchants that a local stack begins with: one whose shop is served beside the dashboard, two that recorded traffic
// is imported into, and one in a zone that is no whole number of hours from UTC.

import { drizzle } from "drizzle-orm/node-postgres";
import pg from "pg";
import type { Merchant } from "../core/merchant.ts";
import { merchants } from "../migrations/schema.ts";

export const DEMO_MERCHANTS: Merchant[] = [
  {
    id: "m_demo",
    name: "Demo shop",
    zone: "Europe/Berlin",
    currency: "EUR",
    domains: ["localhost", "127.0.0.1"],
    shards: 1,
  },
  { id: "m_log", name: "Apache log", zone: "Etc/UTC", currency: "USD", domains: ["semicomplete.com"], shards: 1 },
  {
    id: "m_retail",
    name: "Retail 2010",
    zone: "Europe/London",
    currency: "GBP",
    domains: ["retail.example"],
    shards: 1,
  },
  {
    id: "m_kathmandu",
    name: "Kathmandu crafts",
    zone: "Asia/Kathmandu",
    currency: "NPR",
    domains: ["kathmandu.example"],
    shards: 1,
  },
];

/** Adds those that are missing; what somebody changed stays changed. */
export async function seedMerchants(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await drizzle({ client }).insert(merchants).values(DEMO_MERCHANTS).onConflictDoNothing();
  } finally {
    await client.end();
  }
}
