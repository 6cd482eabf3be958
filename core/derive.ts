// An event with what the fold made of it: its verdict, its visit, the visit's attributes. The seal, replay and scans of days
// that are still open derive in the same way, so a row means the same wherever it comes from.

import type { DayState } from "./day.ts";
import { factsOf } from "./enrich.ts";
import type { Event } from "./event.ts";
import { foldEvent, type Verdict } from "./fold.ts";
import { NOT_SET, VISIT_DIMENSIONS } from "./rollup.ts";
import { withKeptProps } from "./rules-compiled.ts";
import type { Visit } from "./visit.ts";

export interface DerivedRow {
  /** Of its properties only those that the merchant's rules keep. */
  event: Event;
  verdict: Verdict;
  /** Its place among the events of the day and shard in the order of the log, from 0. */
  ordinal: number;
  /** Null for an event without a visit. */
  visit: DerivedVisit | null;
  /** In the order of VISIT_DIMENSIONS; null for an event that is not counted. */
  attributes: readonly string[] | null;
  /** Of the event itself, counted or not; null where it could not be read. */
  page: string | null;
  hostname: string | null;
}

export interface DerivedVisit {
  /** The id of the event that it began with. */
  id: string;
  /** Its place among the visits of the day and shard in the order in which they began, from 0. */
  number: number;
}

const UNREADABLE = { page: null, hostname: null };
const NO_ATTRIBUTES: readonly string[] = VISIT_DIMENSIONS.map(() => NOT_SET);

export class Deriver {
  readonly #state: DayState;
  readonly #visits = new WeakMap<Visit, DerivedVisit>();
  #begun = 0;
  #events = 0;

  /** Of a day that has no events yet. */
  constructor(state: DayState) {
    this.#state = state;
  }

  /** Events that have been derived. */
  get events(): number {
    return this.#events;
  }

  /** Folds the event into the state. */
  derive(event: Event, seq: number): DerivedRow {
    const ordinal = this.#events++;
    const verdict = foldEvent(this.#state, event, seq);
    // What could not be folded need not be readable at all.
    const { page, hostname } = verdict === "failed" ? UNREADABLE : factsOf(event, this.#state.rules);
    const row = { event: withKeptProps(event, this.#state.rules), verdict, ordinal, page, hostname };
    if (verdict !== "counted") return { ...row, visit: null, attributes: null };
    const visit = this.#state.latest;
    if (visit === null) return { ...row, visit: null, attributes: NO_ATTRIBUTES };
    let derived = this.#visits.get(visit);
    if (derived === undefined) {
      derived = { id: event.id, number: this.#begun++ };
      this.#visits.set(visit, derived);
    }
    return { ...row, visit: derived, attributes: visit.attributes };
  }
}
