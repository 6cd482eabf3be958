import { expect, test } from "vitest";
import type { ShardStatus } from "./messages.ts";
import { wantsALook, wholeOf, type MerchantStanding } from "./standing.ts";

const shard = (over: Partial<ShardStatus>): ShardStatus => ({
  merchant: "m",
  shard: 0,
  seq: 9,
  unarchivedEvents: 0,
  unpublishedHours: 0,
  unpublishedBooks: 0,
  liveVisits: 0,
  hoursInMemory: 0,
  nextAlarmMs: null,
  days: [],
  ...over,
});
const standing = (merchant: string, publishedAt: string | null, shards: ShardStatus[] | null): MerchantStanding => ({
  merchant,
  published_at: publishedAt,
  shards,
  unsettled: [],
});

test("all merchants added up: what is in objects alone, who does not answer, and who Postgres is farthest behind of", () => {
  const settled = standing("m_old", "2026-11-01T00:00:00Z", [shard({ liveVisits: 2 })]);
  const late = standing("m_late", "2026-11-20T10:00:00Z", [
    shard({ unpublishedHours: 1, unarchivedEvents: 30 }),
    shard({ unpublishedBooks: 2, liveVisits: 5 }),
  ]);
  const later = standing("m_later", "2026-11-20T11:00:00Z", [shard({ unpublishedHours: 4 })]);
  const silent = standing("m_silent", null, null);
  const whole = wholeOf([settled, later, late, silent]);
  expect(whole).toEqual({
    merchants: 4,
    shards: 4,
    silent: ["m_silent"],
    unarchived_events: 30,
    unpublished_hours: 5,
    unpublished_books: 2,
    live_visits: 7,
    behind: { merchant: "m_late", published_at: "2026-11-20T10:00:00Z" },
  });
  // One of whom Postgres has nothing at all is farther behind than any.
  const fresh = standing("m_new", null, [shard({ unpublishedBooks: 1 })]);
  expect(wholeOf([late, fresh]).behind).toEqual({ merchant: "m_new", published_at: null });
  expect(wholeOf([settled]).behind).toBeNull();
  const unsettled = { merchant: "m_old", date: "2026-11-01", shard: 0, state: "open" as const, difference: null };
  expect([settled, silent, { ...settled, unsettled: [unsettled] }].map(wantsALook)).toEqual([false, true, true]);
});
