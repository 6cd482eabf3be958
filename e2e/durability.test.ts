// Laws 1, 2 and 3 on a whole stack: while senders send, every process is killed at once, several times. What was
// accepted is there, once, in the API, in Postgres and in R2.

import { afterAll, beforeAll, expect, test } from "vitest";
import { shopTraffic, take } from "../bench/shop-traffic.ts";
import type { Event } from "../core/event.ts";
import { ops, query, rawEvents, send, sql } from "./client.ts";
import { startStack, until, type TestStack } from "./stack.ts";

const MERCHANT = "m_demo";
const KILLS = 4;
const SENDERS = 4;
const BATCH = 25;
const EVENTS = 6_000;
const SETTLED_MS_MAX = 120_000;

let stack: TestStack;
beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.remove());

/** As a server sends them: with the visitor's address instead of our hash. */
const asSent = ({ received_at: _, visitor, user_agent, country, region, city, ...event }: Event) => ({
  ...event,
  visitor: { ip: visitor, user_agent, country, region, city },
});

test("law 1: every accepted event survives SIGKILL of everything, and counts once", async () => {
  const nowMs = Date.now();
  const events = take(shopTraffic(7, nowMs - 3_600_000, EVENTS / 3_000), EVENTS).map(asSent);
  const batches = Array.from({ length: EVENTS / BATCH }, (_, i) => events.slice(i * BATCH, (i + 1) * BATCH));
  const accepted = new Map<string, number>();
  let sent = 0;
  let lostAnswers = 0;

  // Each sender repeats a batch, with the same ids, until it has its receipts; and sends every tenth once more.
  const sender = async (first: number): Promise<void> => {
    for (let i = first; i < batches.length; i += SENDERS) {
      let repeats = i % 10 === 0 ? 2 : 1;
      while (repeats > 0) {
        const receipts = await send(stack.running(), { merchant: MERCHANT, events: batches[i] });
        if (receipts === null) {
          lostAnswers++;
          await new Promise((resolve) => setImmediate(resolve));
          continue;
        }
        repeats--;
        for (const { id, status } of receipts) {
          expect(status).not.toBe("rejected");
          if (status === "accepted") accepted.set(id, (accepted.get(id) ?? 0) + 1);
        }
      }
      sent++;
    }
  };
  const killer = async (): Promise<void> => {
    for (let kill = 1; kill <= KILLS; kill++) {
      await until(() => sent >= (batches.length * kill) / (KILLS + 2), SETTLED_MS_MAX, "nothing was sent");
      await stack.kill();
      await stack.startAgain();
    }
  };
  await Promise.all([killer(), ...Array.from({ length: SENDERS }, (_, i) => sender(i))]);
  expect(lostAnswers).toBeGreaterThan(0);
  expect(Math.max(...accepted.values())).toBe(1);

  const ids = events.map(({ id }) => id).toSorted();
  const pageviews = events.filter(({ name }) => name === "pageview").length;
  const running = stack.running();
  const question = { merchant: MERCHANT, metrics: ["events", "pageviews"], date_range: "7d" };
  const { results } = await query(running, question);
  // Engagement of a visit that is over is not counted: the books say how many.
  const uncounted = await notCounted();
  expect(results[0]!.metrics).toEqual([EVENTS - uncounted, pageviews]);

  await until(settled, SETTLED_MS_MAX, "R2 and Postgres did not get everything");
  const inR2 = (await rawEvents(running, MERCHANT)).map(({ id }) => id);
  expect(inR2.toSorted()).toEqual(ids);
  const [inPostgres] = await sql<{ events: string; pageviews: string }>(
    running,
    "SELECT sum(events) AS events, sum(pageviews) AS pageviews FROM hourly_rollups WHERE merchant = $1",
    [MERCHANT],
  );
  expect(inPostgres).toEqual({ events: String(EVENTS - uncounted), pageviews: String(pageviews) });
  expect((await query(running, question)).results).toEqual(results);
  const [books] = await sql<{ received: string; accepted: string; duplicate: string }>(
    running,
    "SELECT sum(received) AS received, sum(accepted) AS accepted, sum(duplicate) AS duplicate FROM day_book WHERE merchant = $1",
    [MERCHANT],
  );
  expect(Number(books!.accepted)).toBe(EVENTS);
  expect(Number(books!.received)).toBe(EVENTS + Number(books!.duplicate));
});

interface Status {
  shards: {
    unarchivedEvents: number;
    unpublishedHours: number;
    unpublishedBooks: number;
    days: { books: { verdicts: Record<string, number> } }[];
  }[];
}

async function settled(): Promise<boolean> {
  const { shards } = await ops<Status>(stack.running(), `/merchants/${MERCHANT}/flush`, "POST");
  return shards.every((shard) => shard.unarchivedEvents + shard.unpublishedHours + shard.unpublishedBooks === 0);
}

async function notCounted(): Promise<number> {
  const { shards } = await ops<Status>(stack.running(), `/merchants/${MERCHANT}/status`);
  const verdicts = shards.flatMap((shard) => shard.days.map((day) => day.books.verdicts));
  return verdicts
    .flatMap(Object.entries)
    .reduce((sum, [verdict, n]) => sum + (verdict === "counted" ? 0 : (n as number)), 0);
}
