// A merchant-local day of one shard while it is open: its live visits, its hours and its books. A day is a closed
// world, so nothing here refers to another. It changes only by `fold.ts`.

import { emptyBooks, type Books } from "./books.ts";
import { Hour } from "./hour.ts";
import type { Merchant } from "./merchant.ts";
import { NO_RULES, type Rules } from "./rules.ts";
import { type CompiledRules, compileRules } from "./rules-compiled.ts";
import type { Visit } from "./visit.ts";
import type { Day } from "./zone.ts";

/** Gives an hour that has left memory back, or null when there is none. */
export type LoadHour = (hourMs: number) => Hour | null;

export class DayState {
  readonly day: Day;
  /** The merchant as it is for this whole day: zone, currency and rules hold from midnight to midnight. */
  readonly merchant: Merchant;
  readonly rules: CompiledRules;
  readonly visits = new Map<string, Visit[]>();
  /** Hours in memory. */
  readonly hours = new Map<number, Hour>();
  books: Books = emptyBooks();
  booksSeq = 0;
  /** When the last event or refusal for the day came. */
  touchedMs = 0;
  /** The latest instant that an event of the day has come from. */
  watermarkMs = 0;
  /** The visit of the event that was folded last; null when it has none. */
  latest: Visit | null = null;
  /** The watermark at which visits were last looked through for those that are over. */
  sweptMs = 0;
  readonly #loadHour: LoadHour;

  /** `rules`: a replay may count by others than the merchant's. */
  constructor(day: Day, merchant: Merchant, loadHour: LoadHour, rules: Rules = merchant.rules ?? NO_RULES) {
    this.day = day;
    this.merchant = merchant;
    this.rules = compileRules(rules);
    this.#loadHour = loadHour;
  }

  /** The living hour that begins at `hourMs`; null when it has no events. */
  existingHour(hourMs: number): Hour | null {
    let hour = this.hours.get(hourMs) ?? null;
    if (hour === null) {
      hour = this.#loadHour(hourMs);
      if (hour !== null) this.hours.set(hourMs, hour);
    }
    return hour;
  }

  hour(hourMs: number): Hour {
    let hour = this.existingHour(hourMs);
    if (hour === null) {
      hour = new Hour(hourMs, this.day.date, this.merchant.currency);
      this.hours.set(hourMs, hour);
    }
    return hour;
  }
}
