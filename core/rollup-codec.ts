// Between the living hour and its form at rest. Encoding is canonical (values are sorted), so equal counters give
// equal rollups to the letter, whatever way they came about.

import { Cell, Hour, indexOf } from "./hour.ts";
import { countExit, exitCell } from "./live-visits.ts";
import {
  DIMENSIONS,
  MEASURES,
  type Column,
  type ColumnSketches,
  type Dimension,
  type Measure,
  type Rollup,
} from "./rollup.ts";
import { Sketch } from "./sketch.ts";

export interface Parts {
  dimensions: readonly Dimension[];
  minutes: boolean;
  /** Per-value sketches of the dimensions. */
  sketches: boolean;
}

export const EVERYTHING: Parts = { dimensions: DIMENSIONS, minutes: true, sketches: true };

const EXIT_PAGE = indexOf("exit_page");

/** What readers see: the hour with its live visits' exit pages as they are now. */
export function snapshot(hour: Hour, merchant: string, shard: number, parts: Parts): Rollup {
  return encode(hour, merchant, shard, parts, true);
}

/** What a checkpoint keeps: the counters alone; live visits are kept beside them. */
export function encodeHour(hour: Hour, merchant: string, shard: number): Rollup {
  return encode(hour, merchant, shard, EVERYTHING, false);
}

function encode(hour: Hour, merchant: string, shard: number, parts: Parts, withLiveExits: boolean): Rollup {
  const dimensions: Rollup["dimensions"] = {};
  const sketches: Rollup["sketches"] = {};
  for (const dimension of parts.dimensions) {
    const index = indexOf(dimension);
    const cells = index === EXIT_PAGE && withLiveExits ? exitCells(hour) : [...hour.dimensions[index]!.values()];
    if (cells.length === 0) continue;
    cells.sort((a, b) => (a.value < b.value ? -1 : 1));
    dimensions[dimension] = encodeColumn(cells);
    if (parts.sketches) sketches[dimension] = encodeSketches(cells);
  }
  const minutes = hour.minutes.filter((cell) => cell !== null);
  return {
    merchant,
    shard,
    date: hour.date,
    hour: hour.startMs,
    currency: hour.currency,
    seq: hour.seq,
    totals: Object.fromEntries(MEASURES.map((measure) => [measure, hour.total[measure]])) as Record<Measure, number>,
    foreign: hour.foreign,
    anonymous: hexOf(hour.total.anonymous),
    identified: hexOf(hour.total.identified),
    minutes: parts.minutes && minutes.length > 0 ? encodeColumn(minutes) : null,
    dimensions,
    sketches,
  };
}

function exitCells(hour: Hour): Cell[] {
  const shown = new Map<string, Cell>(hour.dimensions[EXIT_PAGE]);
  const own = new Set<Cell>();
  for (const visit of hour.live) {
    const kept = shown.get(visit.exitPage);
    if (kept !== undefined && !own.has(kept)) shown.set(visit.exitPage, copyOf(kept));
    const cell = exitCell(shown, visit);
    own.add(cell);
    countExit(cell, visit);
  }
  return [...shown.values()];
}

function copyOf(cell: Cell): Cell {
  const copy = new Cell(cell.dimension, cell.value);
  for (const measure of MEASURES) copy[measure] = cell[measure];
  copy.anonymous = cell.anonymous?.clone() ?? null;
  copy.identified = cell.identified?.clone() ?? null;
  return copy;
}

function encodeColumn(cells: readonly Cell[]): Column {
  const column: Column = { v: cells.map((cell) => cell.value) };
  if (cells.some((cell) => cell.label !== null)) column.label = cells.map((cell) => cell.label);
  const visitors = cells.map(visitorsOf);
  if (visitors.some((n) => n > 0)) column.visitors = visitors;
  for (const measure of MEASURES) {
    if (cells.some((cell) => cell[measure] !== 0)) column[measure] = cells.map((cell) => cell[measure]);
  }
  return column;
}

const visitorsOf = (cell: Cell): number =>
  cell.visitors + (cell.anonymous?.cardinality() ?? 0) + (cell.identified?.cardinality() ?? 0);

function encodeSketches(cells: readonly Cell[]): ColumnSketches {
  const sketches: ColumnSketches = {};
  if (cells.some((cell) => cell.anonymous !== null)) sketches.anonymous = cells.map((cell) => hexOf(cell.anonymous));
  if (cells.some((cell) => cell.identified !== null)) sketches.identified = cells.map((cell) => hexOf(cell.identified));
  return sketches;
}

const hexOf = (sketch: Sketch | null): string | null => (sketch === null ? null : sketch.toHex());

/** The living hour of what `encodeHour` gave. Throws for anything else: it is our own checkpoint. */
export function decodeHour(rollup: Rollup): Hour {
  const hour = new Hour(rollup.hour, rollup.date, rollup.currency);
  hour.seq = rollup.seq;
  hour.foreign = rollup.foreign;
  for (const measure of MEASURES) hour.total[measure] = rollup.totals[measure];
  hour.total.anonymous = sketchOf(rollup.anonymous);
  hour.total.identified = sketchOf(rollup.identified);
  if (rollup.minutes !== null) {
    for (const cell of decodeColumn(rollup.minutes, undefined, -1)) {
      hour.minutes[Number(cell.value)] = cell;
    }
    rollup.minutes.visitors?.forEach((n, i) => {
      const minute = hour.minutes[Number(rollup.minutes!.v[i])];
      if (minute) minute.visitors = n;
    });
  }
  for (const dimension of DIMENSIONS) {
    const column = rollup.dimensions[dimension];
    if (column === undefined) continue;
    const index = indexOf(dimension);
    for (const cell of decodeColumn(column, rollup.sketches[dimension], index)) {
      hour.dimensions[index]!.set(String(cell.value), cell);
    }
  }
  return hour;
}

function decodeColumn(column: Column, sketches: ColumnSketches | undefined, dimension: number): Cell[] {
  return column.v.map((value, i) => {
    const cell = new Cell(dimension, value);
    cell.label = column.label?.[i] ?? null;
    for (const measure of MEASURES) cell[measure] = column[measure]?.[i] ?? 0;
    cell.anonymous = sketchOf(sketches?.anonymous?.[i] ?? null);
    cell.identified = sketchOf(sketches?.identified?.[i] ?? null);
    return cell;
  });
}

function sketchOf(hex: string | null): Sketch | null {
  if (hex === null) return null;
  const sketch = Sketch.fromHex(hex);
  if (!sketch.ok) throw new Error(`a checkpoint holds a sketch that cannot be read: ${sketch.failure}`);
  return sketch.value;
}
