import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Merchant } from "../core/merchant.ts";
import type { Standing } from "../core/standing.ts";
import { database } from "../migrations/database.ts";
import type { Env } from "./env.ts";
import { standingRoutes } from "./standing.ts";

const bindings = env as unknown as Env;
const sql = database(bindings);
const shop: Merchant = { id: "m_0standing", name: "Shop", zone: "UTC", currency: "EUR", domains: [], shards: 2 };
const asked: string[] = [];
const world = (isAway = false): Env => ({
  ...bindings,
  MERCHANT_SHARD: {
    getByName: (name: string) => ({
      status: async () => {
        asked.push(name);
        if (isAway && name.endsWith("/1")) throw new Error("overloaded");
        return { shard: Number(name.split("/")[1]), days: [] };
      },
    }),
  } as unknown as Env["MERCHANT_SHARD"],
});
const app = standingRoutes(async (_, id) => (id === shop.id ? shop : null));
const standingOf = async (query: string, isAway = false) =>
  (await (await app.request(`/status${query}`, {}, world(isAway))).json()) as Standing;

const day = (daysAgo: number, shard: number, columns: string) =>
  sql.query(
    `INSERT INTO day_book (date, merchant, shard, seq, received, accepted, duplicate, rejected, verdicts, sealed_at, proven, stale_seq, difference)
    VALUES (current_date - $1::int, 'm_0standing', $2, 1, 0, 0, 0, '{}', '{}', ${columns})`,
    [daysAgo, shard],
  );

test("what wants a look is shown, by merchant and in all; what is as it should be is not", async () => {
  const before = await standingOf("");
  await day(0, 0, "NULL, NULL, NULL, NULL");
  await day(2, 0, "NULL, NULL, NULL, NULL");
  await day(3, 0, `NULL, false, NULL, '{"value":"/"}'`);
  await day(4, 0, "now(), true, 9, NULL");
  await day(5, 0, "now(), true, NULL, NULL");
  const { merchants, days } = await standingOf("?merchant=m_0standing");
  expect(days).toEqual({
    open: before.days.open + 1,
    unproven: before.days.unproven + 1,
    stale: before.days.stale + 1,
  });
  expect(merchants).toMatchObject([{ merchant: "m_0standing", shards: [{ shard: 0 }, { shard: 1 }] }]);
  expect(merchants[0]!.published_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  expect(merchants[0]!.unsettled.map(({ state, difference }) => [state, difference])).toEqual([
    ["open", null],
    ["unproven", { value: "/" }],
    ["stale", null],
  ]);
});

test("with many merchants there are pages, and together they are all", async () => {
  await sql`INSERT INTO day_book (date, merchant, shard, seq, received, accepted, duplicate, rejected, verdicts)
    SELECT current_date, 'm_0paged' || n, 0, 1, 0, 0, 0, '{}', '{}' FROM generate_series(100, 220) AS n`;
  const shown: string[] = [];
  for (let next: string | null = "m_0paged"; next !== null;) {
    const page: Standing = await standingOf(`?after=${next}`);
    shown.push(...page.merchants.map(({ merchant }) => merchant));
    next = page.next !== null && page.next < "m_0paged9" ? page.next : null;
  }
  const paged = shown.filter((id) => id.startsWith("m_0paged"));
  expect(paged).toEqual(Array.from({ length: 121 }, (_, n) => `m_0paged${n + 100}`));
  await sql`DELETE FROM day_book WHERE merchant LIKE 'm_0paged%'`;
});

test("without a merchant those with traffic lately are shown, and no other's objects are woken", async () => {
  asked.length = 0;
  const { merchants } = await standingOf("");
  const shown = merchants.map(({ merchant }) => merchant);
  expect(shown).toContain("m_0standing");
  expect(new Set(asked)).toEqual(new Set(["m_0standing/0", "m_0standing/1"]));
});

test("objects that do not answer are said not to; a merchant that nobody has is a 404", async () => {
  const { merchants } = await standingOf("?merchant=m_0standing", true);
  expect(merchants).toMatchObject([{ shards: null }]);
  expect((await app.request("/status?merchant=m_none", {}, world())).status).toBe(404);
});
