// Postgres goes away under load: nothing is lost, the API answers for the open day from the object and says what is
// stale, and when Postgres is back everything catches up by itself.

import { afterAll, beforeAll, expect, test } from "vitest";
import { shopTraffic } from "../bench/shop-traffic.ts";
import type { Event } from "../core/event.ts";
import { query, send, sql } from "./client.ts";
import { startStack, until, type TestStack } from "./stack.ts";

const MERCHANT = "m_kathmandu";
const BATCH = 20;
const CATCH_UP_MS_MAX = 180_000;

let stack: TestStack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.remove());

test("with Postgres away nothing is lost, the open day is answered, and all catches up", async () => {
  const traffic = shopTraffic(3, Date.now() - 600_000, 10);
  let accepted = 0;
  const sendBatch = async (): Promise<void> => {
    const events: object[] = [];
    while (events.length < BATCH) {
      const event = traffic.next().value as Event;
      // Pageviews only: each is counted whatever its visit.
      if (event.name !== "pageview") continue;
      const { received_at: _, visitor, user_agent, ...rest } = event;
      events.push({ ...rest, visitor: { ip: visitor, user_agent } });
    }
    const receipts = await send(stack.running(), { merchant: MERCHANT, events });
    expect(receipts?.map(({ status }) => status)).toEqual(Array(BATCH).fill("accepted"));
    accepted += BATCH;
  };
  const question = { merchant: MERCHANT, metrics: ["pageviews"], date_range: "7d" };
  const published = async (): Promise<number> => {
    const [row] = await sql<{ n: string | null }>(
      stack.running(),
      "SELECT sum(pageviews) AS n FROM hourly_rollups WHERE merchant = $1",
      [MERCHANT],
    );
    return Number(row?.n ?? 0);
  };

  await sendBatch();
  await until(async () => (await published()) === accepted, CATCH_UP_MS_MAX, "nothing was published");
  await stack.takePostgresAway();
  for (let i = 0; i < 10; i++) await sendBatch();
  const without = await query(stack.running(), question);
  expect(without.results[0]!.metrics).toEqual([accepted]);
  expect(without.meta.stale).toMatch(/Postgres/);

  await stack.bringPostgresBack();
  await sendBatch();
  await until(async () => (await published()) === accepted, CATCH_UP_MS_MAX, "Postgres did not catch up");
  const after = await query(stack.running(), question);
  expect(after.results[0]!.metrics).toEqual([accepted]);
  expect(after.meta.stale).toBeNull();
});
