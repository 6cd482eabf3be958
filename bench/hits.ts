// Requests as the tracker sends them: events of one visitor in one body, with ids that never come twice, the present
// time, and an address of their own for each visitor. Bodies are made beforehand; to send one, ids and times are written
// over its own, so a generator of load spends little on them.

import { randomFillSync } from "node:crypto";
import type { Event } from "../core/event.ts";
import { AGENTS, shopTraffic } from "./shop-traffic.ts";

export interface HitsOptions {
  merchant: string;
  eventsPerRequest: number;
  /** The same so many visitors come again and again; ever new ones when missing. */
  visitors?: number;
}

export interface HitRequest {
  /** Overwritten by the next one: to be handed over at once. */
  body: Buffer;
  address: string;
  agent: string;
}

interface Template {
  body: Buffer;
  /** Where identifiers of ID_CHARS stand that may not repeat, and where times do. */
  ids: number[];
  times: number[];
}

const TEMPLATES = 256;
const ID_CHARS = 12;
const ID_MARK = "#".repeat(ID_CHARS);
const TIME_MARK = "9".repeat(13);
const BASE64 = Buffer.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
/** A page and what happens on it: a visit has about as many events as the fold's benchmark gives it. */
const EVENTS_PER_VISIT = 5;
const VISITORS_AT_ONCE = 200;
/** 10.0.0.0/8 */
const ADDRESSES = 2 ** 24;

export class Hits {
  readonly #templates: Template[];
  readonly #requestsPerVisitor: number;
  readonly #visitors: number;
  /** Another run's visitors are others. */
  readonly #firstVisitor = Math.floor(Math.random() * ADDRESSES);
  readonly #random = Buffer.alloc(4_096);
  #randomAt = this.#random.length;
  #sent = 0;

  constructor({ merchant, eventsPerRequest, visitors = ADDRESSES }: HitsOptions) {
    this.#visitors = visitors;
    const traffic = shopTraffic(eventsPerRequest, 0, 20);
    this.#templates = Array.from({ length: TEMPLATES }, () =>
      templateOf(
        merchant,
        Array.from({ length: eventsPerRequest }, () => traffic.next().value as Event),
      ),
    );
    this.#requestsPerVisitor = Math.max(1, Math.round(EVENTS_PER_VISIT / eventsPerRequest));
  }

  next(nowMs: number): HitRequest {
    const n = this.#sent++;
    const { body, ids, times } = this.#templates[n % TEMPLATES]!;
    for (const at of ids) this.#writeId(body, at);
    const time = String(nowMs);
    for (const at of times) body.write(time, at, "latin1");
    const round = Math.floor(n / (VISITORS_AT_ONCE * this.#requestsPerVisitor));
    const nth = (round * VISITORS_AT_ONCE + (n % VISITORS_AT_ONCE)) % this.#visitors;
    const visitor = (this.#firstVisitor + nth) % ADDRESSES;
    return {
      body,
      address: `10.${visitor >>> 16}.${(visitor >>> 8) & 255}.${visitor & 255}`,
      agent: AGENTS[visitor % AGENTS.length]!,
    };
  }

  /** As random as real ones: what they weigh compressed is most of an event. */
  #writeId(body: Buffer, at: number): void {
    if (this.#randomAt + ID_CHARS > this.#random.length) {
      randomFillSync(this.#random);
      this.#randomAt = 0;
    }
    for (let i = 0; i < ID_CHARS; i++) body[at + i] = BASE64[this.#random[this.#randomAt++]! & 63]!;
  }
}

function templateOf(merchant: string, events: readonly Event[]): Template {
  const wire = events.map(wireEvent);
  const text = JSON.stringify({ merchant, sent_at: Number(TIME_MARK), events: wire });
  return { body: Buffer.from(text), ids: placesOf(text, ID_MARK), times: placesOf(text, TIME_MARK) };
}

function wireEvent(event: Event): object {
  const { name, url, referrer, title, language, screen, currency, items, transaction_id: order } = event;
  const page = name === "pageview" ? { title, referrer, screen } : {};
  return {
    id: ID_MARK,
    name,
    url,
    language,
    ...page,
    occurred_at: Number(TIME_MARK),
    ...(name === "engagement" ? { props: { ms: 4_217 } } : {}),
    ...(items === undefined ? {} : { currency, items }),
    ...(order === undefined ? {} : { transaction_id: ID_MARK }),
  };
}

function placesOf(text: string, mark: string): number[] {
  const places: number[] = [];
  for (let at = text.indexOf(mark); at >= 0; at = text.indexOf(mark, at + 1)) {
    places.push(Buffer.byteLength(text.slice(0, at)));
  }
  return places;
}
