// One column of one row group of a Parquet file, as scans read it: texts as codes into their dictionary, numbers as typed
// arrays. Reads what `ParquetFile` writes: flat columns, in pages of version 2. The library reads everything; this is for
// millions of rows at once, and is held against the library's reading of the same files by its test.

import { snappyUncompress } from "hyparquet";
import { parquetHeader } from "hyparquet/src/column.js";
import { coded, type Column, pickedRows } from "../core/scan-columns.ts";
import { type Cursor, pickHybrid, unpackDeltas, unpackHybrid } from "./bits.ts";

export interface ChunkInfo {
  /** Parquet's physical type. */
  type: string;
  codec: string;
  rows: number;
  /** What it is to be read as. */
  kind: Column["kind"];
}

type PageHeader = ReturnType<typeof parquetHeader>;

/** All rows, or those that are named. Throws when the bytes are not such a column. */
export function readChunk(bytes: Uint8Array, info: ChunkInfo, only: Int32Array | null = null): Column {
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
  let dictionary: Dictionary | null = null;
  const pages: Page[] = [];
  for (let rows = 0; rows < info.rows;) {
    const header = parquetHeader(reader);
    const body = bytes.subarray(reader.offset, reader.offset + header.compressed_page_size);
    reader.offset += header.compressed_page_size;
    if (header.type === "DICTIONARY_PAGE") {
      const size = header.uncompressed_page_size;
      dictionary = dictionaryOf(
        uncompressed(body, size, info.codec),
        header.dictionary_page_header!.num_values,
        info.type,
      );
      continue;
    }
    const page = pageOf(header, body, info);
    pages.push(page);
    rows += page.rows;
  }
  const { rows } = info;
  if (only === null) return assembled(pages, dictionary, info, NEW);
  const { kind } = info;
  if (kind === "text" && pages.every((page) => isCoded(page) && page.present === null))
    return { kind, codes: codesAt(pages, only), ...textsOf(dictionary) };
  return pickedRows(assembled(pages, dictionary, info, roomFor(rows)), only);
}

/** Where a column's values are put. */
interface Room {
  ints: (rows: number) => Int32Array;
  floats: (rows: number) => Float64Array;
}

const NEW: Room = { ints: (rows) => new Int32Array(rows), floats: (rows) => new Float64Array(rows) };

/** Of columns of which some rows are picked, the others need no memory of their own. */
const shared = { ints: new Int32Array(0), floats: new Float64Array(0) };

function roomFor(rows: number): Room {
  if (shared.ints.length < rows) {
    shared.ints = new Int32Array(rows);
    shared.floats = new Float64Array(rows);
  }
  return { ints: (n) => shared.ints.subarray(0, n), floats: (n) => shared.floats.subarray(0, n) };
}

type Dictionary = { texts: Texts } | { numbers: Float64Array };

interface Texts {
  size: number;
  text: (at: number) => string;
}

interface Page {
  rows: number;
  /** For each row 1 where it has a value; null when all have one, or none. */
  present: Int32Array | null;
  values: number;
  encoding: string;
  from: Cursor;
}

function pageOf(header: PageHeader, body: Uint8Array, { codec }: ChunkInfo): Page {
  const v2 = header.data_page_header_v2;
  if (v2 === undefined || v2.repetition_levels_byte_length > 0) throw new Error(`a page of type ${header.type}`);
  const levels = v2.definition_levels_byte_length;
  const rows = v2.num_rows;
  let present: Int32Array | null = null;
  if (v2.num_nulls > 0 && v2.num_nulls < rows) {
    present = new Int32Array(rows);
    unpackHybrid({ bytes: body, at: 0 }, 1, present, rows);
  }
  const rest = body.subarray(levels);
  const size = header.uncompressed_page_size - levels;
  const bytes = v2.is_compressed === false ? rest : uncompressed(rest, size, codec);
  return { rows, present, values: v2.num_values - v2.num_nulls, encoding: v2.encoding, from: { bytes, at: 0 } };
}

function uncompressed(bytes: Uint8Array, size: number, codec: string): Uint8Array {
  if (codec === "UNCOMPRESSED" || size === 0) return bytes;
  if (codec !== "SNAPPY") throw new Error(`a column compressed with ${codec}`);
  const out = new Uint8Array(size);
  snappyUncompress(bytes, out);
  return out;
}

function assembled(pages: readonly Page[], dictionary: Dictionary | null, info: ChunkInfo, room: Room): Column {
  const { kind, rows } = info;
  switch (kind) {
    case "text": {
      const coding = pages.every(isCoded);
      if (!coding) return { kind, ...coded(plainTexts(pages, dictionary, rows)) };
      return { kind, codes: filled(pages, room.ints(rows), -1, codesOf), ...textsOf(dictionary) };
    }
    case "numbers":
      return {
        kind,
        numbers: filled(pages, room.floats(rows), info.type === "DOUBLE" ? Number.NaN : 0, (page, out) =>
          numbersOf(page, out, dictionary, info),
        ),
      };
    case "ordinals":
      return {
        kind,
        ordinals: filled(pages, room.ints(rows), -1, (page, out) => numbersOf(page, out, dictionary, info)),
      };
    case "flags": {
      const flags = filled(pages, roomFor(rows).ints(rows), 0, flagsOf);
      return { kind, flags: new Uint8Array(flags) };
    }
  }
}

const isCoded = ({ encoding, values }: Page): boolean => encoding === "RLE_DICTIONARY" || values === 0;

/** Each page's values in their rows, `none` in the others. */
function filled<Numbers extends Int32Array | Float64Array>(
  pages: readonly Page[],
  out: Numbers,
  none: number,
  read: (page: Page, out: Numbers) => void,
): Numbers {
  let row = 0;
  for (const page of pages) {
    const own = out.subarray(row, row + page.rows) as Numbers;
    row += page.rows;
    if (page.values === 0) own.fill(none);
    else read(page, own);
    if (page.present === null) continue;
    // From the end: no value is overwritten before it is moved.
    for (let to = page.rows - 1, from = page.values - 1; to >= 0; to--)
      own[to] = page.present[to] === 1 ? own[from--]! : none;
  }
  return out;
}

/** The codes of these rows. Where pages have values in all rows or none, the others need not be unpacked. */
function codesAt(pages: readonly Page[], places: Int32Array): Int32Array {
  const out = new Int32Array(places.length);
  let first = 0;
  let index = 0;
  for (const { from, values, rows } of pages) {
    if (values > 0) index = pickHybrid(from, from.bytes[from.at++]!, { first, count: rows, places, index }, out);
    else for (; index < places.length && places[index]! < first + rows; index++) out[index] = -1;
    first += rows;
  }
  return out;
}

function codesOf({ from, values }: Page, out: Int32Array): void {
  const width = from.bytes[from.at++]!;
  unpackHybrid(from, width, out, values);
}

function numbersOf(page: Page, out: Int32Array | Float64Array, dictionary: Dictionary | null, info: ChunkInfo): void {
  const { from, values, encoding } = page;
  if (encoding === "DELTA_BINARY_PACKED") unpackDeltas(from, out, values);
  else if (encoding === "PLAIN") out.set(plainNumbers(from.bytes, values, info.type));
  else if (encoding === "RLE_DICTIONARY" && dictionary !== null && "numbers" in dictionary) {
    const codes = new Int32Array(values);
    codesOf(page, codes);
    for (let at = 0; at < values; at++) out[at] = dictionary.numbers[codes[at]!]!;
  } else throw new Error(`numbers encoded as ${encoding}`);
}

function flagsOf({ from, values, encoding }: Page, out: Int32Array): void {
  if (encoding === "RLE") {
    // The length of what follows.
    from.at += 4;
    unpackHybrid(from, 1, out, values);
  } else if (encoding === "PLAIN") {
    for (let at = 0; at < values; at++) out[at] = (from.bytes[at >>> 3]! >>> (at & 7)) & 1;
  } else throw new Error(`flags encoded as ${encoding}`);
}

function dictionaryOf(bytes: Uint8Array, count: number, type: string): Dictionary {
  return type === "BYTE_ARRAY" ? { texts: textsIn(bytes, count) } : { numbers: plainNumbers(bytes, count, type) };
}

function plainNumbers(bytes: Uint8Array, count: number, type: string): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const out = new Float64Array(count);
  for (let at = 0; at < count; at++) {
    if (type === "INT32") out[at] = view.getInt32(4 * at, true);
    else if (type === "DOUBLE") out[at] = view.getFloat64(8 * at, true);
    else if (type === "INT64") out[at] = view.getInt32(8 * at + 4, true) * 2 ** 32 + view.getUint32(8 * at, true);
    else throw new Error(`numbers of type ${type}`);
  }
  return out;
}

/** Where some pages of a column are coded and others not. */
function plainTexts(pages: readonly Page[], dictionary: Dictionary | null, rows: number): (string | null)[] {
  const texts: (string | null)[] = [];
  for (const page of pages) {
    let own: string[];
    if (isCoded(page)) {
      const codes = new Int32Array(page.values);
      if (page.values > 0) codesOf(page, codes);
      own = Array.from(codes, textsOf(dictionary).text);
    } else if (page.encoding === "PLAIN") {
      const { size, text } = textsIn(page.from.bytes, page.values);
      own = Array.from({ length: size }, (_, at) => text(at));
    } else throw new Error(`texts encoded as ${page.encoding}`);
    let next = 0;
    for (let row = 0; row < page.rows; row++)
      texts.push(page.values > 0 && (page.present === null || page.present[row] === 1) ? own[next++]! : null);
  }
  if (texts.length !== rows) throw new Error(`${texts.length} of ${rows} texts`);
  return texts;
}

const NO_TEXTS: Texts = { size: 0, text: () => "" };

const textsOf = (dictionary: Dictionary | null): Texts =>
  dictionary !== null && "texts" in dictionary ? dictionary.texts : NO_TEXTS;

const UTF8 = new TextDecoder();
/** A letter for each byte. */
const BYTES = new TextDecoder("latin1");

/** Texts as they stand one after the other, each after its length. */
function textsIn(bytes: Uint8Array, count: number): Texts {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const ends = new Int32Array(count);
  for (let n = 0, at = 0; n < count; n++) {
    at += 4 + view.getUint32(at, true);
    if (at > bytes.length) throw new Error("a text beyond its page");
    ends[n] = at;
  }
  // One call for all of them: pieces of a string cost next to nothing.
  let whole: string | null = null;
  const text = (n: number): string => {
    const start = (n === 0 ? 0 : ends[n - 1]!) + 4;
    const end = ends[n]!;
    if (!isAscii(bytes, start, end)) return UTF8.decode(bytes.subarray(start, end));
    whole ??= BYTES.decode(bytes);
    return whole.slice(start, end);
  };
  return { size: count, text };
}

function isAscii(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at]! > 127) return false;
  return true;
}
