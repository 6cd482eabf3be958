// The rows of one question as a scan counts them: numbered as their keys occur, so that what is counted of them are typed
// arrays.

import type { Part } from "./scan-part.ts";
import { rowKey } from "./scan-plan.ts";
import { grown } from "./scan-visits.ts";
import { Sketch } from "./sketch.ts";

/** A question that has more rows asks for more than an answer, or an isolate, can hold. */
export class TooManyRows extends Error {}

/** Numbers keys of so many parts; a key without parts has the number 0. */
export class RowKeys {
  readonly #parts: number;
  readonly #max: number;
  /** By part, of its values. */
  readonly #codes: Map<string, number>[];
  readonly #values: string[][];
  /** By part after the first: what precedes it and its own code, by number. */
  readonly #numbers: Map<number, number>[];
  readonly #pairs: [before: number, code: number][][];

  constructor(parts: number, max: number) {
    this.#parts = parts;
    this.#max = max;
    this.#codes = Array.from({ length: parts }, () => new Map<string, number>());
    this.#values = Array.from({ length: parts }, () => []);
    this.#numbers = Array.from({ length: parts }, () => new Map<number, number>());
    this.#pairs = Array.from({ length: parts }, () => []);
  }

  /** The code of a value of a part. */
  code(part: number, value: string): number {
    const codes = this.#codes[part]!;
    let code = codes.get(value);
    if (code === undefined) {
      code = this.#values[part]!.push(value) - 1;
      if (code >= this.#max) throw new TooManyRows(`more than ${this.#max} values`);
      codes.set(value, code);
    }
    return code;
  }

  /** The number of a key's first `part + 1` parts; `before`: the number of those before. */
  number(part: number, before: number, code: number): number {
    if (part === 0) return code;
    const numbers = this.#numbers[part]!;
    const key = before * 2 ** 26 + code;
    let number = numbers.get(key);
    if (number === undefined) {
      number = this.#pairs[part]!.push([before, code]) - 1;
      if (number >= this.#max) throw new TooManyRows(`more than ${this.#max} rows`);
      numbers.set(key, number);
    }
    return number;
  }

  keyOf(row: number): string {
    const parts: string[] = [];
    let number = row;
    for (let part = this.#parts - 1; part > 0; part--) {
      const [before, code] = this.#pairs[part]![number]!;
      parts[part] = this.#values[part]![code]!;
      number = before;
    }
    if (this.#parts > 0) parts[0] = this.#values[0]![number]!;
    return rowKey(parts);
  }
}

export class RowSums {
  readonly keys: RowKeys;
  readonly #sums: Float64Array[];
  /** 1 for rows that something was counted in. */
  #present = new Uint8Array(0);
  readonly #anonymous: (Sketch | undefined)[] = [];
  readonly #identified: (Sketch | undefined)[] = [];
  /** Visits that are counted in a row, and visitors. */
  readonly visits: SeenPairs;
  readonly visitors: SeenPairs;
  readonly labels = new Map<string, string>();
  foreign = 0;

  /** `together`: the rows of a visit all come one after the other. */
  constructor(parts: number, rowsMax: number, measures: number, together: boolean) {
    this.keys = new RowKeys(parts, rowsMax);
    this.#sums = Array.from({ length: measures }, () => new Float64Array(0));
    this.visits = new SeenPairs(together);
    this.visitors = new SeenPairs(together);
  }

  has(row: number): void {
    if (row >= this.#present.length) this.#grow(row + 1);
    this.#present[row] = 1;
  }

  /** To a row that is there. */
  add(measure: number, row: number, n: number): void {
    this.#sums[measure]![row]! += n;
  }

  addVisitor(row: number, hi: number, lo: number, identified: boolean): void {
    const sketches = identified ? this.#identified : this.#anonymous;
    (sketches[row] ??= new Sketch()).add(hi, lo);
  }

  part(withVisitors: boolean): Part {
    const rows: number[] = [];
    for (let row = 0; row < this.#present.length; row++) if (this.#present[row] === 1) rows.push(row);
    return {
      keys: rows.map((row) => this.keys.keyOf(row)),
      sums: this.#sums.map((sums) => rows.map((row) => sums[row]!)),
      anonymous: withVisitors ? rows.map((row) => this.#anonymous[row]?.cardinality() ?? 0) : null,
      identified: this.#identified.length === 0 ? null : rows.map((row) => this.#identified[row]?.toHex() ?? null),
      labels: [...this.labels],
      foreign: this.foreign,
    };
  }

  #grow(size: number): void {
    const room = Math.max(size, 2 * this.#present.length, 16);
    this.#present = grown(this.#present, new Uint8Array(room));
    for (const [at, sums] of this.#sums.entries()) this.#sums[at] = grown(sums, new Float64Array(room));
  }
}

/** Which visits have been counted in which rows. */
export class SeenPairs {
  /** By row: the visit that was counted in it last. Where visits come one after the other, that is enough. */
  #latest: Int32Array;
  readonly #pairs: Set<number> | null;

  constructor(together: boolean) {
    this.#latest = new Int32Array(0);
    this.#pairs = together ? null : new Set();
  }

  /** True the first time. */
  isNew(row: number, visit: number): boolean {
    if (row >= this.#latest.length)
      this.#latest = grown(this.#latest, new Int32Array(Math.max(16, 2 * row + 1)).fill(-1));
    if (this.#latest[row] === visit) return false;
    this.#latest[row] = visit;
    if (this.#pairs === null) return true;
    const key = visit * 2 ** 22 + row;
    if (this.#pairs.has(key)) return false;
    this.#pairs.add(key);
    return true;
  }
}
