import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { database, type DatabaseEnv } from "../migrations/database.ts";
import { maintainPartitions } from "./partitions.ts";

const bindings = env as unknown as DatabaseEnv;

const days = async (year: number): Promise<string[]> => {
  const like = `hourly_rollups_${year}____`;
  const rows = await database(bindings)`SELECT inhrelid::regclass::text AS name FROM pg_inherits
    WHERE inhparent = 'hourly_rollups'::regclass AND inhrelid::regclass::text LIKE ${like} ORDER BY 1`;
  return rows.map(({ name }) => String(name).slice("hourly_rollups_".length));
};

// In the past, so that no day that other tests use is dropped.
test("the days from four ago to eight ahead are there, and days past keeping go; twice is once", async () => {
  const nowMs = Date.UTC(2003, 4, 10, 12);
  expect(await maintainPartitions(bindings, nowMs)).toEqual({ made: 13, dropped: 0 });
  expect(await maintainPartitions(bindings, nowMs)).toEqual({ made: 0, dropped: 0 });
  const made = await days(2003);
  expect([made[0], made.at(-1), made.length]).toEqual(["20030506", "20030518", 13]);
  const later = nowMs + 98 * 86_400_000;
  expect(await maintainPartitions(bindings, later)).toEqual({ made: 13, dropped: 12 });
  expect((await days(2003))[0]).toBe("20030518");
});
