// Once over several shards (law 2). The shard of an anonymous visitor follows from the address, so an event that is sent
// again from another one may come to another shard. Who sends it says that it may have been here ("again"); then the
// shard asks every other one to give the id up before it counts the event. Each answers durably: either it has the
// event, which is then a duplicate here, or it gives the id up, and takes it from then on only after asking in its turn.
//
// Of two shards that ask at the same time the one with the lower stamp finds, when it comes to commit, that it has given
// the id up meanwhile, and asks once more. So no event counts in two shards: whichever of the two has the higher stamp had
// asked the other one, which had it (a duplicate) or could not count it under a lower stamp any more. And nobody is told "duplicate"
// before some shard has the event: who finds out nothing throws, and the events come again (the overflow queue).
//
// What comes for the first time asks nobody.

import type { Arrival } from "./admission.ts";
import { type Asked, stampAfter } from "./given-up.ts";
import { APPEND_ROUNDS_MAX } from "./limits.ts";
import type { Receipts } from "./messages.ts";
import type { ShardState } from "./shard.ts";

export interface Surroundings {
  /** The other shards' answer for each: true when one of them has it, false when all have given it up. */
  ask: (asked: Asked[]) => Promise<boolean[]>;
  /** Judges them in one commit. `isFirst`: no commit of these has been tried yet. */
  commit: (arrivals: readonly Arrival[], isFirst: boolean) => Promise<Receipts>;
}

/** A letter for each arrival. `again`: so many from the first on may have been here, or at another shard. Throws when others interfere for too long. */
export async function appendOnce(
  state: ShardState,
  shard: number,
  arrivals: readonly Arrival[],
  again: number,
  { ask, commit }: Surroundings,
): Promise<Receipts> {
  const letters = arrivals.map(() => "");
  let open = arrivals.map((_, i) => i);
  let doubtful = open.slice(0, again);
  for (let round = 0; round < APPEND_ROUNDS_MAX; round++) {
    if (doubtful.length > 0) await settle(state, shard, at(arrivals, doubtful), ask);
    const receipts = await commit(at(arrivals, open), round === 0);
    open.forEach((i, n) => (letters[i] = receipts[n]!));
    open = open.filter((i) => letters[i] === "r");
    if (open.length === 0) return letters.join("");
    doubtful = open;
  }
  throw new Error("overloaded: other shards ask for the same events all the time");
}

async function settle(
  state: ShardState,
  shard: number,
  arrivals: readonly Arrival[],
  ask: Surroundings["ask"],
): Promise<void> {
  // Most are sent again from where they were sent before: what this shard has, nobody needs to be asked for.
  const unknown = arrivals.filter(({ event }) => !state.eventIds.has(event.id));
  if (unknown.length === 0) return;
  for (const arrival of unknown) arrival.stamp = stampAfter(state.givenUp.stampOf(arrival.event.id), shard);
  const had = await ask(unknown.map(({ event, stamp }) => [event.id, stamp!]));
  unknown.forEach((arrival, i) => (arrival.elsewhere = had[i]!));
}

const at = (arrivals: readonly Arrival[], indexes: readonly number[]): Arrival[] =>
  indexes.map((index) => arrivals[index]!);
