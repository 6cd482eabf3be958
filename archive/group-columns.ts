// The columns of one row group, their bytes at hand: each is read when it is asked for, in all rows or in some, and then known.

import { type Column, pickedRows, type ScanBatch } from "../core/scan-columns.ts";
import type { RowGroup } from "../core/scan-selection.ts";

export class GroupColumns implements RowGroup {
  readonly rows: number;
  /** A column's values in all rows, or in those that are named. */
  readonly #read: (name: string, only: Int32Array | null) => Column;
  /** In all rows. */
  readonly #known = new Map<string, Column>();

  constructor(rows: number, read: (name: string, only: Int32Array | null) => Column) {
    this.rows = rows;
    this.#read = read;
  }

  /** All rows. */
  batch(names: Iterable<string>): ScanBatch {
    return { rows: this.rows, columns: new Map([...names].map((name) => [name, this.#column(name)])) };
  }

  /** These rows alone, which ascend. */
  batchOf(rows: Int32Array, names: Iterable<string>): ScanBatch {
    const column = (name: string): Column => {
      const known = this.#known.get(name);
      return known === undefined ? this.#read(name, rows) : pickedRows(known, rows);
    };
    return { rows: rows.length, columns: new Map([...names].map((name) => [name, column(name)])) };
  }

  #column(name: string): Column {
    let column = this.#known.get(name);
    if (column === undefined) this.#known.set(name, (column = this.#read(name, null)));
    return column;
  }
}
