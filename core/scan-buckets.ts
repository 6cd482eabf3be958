// Buckets of time within a day, as parts of keys: hours and minutes. Days and what is longer than a day are the same for all
// rows of a day, and come to the keys later.

import { labelsOf } from "./interval.ts";
import type { RowKeys } from "./scan-rows.ts";
import { type Day, hourAt } from "./zone.ts";

const MINUTE_MS = 60_000;

export class Buckets {
  readonly #day: Day;
  readonly #interval: "hour" | "minute";
  readonly #labelOf: (date: string, ms: number) => string;
  /** By minute of the day: the code of its bucket; -1 while it is not known. */
  readonly #codes: Int32Array;

  constructor(day: Day, interval: "hour" | "minute") {
    this.#day = day;
    this.#interval = interval;
    this.#labelOf = labelsOf(day.zone, interval);
    this.#codes = new Int32Array(Math.ceil((day.endMs - day.startMs) / MINUTE_MS)).fill(-1);
  }

  /** The code of the bucket's label as the first part of keys. Hours begin at full minutes of the day. */
  code(atMs: number, keys: RowKeys): number {
    const { startMs, date } = this.#day;
    const minute = Math.floor((atMs - startMs) / MINUTE_MS);
    let code = this.#codes[minute]!;
    if (code === -1) {
      const minuteMs = startMs + minute * MINUTE_MS;
      const bucketMs = this.#interval === "hour" ? hourAt(this.#day, minuteMs) : minuteMs;
      code = keys.code(0, this.#labelOf(date, bucketMs));
      this.#codes[minute] = code;
    }
    return code;
  }
}
