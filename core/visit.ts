// A visit: a visitor's events with no gap over 30 minutes, within one merchant-local day. Its attributes come from
// its first counted event, by arrival; so does the hour that it belongs to. An event that arrives late joins the
// visit whose span, widened by the gap, it falls into, while that visit is live. Two visits that it would bridge stay two
// (accepted: one visitor's events have to arrive out of order just around a long pause, and taking a visit back out of
// every counter would cost each event more than that is worth).

import type { Cell, Hour } from "./hour.ts";
import { VISIT_GAP_MS, VISIT_LINGER_MS } from "./limits.ts";

export interface Visit {
  readonly visitor: string;
  readonly identified: boolean;
  /** The visitor's 64 bits. */
  readonly hi: number;
  readonly lo: number;
  /** In the order of VISIT_DIMENSIONS. */
  readonly attributes: readonly string[];
  /** The hour of its first event: what its visit, bounce and duration count in. */
  readonly hour: Hour;
  readonly firstMs: number;
  minMs: number;
  maxMs: number;
  pageviews: number;
  /** Had an event that is neither a pageview nor engagement. */
  interactive: boolean;
  /** The page of its latest pageview. */
  exitPage: string;
  /** Values of event dimensions that its visit has been counted under already (cells of `hour`). */
  readonly seen: Set<Cell>;
  /** The cells of its attributes in `hour`, the hour's total first. */
  readonly cells: readonly Cell[];
  /** The same in the hour of its latest event, which may be a later one. */
  eventHour: Hour;
  eventCells: readonly Cell[];
  /** The minute (since 1970) that the visitor was last counted in. */
  lastMinute: number;
}

/** True when an event of the same visitor at `atMs` belongs to the visit. */
export const belongs = (visit: Visit, atMs: number): boolean =>
  atMs >= visit.minMs - VISIT_GAP_MS && atMs <= visit.maxMs + VISIT_GAP_MS;

/** True when the day's events have come so far that the visit is over even for those out of order. */
export const isOver = (visit: Visit, watermarkMs: number): boolean => visit.maxMs + VISIT_LINGER_MS < watermarkMs;

/** One pageview at most, and nothing done. */
export const isBounce = (visit: Visit): boolean => visit.pageviews <= 1 && !visit.interactive;
