// Columns of derived rows as a scan goes through them: texts as codes into their distinct values, so that whatever is asked
// of a text is asked once a value and not once a row; everything else as typed arrays.

import { DERIVED_COLUMNS } from "./derived-columns.ts";
import type { ColumnType, Value } from "./raw-columns.ts";

export interface TextColumn {
  /** For each row the code of its text; -1 where it has none. */
  codes: Int32Array;
  /** Codes are below it. */
  size: number;
  /** The text of a code; dear, so it is to be asked once. */
  text: (code: number) => string;
}

export type Column =
  | ({ kind: "text" } & TextColumn)
  /** Where a row has none: NaN of a column of the type "number", 0 of others. */
  | { kind: "numbers"; numbers: Float64Array }
  /** -1 where a row has none. */
  | { kind: "ordinals"; ordinals: Int32Array }
  /** 1 for true. */
  | { kind: "flags"; flags: Uint8Array };

/** Rows in the order of their visits, and of one visit in that of the log. */
export interface ScanBatch {
  rows: number;
  columns: ReadonlyMap<string, Column>;
}

const TYPES: ReadonlyMap<string, ColumnType> = new Map(DERIVED_COLUMNS.map(({ name, type }) => [name, type]));

export const KINDS = {
  text: "text",
  json: "text",
  instant: "numbers",
  number: "numbers",
  integer: "numbers",
  ordinal: "ordinals",
  flag: "flags",
} as const satisfies Record<ColumnType, Column["kind"]>;

/** How a column of the derived files is read. */
export const kindOf = (name: string): Column["kind"] => KINDS[TYPES.get(name)!];

const column = <Kind extends Column["kind"]>(batch: ScanBatch, name: string, kind: Kind) => {
  const found = batch.columns.get(name);
  if (found?.kind !== kind) throw new Error(`a scan without the column ${name} as ${kind}`);
  return found as Extract<Column, { kind: Kind }>;
};

export const textsOf = (batch: ScanBatch, name: string): TextColumn => column(batch, name, "text");
export const numbersOf = (batch: ScanBatch, name: string): Float64Array => column(batch, name, "numbers").numbers;
export const ordinalsOf = (batch: ScanBatch, name: string): Int32Array => column(batch, name, "ordinals").ordinals;
export const flagsOf = (batch: ScanBatch, name: string): Uint8Array => column(batch, name, "flags").flags;

/** The column of these rows alone. */
export function pickedRows(from: Column, rows: Int32Array): Column {
  switch (from.kind) {
    case "text":
      return { ...from, codes: picked(from.codes, rows, new Int32Array(rows.length)) };
    case "numbers":
      return { ...from, numbers: picked(from.numbers, rows, new Float64Array(rows.length)) };
    case "ordinals":
      return { ...from, ordinals: picked(from.ordinals, rows, new Int32Array(rows.length)) };
    case "flags":
      return { ...from, flags: picked(from.flags, rows, new Uint8Array(rows.length)) };
  }
}

function picked<Numbers extends Int32Array | Float64Array | Uint8Array>(
  from: Numbers,
  rows: Int32Array,
  to: Numbers,
): Numbers {
  for (let at = 0; at < rows.length; at++) to[at] = from[rows[at]!]!;
  return to;
}

/** Plain values of a column as `derivedColumnsOf` gives them. */
export function columnOf(name: string, values: readonly Value[]): Column {
  const kind = kindOf(name);
  switch (kind) {
    case "text":
      return { kind, ...coded(values) };
    case "numbers": {
      const none = TYPES.get(name) === "number" ? Number.NaN : 0;
      return { kind, numbers: Float64Array.from(values, (value) => (typeof value === "number" ? value : none)) };
    }
    case "ordinals":
      return { kind, ordinals: Int32Array.from(values, (value) => (typeof value === "number" ? value : -1)) };
    case "flags":
      return { kind, flags: Uint8Array.from(values, Number) };
  }
}

/** Texts as codes, in the order in which they first come. */
export function coded(texts: ArrayLike<Value>): TextColumn {
  const known = new Map<string, number>();
  const codes = new Int32Array(texts.length);
  for (let row = 0; row < texts.length; row++) {
    const text = texts[row];
    if (typeof text !== "string") {
      codes[row] = -1;
      continue;
    }
    let code = known.get(text);
    if (code === undefined) {
      code = known.size;
      known.set(text, code);
    }
    codes[row] = code;
  }
  const values = [...known.keys()];
  return { codes, size: values.length, text: (code) => values[code]! };
}
