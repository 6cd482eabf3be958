// For tests: sealed days of a merchant as the object and the seal leave them, with real R2 and Postgres, and more events
// that come late.

import { chunkKey } from "../core/archive.ts";
import { type Books, emptyBooks } from "../core/books.ts";
import { DayState } from "../core/day.ts";
import type { Event } from "../core/event.ts";
import { foldEvent } from "../core/fold.ts";
import type { Merchant } from "../core/merchant.ts";
import type { ReplayMessage, SealMessage } from "../core/messages.ts";
import { EVERYTHING, snapshot } from "../core/rollup-codec.ts";
import { trafficOf } from "../core/traffic.ts";
import { dayOf } from "../core/zone.ts";
import { database } from "../migrations/database.ts";
import type { Bindings } from "./bindings.ts";
import { gzip } from "./doubles.ts";
import { writeRows } from "./rows.ts";
import { type Outcome, sealDay } from "./seal.ts";

export const shopOf = (id: string, shards = 1): Merchant => ({
  id,
  name: "Shop",
  zone: "Europe/Berlin",
  currency: "EUR",
  domains: ["shop.example"],
  shards,
});

/** As Postgres knows it. */
export const insertMerchant = (env: Bindings, { id, name, zone, currency, domains, shards }: Merchant) =>
  database(env)`INSERT INTO merchants (id, name, zone, currency, domains, shards)
    VALUES (${id}, ${name}, ${zone}, ${currency}, ${domains}, ${shards})`;

/** The queue of replays, which keeps what it is sent until somebody takes it. */
export function heldReplays() {
  const sent: ReplayMessage[] = [];
  const sendBatch = async (batch: { body: ReplayMessage }[]) => void sent.push(...batch.map(({ body }) => body));
  return { sent, REPLAY_QUEUE: { sendBatch } as unknown as Queue<ReplayMessage> };
}

/** A crawler that the code takes for a person. */
const CRAWLER = "Mozilla/5.0 (X11; Linux x86_64) PriceWatch/2.0";

/** What a day's people did, and three that no person is behind: 40 pageviews, ten minutes apart. */
export function eventsOf(merchant: Merchant, date: string, people: number): Event[] {
  const day = dayOf(merchant.zone, date);
  const events = trafficOf({ merchant, seed: 11, fromMs: day.startMs, toMs: day.endMs, people });
  const crawled = Array.from({ length: 40 }, (_, n): Event => {
    const atMs = day.startMs + n * 600_000;
    const url = `https://shop.example/page/${n % 7}`;
    const who = { visitor: `00000000c4a31e${String(n % 3).padStart(2, "0")}`, user_agent: CRAWLER };
    return { id: `${date}-crawl-${n}`, name: "pageview", occurred_at: atMs, received_at: atMs, url, ...who };
  });
  return [...events, ...crawled].toSorted((a, b) => a.occurred_at - b.occurred_at);
}

/** One day of one shard. */
export class ClosedDay {
  readonly merchant: Merchant;
  readonly date: string;
  readonly shard: number;
  seq = 0;
  #closedSeq = 0;
  #books: Books = emptyBooks();
  readonly #env: Bindings;

  constructor(env: Bindings, merchant: Merchant, date: string, shard = 0) {
    this.#env = env;
    this.merchant = merchant;
    this.date = date;
    this.shard = shard;
  }

  /** Counts them live, publishes, and asks for the seal. `broken`: what a code that has a bug makes of an event. */
  async seal(events: readonly Event[], broken?: (event: Event) => Event): Promise<Outcome> {
    await this.publish(events, broken);
    return this.askForSeal();
  }

  /** Counts them live and publishes: the day waits for its seal. */
  async publish(events: readonly Event[], broken = (event: Event): Event => event): Promise<void> {
    const state = new DayState(dayOf(this.merchant.zone, this.date), this.merchant, () => null);
    const from = this.seq + 1;
    for (const event of events) foldEvent(state, broken(event), ++this.seq);
    await this.#archive(from, events);
    this.#closedSeq = this.seq;
    this.#books = { ...state.books, received: state.books.accepted };
    const { id } = this.merchant;
    const hours = [...state.hours.values()].map((hour) => {
      const json = JSON.stringify(snapshot(hour, id, this.shard, EVERYTHING));
      return { kind: "whole" as const, json, sources: [] };
    });
    await writeRows(database(this.#env), hours);
    await this.#publishBooks();
  }

  /** Late events, and the seal that counts them. */
  async sealLate(events: readonly Event[]): Promise<Outcome> {
    await this.late(events);
    return this.askForSeal();
  }

  async late(events: readonly Event[]): Promise<void> {
    const from = this.seq + 1;
    this.seq += events.length;
    await this.#archive(from, events);
    const { received, accepted, verdicts } = this.#books;
    const late = (verdicts["late"] ?? 0) + events.length;
    const more = events.length;
    this.#books = {
      ...this.#books,
      received: received + more,
      accepted: accepted + more,
      verdicts: { ...verdicts, late },
    };
    await this.#publishBooks();
  }

  async askForSeal(): Promise<Outcome> {
    await this.#publishBooks();
    return sealDay(this.#env, this.message());
  }

  message(): SealMessage {
    const { merchant, shard, date, seq } = this;
    return { kind: "seal", merchant, shard, date, seq, closedSeq: this.#closedSeq };
  }

  async #publishBooks(): Promise<void> {
    const { merchant, shard, date, seq } = this;
    const message = { kind: "books", merchant: merchant.id, shard, date, seq, books: this.#books };
    await writeRows(database(this.#env), [{ kind: "books", json: JSON.stringify(message), sources: [] }]);
  }

  async #archive(from: number, events: readonly Event[]): Promise<void> {
    const { merchant, date, shard } = this;
    const body = await gzip(`${events.map((event) => JSON.stringify(event)).join("\n")}\n`);
    const customMetadata = { events: String(events.length) };
    const key = chunkKey({ merchant: merchant.id, date, shard, from, to: this.seq });
    await this.#env.ARCHIVE.put(key, body, { customMetadata });
  }
}
