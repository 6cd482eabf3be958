// For tests: a world around the consumers. Objects that record what they are told and fail when told to, a dead-letter
// queue that keeps what is sent, batches that note how each message ended, and messages as the object publishes them.

import type {
  AppendBatch,
  BooksMessage,
  ChunkMessage,
  Confirmation,
  OverflowMessage,
  RollupMessage,
} from "../core/messages.ts";
import { type Dimension, MEASURES, type Measure, type Rollup } from "../core/rollup.ts";
import type { Bindings } from "./bindings.ts";
import { handleQueue } from "./index.ts";

export class Shards {
  /** By object name, in order of arrival. */
  readonly confirmed = new Map<string, Confirmation[]>();
  readonly appended = new Map<string, AppendBatch[]>();
  /** Calls by object name, those that failed among them. */
  readonly calls = new Map<string, number>();
  readonly unreachable = new Set<string>();

  readonly namespace = { getByName: (name: string) => this.#object(name) } as unknown as Bindings["MERCHANT_SHARD"];

  #object(name: string) {
    const take = <Item>(into: Map<string, Item[]>, items: Item[]): void => {
      this.calls.set(name, (this.calls.get(name) ?? 0) + 1);
      if (this.unreachable.has(name)) throw new Error("overloaded");
      into.set(name, [...(into.get(name) ?? []), ...items]);
    };
    return {
      confirm: async (confirmations: Confirmation[]): Promise<void> => take(this.confirmed, confirmations),
      append: async (batch: AppendBatch): Promise<string> => {
        take(this.appended, [batch]);
        return "a".repeat(batch.lines.length);
      },
    };
  }
}

export class SentQueue {
  readonly sent: unknown[] = [];
  readonly queue = { send: async (body: unknown) => void this.sent.push(body) } as unknown as Queue<never>;
}

/** How the messages of a batch ended, by their position in it; a retry with its delay. */
interface Outcome {
  acked: number[];
  retried: { at: number; delaySeconds: number | undefined }[];
}

/** The consumers with real R2 and Postgres (`bindings`) and doubles for the rest; `over` breaks something. */
export const worldOf = (bindings: Bindings, over: Partial<Bindings> = {}) => {
  const shards = new Shards();
  const dead = new SentQueue();
  const env: Bindings = { ...bindings, MERCHANT_SHARD: shards.namespace, DEAD_LETTERS_QUEUE: dead.queue, ...over };
  const deliver = async (queue: string, bodies: readonly unknown[], attempts = 1): Promise<Outcome> => {
    const outcome: Outcome = { acked: [], retried: [] };
    const messages = bodies.map((body, at): Message => ({
      id: String(at),
      timestamp: new Date(HOUR_MS),
      attempts,
      body,
      ack: () => void outcome.acked.push(at),
      retry: (options) => void outcome.retried.push({ at, delaySeconds: options?.delaySeconds }),
    }));
    await handleQueue({ queue, messages } as unknown as MessageBatch, env);
    outcome.acked.sort((a, b) => a - b);
    outcome.retried.sort((a, b) => a.at - b.at);
    return outcome;
  };
  return { env, shards, dead, deliver };
};

export const gzip = async (text: string): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(
    await new Response(new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer(),
  );

export const HOUR_MS = Date.UTC(2026, 10, 24, 9);

/** An hour whose every number follows from `seq`, so that a row tells which sequence it came from. */
export const rollupOf = (
  merchant: string,
  seq: number,
  dimensions: readonly Dimension[] = ["page", "channel"],
  hour = HOUR_MS,
): Rollup => {
  const numbers = MEASURES.map((measure, index) => [measure, seq * 100 + index] as const);
  const column = { v: ["/a", "/b"], visitors: [1, seq], visits: [seq, seq + 1], gross: [-seq, 10 ** 12 + seq] };
  return {
    merchant,
    shard: 0,
    date: new Date(hour).toISOString().slice(0, 10),
    hour,
    currency: "EUR",
    seq,
    totals: Object.fromEntries(numbers) as Record<Measure, number>,
    foreign: seq,
    anonymous: "118b7f",
    identified: null,
    minutes: { v: [0, 59], visits: [seq, seq] },
    dimensions: Object.fromEntries(dimensions.map((dimension) => [dimension, column])),
    sketches: Object.fromEntries(dimensions.map((dimension) => [dimension, { anonymous: ["118b7f", null] }])),
  };
};

export const rollupMessage = async (rollup: Rollup, part = 0, parts = 1): Promise<RollupMessage> => {
  const { merchant, shard, hour, seq } = rollup;
  return { kind: "rollup", merchant, shard, hour, seq, part, parts, body: await gzip(JSON.stringify(rollup)) };
};

export const booksMessage = (merchant: string, seq: number): BooksMessage => ({
  kind: "books",
  merchant,
  shard: 0,
  date: "2026-11-24",
  seq,
  books: {
    received: 3 * seq,
    accepted: seq,
    duplicate: seq,
    rejected: { url_missing: seq },
    verdicts: { counted: seq },
  },
});

export const chunkMessage = async (merchant: string, from: number, to = from): Promise<ChunkMessage> => {
  const lines = Array.from({ length: 3 }, (_, index) => JSON.stringify({ id: `${from}-${index}`, name: "pageview" }));
  const body = await gzip(`${lines.join("\n")}\n`);
  return { kind: "chunk", merchant, shard: 0, date: "2026-11-24", from, to, events: lines.length, body };
};

export const eventLine = (id: string): string =>
  JSON.stringify({
    id,
    name: "pageview",
    url: "https://shop.example/a",
    occurred_at: HOUR_MS,
    received_at: HOUR_MS,
    visitor: "00000000000000ab",
  });

export const overflowMessage = (merchant: string, line: string): OverflowMessage => ({
  kind: "overflow",
  batch: {
    merchant: {
      id: merchant,
      name: "Shop",
      zone: "Europe/Berlin",
      currency: "EUR",
      domains: ["shop.example"],
      shards: 1,
    },
    shard: 0,
    lines: [line],
    rejected: {},
    receivedAtMs: HOUR_MS,
  },
});
