// The state of a shard at rest, as of one log sequence: all but its hours, which rest beside it each by itself, and its
// recent event ids. Plain JSON.

import type { Books } from "./books.ts";
import type { LoadHour } from "./day.ts";
import type { Merchant } from "./merchant.ts";
import { type ClosedDay, ShardState } from "./shard.ts";
import { encodeVisit, restoreVisit, type VisitRecord } from "./visit-codec.ts";

interface DayRecord {
  date: string;
  merchant: Merchant;
  books: Books;
  booksSeq: number;
  touchedMs: number;
  watermarkMs: number;
  sweptMs: number;
  visits: PackedVisit[];
}

/** A live visit with its texts by their position in `texts`: tens of thousands of visits share a few thousand texts. */
interface PackedVisit extends Omit<VisitRecord, "attributes" | "exit" | "seen"> {
  attributes: number[];
  exit: number;
  seen: [number, number][];
}

export interface Checkpoint {
  seq: number;
  merchant: Merchant | null;
  texts: string[];
  days: DayRecord[];
  closed: [string, ClosedDay][];
  orders: [string, string][];
  liveOrders: ShardState["liveOrders"];
}

export function checkpointOf(state: ShardState): Checkpoint {
  const positions = new Map<string, number>();
  const positionOf = (text: string): number => {
    const known = positions.get(text);
    if (known !== undefined) return known;
    positions.set(text, positions.size);
    return positions.size - 1;
  };
  const pack = ({ attributes, exit, seen, ...rest }: VisitRecord): PackedVisit => ({
    ...rest,
    attributes: attributes.map(positionOf),
    exit: positionOf(exit),
    seen: seen.map(([dimension, value]) => [dimension, positionOf(value)]),
  });
  const days = [...state.days.values()].map((day): DayRecord => ({
    date: day.day.date,
    merchant: day.merchant,
    books: day.books,
    booksSeq: day.booksSeq,
    touchedMs: day.touchedMs,
    watermarkMs: day.watermarkMs,
    sweptMs: day.sweptMs,
    visits: [...day.visits.values()].flat().map((visit) => pack(encodeVisit(visit))),
  }));
  const { seq, merchant, closed, orders, liveOrders } = state;
  const texts = [...positions.keys()];
  return { seq, merchant, texts, days, closed: [...closed], orders: [...orders], liveOrders };
}

/** The state again; null for a shard that has no checkpoint yet. Event ids are the caller's to restore. */
export function restoreState(checkpoint: Checkpoint | null, loadHour: LoadHour, secret = 0): ShardState {
  const state = new ShardState(loadHour, secret);
  if (checkpoint === null) return state;
  const { texts } = checkpoint;
  state.seq = checkpoint.seq;
  state.merchant = checkpoint.merchant;
  state.liveOrders = checkpoint.liveOrders;
  for (const [order, eventId] of checkpoint.orders) state.claim(order, eventId);
  for (const [date, day] of checkpoint.closed) state.closed.set(date, day);
  for (const { date, merchant, visits, ...rest } of checkpoint.days) {
    const day = state.restoreDay(date, merchant);
    Object.assign(day, rest);
    for (const { attributes, exit, seen, ...visit } of visits) {
      restoreVisit(day, {
        ...visit,
        attributes: attributes.map((position) => texts[position]!),
        exit: texts[exit]!,
        seen: seen.map(([dimension, position]) => [dimension, texts[position]!]),
      });
    }
  }
  return state;
}
