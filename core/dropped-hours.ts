// Rollups of hours are dropped some months later, those of days stay. What is asked of an old day by the hour, and its row does
// not tell (a dimension by the hour, a part of a day, minutes), is not nothing then: it is for a scan of single events.

import { HOURS_KEPT_DAYS } from "./limits.ts";
import { dayKey, type Found } from "./newest-hours.ts";
import { addDays, dayAt } from "./zone.ts";

/** Why rollups do not tell, as the end of a sentence. */
export const HOURS_DROPPED = `numbers by the hour are kept for ${HOURS_KEPT_DAYS} days, but for the totals of whole days`;

/**
 * Whether hours that were asked for may have been dropped: of some sealed day that is old enough there is neither a day nor any
 * hour. It may only have had no events at the time that is asked about, which single events say too.
 */
export function mayLackHours({ published, days, sealed }: Omit<Found, "live">, nowMs: number): boolean {
  // They are dropped by the date of UTC.
  const keptFrom = addDays(dayAt("Etc/UTC", nowMs).date, -HOURS_KEPT_DAYS);
  const old = [...sealed].filter((key) => key < keptFrom);
  if (old.length === 0) return false;
  const told = new Set([...days, ...published].map(({ date, shard }) => dayKey(date, shard)));
  return old.some((key) => !told.has(key));
}
