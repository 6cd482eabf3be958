// The live visits of a day: those that an event may still join. They begin in `fold.ts`; here they are found, and ended when
// the day's events have moved on or there are too many. Until a visit has ended its exit page is not in its hour's counters,
// but snapshots show it all along.

import type { DayState } from "./day.ts";
import { Cell, indexOf } from "./hour.ts";
import { LIVE_VISITORS_MAX, VISITOR_VISITS_MAX } from "./limits.ts";
import { belongs, isBounce, isOver, type Visit } from "./visit.ts";

const EXIT_PAGE = indexOf("exit_page");
/** Looking through the live visits costs their number; meanwhile those that are over take memory. */
const SWEEP_EVERY_MS = 5 * 60_000;

/** The visit that an event of the visitor at `atMs` belongs to. */
export function findVisit(state: DayState, visitor: string, atMs: number): Visit | undefined {
  const visits = state.visits.get(visitor);
  if (visits === undefined) return undefined;
  for (const visit of visits) if (belongs(visit, atMs)) return visit;
  return undefined;
}

/** Adds a visit to the live ones. Where there are too many, of the visitor or in all, those kept longest are closed. */
export function addLive(state: DayState, visit: Visit): void {
  const visits = state.visits.get(visit.visitor);
  if (visits === undefined) {
    if (state.visits.size >= LIVE_VISITORS_MAX) closeOldest(state);
    state.visits.set(visit.visitor, [visit]);
  } else {
    if (visits.length >= VISITOR_VISITS_MAX) closeVisit(visits.shift()!);
    visits.push(visit);
  }
  visit.hour.live.add(visit);
}

function closeOldest(state: DayState): void {
  const [visitor, visits] = state.visits.entries().next().value!;
  for (const visit of visits) closeVisit(visit);
  state.visits.delete(visitor);
}

/** Every few minutes of event time, visits that are over leave the live ones. */
export function sweep(state: DayState): void {
  if (state.watermarkMs - state.sweptMs < SWEEP_EVERY_MS) return;
  state.sweptMs = state.watermarkMs;
  for (const [visitor, visits] of state.visits) {
    if (!visits.some((visit) => isOver(visit, state.watermarkMs))) continue;
    const rest = visits.filter((visit) => !isOver(visit, state.watermarkMs));
    for (const visit of visits) if (isOver(visit, state.watermarkMs)) closeVisit(visit);
    if (rest.length === 0) state.visits.delete(visitor);
    else state.visits.set(visitor, rest);
  }
}

// Its exit page is known now. Snapshots have shown it all along (`countExit`), so the hour's sequence stays.
function closeVisit(visit: Visit): void {
  visit.hour.live.delete(visit);
  visit.hour.dirty = true;
  countExit(exitCell(visit.hour.dimensions[EXIT_PAGE]!, visit), visit);
}

/** The cell of the visit's exit page, made when it is new. No limit: exit pages are pages of the hour, which has one. */
export function exitCell(cells: Map<string, Cell>, visit: Visit): Cell {
  let cell = cells.get(visit.exitPage);
  if (cell === undefined) {
    cell = new Cell(EXIT_PAGE, visit.exitPage);
    cells.set(visit.exitPage, cell);
  }
  return cell;
}

/** Adds a visit to the cell of its exit page. */
export function countExit(cell: Cell, visit: Visit): void {
  cell.visits++;
  cell.bounces += Number(isBounce(visit));
  cell.duration += visit.maxMs - visit.minMs;
  cell.addVisitor(visit.hi, visit.lo, visit.identified);
}
