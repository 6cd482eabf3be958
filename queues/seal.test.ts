import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { chunkKey, rawFileKey, rawPrefix } from "../core/archive.ts";
import { type Books, balanced } from "../core/books.ts";
import { DayState } from "../core/day.ts";
import type { Event } from "../core/event.ts";
import { foldEvent } from "../core/fold.ts";
import type { Merchant } from "../core/merchant.ts";
import type { SealMessage } from "../core/messages.ts";
import { EVERYTHING, snapshot } from "../core/rollup-codec.ts";
import { duplicated, reordered, trafficOf } from "../core/traffic.ts";
import { dayOf } from "../core/zone.ts";
import { database } from "../migrations/database.ts";
import type { Bindings } from "./bindings.ts";
import { gzip, worldOf } from "./doubles.ts";
import { openRawFile, readRawFile } from "./raw-day.ts";
import { writeRows } from "./rows.ts";
import { sealDay } from "./seal.ts";

const bindings = env as unknown as Bindings;
const sql = database(bindings);
const DATE = "2026-11-23";
const CHUNK_EVENTS = 97;

const merchantOf = (id: string): Merchant => ({
  id,
  name: "Shop",
  zone: "Europe/Berlin",
  currency: "EUR",
  domains: ["shop.example"],
  shards: 1,
});
const DAY = dayOf("Europe/Berlin", DATE);

/** A day as it came in, each event once. */
const dayEvents = (merchant: Merchant, people = 60): Event[] => {
  const happened = trafficOf({ merchant, seed: 7, fromMs: DAY.startMs, toMs: DAY.endMs, people });
  return reordered(happened, 3, 120_000);
};

/** A day as the object leaves it: chunks in R2, hours and books in Postgres. */
class World {
  readonly merchant: Merchant;
  readonly state: DayState;
  readonly events: Event[] = [];
  seq = 0;
  books: Books = { received: 0, accepted: 0, duplicate: 0, rejected: {}, verdicts: {} };

  constructor(id: string) {
    this.merchant = merchantOf(id);
    this.state = new DayState(DAY, this.merchant, () => null);
  }

  /** Counted live. */
  async live(events: readonly Event[]): Promise<void> {
    await this.#archive(events, (event, seq) => void foldEvent(this.state, event, seq));
    this.books = { ...this.state.books, received: this.state.books.accepted };
    await this.publish();
  }

  async late(events: readonly Event[]): Promise<void> {
    await this.#archive(events, () => {
      this.books.received++;
      this.books.accepted++;
      this.books.verdicts["late"] = (this.books.verdicts["late"] ?? 0) + 1;
    });
    await writeRows(sql, [this.#booksRow()]);
  }

  async publish(): Promise<void> {
    const hours = [...this.state.hours.values()].map((hour) => ({
      kind: "whole" as const,
      json: JSON.stringify(snapshot(hour, this.merchant.id, 0, EVERYTHING)),
      sources: [],
    }));
    await writeRows(sql, [...hours, this.#booksRow()]);
  }

  message(seq = this.seq, closedSeq?: number): SealMessage {
    const message: SealMessage = { kind: "seal", merchant: this.merchant, shard: 0, date: DATE, seq };
    return closedSeq === undefined ? message : { ...message, closedSeq };
  }

  #booksRow() {
    const { books, seq } = this;
    const message = { kind: "books", merchant: this.merchant.id, shard: 0, date: DATE, seq, books };
    return { kind: "books" as const, json: JSON.stringify(message), sources: [] };
  }

  async #archive(events: readonly Event[], count: (event: Event, seq: number) => void): Promise<void> {
    for (let at = 0; at < events.length; at += CHUNK_EVENTS) {
      const chunk = events.slice(at, at + CHUNK_EVENTS);
      const from = this.seq + 1;
      for (const event of chunk) count(event, ++this.seq);
      this.events.push(...chunk);
      await putChunk(this.merchant.id, from, this.seq, chunk);
    }
  }
}

const putChunk = async (merchant: string, from: number, to: number, events: readonly Event[]): Promise<void> => {
  const body = await gzip(`${events.map((event) => JSON.stringify(event)).join("\n")}\n`);
  await bindings.ARCHIVE.put(chunkKey({ merchant, date: DATE, shard: 0, from, to }), body, {
    customMetadata: { events: String(events.length) },
  });
};

const rawKeys = async (merchant: string): Promise<string[]> => {
  const { objects } = await bindings.ARCHIVE.list({ prefix: rawPrefix(merchant, DATE) });
  return objects.map(({ key }) => key.slice(rawPrefix(merchant, DATE).length));
};

const rawEvents = async (merchant: string, through: number): Promise<Event[]> => {
  const file = await openRawFile(bindings.ARCHIVE, rawFileKey(merchant, DATE, 0, through));
  const events: Event[] = [];
  for await (const batch of readRawFile(file, DAY)) events.push(...batch);
  return events;
};

const bookOf = async (merchant: string) => {
  const [row] = await sql`
    SELECT generation, sealed_at IS NOT NULL AS sealed, sealed_seq::int, proven, proof, difference, stale_seq::int,
      received::int, accepted::int, duplicate::int, rejected, verdicts
    FROM day_book WHERE merchant = ${merchant}`;
  return row as Books & Record<string, unknown>;
};

const dailyOf = async (merchant: string) => {
  const rows = await sql`
    SELECT generation, visitors::int, visits::int, pageviews::int, events::int, gross::float8, refunds::float8, page
    FROM daily_rollups WHERE merchant = ${merchant} ORDER BY generation`;
  return rows;
};

const sumOf = async (merchant: string, generation: number) => {
  const [row] = await sql`
    SELECT sum(visits)::int AS visits, sum(events)::int AS events, sum(gross)::float8 AS gross
    FROM hourly_rollups WHERE merchant = ${merchant} AND generation = ${generation}`;
  return row;
};

test("a day is sealed: its chunks are one file in the order of the log, its hours proven, its day written", async () => {
  const world = new World("m_sealed");
  await world.live(dayEvents(world.merchant));
  const { deliver, shards } = worldOf(bindings);
  expect(await deliver("seal", [world.message()])).toEqual({ acked: [0], retried: [] });
  expect(shards.confirmed.get("m_sealed/0")).toEqual([{ kind: "seal", date: DATE, seq: world.seq }]);
  expect(await rawKeys("m_sealed")).toEqual([`s00-${String(world.seq).padStart(12, "0")}.parquet`]);
  expect(await rawEvents("m_sealed", world.seq)).toEqual(world.events);
  const book = await bookOf("m_sealed");
  expect(book).toMatchObject({ generation: 0, sealed: true, sealed_seq: world.seq, proven: true, difference: null });
  expect(book["proof"]).toMatch(/^[0-9a-f]{64}$/);
  expect(balanced(book)).toBe(true);
  expect(book.accepted).toBe(world.events.length);
  const [daily] = await dailyOf("m_sealed");
  expect(daily).toMatchObject({ generation: 0, ...(await sumOf("m_sealed", 0)) });
});
