// What the queues' consumers use of the platform, without doing their work: each chunk is an object in R2, a seal reads
// the day's chunks and writes its two files, and every object that something was done for is told in one call. They keep
// what they were given, to see at the end that every event has arrived in both places, once.

import { gunzipSync } from "node:zlib";
import type { Books } from "../../core/books.ts";
import type { BooksMessage, ChunkMessage, Confirmation, RollupMessage, SealMessage } from "../../core/messages.ts";
import type { Rollup } from "../../core/rollup.ts";
import { shardName } from "../../core/address.ts";
import type { ShardHost } from "./shard-host.ts";
import type { Usage } from "./usage.ts";

/** Estimates, until measured on the real edge. */
const BATCH_CPU_MS = 2;
const CHUNK_CPU_MS = 5;
const ROLLUP_CPU_MS = 1;
const SEAL_CPU_MS = 200;
/** Of a seal: a listing, the raw and the derived file; and, to read the raw file back, its size and ranges. */
const SEAL_CLASS_A = 3;
const SEAL_CLASS_B = 4;

interface Told {
  merchant: string;
  shard: number;
  confirmation: Confirmation;
}

export class Consumers {
  /** By R2 key: events in it. */
  readonly #chunks = new Map<string, number>();
  readonly #chunksOfDays = new Map<string, number>();
  /** Of the highest sequence: by merchant and hour, by merchant and day. */
  readonly #hours = new Map<string, { seq: number; body: Uint8Array }>();
  readonly #books = new Map<string, { seq: number; books: Books }>();
  readonly #usage: Usage;
  readonly #hostOf: (name: string) => ShardHost;
  sealedDays = 0;

  constructor(usage: Usage, hostOf: (name: string) => ShardHost) {
    this.#usage = usage;
    this.#hostOf = hostOf;
  }

  get archivedEvents(): number {
    return sum(this.#chunks.values());
  }

  get publishedEvents(): number {
    const eventsOf = (body: Uint8Array): number => (JSON.parse(gunzipSync(body).toString()) as Rollup).totals.events;
    return sum([...this.#hours.values()].map(({ body }) => eventsOf(body)));
  }

  get acceptedEvents(): number {
    return sum([...this.#books.values()].map(({ books }) => books.accepted));
  }

  get countedEvents(): number {
    return sum([...this.#books.values()].map(({ books }) => books.verdicts["counted"] ?? 0));
  }

  async archive(batch: readonly ChunkMessage[]): Promise<void> {
    this.#invoked(batch.length * CHUNK_CPU_MS);
    for (const { merchant, shard, date, from, events } of batch) {
      this.#usage.add("R2 puts: chunks", "r2ClassA");
      this.#chunks.set(`${merchant}/${shard}/${date}/${from}`, events);
      const day = `${merchant}/${shard}/${date}`;
      this.#chunksOfDays.set(day, (this.#chunksOfDays.get(day) ?? 0) + 1);
    }
    await this.#tell(
      batch.map(({ merchant, shard, date, from, to }) => ({
        merchant,
        shard,
        confirmation: { kind: "chunk", date, from, to },
      })),
    );
  }

  async publish(batch: readonly (RollupMessage | BooksMessage)[]): Promise<void> {
    this.#invoked(batch.length * ROLLUP_CPU_MS);
    await this.#tell(
      batch.map((message) => {
        const { merchant, shard, seq } = message;
        if (message.kind === "books") {
          this.#keepBooks(message);
          return { merchant, shard, confirmation: { kind: "books", date: message.date, seq } };
        }
        const { hour, part, parts } = message;
        this.#keepHour(message);
        return { merchant, shard, confirmation: { kind: "rollup", hour, seq, part, parts } };
      }),
    );
  }

  async seal(batch: readonly SealMessage[]): Promise<void> {
    this.#invoked(batch.length * SEAL_CPU_MS);
    for (const { merchant, shard, date, seq } of batch) {
      this.sealedDays++;
      this.#usage.add("R2 of seals", "r2ClassA", SEAL_CLASS_A);
      const chunks = this.#chunksOfDays.get(`${merchant.id}/${shard}/${date}`) ?? 0;
      this.#usage.add("R2 read by seals", "r2ClassB", SEAL_CLASS_B + chunks);
      await this.#tell([{ merchant: merchant.id, shard, confirmation: { kind: "seal", date, seq } }]);
    }
  }

  #keepHour({ merchant, shard, hour, seq, body }: RollupMessage): void {
    const key = `${merchant}/${shard}/${hour}`;
    if (seq >= (this.#hours.get(key)?.seq ?? 0)) this.#hours.set(key, { seq, body });
  }

  #keepBooks({ merchant, shard, date, seq, books }: BooksMessage): void {
    const key = `${merchant}/${shard}/${date}`;
    if (seq >= (this.#books.get(key)?.seq ?? 0)) this.#books.set(key, { seq, books });
  }

  async #tell(told: readonly Told[]): Promise<void> {
    const byShard = Map.groupBy(told, ({ merchant, shard }) => shardName(merchant, shard));
    for (const [name, group] of byShard) {
      const confirmations = group.map(({ confirmation }) => confirmation);
      await this.#hostOf(name).call("confirm", (object) => object.confirm(confirmations));
    }
  }

  #invoked(cpuMs: number): void {
    this.#usage.add("consumer invocations", "workerRequests");
    this.#usage.add("consumer CPU", "workerCpuMs", BATCH_CPU_MS + cpuMs);
  }
}

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, n) => total + n, 0);
