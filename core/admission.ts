// Admission: which events of a batch are new. By event id, then, for purchases, by order id (a browser tag and a server
// webhook may both report an order; the first one counts). It decides and changes nothing: `ShardState.apply` does.

import type { Event } from "./event.ts";
import type { ShardState } from "./shard.ts";

/** accepted, accepted late, duplicate event id, order already counted: the letters of `Receipts`. */
export type Receipt = "a" | "l" | "d" | "o";

/** An event on its way in. `orderTaken`: the shard that keeps its order's claim has given it to another event. */
export interface Arrival {
  line: string;
  event: Event;
  orderTaken: boolean;
}

export class Admission {
  readonly #state: ShardState;
  readonly #ids = new Set<string>();
  readonly #orders = new Map<string, string>();

  /** For one commit: remembers what it has admitted. */
  constructor(state: ShardState) {
    this.#state = state;
  }

  judge(arrival: Arrival): Receipt {
    const { id, name, transaction_id: order } = arrival.event;
    if (this.#ids.has(id) || this.#state.eventIds.has(id)) return "d";
    if (name === "purchase" && order !== undefined) {
      const holder = this.#orders.get(order) ?? this.#state.orderHolder(order);
      // Orders are remembered for longer than event ids.
      if (holder === id) return "d";
      if (arrival.orderTaken || holder !== null) return "o";
      this.#orders.set(order, id);
    }
    this.#ids.add(id);
    return this.#state.isClosedAt(arrival.event.occurred_at) ? "l" : "a";
  }
}
