// The batches of rows that a scan goes through of a sealed day's file: those that can matter to it, which the columns of its
// filters tell; or whole row groups, where that is most of the rows. Few rows are kept from one pass to the next.

import type { ScanBatch } from "../core/scan-columns.ts";
import { SelectedRows } from "../core/scan-selection.ts";
import type { Scanner } from "../core/scanner.ts";
import type { DerivedGroup, DerivedReader } from "../archive/derived-file.ts";
import type { GroupColumns } from "../archive/group-columns.ts";

/** So many rows, or all of the only row group, need not be read for each pass. */
const KEPT_ROWS_MAX = 40_960;
/** Of a file. Beyond that its row groups are asked for again by each pass. */
const HELD_BYTES_MAX = 6_000_000;

const NO_ROWS: ScanBatch = { rows: 0, columns: new Map() };

export class DayBatches {
  readonly #reader: DerivedReader;
  readonly #groups: readonly DerivedGroup[];
  readonly #scanner: Pick<Scanner<unknown>, "columns" | "selection">;
  readonly #selected: SelectedRows | null;
  /** The only group's columns. */
  #only: GroupColumns | null = null;
  #kept: ScanBatch[] | null = null;
  #looked = false;

  constructor(
    reader: DerivedReader,
    groups: readonly DerivedGroup[],
    scanner: Pick<Scanner<unknown>, "columns" | "selection">,
  ) {
    this.#reader = reader;
    this.#groups = groups;
    this.#scanner = scanner;
    this.#selected = scanner.selection === null ? null : new SelectedRows(scanner.selection);
  }

  /** The batches of one pass; `check` throws when it takes too long. */
  async *pass(check: () => void): AsyncGenerator<ScanBatch> {
    if (this.#kept !== null) return yield* this.#kept;
    await this.#look(check);
    const kept: ScanBatch[] = [];
    let rows = 0;
    for (const group of this.#groups) {
      check();
      const batch = this.#batchOf(await this.#columnsOf(group));
      rows += batch.rows;
      const isKept = rows <= KEPT_ROWS_MAX || this.#groups.length === 1;
      if (batch.rows > 0 && isKept) kept.push(batch);
      if (batch.rows > 0) yield batch;
      this.#reader.forget(HELD_BYTES_MAX);
    }
    if (rows <= KEPT_ROWS_MAX || this.#groups.length === 1) this.#kept = kept;
  }

  /** Where whole visits matter, all of the day must be looked at before it is known which. */
  async #look(check: () => void): Promise<void> {
    const selected = this.#selected;
    if (selected === null || this.#looked || !this.#scanner.selection!.wholeVisits) return;
    for (const group of this.#groups) {
      check();
      selected.look(await this.#columnsOf(group));
      this.#reader.forget(HELD_BYTES_MAX);
    }
    this.#looked = true;
  }

  #batchOf(columns: GroupColumns): ScanBatch {
    const names = this.#scanner.columns;
    if (this.#selected === null) return columns.batch(names);
    const rows = this.#selected.of(columns);
    if (rows === null) return columns.batch(names);
    return rows.length === 0 ? NO_ROWS : columns.batchOf(rows, names);
  }

  /** Of the only group they are known from then on. */
  async #columnsOf(group: DerivedGroup): Promise<GroupColumns> {
    const columns = this.#only ?? (await this.#reader.read(group, this.#scanner.columns));
    if (this.#groups.length === 1) this.#only = columns;
    return columns;
  }
}
