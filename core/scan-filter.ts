// A filter, compiled for a scan: it narrows the rows of a batch that are still in question. Each clause is held against a
// text once, whatever number of rows and days has it.

import type { Goal } from "./field.ts";
import type { Filter } from "./filter.ts";
import { memo } from "./memo.ts";
import { ordinalsOf, type ScanBatch } from "./scan-columns.ts";
import { fieldColumns, isExit, readField } from "./scan-fields.ts";
import type { ScanVisits } from "./scan-visits.ts";
import { anyFits, positiveOf } from "./text-match.ts";

/** 1 for each row of a batch that is meant. */
export type Rows = Uint8Array;

/** What is known of visits before rows are narrowed. */
export interface Known {
  visits: ScanVisits | null;
  /** By condition of `CompiledFilter.done`, then by the visit's number: 1 where some event fits. */
  done: ReadonlyMap<Narrow, Uint8Array>;
}

/** Sets those rows to 0 that do not match. */
export type Narrow = (rows: Rows, batch: ScanBatch, known: Known) => void;

export interface CompiledFilter {
  narrow: Narrow;
  columns: ReadonlySet<string>;
  /** What is inside `has_done`, to be asked of all rows first. */
  done: readonly Narrow[];
  /** Asks for the pages that visits ended on. */
  exits: boolean;
}

export function compileFilter(filter: Filter, goals: readonly Goal[]): CompiledFilter {
  const compiler = new Compiler(goals);
  const narrow = compiler.narrow(filter);
  const { columns, done, exits } = compiler;
  return { narrow, columns, done, exits };
}

export type Clause = Extract<Filter, { kind: "clause" }>;

/** The places of rows, ascending, that fit a clause about events. */
export function rowsFitting(clause: Clause, goals: readonly Goal[]): (batch: ScanBatch) => Int32Array {
  const isFitting = valuesFit(clause);
  return (batch) => {
    const { codes, size, values } = readField(clause.field, goals, batch, null);
    const known = new Uint8Array(size + 1);
    return placesIn(batch.rows, (places) => findFitting(places, codes, known, (code) => isFitting(values(code))));
  };
}

/** Room for the places of all rows of a batch, of which mostly few are found. */
let room = new Int32Array(0);

/** As many of `rows` places as `find` says it has found and put at the beginning of what it is given. */
export function placesIn(rows: number, find: (places: Int32Array) => number): Int32Array {
  if (room.length < rows) room = new Int32Array(rows);
  return room.slice(0, find(room));
}

function valuesFit(clause: Clause): (values: readonly string[]) => boolean {
  const { operator, negated } = positiveOf(clause.operator);
  // To find out whether a text is one of several costs less than to remember it.
  const fits = operator === "is" ? anyFits(clause) : memo(anyFits(clause));
  return (values) => values.some(fits) !== negated;
}

class Compiler {
  readonly columns = new Set<string>();
  readonly done: Narrow[] = [];
  exits = false;
  readonly #goals: readonly Goal[];

  constructor(goals: readonly Goal[]) {
    this.#goals = goals;
  }

  narrow(filter: Filter): Narrow {
    switch (filter.kind) {
      case "clause":
        return this.#clause(filter);
      case "and":
        return all(filter.filters.map((each) => this.narrow(each)));
      case "or":
        return any(filter.filters.map((each) => this.narrow(each)));
      case "not":
        return none(this.narrow(filter.filter));
      case "has_done":
        return this.#hasDone(filter.filter);
      case "has_not_done":
        return none(this.#hasDone(filter.filter));
    }
  }

  #clause(clause: Clause): Narrow {
    const { field } = clause;
    const goals = this.#goals;
    for (const column of fieldColumns(field, goals)) this.columns.add(column);
    this.exits ||= isExit(field);
    const isFitting = valuesFit(clause);
    return (rows, batch, { visits }) => {
      const { codes, size, values } = readField(field, goals, batch, visits);
      keepFitting(rows, codes, new Uint8Array(size + 1), (code) => isFitting(values(code)));
    };
  }

  #hasDone(inside: Filter): Narrow {
    const narrow = this.narrow(inside);
    this.done.push(narrow);
    this.columns.add("visit_number");
    return (rows, batch, { done }) => {
      const visits = ordinalsOf(batch, "visit_number");
      const by = done.get(narrow)!;
      for (let row = 0; row < rows.length; row++)
        if (rows[row] === 1 && (visits[row]! < 0 || by[visits[row]!] !== 1)) rows[row] = 0;
    };
  }
}

const UNFIT = 1;
const FIT = 2;

/** `known`: by code, which begin at -1, what was found out. A loop of its own, which is compiled while it runs. */
function keepFitting(rows: Rows, codes: Int32Array, known: Uint8Array, isFitting: (code: number) => boolean): void {
  for (let row = 0; row < rows.length; row++) {
    if (rows[row] === 0) continue;
    const at = codes[row]! + 1;
    if (known[at] === 0) known[at] = isFitting(at - 1) ? FIT : UNFIT;
    if (known[at] === UNFIT) rows[row] = 0;
  }
}

/** The same where all rows are in question: gives how many fit, whose places come to `places`. */
function findFitting(
  places: Int32Array,
  codes: Int32Array,
  known: Uint8Array,
  isFitting: (code: number) => boolean,
): number {
  let count = 0;
  for (let row = 0; row < codes.length; row++) {
    const at = codes[row]! + 1;
    if (known[at] === 0) known[at] = isFitting(at - 1) ? FIT : UNFIT;
    if (known[at] === FIT) places[count++] = row;
  }
  return count;
}

const all =
  (narrows: readonly Narrow[]): Narrow =>
  (rows, batch, known) => {
    for (const narrow of narrows) narrow(rows, batch, known);
  };

const any =
  (narrows: readonly Narrow[]): Narrow =>
  (rows, batch, known) => {
    const out = new Uint8Array(rows.length);
    for (const narrow of narrows) {
      const rest = rows.map((row, at) => row & ~out[at]!);
      narrow(rest, batch, known);
      for (let at = 0; at < rest.length; at++) out[at]! |= rest[at]!;
    }
    rows.set(out);
  };

const none =
  (narrow: Narrow): Narrow =>
  (rows, batch, known) => {
    const matching = rows.slice();
    narrow(matching, batch, known);
    for (let at = 0; at < rows.length; at++) rows[at]! &= ~matching[at]!;
  };
