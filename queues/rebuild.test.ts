// Postgres loses everything of a merchant: days that were sealed, sealed again with late events, counted by a run, and one that is
// open, with the real object and its queues. R2, KV and the object give all of it back, and life goes on.

import { env } from "cloudflare:workers";
import { evictDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { shardName, shardObject } from "../core/address.ts";
import { balanced, type Books } from "../core/books.ts";
import type { Event } from "../core/event.ts";
import type { Merchant } from "../core/merchant.ts";
import type { RunView } from "../core/replay.ts";
import { database } from "../migrations/database.ts";
import type { Env } from "../workers/env.ts";
import { findMerchant } from "../workers/merchants.ts";
import { rebuildRoutes } from "../workers/rebuilds.ts";
import { replayRoutes } from "../workers/replays.ts";
import type { Bindings } from "./bindings.ts";
import { worldOf } from "./doubles.ts";
import { ClosedDay, eventsOf, heldReplays, insertMerchant, shopOf } from "./replay-doubles.ts";

const bindings = env as unknown as Bindings & Env;
const sql = database(bindings);
const QUEUES_MS_MAX = 25_000;

const { sent, REPLAY_QUEUE } = heldReplays();
const world: Bindings & Env = { ...bindings, REPLAY_QUEUE, PUBLISH_AFTER_MS: "600000" };
const [rebuilds, replays] = [rebuildRoutes(findMerchant), replayRoutes(findMerchant)];
const { deliver } = worldOf(bindings, { MERCHANT_SHARD: bindings.MERCHANT_SHARD });

async function post(app: typeof rebuilds, path: string, body: object): Promise<{ status: number; is: RunView }> {
  const response = await app.request(path, { method: "POST", body: JSON.stringify(body) }, world);
  return { status: response.status, is: (await response.json()) as RunView };
}

const who = { who: "ann", why: "a test" };
const count = () => deliver("replay", sent.splice(0));

async function rebuild(merchants: string[]): Promise<RunView> {
  sent.length = 0;
  const { status, is } = await post(rebuilds, "/", { ...who, merchants });
  expect({ status, is }).toMatchObject({ status: 202, is: { kind: "rebuild", listed: true } });
  await count();
  expect(await post(replays, `/${is.id}/apply`, who)).toMatchObject({ status: 200, is: { state: "applied" } });
  return (await (await replays.request(`/${is.id}`, {}, world)).json()) as RunView;
}

async function newShop(id: string): Promise<Merchant> {
  const merchant = shopOf(id);
  await insertMerchant(bindings, merchant);
  // Whoever has traffic is known to KV.
  expect(await findMerchant(bindings, id)).toMatchObject({ id });
  return merchant;
}

/** Everything of the merchants in Postgres is gone, and all runs. */
async function lose(ids: readonly string[]): Promise<void> {
  for (const table of ["hourly_rollups", "daily_rollups", "day_book", "replay_units"])
    await sql.query(`DELETE FROM ${table} WHERE merchant = ANY($1)`, [ids]);
  await sql`DELETE FROM merchants WHERE id = ANY(${ids})`;
}

/** What readers see, but for which generation it is. */
const seen = async (merchant: string) =>
  JSON.stringify([
    await sql`SELECT to_jsonb(h) - 'generation' - 'seq' AS row FROM hourly_rollups h JOIN day_book b USING (date, merchant, shard, generation)
      WHERE merchant = ${merchant} ORDER BY h.hour`,
    await sql`SELECT to_jsonb(d) - 'generation' - 'seq' AS row FROM daily_rollups d JOIN day_book b USING (date, merchant, shard, generation)
      WHERE merchant = ${merchant} ORDER BY d.date`,
  ]);

type Book = Books & {
  date: string;
  sealed_seq: number | null;
  proven: boolean | null;
  generation: number;
  rules: unknown;
};
const booksOf = async (merchant: string) =>
  (await sql`SELECT date::text, generation, sealed_seq::int, proven, received::int, accepted::int, duplicate::int, rejected, verdicts,
    counted_as -> 'rules' AS rules FROM day_book WHERE merchant = ${merchant} ORDER BY date`) as Book[];
const withoutGeneration = (books: readonly Book[]) => books.map(({ generation: _, ...book }) => book);

test("a merchant whose days were sealed, late, replayed and open has all of it back, and a late event is counted again", async () => {
  const [SEALED, LATE, RULED, OPEN] = ["2026-11-10", "2026-11-11", "2026-11-12", "2026-11-13"] as const;
  const merchant = await newShop("m_rebuild");
  const object = shardObject(bindings.MERCHANT_SHARD, merchant.id, 0);
  const append = async (events: readonly Event[], rejected: Record<string, number> = {}) => {
    const lines = events.map((event) => JSON.stringify(event));
    return object.append({ merchant, shard: 0, lines, rejected, receivedAtMs: Date.now() });
  };
  const statesOf = async () =>
    Object.fromEntries((await object.seal()).days.map(({ date, state }) => [date, state] as const));
  const allSealed = async (dates: readonly string[]) =>
    expect
      .poll(
        async () =>
          Object.entries(await statesOf())
            .flatMap(([date, state]) => (state === "sealed" ? [date] : []))
            .sort(),
        {
          timeout: QUEUES_MS_MAX,
          interval: 100,
        },
      )
      .toEqual([...dates].sort());
  const eventsAt = (date: string): Event[] =>
    eventsOf(merchant, date, 8).map((event) => ({ ...event, id: `${date}-${event.id}` }));
  for (const date of [SEALED, LATE, RULED]) {
    const events = eventsAt(date);
    await append(events);
    await append(events.slice(0, 3));
  }
  await allSealed([SEALED, LATE, RULED]);
  const late = (n: number) =>
    eventsOf(merchant, LATE, 4)
      .slice(0, 6)
      .map((event) => ({ ...event, id: `late${n}-${event.id}` }));
  expect(await append(late(1))).toBe("llllll");
  await allSealed([SEALED, LATE, RULED]);
  const run = { ...who, merchants: [merchant.id], from: RULED, to: RULED, rules: { extraBots: ["pricewatch"] } };
  const { is } = await post(replays, "/", run);
  await count();
  await post(replays, `/${is.id}/apply`, who);
  // Previewed and not applied, it does not matter.
  await post(replays, "/", { ...run, from: SEALED, to: SEALED, preview: true });
  await count();
  // Asked for seals, an object goes on sealing until it sleeps.
  await evictDurableObject(bindings.MERCHANT_SHARD.getByName(shardName(merchant.id, 0)));
  await append(eventsAt(OPEN));
  await object.flush();
  await expect.poll(async () => (await object.status()).unpublishedHours, { timeout: QUEUES_MS_MAX }).toBe(0);
  const before = { seen: await seen(merchant.id), books: await booksOf(merchant.id) };
  expect(before.books.map(({ sealed_seq: seq }) => seq !== null)).toEqual([true, true, true, false]);

  await lose([merchant.id]);
  expect(await rebuild([merchant.id])).toMatchObject({ units: { total: 3, done: 3, applied: 3 } });
  const published = async () => {
    const { unpublishedBooks, unpublishedHours } = await object.status();
    return unpublishedBooks + unpublishedHours;
  };
  await expect.poll(published, { timeout: QUEUES_MS_MAX, interval: 50 }).toBe(0);
  expect(await seen(merchant.id)).toBe(before.seen);
  expect(withoutGeneration(await booksOf(merchant.id))).toEqual(withoutGeneration(before.books));
  for (const book of await booksOf(merchant.id)) expect(balanced(book)).toBe(true);
  expect((await sql`SELECT zone, currency::text, domains FROM merchants WHERE id = ${merchant.id}`)[0]).toEqual({
    zone: merchant.zone,
    currency: "EUR",
    domains: merchant.domains,
  });

  // Nothing is missing any more: another rebuild has nothing to do.
  expect(await rebuild([merchant.id])).toMatchObject({ units: { total: 0 } });
  expect(await append(late(2))).toBe("llllll");
  await allSealed([SEALED, LATE, RULED, OPEN]);
  const [, again, , opened] = await booksOf(merchant.id);
  expect(again).toMatchObject({ proven: true, accepted: before.books[1]!.accepted + 6 });
  expect(again!.verdicts).not.toHaveProperty("late");
  expect(balanced(again!)).toBe(true);
  // And the day that was open is proven by its seal, since the object has published it again.
  expect(opened).toMatchObject({ generation: 0, proven: true });
});

test("rollups alone are lost: books stay as they are, and what has not been lost is left alone", async () => {
  const merchant = await newShop("m_rebuildRollups");
  const days = ["2026-11-13", "2026-11-14"].map((date) => new ClosedDay(bindings, merchant, date));
  for (const day of days) await day.seal(eventsOf(merchant, day.date, 5));
  const before = { seen: await seen(merchant.id), books: await booksOf(merchant.id) };
  await sql`DELETE FROM hourly_rollups WHERE merchant = ${merchant.id} AND date = ${days[0]!.date}`;
  expect(await rebuild([merchant.id])).toMatchObject({ units: { total: 1, applied: 1 } });
  expect(await seen(merchant.id)).toBe(before.seen);
  const [rebuilt, left] = await booksOf(merchant.id);
  expect(left).toEqual(before.books[1]);
  expect(withoutGeneration([rebuilt!])).toEqual(withoutGeneration([before.books[0]!]));
});

test("a seal that was interrupted is not taken for one that Postgres has forgotten", async () => {
  const merchant = await newShop("m_rebuildBroken");
  const day = new ClosedDay(bindings, merchant, "2026-11-14");
  await day.publish(eventsOf(merchant, day.date, 5));
  await sql`UPDATE hourly_rollups SET events = events + 1 WHERE merchant = ${merchant.id}`;
  expect(await day.askForSeal()).toEqual({ kind: "unproven" });
  await sql`UPDATE day_book SET proven = NULL, difference = NULL WHERE merchant = ${merchant.id}`;
  const books = await booksOf(merchant.id);
  expect(await rebuild([merchant.id])).toMatchObject({ units: { total: 0 } });
  expect(await booksOf(merchant.id)).toEqual(books);
});

test("a merchant that KV has forgotten too is known from the files of its days; many are found a page of keys at a time", async () => {
  const ids = Array.from({ length: 7 }, (_, n) => `m_rebuildMany${n}`);
  for (const id of ids) {
    const merchant = shopOf(id);
    await insertMerchant(bindings, merchant);
    await new ClosedDay(bindings, merchant, "2026-11-09").seal(eventsOf(merchant, "2026-11-09", 2));
  }
  const before = await Promise.all(ids.map(seen));
  await lose(ids);
  const run = await rebuild(ids.toReversed());
  expect(run.units).toMatchObject({ total: ids.length, applied: ids.length });
  expect(await Promise.all(ids.map(seen))).toEqual(before);
});
