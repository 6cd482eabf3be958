// The least that tests of admission need: a merchant, and events of one instant that differ by their ids.

import type { Event } from "./event.ts";
import type { Merchant } from "./merchant.ts";

export const AT_MS = Date.UTC(2026, 10, 24, 12);

export const merchantOf = (shards = 1): Merchant => ({
  id: "m",
  name: "",
  zone: "Etc/UTC",
  currency: "EUR",
  domains: ["x.example"],
  shards,
});

export const eventOf = (id: string, fields: Partial<Event> = {}): Event => ({
  id,
  name: "pageview",
  occurred_at: AT_MS,
  received_at: AT_MS,
  visitor: "0123456789abcdef",
  url: "https://x.example/",
  ...fields,
});
