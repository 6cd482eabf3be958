// Live visits at rest, for the checkpoint. Cells are found again by name in the visit's hour.

import type { DayState } from "./day.ts";
import { cellsOf } from "./fold.ts";
import { addLive } from "./live-visits.ts";
import type { Visit } from "./visit.ts";

/** One live visit as JSON. `seen` holds [position in DIMENSIONS, value]. */
export interface VisitRecord {
  visitor: string;
  identified: boolean;
  attributes: readonly string[];
  hour: number;
  first: number;
  min: number;
  max: number;
  pageviews: number;
  interactive: boolean;
  exit: string;
  seen: [number, string][];
  minute: number;
}

export const encodeVisit = (visit: Visit): VisitRecord => ({
  visitor: visit.visitor,
  identified: visit.identified,
  attributes: visit.attributes,
  hour: visit.hour.startMs,
  first: visit.firstMs,
  min: visit.minMs,
  max: visit.maxMs,
  pageviews: visit.pageviews,
  interactive: visit.interactive,
  exit: visit.exitPage,
  seen: [...visit.seen].map((cell) => [cell.dimension, String(cell.value)]),
  minute: visit.lastMinute,
});

/** Puts the visit back among the day's live ones. */
export function restoreVisit(state: DayState, record: VisitRecord): void {
  const hour = state.hour(record.hour);
  const cells = cellsOf(hour, record.attributes);
  addLive(state, {
    visitor: record.visitor,
    identified: record.identified,
    hi: Number.parseInt(record.visitor.slice(0, 8), 16),
    lo: Number.parseInt(record.visitor.slice(8), 16),
    attributes: record.attributes,
    hour,
    firstMs: record.first,
    minMs: record.min,
    maxMs: record.max,
    pageviews: record.pageviews,
    interactive: record.interactive,
    exitPage: record.exit,
    seen: new Set(record.seen.map(([dimension, value]) => hour.cell(dimension, value))),
    cells,
    eventHour: hour,
    eventCells: cells,
    lastMinute: record.minute,
  });
}
