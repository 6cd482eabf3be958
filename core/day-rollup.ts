// The counters of one merchant, one shard, one sealed day: the day's hours put together, so that long ranges read one row
// where there were 24. Hours are taken in one at a time and let go of. Visitors without a supplied id cannot recur on another
// day, so of them a value keeps the day's distinct count; of those with one it keeps the sketch, since days are merged.
// Canonical like an hour (values are sorted): equal hours, added in their order, give equal days to the letter.

import { DIMENSION_VALUES_MAX, MONEY_SUM_MAX } from "./limits.ts";
import { type Column, type ColumnSketches, DIMENSIONS, MEASURES, type Measure, OTHER, type Rollup } from "./rollup.ts";
import { Sketch } from "./sketch.ts";

/**
 * As a `Rollup`, but of a day. In columns `visitors` is the day's distinct anonymous visitors of each value, and
 * `sketches` holds none but identified ones. `seq` is the highest of the hours'.
 */
export interface DayRollup extends Omit<Rollup, "hour" | "minutes"> {
  /**
   * The day hour by hour, so that reports by the hour read a day as one row too: `v` holds first instants, `visitors` distinct
   * visitors of the hour. Null of days that were put together before there was such a thing.
   */
  hours: Column | null;
  /** Distinct anonymous visitors of the day: |anonymous|. */
  visitors: number;
}

export type DayRollupKey = Pick<DayRollup, "merchant" | "shard" | "date" | "currency">;

/**
 * Values of a dimension while a day is put together. Past them the smallest so far are let into "(other)", and count from
 * zero if they come again; it bounds memory whatever is sent, and touches no day that has fewer values.
 */
const VALUES_IN_MEMORY_MAX = 2 * DIMENSION_VALUES_MAX;

export class DayRollupBuilder {
  readonly #key: DayRollupKey;
  readonly #total = new DayCell("");
  readonly #hours: { startMs: number; totals: Rollup["totals"]; visitors: number }[] = [];
  readonly #dimensions = DIMENSIONS.map((dimension) => ({ dimension, cells: new Map<string, DayCell>() }));
  #foreign = 0;
  #seq = 0;
  #latestMs = Number.NEGATIVE_INFINITY;

  constructor({ merchant, shard, date, currency }: DayRollupKey) {
    this.#key = { merchant, shard, date, currency };
  }

  /** Takes in a whole hour of the day, each once and in their order; throws for any other. */
  add(rollup: Rollup): void {
    for (const [name, value] of Object.entries(this.#key))
      if (rollup[name as keyof DayRollupKey] !== value) throw new Error(`an hour of another ${name} than the day's`);
    if (rollup.hour <= this.#latestMs) throw new Error("hours of a day come once and in their order");
    this.#latestMs = rollup.hour;
    this.#foreign += rollup.foreign;
    this.#seq = Math.max(this.#seq, rollup.seq);
    for (const [index, measure] of MEASURES.entries()) this.#total.count(index, rollup.totals[measure]);
    this.#total.anonymous.add(rollup.anonymous);
    this.#total.identified.add(rollup.identified);
    const visitors = distinctIn(rollup.anonymous) + distinctIn(rollup.identified);
    this.#hours.push({ startMs: rollup.hour, totals: rollup.totals, visitors });
    for (const each of this.#dimensions) {
      const column = rollup.dimensions[each.dimension];
      if (column !== undefined) addColumn(each.cells, column, rollup.sketches[each.dimension]);
      if (each.cells.size > VALUES_IN_MEMORY_MAX) each.cells = bounded(each.cells);
    }
  }

  build(): DayRollup {
    const dimensions: DayRollup["dimensions"] = {};
    const sketches: DayRollup["sketches"] = {};
    for (const each of this.#dimensions) {
      if (each.cells.size === 0) continue;
      const cells = [...bounded(each.cells).values()].sort((a, b) => (a.value < b.value ? -1 : 1));
      dimensions[each.dimension] = columnOf(cells);
      const identified = cells.map((cell) => cell.identified.hex());
      if (identified.some((hex) => hex !== null)) sketches[each.dimension] = { identified };
    }
    const { measures, anonymous, identified } = this.#total;
    return {
      ...this.#key,
      seq: this.#seq,
      totals: Object.fromEntries(MEASURES.map((measure, index) => [measure, measures[index]])) as Record<
        Measure,
        number
      >,
      foreign: this.#foreign,
      hours: this.#hourColumn(),
      visitors: anonymous.distinct(),
      anonymous: anonymous.hex(),
      identified: identified.hex(),
      dimensions,
      sketches,
    };
  }

  #hourColumn(): Column {
    const column: Column = { v: this.#hours.map(({ startMs }) => startMs) };
    if (this.#hours.some(({ visitors }) => visitors > 0)) column.visitors = this.#hours.map(({ visitors }) => visitors);
    for (const measure of MEASURES) {
      if (this.#hours.some(({ totals }) => totals[measure] !== 0))
        column[measure] = this.#hours.map(({ totals }) => totals[measure]);
    }
    return column;
  }
}

/** Distinct visitors of several hours. Most values occur in one: its sketch then stays the text that it is. */
class Visitors {
  #hex: string | null = null;
  #merged: Sketch | null = null;

  add(hex: string | null): void {
    if (hex === null) return;
    if (this.#merged === null && this.#hex === null) {
      this.#hex = hex;
      return;
    }
    this.#merged ??= sketchOf(this.#hex!);
    this.#hex = null;
    this.#merged.union(sketchOf(hex));
  }

  take(other: Visitors): void {
    this.add(other.hex());
  }

  hex(): string | null {
    return this.#merged === null ? this.#hex : this.#merged.toHex();
  }

  distinct(): number {
    return (this.#merged ?? (this.#hex === null ? null : sketchOf(this.#hex)))?.cardinality() ?? 0;
  }
}

class DayCell {
  readonly value: string;
  label: string | null = null;
  /** In the order of MEASURES. */
  readonly measures: number[] = MEASURES.map(() => 0);
  readonly anonymous = new Visitors();
  readonly identified = new Visitors();

  constructor(value: string) {
    this.value = value;
  }

  /** Money stays where an hour's would: see core/fold.ts. */
  count(index: number, n: number): void {
    const sum = this.measures[index]! + n;
    this.measures[index] = Math.max(-MONEY_SUM_MAX, Math.min(MONEY_SUM_MAX, sum));
  }

  /** Of several names for an id the last in alphabetical order, whichever came first. */
  name(label: string | null | undefined): void {
    if (typeof label === "string" && (this.label === null || label > this.label)) this.label = label;
  }
}

function addColumn(cells: Map<string, DayCell>, column: Column, sketches: ColumnSketches | undefined): void {
  const counted = MEASURES.map((measure, index) => ({ index, numbers: column[measure] })).filter(
    (each): each is { index: number; numbers: number[] } => each.numbers !== undefined,
  );
  for (const [at, name] of column.v.entries()) {
    const cell = cellOf(cells, String(name));
    for (const { index, numbers } of counted) cell.count(index, numbers[at]!);
    cell.name(column.label?.[at]);
    const anonymous = sketches?.anonymous?.[at] ?? null;
    const identified = sketches?.identified?.[at] ?? null;
    if (anonymous === null && identified === null && (column.visitors?.[at] ?? 0) > 0)
      throw new Error("an hour without its sketches cannot be part of a day");
    cell.anonymous.add(anonymous);
    cell.identified.add(identified);
  }
}

function cellOf(cells: Map<string, DayCell>, value: string): DayCell {
  let cell = cells.get(value);
  if (cell === undefined) {
    cell = new DayCell(value);
    cells.set(value, cell);
  }
  return cell;
}

const VISITS = MEASURES.indexOf("visits");

/** The DIMENSION_VALUES_MAX values with the most visits (of equals the first by name), and "(other)" for the rest. */
function bounded(cells: Map<string, DayCell>): Map<string, DayCell> {
  const named = [...cells.values()].filter(({ value }) => value !== OTHER);
  if (named.length <= DIMENSION_VALUES_MAX) return cells;
  named.sort((a, b) => b.measures[VISITS]! - a.measures[VISITS]! || (a.value < b.value ? -1 : 1));
  const kept = new Map(named.slice(0, DIMENSION_VALUES_MAX).map((cell) => [cell.value, cell]));
  const other = cells.get(OTHER) ?? new DayCell(OTHER);
  kept.set(OTHER, other);
  for (const cell of named.slice(DIMENSION_VALUES_MAX)) {
    for (const [index, n] of cell.measures.entries()) other.count(index, n);
    other.anonymous.take(cell.anonymous);
    other.identified.take(cell.identified);
  }
  return kept;
}

function columnOf(cells: readonly DayCell[]): Column {
  const column: Column = { v: cells.map(({ value }) => value) };
  if (cells.some(({ label }) => label !== null)) column.label = cells.map(({ label }) => label);
  const visitors = cells.map(({ anonymous }) => anonymous.distinct());
  if (visitors.some((n) => n > 0)) column.visitors = visitors;
  for (const [index, measure] of MEASURES.entries()) {
    if (cells.some(({ measures }) => measures[index] !== 0))
      column[measure] = cells.map(({ measures }) => measures[index]!);
  }
  return column;
}

const distinctIn = (hex: string | null): number => (hex === null ? 0 : sketchOf(hex).cardinality());

function sketchOf(hex: string): Sketch {
  const sketch = Sketch.fromHex(hex);
  if (!sketch.ok) throw new Error(`an hour holds ${sketch.failure} where a sketch should be`);
  return sketch.value;
}
