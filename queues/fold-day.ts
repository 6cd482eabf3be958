// Counts a day again from its events: the same fold as live, with memory that does not grow with the day. Hours that no
// live visit needs rest on a shelf; events of such an hour that come late bring it back.

import type { Books } from "../core/books.ts";
import { DayState } from "../core/day.ts";
import { type DerivedRow, Deriver } from "../core/derive.ts";
import type { Event } from "../core/event.ts";
import type { Merchant } from "../core/merchant.ts";
import type { Rollup } from "../core/rollup.ts";
import { EVERYTHING, snapshot } from "../core/rollup-codec.ts";
import type { Rules } from "../core/rules.ts";
import { type Day, hourAt } from "../core/zone.ts";
import { HourShelf, type ShelfStore } from "./hour-shelf.ts";

/** What hours without live visits may take; small ones need not be put away at each batch of a jumbled day. */
export interface Memory {
  /** Values of their dimensions, of hours as they are. */
  idleCellsMax: number;
  /** Of hours on the shelf, as text; beyond it they go to its store. */
  shelfBytesMax: number;
}

const MEMORY: Memory = { idleCellsMax: 2_000, shelfBytesMax: 2_000_000 };

export class DayFold {
  readonly #state: DayState;
  readonly #day: Day;
  readonly #merchant: Merchant;
  readonly #shard: number;
  readonly #seq: number;
  readonly #shelf: HourShelf;
  readonly #idleCellsMax: number;
  readonly #deriver: Deriver;

  /** `seq` is what every hour will carry. */
  constructor(
    day: Day,
    merchant: Merchant,
    shard: number,
    seq: number,
    store: ShelfStore,
    rules?: Rules,
    memory: Memory = MEMORY,
  ) {
    this.#day = day;
    this.#merchant = merchant;
    this.#shard = shard;
    this.#seq = seq;
    this.#shelf = new HourShelf(store, memory.shelfBytesMax);
    this.#idleCellsMax = memory.idleCellsMax;
    // Hours are brought back before a batch is folded, so here there can be none.
    this.#state = new DayState(day, merchant, () => null, rules);
    this.#deriver = new Deriver(this.#state);
  }

  get accepted(): number {
    return this.#state.books.accepted;
  }

  get verdicts(): Books["verdicts"] {
    return this.#state.books.verdicts;
  }

  /** Folds events in the order of the log and gives each with what was made of it. */
  async fold(events: readonly Event[]): Promise<DerivedRow[]> {
    for (const hourMs of new Set(events.map((event) => hourAt(this.#day, event.occurred_at))))
      if (this.#shelf.has(hourMs)) this.#state.hours.set(hourMs, await this.#shelf.take(hourMs));
    const rows = events.map((event) => this.#deriver.derive(event, this.#seq));
    await this.#shelve();
    return rows;
  }

  /** Every hour that has something, in their order, as readers see it. Once, at the end: hours are let go of. */
  async *hours(): AsyncGenerator<Rollup> {
    this.#state.visits.clear();
    for (const hourMs of this.#day.hours) {
      const hour = this.#state.hours.get(hourMs);
      if (hour === undefined) {
        if (this.#shelf.has(hourMs)) yield await this.#shelf.read(hourMs);
        continue;
      }
      this.#state.hours.delete(hourMs);
      yield snapshot(hour, this.#merchant.id, this.#shard, EVERYTHING);
    }
  }

  /** To be called in the end, whatever the end is. */
  async clear(): Promise<void> {
    await this.#shelf.clear();
  }

  async #shelve(): Promise<void> {
    const idle = [...this.#state.hours.values()].filter((hour) => hour.live.size === 0);
    const cellsOf = (hour: (typeof idle)[number]): number => hour.dimensions.reduce((sum, { size }) => sum + size, 0);
    let cells = idle.reduce((sum, hour) => sum + cellsOf(hour), 0);
    for (const hour of idle) {
      if (cells <= this.#idleCellsMax) return;
      cells -= cellsOf(hour);
      await this.#shelf.put(hour, this.#merchant.id, this.#shard);
      this.#state.hours.delete(hour.startMs);
    }
  }
}
