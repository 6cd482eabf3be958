// For tests: a shard without its object. It takes events in, checkpoints, forgets and recovers as the object does
// (admission, one commit, apply; hours and live visits as JSON), with a map for storage.

import { type Checkpoint, checkpointOf, restoreState } from "./checkpoint.ts";
import { type CommitRequest, emptyNotes, planCommit } from "./commit.ts";
import type { Event } from "./event.ts";
import type { Hour } from "./hour.ts";
import type { Merchant } from "./merchant.ts";
import { decodeHour, encodeHour, EVERYTHING, snapshot } from "./rollup-codec.ts";
import type { Rollup } from "./rollup.ts";
import type { Commit, Notes, ShardState } from "./shard.ts";

export class Rehearsal {
  state: ShardState;
  readonly log: string[] = [];
  /** Hours that were brought back into memory. */
  loads = 0;
  readonly #merchant: Merchant;
  #told: Merchant | null = null;
  readonly #hours = new Map<number, string>();
  #checkpoint = JSON.stringify([null, []]);
  #checkpointRows = 0;

  constructor(merchant: Merchant) {
    this.#merchant = merchant;
    this.state = restoreState(null, this.#loadHour);
  }

  /** What the edge says of the merchant from now on. */
  become(merchant: Merchant): void {
    this.#told = merchant;
  }

  /** One commit: a letter for each event, as in `Receipts`. `rejected` are the door's, of the same day as `receivedAtMs`. */
  append(events: readonly Event[], rejected: Record<string, number> = {}, receivedAtMs = 0): string {
    const arrivals = events.map((event) => ({ line: "", event, orderTaken: false }));
    return this.request({ arrivals, rejected, receivedAtMs });
  }

  /** One commit of whatever a request may hold, as this shard's. */
  request(request: Partial<CommitRequest>, shard = 0): string {
    const merchant = this.#told ?? this.state.merchant ?? this.#merchant;
    const whole = { merchant, arrivals: [], rejected: {}, claims: [], receivedAtMs: 0, ...request };
    const { commit, receipts } = planCommit(this.state, [whole], shard);
    this.#commit(commit.events, commit.notes);
    return receipts[0]!;
  }

  /** A commit that closes days; their hours are dropped at once, as the object does. */
  close(dates: string[], atMs = 0): void {
    for (const date of dates) {
      const { day } = this.state.days.get(date)!;
      for (const hourMs of this.#hours.keys())
        if (hourMs >= day.startMs && hourMs < day.endMs) this.#hours.delete(hourMs);
    }
    this.#commit([], { ...emptyNotes(atMs), closed: dates });
  }

  /** Writes down what changed, and lets go of every hour that no live visit needs. */
  checkpoint(): void {
    for (const day of this.state.days.values()) {
      for (const hour of day.hours.values()) if (hour.dirty) this.#save(hour);
    }
    this.#checkpoint = JSON.stringify([checkpointOf(this.state), [...this.state.eventIds.since(0)]]);
    this.#checkpointRows = this.log.length;
    for (const day of this.state.days.values()) {
      for (const hour of day.hours.values()) if (hour.live.size === 0) day.hours.delete(hour.startMs);
    }
  }

  /** Dies, and comes back from the checkpoint and the log rows after it. */
  recover(): void {
    const [checkpoint, ids] = JSON.parse(this.#checkpoint) as [Checkpoint | null, number[]];
    this.state = restoreState(checkpoint, this.#loadHour);
    this.state.eventIds.restore(Uint8Array.from(ids));
    for (const row of this.log.slice(this.#checkpointRows)) this.state.apply(JSON.parse(row) as Commit);
  }

  /** Every hour as readers see it. */
  rollups(): Rollup[] {
    const inMemory = [...this.state.days.values()].flatMap((day) => [...day.hours.keys()]);
    return [...new Set([...inMemory, ...this.#hours.keys()])]
      .sort((a, b) => a - b)
      .map((hourMs) => snapshot(this.state.dayAt(hourMs).existingHour(hourMs)!, this.#merchant.id, 0, EVERYTHING));
  }

  /** All that is ever asked of a shard, to the letter. */
  everything(): string {
    const { seq, orders, givenUp, closed, liveOrders, rejectedExamples } = this.state;
    const days = [...this.state.days.values()].map(({ day, books, touchedMs }) => [day.date, books, touchedMs]);
    return JSON.stringify({
      rollups: this.rollups(),
      days,
      closed: [...closed],
      seq,
      orders: [...orders],
      givenUp: givenUp.all(),
      liveOrders,
      rejectedExamples,
    });
  }

  #commit(events: readonly Event[], notes: Notes): void {
    const commit: Commit = { seq: this.state.seq + 1, events, notes };
    this.log.push(JSON.stringify(commit));
    this.state.apply(commit);
  }

  readonly #loadHour = (hourMs: number): Hour | null => {
    const body = this.#hours.get(hourMs);
    if (body === undefined) return null;
    this.loads++;
    return decodeHour(JSON.parse(body) as Rollup);
  };

  #save(hour: Hour): void {
    this.#hours.set(hour.startMs, JSON.stringify(encodeHour(hour, "", 0)));
    hour.dirty = false;
  }
}
