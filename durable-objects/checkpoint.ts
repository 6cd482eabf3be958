// The checkpoint of a shard: its state as of one log sequence, so that recovery folds only the rows after it. The
// checkpoint is written in one transaction, hours included; what it does not hold (hours that did not change) is
// already there.

import type { Books } from "../core/books.ts";
import type { Hour } from "../core/hour.ts";
import { HOURS_IN_MEMORY_MAX } from "../core/limits.ts";
import type { Merchant } from "../core/merchant.ts";
import type { Rollup } from "../core/rollup.ts";
import { decodeHour, encodeHour } from "../core/rollup-codec.ts";
import { ShardState, type ClosedDay } from "../core/shard.ts";
import { encodeVisit, restoreVisit, type VisitRecord } from "../core/visit-codec.ts";
import type { ShardStorage } from "./shard-storage.ts";

interface DayRecord {
  date: string;
  merchant: Merchant;
  books: Books;
  booksSeq: number;
  touchedMs: number;
  watermarkMs: number;
  sweptMs: number;
  visits: VisitRecord[];
}

interface CheckpointRecord {
  seq: number;
  merchant: Merchant | null;
  days: DayRecord[];
  closed: [string, ClosedDay][];
  orders: [string, string][];
  liveOrders: ShardState["liveOrders"];
}

export interface Recovered {
  state: ShardState;
  /** Sequence that the checkpoint is as of; 0 without one. */
  seq: number;
  /** Position, in all ids ever added, of the first one in memory. */
  idsBase: number;
}

/** The state as of the checkpoint. The log rows after it are the caller's to apply. */
export function loadCheckpoint(storage: ShardStorage): Recovered {
  const state = new ShardState((hourMs) => {
    const body = storage.loadHour(hourMs);
    return body === null ? null : decodeHour(JSON.parse(body) as Rollup);
  });
  const ids = storage.loadIds();
  for (const block of ids.blocks) state.eventIds.restore(block);
  const body = storage.loadCheckpoint();
  if (body === null) return { state, seq: 0, idsBase: ids.first };
  const record = JSON.parse(body) as CheckpointRecord;
  state.merchant = record.merchant;
  state.seq = record.seq;
  state.liveOrders = record.liveOrders;
  for (const [order, eventId] of record.orders) state.claim(order, eventId);
  for (const [date, day] of record.closed) state.closed.set(date, day);
  for (const dayRecord of record.days) {
    const day = state.restoreDay(dayRecord.date, dayRecord.merchant);
    day.books = dayRecord.books;
    day.booksSeq = dayRecord.booksSeq;
    day.touchedMs = dayRecord.touchedMs;
    day.watermarkMs = dayRecord.watermarkMs;
    day.sweptMs = dayRecord.sweptMs;
    for (const visit of dayRecord.visits) restoreVisit(day, visit);
  }
  return { state, seq: record.seq, idsBase: ids.first };
}

/** Writes everything that changed since the last checkpoint. To be called inside a transaction. */
export function saveCheckpoint(storage: ShardStorage, state: ShardState, idsBase: number, idsSaved: number): void {
  const days: DayRecord[] = [];
  for (const day of state.days.values()) {
    for (const hour of day.hours.values()) if (hour.dirty) saveHour(storage, hour);
    days.push({
      date: day.day.date,
      merchant: day.merchant,
      books: day.books,
      booksSeq: day.booksSeq,
      touchedMs: day.touchedMs,
      watermarkMs: day.watermarkMs,
      sweptMs: day.sweptMs,
      visits: [...day.visits.values()].flat().map(encodeVisit),
    });
  }
  const record: CheckpointRecord = {
    seq: state.seq,
    merchant: state.merchant,
    days,
    closed: [...state.closed],
    orders: [...state.orders],
    liveOrders: state.liveOrders,
  };
  storage.saveCheckpoint(JSON.stringify(record));
  const added = idsBase + state.eventIds.added;
  storage.saveIds(idsSaved, added, (from) => state.eventIds.since(from - idsBase));
  storage.dropIds(added - state.eventIds.size);
  evictHours(state);
}

function saveHour(storage: ShardStorage, hour: Hour): void {
  storage.saveHour(hour.startMs, hour.seq, JSON.stringify(encodeHour(hour, "", 0)));
  hour.dirty = false;
}

/**
 * Hours without live visits leave memory, oldest first, once there are many: an import may touch hundreds. They are read
 * back when they must change or are asked for.
 */
export function evictHours(state: ShardState): void {
  const idle = [...state.days.values()].flatMap((day) =>
    [...day.hours.values()].filter((hour) => hour.live.size === 0 && !hour.dirty).map((hour) => ({ day, hour })),
  );
  idle.sort((a, b) => a.hour.seq - b.hour.seq);
  for (const { day, hour } of idle.slice(0, Math.max(0, idle.length - HOURS_IN_MEMORY_MAX))) {
    day.hours.delete(hour.startMs);
  }
}
