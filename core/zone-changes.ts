// The zones of a merchant that moves. From a date on its days are another zone's, and those before stay what they were, so that
// whatever was counted, archived and sealed by them is found again. Written as one text, which stands wherever a zone does:
// "Europe/Berlin,2026-12-01=America/New_York" is Berlin's, and from 1 December on New York's. A zone alone is such a text too.

import { ZONES_MAX } from "./limits.ts";
import { memo } from "./memo.ts";

export interface ZoneFrom {
  /** The first local date, YYYY-MM-DD; of the first zone the beginning of time. */
  from: string;
  /** IANA's. */
  zone: string;
}

const EVER = "0001-01-01";

/** Oldest first, never empty. Not checked: see `isZones` of zone.ts. */
export const zonesIn = memo((zones): readonly ZoneFrom[] => {
  const [first = "", ...changes] = zones.split(",");
  return [
    { from: EVER, zone: first },
    ...changes.map((change) => {
      const [from = "", zone = ""] = change.split("=");
      return { from, zone };
    }),
  ];
});

/** The one whose midnight ends that date. */
export const zoneOn = (zones: string, date: string): string =>
  isOne(zones) ? zones : zonesIn(zones).findLast(({ from }) => from <= date)!.zone;

export const lastZone = (zones: string): string => zonesIn(zones).at(-1)!.zone;

/** It has never changed. */
export const isOne = (zones: string): boolean => !zones.includes(",");

/** With another zone from a date on; what was to hold from that date or a later one is not to be any more. Null: too many changes. */
export function withZone(zones: string, from: string, zone: string): string | null {
  const before = zonesIn(zones).filter((each) => each.from < from);
  const after = before.at(-1)?.zone === zone ? before : [...before, { from, zone }];
  if (after.length > ZONES_MAX) return null;
  return after.map((each, n) => (n === 0 ? each.zone : `${each.from}=${each.zone}`)).join();
}
