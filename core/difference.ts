// What differs between two countings of the same hours or days, to the last value and the last visitor: empty exactly
// when they are equal (but for `seq`, which is the log's and not a number of the merchant's). The seal proves published
// hours with it, a replay shows what it would change. Bounded, whatever differs: the largest rows are kept, all are counted.

import type { DayRollup } from "./day-rollup.ts";
import { DIMENSIONS, type Column, type ColumnSketches, type Dimension, MEASURES, type Rollup } from "./rollup.ts";
import { Sketch } from "./sketch.ts";

export const DIFFERENCES_MAX = 1_000;

/** Besides the measures: `anonymous` and `identified` are the visitors of the sketches, which may differ in who they are. */
const COUNTED = [...MEASURES, "visitors", "foreign", "anonymous", "identified"] as const;
type Counted = (typeof COUNTED)[number];

export interface Difference {
  date: string;
  /** First instant of the hour; null in a comparison of days. */
  hour: number | null;
  dimension: Dimension | "total" | "minute" | "hour";
  /** Empty for the total. */
  value: string | number;
  measure: Counted | "label" | "currency";
  /** Null where the hour or the value is not there at all. */
  before: number | string | null;
  after: number | string | null;
}

export interface MeasureSummary {
  /** Cells (totals, minutes, values) in which it differs. */
  cells: number;
  /** Sums of the totals of everything compared; they do not sum for visitors of several hours. */
  before: number;
  after: number;
}

export type Counters = Rollup | DayRollup;

/** A cell: numbers, and sketches in hexadecimal. */
type Numbers = Partial<Record<Counted | "label", number | string | null>>;
type Pair = [before: Numbers | null, after: Numbers | null];
type Place = Pick<Difference, "date" | "hour" | "dimension" | "value">;

export class Differences {
  /** Rows that differ, those that are not kept among them. */
  count = 0;
  /** The first one met: the total, then minutes, then dimensions of the first hour. */
  first: Difference | null = null;
  readonly #max: number;
  #kept: { row: Difference; share: number }[] = [];
  readonly #summary = new Map<Difference["measure"], MeasureSummary>();

  constructor(max = DIFFERENCES_MAX) {
    this.#max = max;
  }

  get empty(): boolean {
    return this.count === 0;
  }

  /** The kept rows, the largest share of its measure's total first. */
  get rows(): Difference[] {
    this.#cut();
    return this.#kept.map(({ row }) => row);
  }

  /** Measures that differ somewhere. */
  get summary(): Partial<Record<Difference["measure"], MeasureSummary>> {
    return Object.fromEntries([...this.#summary].filter(([, { cells }]) => cells > 0));
  }

  /** Compares two countings of one hour or one day; null for one that is not there. Both of the same place and time. */
  add(before: Counters | null, after: Counters | null): void {
    const one = before ?? after;
    if (one === null) return;
    const whole: Pair = [totalOf(before), totalOf(after)];
    for (const measure of COUNTED) {
      const entry = this.#entry(measure);
      entry.before += sizeOf(whole[0], measure);
      entry.after += sizeOf(whole[1], measure);
    }
    const place = { date: one.date, hour: "hour" in one ? one.hour : null };
    const total: Place = { ...place, dimension: "total", value: "" };
    if (before !== null && after !== null && before.currency !== after.currency)
      this.#note({ ...total, measure: "currency", before: before.currency, after: after.currency }, 1);
    this.#compare(total, whole, whole);
    for (const dimension of ["minute", "hour", ...DIMENSIONS] as const) {
      const columns = [columnOf(before, dimension), columnOf(after, dimension)] as const;
      // Days that were put together before they had hours are no different for it.
      if (dimension === "hour" && before !== null && after !== null && columns.some(([column]) => column === null))
        continue;
      // Mostly nothing differs: then nothing is taken apart.
      if (JSON.stringify(columns[0]) === JSON.stringify(columns[1])) continue;
      const [left, right] = [cellsOf(columns[0]), cellsOf(columns[1])];
      const values = new Set([...left.keys(), ...right.keys()]);
      for (const value of [...values].sort((a, b) => (a < b ? -1 : 1))) {
        const pair: Pair = [left.get(value) ?? null, right.get(value) ?? null];
        this.#compare({ ...place, dimension, value }, pair, whole);
      }
    }
  }

  #compare(place: Place, [before, after]: Pair, whole: Pair): void {
    const found = this.count;
    for (const measure of [...COUNTED, "label"] as const) {
      const [left, right] = [before?.[measure] ?? null, after?.[measure] ?? null];
      if ((left ?? 0) === (right ?? 0)) continue;
      const row = { ...place, measure, before: shown(before, measure), after: shown(after, measure) };
      this.#note(row, measure === "label" ? 0 : shareOf(measure, [before, after], whole));
    }
    // A value that is there with nothing to it differs from one that is not there.
    if (found === this.count && (before === null) !== (after === null))
      this.#note({ ...place, measure: "events", before: before && 0, after: after && 0 }, 0);
  }

  #note(row: Difference, share: number): void {
    this.count++;
    this.first ??= row;
    this.#entry(row.measure).cells++;
    this.#kept.push({ row, share });
    if (this.#kept.length >= 2 * this.#max) this.#cut();
  }

  #cut(): void {
    this.#kept.sort((a, b) => b.share - a.share);
    this.#kept.length = Math.min(this.#kept.length, this.#max);
  }

  #entry(measure: Difference["measure"]): MeasureSummary {
    let entry = this.#summary.get(measure);
    if (entry === undefined) {
      entry = { cells: 0, before: 0, after: 0 };
      this.#summary.set(measure, entry);
    }
    return entry;
  }
}

/** What a cell says of a measure, null where there is no cell. Sketches are shown as how many they hold. */
function shown(cell: Numbers | null, measure: Counted | "label"): number | string | null {
  if (cell === null) return null;
  return measure === "label" ? (cell.label ?? null) : sizeOf(cell, measure);
}

function sizeOf(cell: Numbers | null, measure: Counted): number {
  const value = cell?.[measure] ?? 0;
  if (typeof value === "number") return value;
  const sketch = Sketch.fromHex(value);
  return sketch.ok ? sketch.value.cardinality() : 0;
}

function shareOf(measure: Counted, [before, after]: Pair, whole: Pair): number {
  const total = Math.max(1, ...whole.map((cell) => Math.abs(sizeOf(cell, measure))));
  return Math.abs(sizeOf(after, measure) - sizeOf(before, measure)) / total;
}

function totalOf(counters: Counters | null): Numbers | null {
  if (counters === null) return null;
  const { totals, foreign, anonymous, identified } = counters;
  const visitors = "visitors" in counters ? counters.visitors : 0;
  return { ...totals, foreign, visitors, anonymous, identified };
}

type SketchedColumn = readonly [column: Column | null, sketches: ColumnSketches];

function columnOf(counters: Counters | null, dimension: Dimension | "minute" | "hour"): SketchedColumn {
  if (counters === null) return [null, {}];
  if (dimension === "hour") return ["hours" in counters ? counters.hours : null, {}];
  if (dimension === "minute") return ["minutes" in counters ? counters.minutes : null, {}];
  return [counters.dimensions[dimension] ?? null, counters.sketches[dimension] ?? {}];
}

function cellsOf([column, sketches]: SketchedColumn): Map<string | number, Numbers> {
  const cells = new Map<string | number, Numbers>();
  for (const [at, value] of column?.v.entries() ?? []) {
    const cell: Numbers = { label: column?.label?.[at] ?? null, visitors: column?.visitors?.[at] ?? 0 };
    for (const measure of MEASURES) cell[measure] = column?.[measure]?.[at] ?? 0;
    cell.anonymous = sketches.anonymous?.[at] ?? null;
    cell.identified = sketches.identified?.[at] ?? null;
    cells.set(value, cell);
  }
  return cells;
}
