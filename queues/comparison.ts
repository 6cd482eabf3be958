// Holds the hours of a counting against those that readers see, a few at a time: how they differ over the whole day, and in how
// many hours. On the way the counted hours are written where they belong, and become the day's rollup and a hash.

import type { DayRollup } from "../core/day-rollup.ts";
import { Differences } from "../core/difference.ts";
import { dayDifference, type DayDifference, DayOfHours } from "../core/replay.ts";
import type { Rollup } from "../core/rollup.ts";
import { RunningHash } from "./hash.ts";

/** JSON of hours that are written and compared at a time; one hour may be larger. */
const BATCH_CHARS_MAX = 1_000_000;

/** What readers see of the day. */
export interface Seen {
  /** Those of the hours that are there, in their order. */
  hours(asked: readonly number[]): Promise<Rollup[]>;
  /** Null when the day has no rollup of its own: then it is what its hours are. */
  day(): Promise<DayRollup | null>;
}

export interface Compared {
  proof: string;
  daily: DayRollup | null;
  difference: DayDifference;
}

export class Comparison {
  readonly #seen: Seen;
  /** First instants of the day's hours. */
  readonly #grid: readonly number[];
  readonly #write: (hours: readonly Rollup[]) => Promise<void>;
  readonly #hash = new RunningHash();
  readonly #before = new DayOfHours();
  readonly #after = new DayOfHours();
  #batch: Rollup[] = [];
  #chars = 0;
  /** Hours of the day that have been compared. */
  #next = 0;
  #found = 0;
  #different = 0;

  constructor(seen: Seen, grid: readonly number[], write: (hours: readonly Rollup[]) => Promise<void>) {
    this.#seen = seen;
    this.#grid = grid;
    this.#write = write;
  }

  /** Hours as they were counted, in their order. */
  async add(hour: Rollup): Promise<void> {
    const text = JSON.stringify({ ...hour, seq: 0 });
    if (this.#batch.length > 0 && this.#chars + text.length > BATCH_CHARS_MAX)
      await this.#pass(this.#batch.at(-1)!.hour);
    this.#batch.push(hour);
    this.#chars += text.length;
    await this.#hash.add(text);
    this.#after.add(hour);
  }

  async finish(): Promise<Compared> {
    await this.#pass(Number.POSITIVE_INFINITY);
    const seen = await this.#seen.day();
    const daily = this.#after.build();
    // Hours of long ago are no longer kept: then there is nothing to compare them with.
    const hours = this.#found === 0 && seen !== null ? 0 : this.#different;
    const difference = dayDifference(seen ?? this.#before.build(), daily, hours);
    return { proof: this.#hash.hex, daily, difference };
  }

  async #pass(toMs: number): Promise<void> {
    await this.#write(this.#batch);
    const asked = this.#grid.slice(this.#next).filter((hourMs) => hourMs <= toMs);
    this.#next += asked.length;
    const seen = await this.#seen.hours(asked);
    for (const hour of seen) this.#before.add(hour);
    this.#found += seen.length;
    for (const hourMs of asked) {
      const isHour = ({ hour }: Rollup): boolean => hour === hourMs;
      const differences = new Differences(1);
      differences.add(seen.find(isHour) ?? null, this.#batch.find(isHour) ?? null);
      if (!differences.empty) this.#different++;
    }
    this.#batch = [];
    this.#chars = 0;
  }
}
