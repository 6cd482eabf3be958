// Writes the derived file of a day: rows as they come, in row groups of many, and in each the rows of a visit together. What a
// group takes of memory meanwhile is small beside its events: each column holds its distinct values, and for each row a code.

import { DERIVED_COLUMNS, DERIVED_FORMAT, derivedColumnsOf, visitOrder } from "../core/derived-columns.ts";
import type { DerivedRow } from "../core/derive.ts";
import type { ColumnType, Value } from "../core/raw-columns.ts";
import { type FileColumn, ParquetFile, type Sink } from "./parquet-writer.ts";

/** Mostly all of a day. Codes are of 16 bits. */
export const DERIVED_GROUP_ROWS = 40_960;

const FILE_COLUMNS: readonly FileColumn[] = DERIVED_COLUMNS.map(({ name, type, scanned = false }) => ({
  name,
  type,
  bounds: name === "occurred_at",
  scanned,
}));
const VISIT_NUMBER = DERIVED_COLUMNS.findIndex(({ name }) => name === "visit_number");

export class DerivedFile {
  readonly #file: ParquetFile;
  readonly #currency: string;
  readonly #groupRows: number;
  #group: readonly Waiting[] = [];
  #waiting = 0;

  /** `currency`: the merchant's, of the whole of the day. */
  constructor(sink: Sink, currency: string, groupRows = DERIVED_GROUP_ROWS) {
    this.#file = new ParquetFile(FILE_COLUMNS, sink);
    this.#currency = currency;
    this.#groupRows = groupRows;
  }

  /** In the order of the log. */
  async write(rows: readonly DerivedRow[]): Promise<void> {
    for (let at = 0; at < rows.length;) {
      if (this.#waiting === 0) this.#group = FILE_COLUMNS.map(({ type }) => waitingFor(type, this.#groupRows));
      const some = rows.slice(at, at + this.#groupRows - this.#waiting);
      const columns = derivedColumnsOf(some, this.#currency);
      for (const [column, values] of columns.entries()) this.#group[column]!.add(values, this.#waiting);
      at += some.length;
      this.#waiting += some.length;
      if (this.#waiting === this.#groupRows) await this.#pass();
    }
  }

  /** Ends the file; `notes` rest in its footer. */
  async finish(notes: Record<string, string> = {}): Promise<void> {
    if (this.#waiting > 0) await this.#pass();
    await this.#file.finish({ ...notes, format: DERIVED_FORMAT, currency: this.#currency });
  }

  async abort(): Promise<void> {
    await this.#file.abort();
  }

  async #pass(): Promise<void> {
    const group = this.#group;
    const rows = this.#waiting;
    const inLog = Array.from({ length: rows }, (_, row) => row);
    const order = visitOrder(group[VISIT_NUMBER]!.read(inLog));
    await this.#file.write(group.map((column) => () => column.read(order)));
    this.#group = [];
    this.#waiting = 0;
  }
}

/** A column of the rows that wait for their group to be full. */
interface Waiting {
  add(values: readonly Value[], from: number): void;
  read(rows: readonly number[]): Value[];
}

const waitingFor = (type: ColumnType, rows: number): Waiting =>
  type === "instant" || type === "ordinal" ? new Numbers(rows) : new Codes(rows);

/** Of which hardly two are the same. */
class Numbers implements Waiting {
  readonly #numbers: Float64Array;

  constructor(rows: number) {
    this.#numbers = new Float64Array(rows);
  }

  add(values: readonly Value[], from: number): void {
    for (const [at, value] of values.entries())
      this.#numbers[from + at] = typeof value === "number" ? value : Number.NaN;
  }

  read(rows: readonly number[]): Value[] {
    return rows.map((row) => (Number.isNaN(this.#numbers[row]!) ? null : this.#numbers[row]!));
  }
}

class Codes implements Waiting {
  readonly #codes: Uint16Array;
  readonly #known = new Map<Value, number>();
  readonly #values: Value[] = [];

  constructor(rows: number) {
    if (rows > 2 ** 16) throw new Error(`${rows} rows are more than there are codes`);
    this.#codes = new Uint16Array(rows);
  }

  add(values: readonly Value[], from: number): void {
    for (const [at, value] of values.entries()) {
      const own = value ?? null;
      let code = this.#known.get(own);
      if (code === undefined) {
        code = this.#values.push(own) - 1;
        this.#known.set(own, code);
      }
      this.#codes[from + at] = code;
    }
  }

  read(rows: readonly number[]): Value[] {
    return rows.map((row) => this.#values[this.#codes[row]!]!);
  }
}
