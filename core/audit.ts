// What an audit of a sealed day looks at, and what it finds: everything that R2 and Postgres keep of the day is held against
// what its raw events give when they are counted once more. A day without findings is proven.

import type { Difference } from "./difference.ts";

export const AUDITED = ["raw", "hours", "day", "proof", "derived", "books"] as const;
/**
 * raw: the file of events reads as it was written. hours, day: the rollups that readers see. proof: the hash that the seal or
 * the replay recorded of the hours. derived: the file of events with conclusions. books: where every event went.
 */
export type Audited = (typeof AUDITED)[number];

export interface Finding extends Partial<Difference> {
  what: Audited;
  /** In words, where there is no number to show. */
  note?: string;
}
