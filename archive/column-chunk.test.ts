// Columns as scans read them are held against what the Parquet library reads of the same file.

import { parquetMetadata, parquetReadObjects } from "hyparquet";
import { expect, test } from "vitest";
import { type Column, KINDS } from "../core/scan-columns.ts";
import type { Value } from "../core/raw-columns.ts";
import { chanceOf } from "../core/traffic.ts";
import { readChunk } from "./column-chunk.ts";
import { type FileColumn, ParquetFile } from "./parquet-writer.ts";

const COLUMNS: FileColumn[] = (["text", "json", "instant", "number", "integer", "ordinal", "flag"] as const).flatMap(
  (type) => [
    { name: `${type} for scans`, type, scanned: true },
    { name: `${type} compressed`, type },
  ],
);

/** A file in memory. */
async function fileOf(groups: Value[][][]): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  const file = new ParquetFile(COLUMNS, {
    write: async (bytes) => void pieces.push(bytes),
    finish: async () => {},
    abort: async () => {},
  });
  for (const group of groups) await file.write(group);
  await file.finish({});
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** As the library gives values: null for none. */
function plain(column: Column, type: FileColumn["type"]): unknown[] {
  switch (column.kind) {
    case "text":
      return Array.from(column.codes, (code) => (code < 0 ? null : column.text(code)));
    case "numbers":
      return Array.from(column.numbers, (n) => (type === "number" && Number.isNaN(n) ? null : n));
    case "ordinals":
      return Array.from(column.ordinals, (n) => (n < 0 ? null : n));
    case "flags":
      return Array.from(column.flags, (flag) => flag === 1);
  }
}

/** What a scan does not tell apart from none. */
const unseen = (value: unknown, type: FileColumn["type"]): unknown => {
  if (value instanceof Date) return value.getTime();
  if (type === "integer" || type === "instant") return Number(value ?? 0);
  return type === "flag" ? value === true : (value ?? null);
};

/** Some rows: none, the last, some here and there, stretches of all lengths. */
function placesOf(rows: number): Int32Array[] {
  const chance = chanceOf(rows);
  const all = Int32Array.from({ length: rows }, (_, row) => row);
  let isIn = false;
  const stretches = all.filter((row) => (isIn = row % 7 === 0 && chance() < 0.3 ? !isIn : isIn));
  return [all.subarray(0, 0), all.subarray(rows - 1), all.filter(() => chance() < 0.02), stretches];
}

async function compare(groups: Value[][][]): Promise<void> {
  const file = await fileOf(groups);
  const metadata = parquetMetadata(file.buffer);
  let before = 0;
  for (const group of metadata.row_groups) {
    const rows = Number(group.num_rows);
    const expected = await parquetReadObjects({
      file: { byteLength: file.length, slice: async (from, to) => file.buffer.slice(from, to) },
      rowStart: before,
      rowEnd: before + rows,
    });
    before += rows;
    for (const [at, { meta_data: chunk }] of group.columns.entries()) {
      const { name, type } = COLUMNS[at]!;
      const from = Number(chunk!.dictionary_page_offset ?? chunk!.data_page_offset);
      const bytes = file.subarray(from, from + Number(chunk!.total_compressed_size));
      const column = readChunk(bytes, { type: chunk!.type, codec: chunk!.codec, rows, kind: KINDS[type] });
      const read = plain(column, type);
      const wanted = expected.map((row) => unseen(row[name], type));
      expect([name, read]).toEqual([name, wanted]);
      for (const places of placesOf(rows)) {
        const info = { type: chunk!.type, codec: chunk!.codec, rows, kind: KINDS[type] };
        const some = plain(readChunk(bytes, info, places), type);
        expect([name, some]).toEqual([name, Array.from(places, (place) => wanted[place])]);
      }
    }
  }
}

const LETTERS = ["a", "Z", "é", "—", "😀", "", "x".repeat(200), "0123456789abcdef"];

/** Values of a column; `none`: which share of the rows has none, `kinds`: how many different ones there are. */
function valuesOf(type: FileColumn["type"], rows: number, none: number, kinds: number, seed: number): Value[] {
  const chance = chanceOf(seed);
  let at = 1_790_000_000_000;
  let ordinal = 0;
  return Array.from({ length: rows }, (): Value => {
    if (chance() < none) return null;
    const n = Math.floor(chance() * kinds);
    switch (type) {
      case "text":
        return `${LETTERS[n % LETTERS.length]}${n}`;
      case "json":
        return JSON.stringify({ n, text: LETTERS[n % LETTERS.length] });
      case "instant":
        return (at += Math.floor((chance() - 0.4) * 10 ** (1 + (n % 9))));
      case "number":
        return n / 7;
      case "integer":
        return (n - 3) * (n % 2 === 0 ? 1 : 9e12);
      case "ordinal":
        return (ordinal += n % 3 === 0 ? 0 : n);
      case "flag":
        return n % 2 === 0;
    }
  });
}

test.each([
  ["nothing missing, few values", 3_000, 0, 5],
  ["nothing missing, one value", 1_000, 0, 1],
  ["some missing, many values", 5_000, 0.3, 3_000],
  ["hardly any there", 2_000, 0.99, 40],
  ["none at all", 500, 1, 1],
  ["one row", 1, 0, 3],
  ["a few rows", 7, 0.5, 3],
])("%s", async (_, rows, none, kinds) => {
  const group = (seed: number): Value[][] =>
    COLUMNS.map(({ type }, at) => valuesOf(type, rows, none, kinds, seed + at));
  await compare([group(1), group(2)]);
});

test("runs of all lengths, as of rows that lie together", async () => {
  const lengths = [1, 2, 7, 8, 9, 15, 16, 17, 63, 64, 65, 300];
  const runs = lengths.flatMap((length, n) => Array<number>(length).fill(n));
  await compare([
    COLUMNS.map(({ type }) => {
      const values = valuesOf(type, lengths.length, 0, 9, 3);
      return runs.map((run) => values[run]!);
    }),
  ]);
});

test("texts of more than a page, and a dictionary of more than sixteen bits", async () => {
  const rows = 70_000;
  await compare([COLUMNS.map(({ type }, at) => valuesOf(type, rows, 0.1, 69_000, at))]);
});

test("what is no such column is refused", async () => {
  const file = await fileOf([COLUMNS.map(({ type }) => valuesOf(type, 100, 0, 9, 1))]);
  const { meta_data: chunk } = parquetMetadata(file.buffer).row_groups[0]!.columns[0]!;
  const from = Number(chunk!.dictionary_page_offset ?? chunk!.data_page_offset);
  const info = { type: chunk!.type, codec: chunk!.codec, rows: 100, kind: "text" as const };
  expect(() => readChunk(file.subarray(from, from + 30), info)).toThrow();
  expect(() => readChunk(file.subarray(from), { ...info, codec: "ZSTD" })).toThrow("ZSTD");
  expect(() => readChunk(new Uint8Array(50), info)).toThrow();
});
