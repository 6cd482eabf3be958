// Admission: which events of a batch are new. By event id, then, for purchases, by order id (a browser tag and a server
// webhook may both report an order; the first one counts). It decides and changes nothing: `ShardState.apply` does. What the other
// shards of the merchant say has been asked before (core/once.ts).

import type { Event } from "./event.ts";
import type { Asked } from "./given-up.ts";
import { claimantOf, holds } from "./order-keepers.ts";
import type { ShardState } from "./shard.ts";

/**
 * accepted, accepted late, duplicate event id, order already counted: the letters of `Receipts`. And r(ound again): another
 * shard has asked for the event, so it is neither; this one asks in its turn, and nobody outside hears of it.
 */
export type Receipt = "a" | "l" | "d" | "o" | "r";

/** An event on its way in. */
export interface Arrival {
  line: string;
  event: Event;
  /** The shard that keeps its order's claim has given it to another event. */
  orderTaken: boolean;
  /** All other shards have been asked for it, under this stamp (core/given-up.ts). */
  stamp?: number;
  /** One of them has it. */
  elsewhere?: boolean;
}

export class Admission {
  readonly #state: ShardState;
  readonly #shard: number;
  readonly #ids = new Set<string>();
  readonly #orders = new Map<string, string>();
  readonly #givenUp = new Map<string, number>();

  /** For one commit of this shard: remembers what it has admitted. */
  constructor(state: ShardState, shard = 0) {
    this.#state = state;
    this.#shard = shard;
  }

  judge(arrival: Arrival): Receipt {
    const { id, name, transaction_id: order } = arrival.event;
    if (arrival.elsewhere === true || this.#has(id)) return "d";
    if ((this.#stampOf(id) ?? 0) > (arrival.stamp ?? 0)) return "r";
    if (name === "purchase" && order !== undefined) {
      const holder = this.#orders.get(order) ?? this.#state.orderHolder(order);
      // Orders are remembered for longer than event ids.
      if (holder === id) return "d";
      const isOwn = holder === null || holds(holder, claimantOf(this.#shard, id), arrival.stamp !== undefined);
      if (arrival.orderTaken || !isOwn) return "o";
      this.#orders.set(order, id);
    }
    this.#ids.add(id);
    return this.#state.isClosedAt(arrival.event.occurred_at) ? "l" : "a";
  }

  /** Another shard asks for the id: h(as it) or g(iven up); `isNews`: the log is to say so. */
  giveUp([id, stamp]: Asked): { letter: "h" | "g"; isNews: boolean } {
    if (this.#has(id)) return { letter: "h", isNews: false };
    const isNews = stamp > (this.#stampOf(id) ?? 0);
    if (isNews) this.#givenUp.set(id, stamp);
    return { letter: "g", isNews };
  }

  #has(id: string): boolean {
    return this.#ids.has(id) || this.#state.eventIds.has(id);
  }

  #stampOf(id: string): number | undefined {
    return this.#givenUp.get(id) ?? this.#state.givenUp.stampOf(id);
  }
}
