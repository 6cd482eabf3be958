// The consumers with nothing replaced: the real object, the platform's own queues, R2 and Postgres.

import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { chunkKey, rawPrefix } from "../core/archive.ts";
import type { Event } from "../core/event.ts";
import type { RollupMessage } from "../core/messages.ts";
import { dayAt } from "../core/zone.ts";
import { database } from "../migrations/database.ts";
import { shardObject } from "../core/address.ts";
import type { Bindings } from "./bindings.ts";
import { chunkMessage, eventLine, HOUR_MS, overflowMessage, rollupMessage, rollupOf, worldOf } from "./doubles.ts";

const bindings = env as unknown as Bindings;
const real = { MERCHANT_SHARD: bindings.MERCHANT_SHARD };

const QUEUES_MS_MAX = 20_000;

test("from the overflow queue to R2 and Postgres, redelivered all along, every event is there once and confirmed", async () => {
  const { deliver } = worldOf(bindings, real);
  // Of a day that is open: one that is over would be sealed meanwhile.
  const now = { occurred_at: Date.now(), received_at: Date.now() };
  const lines = ["1", "2", "3"].map((id) => JSON.stringify({ ...(JSON.parse(eventLine(id)) as Event), ...now }));
  const batches = lines.map((line) => overflowMessage("m_path", line));
  const { date } = dayAt(batches[0]!.batch.merchant.zone, now.occurred_at);
  await deliver("overflow", [...batches, batches[1]]);
  expect(await deliver("overflow", batches, 2)).toEqual({ acked: [0, 1, 2], retried: [] });
  const object = shardObject(bindings.MERCHANT_SHARD, "m_path", 0);
  expect((await object.status()).unarchivedEvents).toBe(3);
  await object.flush();
  await object.flush();
  const standing = async () => {
    const { unarchivedEvents, unpublishedHours, unpublishedBooks } = await object.status();
    return { unarchivedEvents, unpublishedHours, unpublishedBooks };
  };
  const nothing = { unarchivedEvents: 0, unpublishedHours: 0, unpublishedBooks: 0 };
  await expect.poll(standing, { timeout: QUEUES_MS_MAX, interval: 100 }).toEqual(nothing);

  const rows = await database(
    bindings,
  )`SELECT date::text, pageviews::int, visits::int FROM hourly_rollups WHERE merchant = 'm_path'`;
  expect(rows).toEqual([{ date, pageviews: 3, visits: 1 }]);
  const books = await database(
    bindings,
  )`SELECT received::int, accepted::int, duplicate::int FROM day_book WHERE merchant = 'm_path'`;
  expect(books).toEqual([{ received: 7, accepted: 3, duplicate: 4 }]);
  const { objects } = await bindings.ARCHIVE.list({
    prefix: rawPrefix("m_path", date),
    include: ["customMetadata"],
  });
  expect(objects.map(({ customMetadata }) => Number(customMetadata?.["events"])).reduce((sum, n) => sum + n, 0)).toBe(
    3,
  );
});

test("an object shrugs at confirmations of what it never sent, or sent long ago", async () => {
  const { deliver } = worldOf(bindings, real);
  await deliver("overflow", [overflowMessage("m_shrug", eventLine("1"))]);
  const strange: RollupMessage = await rollupMessage(rollupOf("m_shrug", 0, ["page"], HOUR_MS - 3_600_000));
  expect(await deliver("rollups", [strange])).toEqual({ acked: [0], retried: [] });
  const chunk = await chunkMessage("m_shrug", 900, 901);
  expect(await deliver("events", [chunk])).toEqual({ acked: [0], retried: [] });
  expect(await bindings.ARCHIVE.head(chunkKey(chunk))).not.toBeNull();
  const { unarchivedEvents, unpublishedHours } = await shardObject(bindings.MERCHANT_SHARD, "m_shrug", 0).status();
  expect({ unarchivedEvents, unpublishedHours }).toEqual({ unarchivedEvents: 1, unpublishedHours: 1 });
});
