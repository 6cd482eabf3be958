// The state of a shard at rest, as of one log sequence: all but its hours, which rest beside it each by itself, and its
// recent event ids. Plain JSON.

import type { Books } from "./books.ts";
import type { LoadHour } from "./day.ts";
import type { Asked } from "./given-up.ts";
import type { Merchant } from "./merchant.ts";
import type { Rules } from "./rules.ts";
import { type ClosedDay, ShardState } from "./shard.ts";
import { encodeVisit, restoreVisit, type VisitRecord } from "./visit-codec.ts";

/** A merchant with its rules by their position in `rules`: days have them in common. */
interface PackedMerchant extends Omit<Merchant, "rules"> {
  rules?: number;
}

interface DayRecord {
  date: string;
  merchant: PackedMerchant;
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
  merchant: PackedMerchant | null;
  /** Absent from checkpoints of code that knew no rules. */
  rules?: Rules[];
  texts: string[];
  days: DayRecord[];
  closed: [string, Omit<ClosedDay, "merchant"> & { merchant: PackedMerchant }][];
  orders: [string, string][];
  /** Absent when there are none, as of nearly all shards. */
  givenUp?: Asked[];
  liveOrders: ShardState["liveOrders"];
  rejectedExamples?: ShardState["rejectedExamples"];
}

/** Gives each thing its position among those that are kept: equal ones have one. */
class Positions {
  readonly #positions = new Map<string, number>();

  of(text: string): number {
    const known = this.#positions.get(text);
    if (known !== undefined) return known;
    this.#positions.set(text, this.#positions.size);
    return this.#positions.size - 1;
  }

  get all(): string[] {
    return [...this.#positions.keys()];
  }
}

export function checkpointOf(state: ShardState): Checkpoint {
  const texts = new Positions();
  const allRules = new Positions();
  const packMerchant = ({ rules, ...merchant }: Merchant): PackedMerchant =>
    rules === undefined ? merchant : { ...merchant, rules: allRules.of(JSON.stringify(rules)) };
  const pack = ({ attributes, exit, seen, ...rest }: VisitRecord): PackedVisit => ({
    ...rest,
    attributes: attributes.map((text) => texts.of(text)),
    exit: texts.of(exit),
    seen: seen.map(([dimension, value]) => [dimension, texts.of(value)]),
  });
  const days = [...state.days.values()].map((day): DayRecord => ({
    date: day.day.date,
    merchant: packMerchant(day.merchant),
    books: day.books,
    booksSeq: day.booksSeq,
    touchedMs: day.touchedMs,
    watermarkMs: day.watermarkMs,
    sweptMs: day.sweptMs,
    visits: [...day.visits.values()].flat().map((visit) => pack(encodeVisit(visit))),
  }));
  const closed = [...state.closed].map(([date, day]): Checkpoint["closed"][number] => [
    date,
    { ...day, merchant: packMerchant(day.merchant) },
  ]);
  const merchant = state.merchant === null ? null : packMerchant(state.merchant);
  const rules = allRules.all.map((text) => JSON.parse(text) as Rules);
  const { seq, orders, liveOrders, rejectedExamples } = state;
  const givenUp = state.givenUp.size === 0 ? {} : { givenUp: state.givenUp.all() };
  const rest = { orders: [...orders], ...givenUp, liveOrders, rejectedExamples };
  return { seq, merchant, rules, texts: texts.all, days, closed, ...rest };
}

/** The state again; null for a shard that has no checkpoint yet. Event ids are the caller's to restore. */
export function restoreState(checkpoint: Checkpoint | null, loadHour: LoadHour, secret = 0): ShardState {
  const state = new ShardState(loadHour, secret);
  if (checkpoint === null) return state;
  const { texts, rules: allRules = [] } = checkpoint;
  const unpack = ({ rules, ...merchant }: PackedMerchant): Merchant =>
    rules === undefined ? merchant : { ...merchant, rules: allRules[rules]! };
  state.seq = checkpoint.seq;
  state.merchant = checkpoint.merchant === null ? null : unpack(checkpoint.merchant);
  state.liveOrders = checkpoint.liveOrders;
  state.rejectedExamples = checkpoint.rejectedExamples ?? [];
  for (const [order, eventId] of checkpoint.orders) state.claim(order, eventId);
  for (const [id, stamp] of checkpoint.givenUp ?? []) state.givenUp.add(id, stamp);
  for (const [date, day] of checkpoint.closed) state.closed.set(date, { ...day, merchant: unpack(day.merchant) });
  for (const { date, merchant, visits, ...rest } of checkpoint.days) {
    const day = state.restoreDay(date, unpack(merchant));
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
