// The living form of a rollup: the counters of one merchant, one shard and one hour, while they change.
// A cell holds the measures of one value of one dimension (or of the hour, or of a minute of it).
// `encodeHour` and `decodeHour` in rollup-codec.ts turn it into the form that travels and rests.

import { DIMENSION_VALUES_MAX } from "./limits.ts";
import { DIMENSIONS, OTHER, type Dimension } from "./rollup.ts";
import { Sketch } from "./sketch.ts";
import type { Visit } from "./visit.ts";

export class Cell {
  /** Position in DIMENSIONS; -1 for the hour's total and its minutes. */
  readonly dimension: number;
  readonly value: string | number;
  /** A name to show for the value: products have one. */
  label: string | null = null;
  visits = 0;
  pageviews = 0;
  events = 0;
  bounces = 0;
  duration = 0;
  orders = 0;
  gross = 0;
  refunds = 0;
  units = 0;
  product_views = 0;
  adds_to_cart = 0;
  checkouts = 0;
  /** Distinct visitors of a minute; other cells have sketches. */
  visitors = 0;
  anonymous: Sketch | null = null;
  identified: Sketch | null = null;

  constructor(dimension: number, value: string | number) {
    this.dimension = dimension;
    this.value = value;
  }

  addVisitor(hi: number, lo: number, identified: boolean): void {
    if (identified) (this.identified ??= new Sketch()).add(hi, lo);
    else (this.anonymous ??= new Sketch()).add(hi, lo);
  }
}

const dimensionIndex = new Map<Dimension, number>(DIMENSIONS.map((dimension, index) => [dimension, index]));

/** Position of a dimension in DIMENSIONS. */
export const indexOf = (dimension: Dimension): number => dimensionIndex.get(dimension)!;

export class Hour {
  /** First instant. */
  readonly startMs: number;
  readonly date: string;
  readonly currency: string;
  readonly total = new Cell(-1, "");
  readonly minutes: (Cell | null)[] = Array.from({ length: 60 }, () => null);
  /** By position in DIMENSIONS, then by value. */
  readonly dimensions = DIMENSIONS.map(() => new Map<string, Cell>());
  /** Live visits that began in this hour: while there are any, the hour stays in memory. */
  readonly live = new Set<Visit>();
  /** Orders and refunds in another currency. */
  foreign = 0;
  /** Log sequence of the last change of what a snapshot shows. */
  seq = 0;
  /** Differs from what the checkpoint holds. */
  dirty = false;

  constructor(startMs: number, date: string, currency: string) {
    this.startMs = startMs;
    this.date = date;
    this.currency = currency;
  }

  minute(atMs: number): Cell {
    const minute = Math.min(59, Math.floor((atMs - this.startMs) / 60_000));
    return (this.minutes[minute] ??= new Cell(-1, minute));
  }

  /**
   * The cell of a value, made when it is new. Past DIMENSION_VALUES_MAX values the rest shares one: in order of
   * arrival, so the same log gives the same cells.
   */
  cell(dimension: number, value: string): Cell {
    const cells = this.dimensions[dimension]!;
    let cell = cells.get(value);
    if (cell === undefined) {
      const kept = cells.size < DIMENSION_VALUES_MAX ? value : OTHER;
      cell = cells.get(kept);
      if (cell === undefined) {
        cell = new Cell(dimension, kept);
        cells.set(kept, cell);
      }
    }
    return cell;
  }

  changed(seq: number): void {
    this.seq = seq;
    this.dirty = true;
  }
}
