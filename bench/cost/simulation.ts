// Traffic of some hours through the real objects, and then what is left until nobody has anything to do: the day is
// over, sealed, and no alarm is set. Idle merchants cost nothing, so it ends.

import { shardName } from "../../core/address.ts";
import type { Merchant } from "../../core/merchant.ts";
import type { BooksMessage, ChunkMessage, RollupMessage, SealMessage } from "../../core/messages.ts";
import { dayOf } from "../../core/zone.ts";
import { Consumers } from "./consumers.ts";
import { CountedQueue } from "./counted-queue.ts";
import type { ShardClass } from "./object-module.ts";
import { ShardHost } from "./shard-host.ts";
import { Usage } from "./usage.ts";
import { liveBy, VirtualTime } from "./virtual-time.ts";
import { Traffic, zipfShares } from "./zipf-traffic.ts";

export interface SimulationOptions {
  code: ShardClass;
  merchants: number;
  eventsPerHour: number;
  eventsPerRequest: number;
  zipf: number;
  hours: number;
  variables: Record<string, string>;
  queues: Record<"events" | "rollups" | "seal", { maxBatchSize: number; maxBatchMs: number }>;
}

export interface Simulated {
  usage: Usage;
  events: number;
  requests: number;
  activeMerchants: number;
  /** Merchants with an event in an hour, summed over the hours. */
  activeMerchantHours: number;
  sealedDays: number;
  /** How often an object was constructed. */
  wakings: number;
}

const ZONE = "Europe/Berlin";
const DATE = "2026-11-24";
const HOUR_MS = 3_600_000;
/** Of the collect Worker: an estimate, until measured on the real edge. */
const REQUEST_CPU_MS = 1.2;
const EVENT_CPU_MS = 0.3;

export async function simulate(options: SimulationOptions): Promise<Simulated> {
  const { hours, merchants, zipf, eventsPerHour, eventsPerRequest } = options;
  const startMs = dayOf(ZONE, DATE).startMs;
  const endMs = startMs + hours * HOUR_MS;
  const time = new VirtualTime(startMs);
  liveBy(time);
  const world = new World(options, time);
  const traffic = new Traffic(eventsPerRequest, eventsPerRequest);
  const visits = (merchant: Merchant, perHour: number): void => {
    const atMs = time.nowMs + traffic.pauseMs(perHour);
    if (atMs >= endMs) return;
    time.at(atMs, () => {
      for (const { afterMs, events } of traffic.visit()) {
        time.at(atMs + afterMs, () => world.send(merchant, events));
      }
      visits(merchant, perHour);
    });
  };
  zipfShares(merchants, zipf).forEach((share, n) => visits(merchantOf(n), share * eventsPerHour));
  await time.run();
  return world.result();
}

const merchantOf = (n: number): Merchant => ({
  id: `m_${n}`,
  name: `Merchant ${n}`,
  zone: ZONE,
  currency: "EUR",
  domains: [`shop-${n}.example`],
  shards: 1,
});

class World {
  readonly #options: SimulationOptions;
  readonly #time: VirtualTime;
  readonly #usage = new Usage();
  readonly #hosts = new Map<string, ShardHost>();
  readonly #env: object;
  readonly #consumers = new Consumers(this.#usage, (name) => this.#host(name));
  readonly #activeHours = new Set<string>();
  readonly #endMs: number;
  #events = 0;
  #requests = 0;
  #refused = 0;

  constructor(options: SimulationOptions, time: VirtualTime) {
    this.#options = options;
    this.#time = time;
    this.#endMs = time.nowMs + options.hours * HOUR_MS;
    const queue = <Message extends object>(
      name: keyof SimulationOptions["queues"],
      deliver: (batch: Message[]) => Promise<void>,
    ) => new CountedQueue<Message>({ name, ...options.queues[name], deliver }, time, this.#usage);
    this.#env = {
      ...options.variables,
      EVENTS_QUEUE: queue<ChunkMessage>("events", (batch) => this.#consumers.archive(batch)),
      ROLLUPS_QUEUE: queue<RollupMessage | BooksMessage>("rollups", (batch) => this.#consumers.publish(batch)),
      SEAL_QUEUE: queue<SealMessage>("seal", (batch) => this.#consumers.seal(batch)),
    };
  }

  /** What a browser sends, from the Worker on. */
  send(merchant: Merchant, events: readonly object[]): void {
    const nowMs = this.#time.nowMs;
    this.#usage.add("collect requests", "workerRequests");
    this.#usage.add("collect CPU", "workerCpuMs", REQUEST_CPU_MS + events.length * EVENT_CPU_MS);
    this.#events += events.length;
    this.#requests++;
    // The last visits' last requests fall into the hour after.
    if (nowMs < this.#endMs) this.#activeHours.add(`${merchant.id} ${Math.floor(nowMs / HOUR_MS)}`);
    const lines = events.map((event) => JSON.stringify({ ...event, occurred_at: nowMs, received_at: nowMs }));
    const batch = { merchant, shard: 0, lines, rejected: {}, receivedAtMs: nowMs };
    void this.#host(shardName(merchant.id, 0))
      .call("append", (object) => object.append(batch))
      .then((receipts) => (this.#refused += receipts.replaceAll("a", "").length));
  }

  /** Throws when an event has not arrived in both places, once. */
  result(): Simulated {
    const { archivedEvents, acceptedEvents, countedEvents, publishedEvents, sealedDays } = this.#consumers;
    const arrived = archivedEvents === this.#events && acceptedEvents === this.#events;
    if (this.#refused > 0 || !arrived || publishedEvents !== countedEvents) {
      throw new Error(
        `${this.#events} events were sent: ${this.#refused} refused, ${archivedEvents} in R2, ${acceptedEvents} in the ` +
          `books, ${countedEvents} of them counted, ${publishedEvents} in published hours`,
      );
    }
    return {
      usage: this.#usage,
      events: this.#events,
      requests: this.#requests,
      activeMerchants: this.#hosts.size,
      activeMerchantHours: this.#activeHours.size,
      sealedDays,
      wakings: [...this.#hosts.values()].reduce((sum, { wakings }) => sum + wakings, 0),
    };
  }

  #host(name: string): ShardHost {
    let host = this.#hosts.get(name);
    if (host === undefined) {
      host = new ShardHost({ code: this.#options.code, name, env: this.#env, time: this.#time, usage: this.#usage });
      this.#hosts.set(name, host);
    }
    return host;
  }
}
