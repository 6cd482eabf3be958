// The checkpoint of a shard in its storage: its state as of one log sequence, so that recovery folds only the rows after
// it. What it does not write (hours that did not change, ids that are there) is already there.

import { checkpointOf, type Checkpoint, restoreState } from "../core/checkpoint.ts";
import type { Hour } from "../core/hour.ts";
import { HOURS_IN_MEMORY_MAX } from "../core/limits.ts";
import type { Rollup } from "../core/rollup.ts";
import { decodeHour, encodeHour } from "../core/rollup-codec.ts";
import type { ShardState } from "../core/shard.ts";
import type { ShardStorage } from "./shard-storage.ts";

export interface Recovered {
  state: ShardState;
  /** Sequence that the checkpoint is as of; 0 without one. */
  seq: number;
  /** Position, in all ids ever added, of the first one in memory. */
  idsBase: number;
}

/** The state as of the checkpoint. The log rows after it are the caller's to apply. */
export function loadCheckpoint(storage: ShardStorage): Recovered {
  const body = storage.loadCheckpoint();
  const checkpoint = body === null ? null : (JSON.parse(body) as Checkpoint);
  const loadHour = (hourMs: number): Hour | null => {
    const hour = storage.loadHour(hourMs);
    return hour === null ? null : decodeHour(JSON.parse(hour) as Rollup);
  };
  const state = restoreState(checkpoint, loadHour, crypto.getRandomValues(new Uint32Array(1))[0]);
  const ids = storage.loadIds();
  for (const block of ids.blocks) state.eventIds.restore(block);
  return { state, seq: state.seq, idsBase: ids.first };
}

/** Writes everything that changed since the last checkpoint. To be called inside a transaction. */
export function saveCheckpoint(storage: ShardStorage, state: ShardState, idsBase: number, idsSaved: number): void {
  for (const day of state.days.values()) {
    for (const hour of day.hours.values()) {
      if (!hour.dirty) continue;
      storage.saveHour(hour.startMs, hour.seq, JSON.stringify(encodeHour(hour, "", 0)));
      hour.dirty = false;
    }
  }
  storage.saveCheckpoint(JSON.stringify(checkpointOf(state)));
  const added = idsBase + state.eventIds.added;
  storage.saveIds(idsSaved, added, (from) => state.eventIds.since(from - idsBase));
  storage.dropIds(added - state.eventIds.size);
  evictHours(state);
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
