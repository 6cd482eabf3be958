import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { type DayRollup, DayRollupBuilder } from "../core/day-rollup.ts";
import { database } from "../migrations/database.ts";
import type { Bindings } from "./bindings.ts";
import { HOUR_MS, rollupMessage, rollupOf, worldOf } from "./doubles.ts";
import { WRITE_DAYS, WRITE_HOURS } from "./statement.ts";

const bindings = env as unknown as Bindings;
const sql = database(bindings);

const hoursOf = async (merchant: string): Promise<unknown[]> => {
  const rows = await sql`
    SELECT to_jsonb(r) AS row FROM hourly_rollups r WHERE merchant = ${merchant} ORDER BY generation, hour`;
  return rows.map(({ row }) => row);
};

test("hours of a generation stand beside the live ones, and neither touches the other", async () => {
  const { deliver } = worldOf(bindings);
  const live = await rollupMessage(rollupOf("m_beside", 5));
  await deliver("rollups", [live]);
  const [published] = await hoursOf("m_beside");
  const again = rollupOf("m_beside", 3, ["page"]);
  const later = rollupOf("m_beside", 3, ["city"], HOUR_MS + 3_600_000);
  await sql.query(WRITE_HOURS, [JSON.stringify([again, later]), 8]);
  await deliver("rollups", [live]);
  const three = { seq: 3, generation: 8, visits: 300, minutes: { v: [0, 59], visits: [3, 3] } };
  expect(await hoursOf("m_beside")).toMatchObject([
    published,
    { ...three, page: { visits: [3, 4] }, channel: null, sketches: { page: { anonymous: ["118b7f", null] } } },
    { ...three, city: { visits: [3, 4] }, page: null },
  ]);
  // What the same replay counts in the end is what stays, whatever its sequence says.
  await sql.query(WRITE_HOURS, [JSON.stringify([rollupOf("m_beside", 2, ["city"])]), 8]);
  const [, replaced] = await hoursOf("m_beside");
  expect(replaced).toMatchObject({ seq: 2, generation: 8, page: null, city: { visits: [2, 3] } });
});

const dayOf = (merchant: string, identified: string | null): DayRollup => {
  const builder = new DayRollupBuilder({ merchant, shard: 0, date: "2026-11-24", currency: "EUR" });
  const hour = rollupOf(merchant, 7, []);
  const page = { v: ["/a", "/b"], visitors: [1, 2], visits: [7, 8], gross: [-7, 9e18] };
  const sketches = { page: { anonymous: ["118c7f", "118c7f"], identified: [null, identified] } };
  builder.add({ ...hour, anonymous: "118c7f", identified, dimensions: { page }, sketches });
  return builder.build();
};

test("a day becomes a row, whole; written again it is the same row, replaced", async () => {
  const rows = async (): Promise<unknown[]> => {
    const found =
      await sql`SELECT to_jsonb(r) AS row FROM daily_rollups r WHERE merchant = 'm_dayrow' ORDER BY generation`;
    return found.map(({ row }) => row);
  };
  await sql.query(WRITE_DAYS, [JSON.stringify([dayOf("m_dayrow", "118c7f")]), 0]);
  await sql.query(WRITE_DAYS, [JSON.stringify([dayOf("m_dayrow", "118c7f")]), 2]);
  const whole = {
    date: "2026-11-24",
    shard: 0,
    seq: 7,
    currency: "EUR",
    visits: 700,
    checkouts: 711,
    foreign_orders: 7,
    visitors: 0,
    anonymous: "\\x118c7f",
    identified: "\\x118c7f",
    page: { v: ["/a", "/b"], visits: [7, 8], gross: [-7, 9e18] },
    city: null,
    sketches: { page: { identified: [null, "118c7f"] } },
  };
  expect(await rows()).toMatchObject([
    { ...whole, generation: 0 },
    { ...whole, generation: 2 },
  ]);
  await sql.query(WRITE_DAYS, [JSON.stringify([dayOf("m_dayrow", null)]), 2]);
  expect(await rows()).toMatchObject([
    { ...whole, generation: 0 },
    { generation: 2, identified: null, sketches: null },
  ]);
});
