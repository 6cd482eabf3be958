// Replays over a day that is still open, with the real object, its queues, R2 and Postgres: looked at while it goes on, and
// applied at its seal.

import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { shardObject, shardOf } from "../core/address.ts";
import { balanced, type Books } from "../core/books.ts";
import type { Event } from "../core/event.ts";
import type { Merchant } from "../core/merchant.ts";
import type { RunDifference, RunView } from "../core/replay.ts";
import { database } from "../migrations/database.ts";
import type { Env } from "../workers/env.ts";
import { replayRoutes } from "../workers/replays.ts";
import type { Bindings } from "./bindings.ts";
import { worldOf } from "./doubles.ts";
import { ClosedDay, eventsOf, heldReplays, insertMerchant, shopOf } from "./replay-doubles.ts";
import { sealDay } from "./seal.ts";

const bindings = env as unknown as Bindings & Env;
const sql = database(bindings);
const DATE = "2026-11-19";
const QUEUES_MS_MAX = 25_000;
const CRAWLER = { extraBots: ["pricewatch"] };
/** Pageviews of the crawler in a day of `eventsOf`. */
const CRAWLED = 40;

async function open(id: string, shards = 1) {
  const merchant = shopOf(id, shards);
  await insertMerchant(bindings, merchant);
  const events = eventsOf(merchant, DATE, 12);
  const objects = Array.from({ length: shards }, (_, shard) => shardObject(bindings.MERCHANT_SHARD, id, shard));
  const append = async (some: readonly Event[]): Promise<void> => {
    for (const [shard, object] of objects.entries()) {
      const its = some.filter(({ visitor }) => shardOf(visitor, shards) === shard);
      for (let at = 0; at < its.length; at += 50) {
        const lines = its.slice(at, at + 50).map((event) => JSON.stringify(event));
        await object.append({ merchant, shard, lines, rejected: {}, receivedAtMs: Date.now() });
      }
    }
  };
  const settled = async (): Promise<boolean> => {
    const all = await Promise.all(objects.map((object) => object.status()));
    return all.every((one) => one.unpublishedBooks + one.unpublishedHours + one.unarchivedEvents === 0);
  };
  const publish = async (): Promise<void> => {
    for (const object of objects) await object.flush();
    await expect.poll(settled, { timeout: QUEUES_MS_MAX, interval: 50 }).toBe(true);
  };
  /** Asks for it until the shard's day is sealed. */
  const seal = async (shard = 0): Promise<void> => {
    const state = async () => (await objects[shard]!.seal()).days.map((day) => day.state);
    await expect.poll(state, { timeout: QUEUES_MS_MAX, interval: 100 }).toEqual(["sealed"]);
  };
  return { merchant, events, append, publish, seal, objects, ...opsOf(merchant) };
}

function opsOf(merchant: Merchant) {
  const { sent, REPLAY_QUEUE } = heldReplays();
  const app = replayRoutes(async (_, id) => (id === merchant.id ? merchant : null));
  const { deliver } = worldOf(bindings, { MERCHANT_SHARD: bindings.MERCHANT_SHARD });
  const ask = async (method: string, path: string, body?: object) => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
    const response = await app.request(path, init, { ...bindings, REPLAY_QUEUE });
    return { status: response.status, is: await response.json<unknown>() };
  };
  const run = async (id: number) => (await ask("GET", `/${id}`)).is as RunView;
  return {
    ask,
    run,
    /** Starts a run and counts what it is of. */
    count: async (rules: object = CRAWLER) => {
      const request = {
        merchants: [merchant.id],
        from: DATE,
        to: DATE,
        preview: true,
        why: "a try",
        who: "ann",
        rules,
      };
      const { id } = (await ask("POST", "/", request)).is as RunView;
      await deliver("replay", sent.splice(0));
      return run(id);
    },
    again: () => deliver("replay", sent.splice(0)),
    diff: async (id: number) => (await ask("GET", `/${id}/diff?limit=1000`)).is as RunDifference,
    apply: (id: number) => ask("POST", `/${id}/apply`, { who: "ann" }),
    rollBack: (id: number) => ask("POST", `/${id}/rollback`, { who: "ann" }),
  };
}

const pageviewsIn = ({ totals }: RunDifference) => totals.find(({ measure }) => measure === "pageviews")!;

const booksOf = async (merchant: string) =>
  (await sql`SELECT shard::int, generation, sealed_seq IS NOT NULL AS sealed, proven, received::int, accepted::int,
    duplicate::int, rejected, verdicts, difference FROM day_book WHERE merchant = ${merchant} ORDER BY shard`) as (Books &
    Record<string, unknown>)[];

const seenPageviews = async (merchant: string): Promise<number> => {
  const [row] = await sql`SELECT coalesce(sum(d.pageviews), 0)::int AS n FROM daily_rollups d JOIN day_book b
    ON (b.merchant, b.date, b.shard, b.generation) = (d.merchant, d.date, d.shard, d.generation) WHERE d.merchant = ${merchant}`;
  return (row as { n: number }).n;
};

const pageviews = (events: readonly Event[]): number => events.filter(({ name }) => name === "pageview").length;

test("an open day is previewed as it is up to now: by the same rules it is what is counted live, to the letter", async () => {
  const { events, append, publish, count, diff } = await open("m_openSame");
  await append(events.slice(0, 100));
  await publish();
  // Some is in R2, some in the log alone; some hours are over, some go on.
  await append(events.slice(100, 170));
  const first = await count({ extraBots: [] });
  expect(first).toMatchObject({ units: { total: 1, done: 1, failed: 0, open: 1, waiting: 0 }, rows: 170 });
  expect(first.previews).toEqual([
    { merchant: "m_openSame", date: DATE, shard: 0, through: 4, as_of: expect.stringMatching(/^\d{4}-.*Z$/) as string },
  ]);
  expect(await diff(first.id)).toMatchObject({ days: 1, changed_days: 0, changed_hours: 0, count: 0, rows: [] });
  await append(events.slice(170));
  const second = await count({ extraBots: [] });
  expect(second.rows).toBe(events.length);
  expect(second.previews[0]!.through).toBeGreaterThan(first.previews[0]!.through);
  expect(await diff(second.id)).toMatchObject({ changed_hours: 0, count: 0 });
});

test("applied while the day is open, a run waits: readers see live numbers until the seal, which proves them and then switches", async () => {
  const { merchant, events, append, publish, seal, count, diff, apply, rollBack, run } = await open("m_openWaits");
  await append(events.slice(0, 150));
  await publish();
  const { id } = await count();
  const crawledSoFar = events.slice(0, 150).filter(({ user_agent: agent = "" }) => agent.includes("PriceWatch")).length;
  const preview = pageviewsIn(await diff(id));
  expect(preview.before - preview.after).toBe(crawledSoFar);
  expect(await apply(id)).toMatchObject({ status: 200, is: { state: "applied", switched: 1, refused: [] } });
  expect(await run(id)).toMatchObject({ state: "applied", units: { applied: 1, open: 1, waiting: 1 } });
  expect(await booksOf(merchant.id)).toMatchObject([{ generation: 0, sealed: false }]);
  await append(events.slice(150));
  await publish();
  await seal();
  const [book] = await booksOf(merchant.id);
  expect(book).toMatchObject({ generation: id, sealed: true, proven: true });
  expect(balanced(book!)).toBe(true);
  expect(await run(id)).toMatchObject({
    state: "applied",
    units: { applied: 1, open: 0, waiting: 0 },
    rows: events.length,
  });
  const whole = pageviewsIn(await diff(id));
  expect(whole.before - whole.after).toBe(CRAWLED);
  expect(await seenPageviews(merchant.id)).toBe(whole.after);
  const [audited] =
    await sql`SELECT who, subject FROM audit_log WHERE merchant = ${merchant.id} AND action = 'replay applied at the seal'`;
  expect(audited).toMatchObject({
    who: "ann",
    subject: { run: id, date: DATE, totals: { pageviews: [whole.before, whole.after] } },
  });
  // The live numbers were proven first: they are there to return to.
  expect(await rollBack(id)).toMatchObject({ status: 200, is: { state: "rolled_back" } });
  expect(await booksOf(merchant.id)).toMatchObject([{ generation: 0, sealed: true, proven: true }]);
  expect(await seenPageviews(merchant.id)).toBe(whole.before);
});

test("rolled back before the seal, a run is forgotten by it; of two that wait the one that was applied last counts", async () => {
  const { merchant, events, append, publish, seal, count, apply, rollBack, run } = await open("m_openBack");
  await append(events);
  await publish();
  const ids: number[] = [];
  for (const rules of [CRAWLER, { extraBots: ["firefox"] }, { extraBots: ["nobody"] }]) {
    const { id } = await count(rules);
    ids.push(id);
    await apply(id);
  }
  expect(await rollBack(ids[2]!)).toMatchObject({ status: 200, is: { state: "rolled_back", switched: 1 } });
  expect(await run(ids[2]!)).toMatchObject({ units: { applied: 0, waiting: 0 } });
  await seal();
  expect(await booksOf(merchant.id)).toMatchObject([{ generation: ids[1], proven: true }]);
});

test("shards of a day switch together: with the seal of the last one", async () => {
  const { merchant, events, append, publish, seal, count, apply } = await open("m_openShards", 2);
  await append(events);
  await publish();
  const { id, units } = await count();
  expect(units).toMatchObject({ total: 2, open: 2 });
  await apply(id);
  await seal(0);
  expect(await booksOf(merchant.id)).toMatchObject([
    { generation: 0, sealed: true, proven: true },
    { generation: 0, sealed: false },
  ]);
  await seal(1);
  expect(await booksOf(merchant.id)).toMatchObject([{ generation: id }, { generation: id }]);
  expect(await seenPageviews(merchant.id)).toBe(pageviews(events) - botPageviews(events) - CRAWLED);
});

test("a day that was counted wrongly in part is put right at its seal by the run that waits; one that lost events is not", async () => {
  for (const [id, isLost] of [
    ["m_openRepaired", false],
    ["m_openLost", true],
  ] as const) {
    const { merchant, events, append, publish, seal, objects, count, apply } = await open(id);
    await append(events);
    await publish();
    const { id: run } = await count({ extraBots: [] });
    await apply(run);
    await sql`UPDATE hourly_rollups SET pageviews = pageviews + 7 WHERE merchant = ${merchant.id}`;
    if (!isLost) {
      await seal();
      expect(await booksOf(merchant.id)).toMatchObject([
        { generation: run, proven: true, sealed: true, difference: null },
      ]);
      expect(await seenPageviews(merchant.id)).toBe(pageviews(events) - botPageviews(events));
      continue;
    }
    await sql`UPDATE day_book SET accepted = accepted + 1, received = received + 1 WHERE merchant = ${merchant.id}`;
    const state = async () => {
      await objects[0]!.seal();
      return (await booksOf(merchant.id))[0]!["proven"];
    };
    await expect.poll(state, { timeout: QUEUES_MS_MAX, interval: 100 }).toBe(false);
    expect(await booksOf(merchant.id)).toMatchObject([{ generation: 0, sealed: false }]);
    // If they cannot be had again: a run that is applied by hand, and books that say so.
    const { id: anyway } = await count({ extraBots: [] });
    expect(await apply(anyway)).toMatchObject({ status: 200 });
    const [book] = await booksOf(merchant.id);
    expect(book).toMatchObject({ generation: anyway, sealed: true });
    expect(balanced(book!)).toBe(false);
  }
});

const botPageviews = (events: readonly Event[]): number =>
  events.filter(({ name, user_agent: agent = "" }) => name === "pageview" && agent.includes("bot")).length;

test("a day that closes between preview and apply is counted once more, as a closed day", async () => {
  const { merchant, events, append, publish, seal, count, apply, again } = await open("m_openClosed");
  await append(events);
  await publish();
  const { id } = await count();
  await seal();
  expect(await apply(id)).toMatchObject({ status: 409, is: { refused: [{ reason: "changed" }] } });
  await again();
  expect(await apply(id)).toMatchObject({ status: 200 });
  expect(await booksOf(merchant.id)).toMatchObject([{ generation: id, proven: true }]);
});

test("broken off at any call to Postgres, the seal of a day that a run waits for ends the same", async () => {
  const merchant = shopOf("m_openBroken");
  await sql`INSERT INTO merchants (id, name, zone, currency, domains) VALUES (${merchant.id}, 'Shop', ${merchant.zone}, 'EUR', '{}')`;
  const day = new ClosedDay(bindings, merchant, DATE);
  const events = eventsOf(merchant, DATE, 6);
  await day.publish(events);
  const { count, apply } = opsOf(merchant);
  // There is no object: the unit is what a preview has left.
  const { id } = await count();
  await sql`UPDATE replay_units SET state = 'done', preview_at = now() WHERE run = ${id}`;
  expect(await apply(id)).toMatchObject({ status: 200 });
  const real = globalThis.fetch;
  let failing = 1;
  for (; failing < 60; failing++) {
    let calls = 0;
    globalThis.fetch = (...args: Parameters<typeof fetch>) =>
      ++calls === failing ? Promise.reject(new Error("connection lost")) : real(...args);
    const outcome = await sealDay(bindings, day.message()).catch(() => null);
    globalThis.fetch = real;
    await sql`UPDATE replay_units SET attempts = 0 WHERE run = ${id}`;
    if (outcome !== null) break;
  }
  expect(failing).toBeGreaterThan(10);
  const [book] = await booksOf(merchant.id);
  expect(book).toMatchObject({ generation: id, proven: true, sealed: true });
  expect(balanced(book!)).toBe(true);
  const [counts] =
    await sql`SELECT count(*)::int AS n FROM audit_log WHERE merchant = ${merchant.id} AND action = 'replay applied at the seal'`;
  expect(counts).toEqual({ n: 1 });
});
