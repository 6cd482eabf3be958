// Reads derived files for scans: of a file its end at first, which holds the footer and, of most days, all that scans read; of
// the rest no more than the columns that are asked for, those that lie near each other at once. Footers are remembered.

import { parquetMetadata } from "hyparquet";
import { textOf } from "../core/error-text.ts";
import { DERIVED_FORMAT } from "../core/derived-columns.ts";
import { SCAN_COLUMNS_BYTES_MAX } from "../core/limits.ts";
import { kindOf } from "../core/scan-columns.ts";
import { readChunk } from "./column-chunk.ts";
import { GroupColumns } from "./group-columns.ts";
import { KeptBytes } from "./kept-bytes.ts";
import { NotRead } from "./parquet-reader.ts";

/** The file is none that this version reads; counting the day again makes one. */
export class DerivedFileError extends Error {}

/** The footer and the columns of some 40,000 rows, but for those that scans do not read. */
const END_BYTES = 1 << 19;
/** What lies between two columns is read with them when it is less: a request takes longer. */
const GAP_BYTES = 1 << 18;
/** Of some 5 KB each. */
const FOOTERS_MAX = 400;

export interface DerivedGroup {
  rows: number;
  /** Of `occurred_at`. */
  firstMs: number;
  lastMs: number;
  columns: ReadonlyMap<string, Place>;
}

interface Place {
  from: number;
  bytes: number;
  type: string;
  codec: string;
}

interface Footer {
  etag: string;
  /** What its money is in. */
  currency: string;
  rows: number;
  groups: readonly DerivedGroup[];
}

interface Piece {
  from: number;
  bytes: Uint8Array;
}

/**
 * Of files of one row group: larger ones would push each other out. As what is found in them, they go by the name of their
 * generation, and are not asked for again.
 */
const keptColumns = new KeptBytes(SCAN_COLUMNS_BYTES_MAX);
/** Least recently used first. */
const footers = new Map<string, Footer>();

export class DerivedReader {
  /** Bytes that have been read. */
  bytesRead = 0;
  readonly #bucket: R2Bucket;
  readonly #key: string;
  #footer: Footer | null = null;
  /** What has been read of the file. */
  #pieces: Piece[] = [];

  constructor(bucket: R2Bucket, key: string) {
    this.#bucket = bucket;
    this.#key = key;
  }

  /** False when there is no such file. Throws `DerivedFileError`, and `NotRead` for what may pass. */
  async open(): Promise<boolean> {
    const known = footers.get(this.#key);
    if (known !== undefined) {
      footers.delete(this.#key);
      footers.set(this.#key, known);
      this.#footer = known;
      return true;
    }
    const object = await this.#ask({ suffix: END_BYTES });
    if (object === null) return false;
    const bytes = await this.#bodyOf(object);
    const end = { from: object.size - bytes.length, bytes };
    this.#pieces = [end];
    this.#footer = footerOf(this.#key, await this.#withFooter(end, object.size), object.etag);
    footers.set(this.#key, this.#footer);
    for (const oldest of footers.keys()) {
      if (footers.size <= FOOTERS_MAX) break;
      footers.delete(oldest);
    }
    return true;
  }

  get currency(): string {
    return this.#opened.currency;
  }

  get groups(): readonly DerivedGroup[] {
    return this.#opened.groups;
  }

  /** Bytes of the columns in the group. */
  bytesOf({ columns }: DerivedGroup, names: Iterable<string>): number {
    let bytes = 0;
    for (const name of names) bytes += columns.get(name)?.bytes ?? 0;
    return bytes;
  }

  /** Throws like `open`, which comes first; when the file has been replaced since, its footer is forgotten. */
  async read({ rows, columns }: DerivedGroup, names: Iterable<string>): Promise<GroupColumns> {
    const chunks = new Map([...names].map((name) => [name, this.#placeOf(columns, name)] as const));
    const held = await this.#fetch(chunks);
    return new GroupColumns(rows, (name, only) => {
      const { type, codec } = chunks.get(name)!;
      try {
        return readChunk(held.get(name)!, { type, codec, rows, kind: kindOf(name) }, only);
      } catch (error) {
        throw new DerivedFileError(`${this.#key}: ${textOf(error)}`, { cause: error });
      }
    });
  }

  /** Lets go of what has been read when there is so much of it. */
  forget(bytesMax: number): void {
    if (this.#pieces.reduce((sum, { bytes }) => sum + bytes.length, 0) > bytesMax) this.#pieces = [];
  }

  get #opened(): Footer {
    if (this.#footer === null) throw new Error(`${this.#key} is not open`);
    return this.#footer;
  }

  #placeOf(columns: ReadonlyMap<string, Place>, name: string): Place {
    const place = columns.get(name);
    if (place === undefined) throw new DerivedFileError(`${this.#key} has no column ${name}`);
    return place;
  }

  #held({ from, bytes }: Place): Uint8Array | null {
    const piece = this.#pieces.find((each) => from >= each.from && from + bytes <= each.from + each.bytes.length);
    return piece === undefined ? null : piece.bytes.subarray(from - piece.from, from - piece.from + bytes);
  }

  /** The bytes of columns, by name. */
  async #fetch(chunks: ReadonlyMap<string, Place>): Promise<Map<string, Uint8Array>> {
    const known = [...chunks].map(([name, place]) => [name, place, this.#held(place) ?? this.#kept(place)] as const);
    const missing = known
      .flatMap(([, place, bytes]) => (bytes === null ? [place] : []))
      .sort((a, b) => a.from - b.from);
    const ranges: { from: number; to: number }[] = [];
    for (const { from, bytes } of missing) {
      const last = ranges.at(-1);
      if (last !== undefined && from - last.to <= GAP_BYTES) last.to = from + bytes;
      else ranges.push({ from, to: from + bytes });
    }
    for (const { from, to } of ranges) this.#pieces.push({ from, bytes: await this.#range(from, to) });
    const held = new Map<string, Uint8Array>();
    for (const [name, place, bytes] of known) held.set(name, bytes ?? this.#held(place)!);
    if (this.groups.length === 1) for (const [name, place] of chunks) this.#keep(place, held.get(name)!);
    return held;
  }

  #kept({ from }: Place): Uint8Array | null {
    return keptColumns.get(`${this.#key} ${this.#opened.etag} ${from}`);
  }

  #keep({ from }: Place, bytes: Uint8Array): void {
    keptColumns.keep(`${this.#key} ${this.#opened.etag} ${from}`, bytes);
  }

  async #range(from: number, to: number): Promise<Uint8Array> {
    const object = await this.#ask({ offset: from, length: to - from });
    if (object === null) throw new NotRead(`${this.#key} is gone since it was opened`);
    return this.#bodyOf(object);
  }

  /** The file's end, read further back when the footer is longer. */
  async #withFooter({ from, bytes }: Piece, size: number): Promise<Uint8Array> {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const footerBytes = bytes.length < 8 ? 0 : view.getUint32(bytes.length - 8, true) + 8;
    if (footerBytes <= bytes.length || footerBytes > size) return bytes;
    const before = await this.#range(size - footerBytes, from);
    const whole = new Uint8Array(footerBytes);
    whole.set(before);
    whole.set(bytes, before.length);
    return whole;
  }

  async #ask(range: R2Range): Promise<R2ObjectBody | null> {
    const onlyIf = this.#footer === null ? {} : { onlyIf: { etagMatches: this.#footer.etag } };
    let object: R2ObjectBody | R2Object | null;
    try {
      object = await this.#bucket.get(this.#key, { range, ...onlyIf });
    } catch (error) {
      throw new NotRead(`R2 did not give ${this.#key}`, { cause: error });
    }
    if (object === null || "body" in object) return object;
    footers.delete(this.#key);
    throw new NotRead(`${this.#key} was replaced while it was read`);
  }

  async #bodyOf(object: R2ObjectBody): Promise<Uint8Array> {
    try {
      const bytes = new Uint8Array(await object.arrayBuffer());
      this.bytesRead += bytes.length;
      return bytes;
    } catch (error) {
      throw new NotRead(`R2 did not give all of ${this.#key}`, { cause: error });
    }
  }
}

function footerOf(key: string, end: Uint8Array, etag: string): Footer {
  try {
    const metadata = parquetMetadata(end);
    const notes = new Map((metadata.key_value_metadata ?? []).map(({ key: name, value }) => [name, value]));
    if (notes.get("format") !== DERIVED_FORMAT) throw new Error(`format ${notes.get("format") ?? "unknown"}`);
    const groups = metadata.row_groups.map(({ columns, num_rows: rows }): DerivedGroup => {
      const places = new Map<string, Place>();
      let [firstMs, lastMs] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
      for (const { meta_data: chunk } of columns) {
        const { type, codec, path_in_schema: path, total_compressed_size: bytes, statistics } = chunk!;
        const from = Number(chunk!.dictionary_page_offset ?? chunk!.data_page_offset);
        places.set(path.join("."), { from, bytes: Number(bytes), type, codec });
        if (statistics?.min_value === undefined) continue;
        [firstMs, lastMs] = [Number(statistics.min_value), Number(statistics.max_value)];
      }
      return { rows: Number(rows), firstMs, lastMs, columns: places };
    });
    return { etag, currency: notes.get("currency") ?? "", rows: Number(metadata.num_rows), groups };
  } catch (error) {
    throw new DerivedFileError(`${key}: ${textOf(error)}`, { cause: error });
  }
}
