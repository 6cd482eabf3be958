import { expect, test } from "vitest";
import { mayLackHours } from "./dropped-hours.ts";
import { HOURS_KEPT_DAYS } from "./limits.ts";
import type { DaySlice, HourSlice } from "./newest-hours.ts";
import { addDays } from "./zone.ts";

const NOW_MS = Date.UTC(2026, 10, 24, 0, 30);
const KEPT_FROM = addDays("2026-11-24", -HOURS_KEPT_DAYS);
const OLD = addDays(KEPT_FROM, -1);
const found = (sealed: string[], hours: [string, number][] = [], days: [string, number][] = []) => ({
  sealed: new Set(sealed),
  published: hours.map(([date, shard]) => ({ date, shard }) as HourSlice),
  days: days.map(([date, shard]) => ({ date, shard }) as DaySlice),
});

test("an old sealed day of which there is neither a day nor an hour may have lost its hours, each shard's by itself", () => {
  const both = [`${OLD}/0`, `${OLD}/1`];
  expect(mayLackHours(found(both), NOW_MS)).toBe(true);
  expect(mayLackHours(found(both, [[OLD, 0]]), NOW_MS)).toBe(true);
  expect(mayLackHours(found(both, [[OLD, 0]], [[OLD, 1]]), NOW_MS)).toBe(false);
});

test("hours that are kept are not there for having been nothing; what is not sealed is the object's", () => {
  expect(mayLackHours(found([`${KEPT_FROM}/0`]), NOW_MS)).toBe(false);
  expect(mayLackHours(found([`${KEPT_FROM}/0`]), NOW_MS + 86_400_000)).toBe(true);
  expect(mayLackHours(found([]), NOW_MS)).toBe(false);
});
