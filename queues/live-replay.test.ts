// Law 5 over made-up traffic with every kind of trouble: repeated, out of order, retried and late events, deaths and recoveries
// between commits, a day that closes while events of it still come, clocks that change, shards. Whatever it was, the seal of
// each day finds in R2 what was counted live, bit for bit, and a replay finds no difference.

import { env } from "cloudflare:workers";
import fc from "fast-check";
import { expect, test } from "vitest";
import { shardOf } from "../core/address.ts";
import { chunkKey } from "../core/archive.ts";
import { balanced, type Books } from "../core/books.ts";
import type { Event } from "../core/event.ts";
import type { Merchant } from "../core/merchant.ts";
import { Rehearsal } from "../core/rehearsal.ts";
import type { RunDifference, RunView } from "../core/replay.ts";
import type { Rollup } from "../core/rollup.ts";
import type { Commit } from "../core/shard.ts";
import { chanceOf, duplicated, late, reordered, retried, trafficOf } from "../core/traffic.ts";
import { dayAt, dayOf } from "../core/zone.ts";
import { database } from "../migrations/database.ts";
import type { Env } from "../workers/env.ts";
import { replayRoutes } from "../workers/replays.ts";
import type { Bindings } from "./bindings.ts";
import { gzip, worldOf } from "./doubles.ts";
import { heldReplays } from "./replay-doubles.ts";
import { writeRows } from "./rows.ts";
import { sealDay } from "./seal.ts";

const bindings = env as unknown as Bindings & Env;
const sql = database(bindings);
const HOUR_MS = 3_600_000;

/** The middle one of three dates; on some the clocks change, by an hour or by half of one, or the merchant moves. */
const PLACES = [
  ["Europe/Berlin", "2026-03-29"],
  ["Europe/Berlin", "2026-10-25"],
  ["Australia/Lord_Howe", "2026-04-05"],
  ["Australia/Lord_Howe", "2026-10-04"],
  ["America/St_Johns", "2026-11-01"],
  ["Asia/Kathmandu", "2026-11-20"],
  ["Pacific/Kiritimati", "2026-11-20"],
  ["Europe/Berlin,2026-11-20=America/New_York", "2026-11-20"],
  ["America/St_Johns,2026-11-20=Asia/Kathmandu", "2026-11-20"],
] as const;

interface World {
  merchant: Merchant;
  seed: number;
  /** The date that closes while events of it still come. */
  date: string;
}

/** How the events come in, over two midnights. */
function arrivalsOf({ merchant, seed, date }: World): Event[] {
  const { startMs, endMs } = dayOf(merchant.zone, date);
  const happened = trafficOf({ merchant, seed, fromMs: startMs - 5 * HOUR_MS, toMs: endMs + 5 * HOUR_MS, people: 70 });
  const shuffled = duplicated(reordered(happened, seed, 120_000), seed, 0.05, HOUR_MS);
  return late(retried(shuffled, seed, 0.1, 60_000), seed, 0.1, 14 * HOUR_MS);
}

/** One shard as its object lives: what it leaves in R2 and Postgres before its seals. */
class Life {
  readonly rehearsal: Rehearsal;
  readonly #world: World;
  readonly #shard: number;
  readonly #chance: () => number;
  #archived = 0;

  constructor(world: World, shard: number) {
    this.#world = world;
    this.#shard = shard;
    this.#chance = chanceOf(world.seed + shard);
    this.rehearsal = new Rehearsal(world.merchant);
  }

  /** In commits of any size; between them it may write a checkpoint, or die. */
  append(events: readonly Event[]): void {
    for (let at = 0; at < events.length;) {
      const size = 1 + Math.floor(this.#chance() * 40);
      this.rehearsal.append(
        events.slice(at, at + size),
        this.#chance() < 0.1 ? { url_missing: 1 } : {},
        events[at]!.received_at,
      );
      at += size;
      if (this.#chance() < 0.1) this.rehearsal.checkpoint();
      if (this.#chance() < 0.1) this.rehearsal.recover();
    }
  }

  /** Publishes a day as it is and closes it; before that, all of it is in R2. */
  async close(date: string): Promise<void> {
    await this.archive();
    const hours = this.rehearsal.rollups().filter((rollup) => rollup.date === date);
    await writeRows(
      sql,
      hours.map((rollup: Rollup) => ({
        kind: "whole",
        json: JSON.stringify({ ...rollup, shard: this.#shard }),
        sources: [],
      })),
    );
    this.rehearsal.close([date]);
  }

  get dates(): string[] {
    return [...this.rehearsal.state.days.keys()];
  }

  /** Chunks of several commits and books, of all that came since. */
  async archive(): Promise<void> {
    const { merchant } = this.#world;
    const commits = this.rehearsal.log.slice(this.#archived).map((row) => JSON.parse(row) as Commit);
    this.#archived = this.rehearsal.log.length;
    for (let at = 0; at < commits.length;) {
      const segment = commits.slice(at, at + 1 + Math.floor(this.#chance() * 12));
      at += segment.length;
      const byDate = Map.groupBy(
        segment.flatMap(({ events }) => events),
        ({ occurred_at: atMs }) => dayAt(merchant.zone, atMs).date,
      );
      for (const [date, events] of byDate) {
        const [from, to] = [segment[0]!.seq, segment.at(-1)!.seq];
        const body = await gzip(`${events.map((event) => JSON.stringify(event)).join("\n")}\n`);
        const key = chunkKey({ merchant: merchant.id, date, shard: this.#shard, from, to });
        await bindings.ARCHIVE.put(key, body, { customMetadata: { events: String(events.length) } });
      }
    }
    const books = [...this.rehearsal.state.closed].map(([date, day]) => {
      const message = {
        kind: "books",
        merchant: merchant.id,
        shard: this.#shard,
        date,
        seq: day.booksSeq,
        books: day.books,
      };
      return { kind: "books" as const, json: JSON.stringify(message), sources: [] };
    });
    await writeRows(sql, books);
  }

  async seal(date: string): Promise<void> {
    const { seq, closedSeq } = this.rehearsal.state.closed.get(date)!;
    const { merchant } = this.#world;
    const message = { kind: "seal" as const, merchant, shard: this.#shard, date, seq, closedSeq };
    const first = await sealDay(bindings, message);
    expect([date, this.#shard, first]).toEqual([date, this.#shard, { kind: "sealed", seq: closedSeq }]);
    if (seq > closedSeq) expect(await sealDay(bindings, message)).toEqual({ kind: "sealed", seq });
  }
}

async function replayed(
  merchant: Merchant,
  from: string,
  to: string,
): Promise<{ run: RunView; difference: RunDifference }> {
  const { sent, REPLAY_QUEUE } = heldReplays();
  const world = { ...bindings, REPLAY_QUEUE };
  const app = replayRoutes(async () => merchant);
  const ask = async (path: string, init: RequestInit = {}) => (await app.request(path, init, world)).json();
  const body = JSON.stringify({ merchants: [merchant.id], from, to, preview: true, who: "ann", why: "a test" });
  const { id } = (await ask("/", { method: "POST", body })) as RunView;
  await worldOf(bindings).deliver("replay", sent);
  return { run: (await ask(`/${id}`)) as RunView, difference: (await ask(`/${id}/diff`)) as RunDifference };
}

test("whatever comes, in whatever way, the seal of each day proves what was counted live, and a replay finds nothing else", async () => {
  let worlds = 0;
  let lateEvents = 0;
  const property = fc.asyncProperty(
    fc.constantFrom(...PLACES),
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 1, max: 1_000 }),
    async ([zone, date], shards, seed) => {
      const id = `m_lives${++worlds}`;
      const merchant = { id, name: "Shop", zone, currency: "EUR", domains: ["shop.example"], shards };
      await sql`INSERT INTO merchants (id, name, zone, currency, domains, shards) VALUES (${id}, 'Shop', ${zone}, 'EUR', '{shop.example}', ${shards})`;
      const world: World = { merchant, seed, date };
      const arrivals = arrivalsOf(world);
      const closesMs = dayOf(zone, date).endMs + 20 * 60_000;
      for (let shard = 0; shard < shards; shard++) {
        const life = new Life(world, shard);
        const its = arrivals.filter(({ visitor }) => shardOf(visitor, shards) === shard);
        life.append(its.filter((event) => event.received_at < closesMs));
        if (life.dates.includes(date)) await life.close(date);
        life.append(its.filter((event) => event.received_at >= closesMs));
        lateEvents += life.rehearsal.state.closed.get(date)?.books.verdicts["late"] ?? 0;
        for (const open of life.dates) await life.close(open);
        await life.archive();
        for (const closed of life.rehearsal.state.closed.keys()) await life.seal(closed);
      }
      const books =
        (await sql`SELECT date::text, proven, received::int, accepted::int, duplicate::int, rejected, verdicts FROM day_book
        WHERE merchant = ${id} ORDER BY date`) as (Books & { date: string; proven: boolean })[];
      for (const book of books) {
        expect(book.proven).toBe(true);
        expect(balanced(book)).toBe(true);
        expect(book.verdicts).not.toHaveProperty("late");
      }
      expect(new Set(books.map((book) => book.date)).size).toBe(3);
      // Each event once, wherever it came.
      const accepted = books.reduce((sum, book) => sum + book.accepted, 0);
      expect(accepted).toBeLessThanOrEqual(new Set(arrivals.map((event) => event.id)).size);
      const { run, difference } = await replayed(merchant, books[0]!.date, books.at(-1)!.date);
      expect(run).toMatchObject({ units: { done: books.length, failed: 0, open: 0 }, rows: accepted });
      expect(difference).toMatchObject({ days: 3, changed_days: 0, changed_hours: 0, count: 0, rows: [] });
    },
  );
  await fc.assert(property, { numRuns: 14, seed: 20_261_124 });
  expect(lateEvents).toBeGreaterThan(100);
}, 180_000);
