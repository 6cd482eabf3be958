// Which rows of a day can matter to a scan, told by the columns of its filters alone: most filters leave one row in a hundred,
// and of the others nothing need be read. What is told may be too much and never too little; whoever counts judges each row.

import type { Goal } from "./field.ts";
import type { Filter } from "./filter.ts";
import { ordinalsOf, type ScanBatch, textsOf } from "./scan-columns.ts";
import { isExit } from "./scan-fields.ts";
import { compileFilter, type Known, type Narrow, type Rows } from "./scan-filter.ts";
import { grown, mostOf } from "./scan-visits.ts";

export interface Selection {
  /** What it takes to tell. */
  columns: ReadonlySet<string>;
  /** A row that none of them leaves does not matter. */
  narrows: readonly Narrow[];
  /** With a row that matters all rows of its visit do. */
  wholeVisits: boolean;
}

/** `filters`: of everything that is asked, null for what has none. Null when every row can matter. */
export function selectionOf(
  filters: readonly (Filter | null)[],
  goals: readonly Goal[],
  wholeVisits: boolean,
): Selection | null {
  const columns = new Set(["verdict", ...(wholeVisits ? ["visit_number"] : [])]);
  const narrows: Narrow[] = [];
  for (const filter of filters) {
    const weaker = filter === null ? null : weakened(filter);
    if (weaker === null) return null;
    const compiled = compileFilter(weaker, goals);
    for (const column of compiled.columns) columns.add(column);
    narrows.push(compiled.narrow);
  }
  return { columns, narrows, wholeVisits };
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

const NOTHING_KNOWN: Known = { visits: null, done: new Map() };

/** Of one day of one shard. */
export class SelectedRows {
  readonly #selection: Selection;
  /** By visit: 1 where some row of it matters. */
  #visits = new Uint8Array(0);

  constructor(selection: Selection) {
    this.#selection = selection;
  }

  /** Takes in what tells of some rows. Where whole visits matter, all rows come here before some are asked for. */
  look(batch: ScanBatch): void {
    if (!this.#selection.wholeVisits) return;
    const visits = ordinalsOf(batch, "visit_number");
    const most = mostOf(visits);
    if (most >= this.#visits.length)
      this.#visits = grown(this.#visits, new Uint8Array(Math.max(most + 1, 2 * this.#visits.length)));
    const rows = this.#narrowed(batch);
    for (let row = 0; row < rows.length; row++) if (rows[row] === 1 && visits[row]! >= 0) this.#visits[visits[row]!] = 1;
  }

  /** The rows that matter, ascending. */
  of(batch: ScanBatch): Int32Array {
    if (!this.#selection.wholeVisits) return places(this.#narrowed(batch));
    const visits = ordinalsOf(batch, "visit_number");
    // Those without a visit are few, and are not worth a second look.
    const rows = countedRows(batch);
    for (let row = 0; row < rows.length; row++) if (visits[row]! >= 0) rows[row] = this.#visits[visits[row]!]!;
    return places(rows);
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

function places(rows: Rows): Int32Array {
  let count = 0;
  for (let row = 0; row < rows.length; row++) count += rows[row]!;
  const found = new Int32Array(count);
  for (let row = 0, at = 0; at < count; row++) if (rows[row] === 1) found[at++] = row;
  return found;
}

/** Those that are counted. */
export function countedRows(batch: ScanBatch): Rows {
  const { codes, size, text } = textsOf(batch, "verdict");
  const counted = new Uint8Array(size);
  for (let code = 0; code < size; code++) counted[code] = Number(text(code) === "counted");
  const rows = new Uint8Array(batch.rows);
  for (let row = 0; row < rows.length; row++) rows[row] = counted[codes[row]!]!;
  return rows;
}
