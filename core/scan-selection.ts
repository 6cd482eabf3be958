// Which rows of a day can matter to a scan, told by the columns of its filters alone: most filters leave one row in a hundred,
// and of the others nothing need be read. What is told may be too much and never too little; whoever counts judges each row.
// One clause goes through all rows, the rest through those that it leaves.

import type { Goal } from "./field.ts";
import type { Filter } from "./filter.ts";
import { ordinalsOf, type ScanBatch, textsOf } from "./scan-columns.ts";
import { fieldColumns, isExit } from "./scan-fields.ts";
import {
  type Clause,
  compileFilter,
  type Known,
  type Narrow,
  placesIn,
  type Rows,
  rowsFitting,
} from "./scan-filter.ts";
import { grown, mostOf } from "./scan-visits.ts";

export interface Selection {
  /** What it takes to tell. */
  columns: ReadonlySet<string>;
  /** What every row that matters fits; null where there is no such clause. */
  lead: { columns: ReadonlySet<string>; rows: (batch: ScanBatch) => Int32Array } | null;
  /** A row that none of them leaves does not matter. */
  narrows: readonly Narrow[];
  /** With a row that matters all rows of its visit do. */
  wholeVisits: boolean;
}

/** The columns of a row group. */
export interface RowGroup {
  rows: number;
  batch: (names: Iterable<string>) => ScanBatch;
  /** Of these rows alone, which ascend. */
  batchOf: (rows: Int32Array, names: Iterable<string>) => ScanBatch;
}

/** `filters`: of everything that is asked, null for what has none. Null when every row can matter. */
export function selectionOf(
  filters: readonly (Filter | null)[],
  goals: readonly Goal[],
  wholeVisits: boolean,
): Selection | null {
  const columns = new Set(["verdict"]);
  const weaker = new Map<string, Filter>();
  for (const filter of filters) {
    const own = filter === null ? null : weakened(filter);
    if (own === null) return null;
    weaker.set(JSON.stringify(own), own);
  }
  const narrows = [...weaker.values()].map((filter) => {
    const compiled = compileFilter(filter, goals);
    for (const column of compiled.columns) columns.add(column);
    return compiled.narrow;
  });
  const first = weaker.size === 1 ? clauseOf([...weaker.values()][0]!) : null;
  const lead =
    first === null ? null : { columns: new Set(fieldColumns(first.field, goals)), rows: rowsFitting(first, goals) };
  return { columns, lead, narrows, wholeVisits };
}

/** One that all of the filter depends on. */
function clauseOf(filter: Filter): Clause | null {
  if (filter.kind === "clause") return filter;
  return filter.kind === "and" ? (filter.filters.map(clauseOf).find((clause) => clause !== null) ?? null) : null;
}

/** What of a filter a row tells by itself: every row that fits the filter fits this. Null when any row may. */
function weakened(filter: Filter): Filter | null {
  switch (filter.kind) {
    case "clause":
    case "not":
      return isOfRow(filter) ? filter : null;
    case "and": {
      const parts = filter.filters.map(weakened).filter((part) => part !== null);
      return parts.length === 0 ? null : { ...filter, filters: parts };
    }
    case "or": {
      const parts = filter.filters.map(weakened);
      return parts.includes(null) ? null : { ...filter, filters: parts.filter((part) => part !== null) };
    }
    case "has_done":
    case "has_not_done":
      return null;
  }
}

/** Whether it asks for nothing that only the whole of a visit tells. */
function isOfRow(filter: Filter): boolean {
  switch (filter.kind) {
    case "clause":
      return !isExit(filter.field);
    case "not":
      return isOfRow(filter.filter);
    case "and":
    case "or":
      return filter.filters.every(isOfRow);
    case "has_done":
    case "has_not_done":
      return false;
  }
}

/** To pick a larger share of the rows costs more than to go through all. */
const MANY = 0.5;

const NOTHING_KNOWN: Known = { visits: null, done: new Map() };

/** Of one day of one shard. */
export class SelectedRows {
  readonly #selection: Selection;
  /** By visit: 1 where some row of it matters. */
  #visits = new Uint8Array(0);
  /** More rows matter than it is worth to pick. */
  #areMany = false;

  constructor(selection: Selection) {
    this.#selection = selection;
  }

  /** Looks at some rows. Where whole visits matter, all rows of the day are before some are asked for. */
  look(group: RowGroup): void {
    if (!this.#selection.wholeVisits || this.#areMany) return;
    const rows = this.#fitting(group);
    if (rows === null || rows.length === 0) return;
    const visits = ordinalsOf(group.batch(["visit_number"]), "visit_number");
    const numbers = rows.map((row) => visits[row]!);
    const most = mostOf(numbers);
    if (most >= this.#visits.length)
      this.#visits = grown(this.#visits, new Uint8Array(Math.max(most + 1, 2 * this.#visits.length)));
    for (const visit of numbers) if (visit >= 0) this.#visits[visit] = 1;
  }

  /** The places of rows that matter, ascending; null when they are so many that all had better be gone through. */
  of(group: RowGroup): Int32Array | null {
    if (!this.#selection.wholeVisits || this.#areMany) return this.#areMany ? null : this.#fitting(group);
    const visits = ordinalsOf(group.batch(["visit_number"]), "visit_number");
    const found = placesIn(group.rows, (places) => findMarked(places, visits, this.#visits));
    return found.length > MANY * group.rows ? null : found;
  }

  #fitting(group: RowGroup): Int32Array | null {
    const { columns, lead } = this.#selection;
    const led = lead === null ? null : lead.rows(group.batch(lead.columns));
    if (led !== null && led.length > MANY * group.rows) return this.#many();
    if (led?.length === 0) return led;
    const batch = led === null ? group.batch(columns) : group.batchOf(led, columns);
    const fitting = placesOf(this.#narrowed(batch));
    if (fitting.length > MANY * group.rows) return this.#many();
    return led === null ? fitting : fitting.map((at) => led[at]!);
  }

  /** Of one row group or another: the day is one, and hardly is one of them unlike the others. */
  #many(): null {
    this.#areMany = true;
    return null;
  }

  #narrowed(batch: ScanBatch): Rows {
    const counted = countedRows(batch);
    const [first, ...others] = this.#selection.narrows;
    const rows = others.length === 0 ? counted : counted.slice();
    first?.(rows, batch, NOTHING_KNOWN);
    for (const narrow of others) {
      const own = counted.slice();
      narrow(own, batch, NOTHING_KNOWN);
      for (let row = 0; row < own.length; row++) rows[row]! |= own[row]!;
    }
    return rows;
  }
}

// Loops over all rows are functions of their own: they are compiled while they run, and nothing else with them.

/** Those of marked visits, and all without a visit: to look at these once more would hardly save anything. */
function findMarked(places: Int32Array, visits: Int32Array, marks: Uint8Array): number {
  let count = 0;
  for (let row = 0; row < visits.length; row++) {
    const visit = visits[row]!;
    if (visit < 0 || marks[visit] === 1) places[count++] = row;
  }
  return count;
}

function placesOf(rows: Rows): Int32Array {
  const found = new Int32Array(countOf(rows));
  for (let row = 0, at = 0; at < found.length; row++) if (rows[row] === 1) found[at++] = row;
  return found;
}

function countOf(rows: Rows): number {
  let count = 0;
  for (let row = 0; row < rows.length; row++) count += rows[row]!;
  return count;
}

/** Those that are counted. */
export function countedRows(batch: ScanBatch): Rows {
  const rows = new Uint8Array(batch.rows);
  if (batch.rows === 0) return rows;
  const { codes, size, text } = textsOf(batch, "verdict");
  const counted = new Uint8Array(size);
  for (let code = 0; code < size; code++) counted[code] = Number(text(code) === "counted");
  translate(rows, codes, counted);
  return rows;
}

function translate(rows: Rows, codes: Int32Array, by: Uint8Array): void {
  for (let row = 0; row < rows.length; row++) rows[row] = by[codes[row]!]!;
}
