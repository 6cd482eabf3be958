// Who sends what to whom: merchants of which few are large and most small (Zipf), each with visits at random times, and
// visits that send their events in requests of a given size.

import type { Event } from "../../core/event.ts";
import { randomOf, shopTraffic } from "../shop-traffic.ts";

/** As many events as a visit has in the other benchmarks' traffic. */
const EVENTS_PER_VISIT = 5;
/** Between requests of a visit, on average. */
const PAGE_MS = 30_000;

export interface VisitRequest {
  /** After the visit began. */
  afterMs: number;
  events: Event[];
}

/** Each merchant's share of all events, the largest first; they sum to 1. */
export function zipfShares(merchants: number, exponent: number): number[] {
  const weights = Array.from({ length: merchants }, (_, n) => (n + 1) ** -exponent);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

export class Traffic {
  readonly #random: () => number;
  readonly #events: Generator<Event>;
  readonly #eventsPerRequest: number;

  constructor(seed: number, eventsPerRequest: number) {
    this.#random = randomOf(seed);
    this.#events = shopTraffic(seed, 0, 1);
    this.#eventsPerRequest = eventsPerRequest;
  }

  /** Until a merchant's next visit. */
  pauseMs(eventsPerHour: number): number {
    return this.#exponential((3_600_000 * EVENTS_PER_VISIT) / eventsPerHour);
  }

  /** A visit in requests; times of its events are left to who sends them. */
  visit(): VisitRequest[] {
    const requests: VisitRequest[] = [];
    const visitor = this.#next();
    let afterMs = 0;
    for (let left = EVENTS_PER_VISIT; left > 0; left -= this.#eventsPerRequest) {
      const count = left < EVENTS_PER_VISIT ? Math.min(left, this.#eventsPerRequest) : this.#eventsPerRequest;
      requests.push({ afterMs, events: Array.from({ length: count }, () => this.#eventOf(visitor)) });
      afterMs += this.#exponential(PAGE_MS);
    }
    return requests;
  }

  #eventOf({ visitor, user_agent, country, region, city, language }: Event): Event {
    const event = this.#next();
    return { ...event, visitor, ...definedOf({ user_agent, country, region, city, language }) };
  }

  #next(): Event {
    return this.#events.next().value as Event;
  }

  #exponential(mean: number): number {
    return -mean * Math.log(1 - this.#random());
  }
}

const definedOf = (fields: { [Name in keyof Event]?: Event[Name] | undefined }): Partial<Event> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
