// What goes through the events of days: questions, funnels. Each day of each shard is gone through apart, and what is found
// of it is data that can be kept, since a sealed day does not change.

import type { Cut, ScannedDay } from "./scan-days.ts";
import type { ScanBatch } from "./scan-columns.ts";
import type { Selection } from "./scan-selection.ts";
import type { Day } from "./zone.ts";

export type Pass = "look" | "done" | "count";

/** One day of one shard. Every batch of rows that can matter goes through every pass, pass by pass, in the order of the file. */
export interface DayScanner<Found> {
  passes: readonly Pass[];
  take(pass: Pass, batch: ScanBatch): void;
  found(): Found;
}

export interface Scanner<Found> {
  /** Names what is looked for: what was found for one name is good for the other one. */
  name: string;
  columns: ReadonlySet<string>;
  /** Events outside of all cuts of a day do not matter to it. */
  byEvent: boolean;
  /** It need not be shown other rows than these; null when it must see all of them. */
  selection: Selection | null;
  /** `currency`: what the day's money is in. `isOneBatch`: all of its rows come in one. */
  day(day: Day, cuts: readonly Cut[], currency: string, isOneBatch: boolean): DayScanner<Found>;
  /** About how many bytes of memory it takes. */
  sizeOf(found: Found): number;
}

/** What was found of a day of one shard. */
export interface FoundDay<Found> {
  day: ScannedDay;
  found: Found;
}
