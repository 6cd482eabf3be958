// Erasure of a visitor, as data: whose events, and received up to when. What a visitor sends after having asked is new, and is
// kept. What has been erased of a day stays known as a number: in the books it is a verdict of its own, and the day's raw file
// carries it in its footer, by the erasure that took it.

import { addTo } from "./books.ts";
import type { Event } from "./event.ts";

export interface Erasure {
  /** The run that it is; its id. */
  run: number;
  visitor: string;
  /** What was received up to then. */
  untilMs: number;
}

/** A verdict of the books: the event was accepted, and is no more. */
export const ERASED = "erased";

/** Events by the erasure that took them. */
export type ErasedCounts = Readonly<Record<string, number>>;

export class Eraser {
  /** What it has taken. */
  readonly erased: Record<string, number> = {};
  readonly #byVisitor: ReadonlyMap<string, readonly Erasure[]>;

  constructor(erasures: readonly Erasure[]) {
    this.#byVisitor = Map.groupBy(erasures, ({ visitor }) => visitor);
  }

  knows(visitor: string): boolean {
    return this.#byVisitor.has(visitor);
  }

  takes(visitor: string, receivedAtMs: number): boolean {
    return this.#of(visitor, receivedAtMs) !== undefined;
  }

  /** The events that are not erased, in their order; the others are counted. */
  kept(events: readonly Event[]): Event[] {
    return events.filter(({ visitor, received_at: receivedAtMs }) => {
      const erasure = this.#of(visitor, receivedAtMs);
      if (erasure !== undefined) addTo(this.erased, String(erasure.run));
      return erasure === undefined;
    });
  }

  #of(visitor: string, receivedAtMs: number): Erasure | undefined {
    return this.#byVisitor.get(visitor)?.find(({ untilMs }) => receivedAtMs <= untilMs);
  }
}

export const erasedEvents = (counts: ErasedCounts): number => Object.values(counts).reduce((sum, n) => sum + n, 0);

export function sumOfErased(a: ErasedCounts, b: ErasedCounts): ErasedCounts {
  const sum = { ...a };
  for (const [run, events] of Object.entries(b)) addTo(sum, run, events);
  return sum;
}

/** A day's verdicts, those among them that were erased before it was counted. */
export function withErased(verdicts: Record<string, number>, counts: ErasedCounts): Record<string, number> {
  const events = erasedEvents(counts);
  return events === 0 ? verdicts : { ...verdicts, [ERASED]: events };
}

/** Its name among the notes of a raw file. */
const ERASED_NOTE = "erased";

/** None for a day of which nothing was. */
export const erasedNotes = (counts: ErasedCounts): Record<string, string> =>
  erasedEvents(counts) === 0 ? {} : { [ERASED_NOTE]: JSON.stringify(counts) };

export const erasedIn = (notes: Readonly<Record<string, string>>): ErasedCounts =>
  JSON.parse(notes[ERASED_NOTE] ?? "{}") as ErasedCounts;
