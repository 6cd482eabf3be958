// What an audit of a sealed day looks at, and what it finds: everything that R2 and Postgres keep of the day is held against
// what its raw events give when they are counted once more. A day without findings is proven.

import type { Difference } from "./difference.ts";
import type { RunView } from "./replay.ts";

/**
 * raw: the file of events reads as it was written. hours, day: the rollups that readers see. proof: the hash that the seal or
 * the replay recorded of the hours. derived: the file of events with conclusions. books: where every event went.
 */
type Audited = "raw" | "hours" | "day" | "proof" | "derived" | "books";

/** `before` is what is kept, `after` what was counted. */
export interface Finding extends Partial<Omit<Difference, "measure">> {
  what: Audited;
  measure?: string;
  /** In words, where there is no number to show. */
  note?: string;
}

export interface AuditedDay {
  merchant: string;
  date: string;
  shard: number;
  /** Events read. */
  rows: number;
  /** Empty: proven. */
  findings: Finding[];
}

/** An audit as the API shows it. */
export interface AuditView {
  run: RunView;
  /** Days of shards without and with findings. */
  proven: number;
  differing: number;
  /** Those that differ first; not all of many. */
  days: AuditedDay[];
}
