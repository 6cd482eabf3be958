// Writes Parquet a row group at a time, so that a file of any size takes the memory of one row group and one part of an
// upload. The bytes go to a sink; `R2Sink` is the one for R2, where a small file is one put and a large one an upload in
// parts of equal size. A file that fails leaves nothing behind.

import type { CompressionCodec, Encoding, SchemaElement } from "hyparquet";
import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import type { ColumnType, Value } from "../core/raw-columns.ts";
import { RowGroups } from "./row-groups.ts";

/** R2's smallest part, and with that the most that is waiting to be uploaded. */
const PART_BYTES = 5 * 1024 * 1024;

export interface FileColumn {
  name: string;
  type: ColumnType;
  /** Keep the smallest and largest value of each row group, so that a reader can skip it. */
  bounds?: boolean;
  /** Written for scans of millions of rows: texts with a dictionary whatever it takes, and nothing compressed. */
  scanned?: boolean;
}

/** Where the bytes of a file go. After `abort` there is no file. */
export interface Sink {
  write(bytes: Uint8Array): Promise<void>;
  finish(): Promise<void>;
  abort(): Promise<void>;
}

export class ParquetFile {
  rows = 0;
  readonly #columns: readonly FileColumn[];
  readonly #sink: Sink;
  readonly #bytes = new ByteWriter(1 << 16);
  readonly #writer: ParquetWriter;
  readonly #groups = new RowGroups();

  constructor(columns: readonly FileColumn[], sink: Sink) {
    this.#columns = columns;
    this.#sink = sink;
    const schema = [{ name: "root", num_children: columns.length }, ...columns.map(elementOf)];
    this.#writer = new ParquetWriter({ writer: this.#bytes, schema, createdBy: "countinghouse" });
  }

  /**
   * One row group: for each column as many values, or what gives them when their turn comes, so that they need not all be
   * there at once.
   */
  async write(values: readonly (readonly Value[] | (() => readonly Value[]))[]): Promise<void> {
    const columnData = this.#columns.map(({ name, type, bounds = false, scanned = false }, at) => ({
      name,
      // The library asks for it as it comes to the column.
      get data() {
        const given = values[at]!;
        const all = typeof given === "function" ? given() : given;
        return type === "instant" || type === "integer" ? all.map(toBigInt) : [...all];
      },
      statistics: bounds,
      offsetIndex: false,
      ...encodingOf(type, scanned),
    }));
    await this.#writer.write({ columnData, rowGroupSize: Number.POSITIVE_INFINITY });
    // The library keeps them as objects for the footer, and once more for indexes, of which there are none.
    const group = this.#writer.row_groups.pop()!;
    this.#groups.add(group, true);
    this.#writer.pendingIndexes.length = 0;
    this.rows += Number(group.num_rows);
    await this.#pass();
  }

  /** Ends the file; `notes` rest in its footer. */
  async finish(notes: Record<string, string>): Promise<void> {
    this.#writer.kvMetadata = Object.entries(notes).map(([key, value]) => ({ key, value }));
    this.#writer.row_groups = this.#groups.list();
    await this.#writer.finish();
    await this.#pass();
    await this.#sink.finish();
  }

  async abort(): Promise<void> {
    await this.#sink.abort();
  }

  async #pass(): Promise<void> {
    const bytes = this.#bytes.getBytes().slice();
    this.#bytes.index = 0;
    await this.#sink.write(bytes);
  }
}

/** Empty for what the library chooses. */
function encodingOf(type: ColumnType, scanned: boolean): { encoding?: Encoding; codec?: CompressionCodec } {
  // Of one row after another the difference is small.
  if (type === "ordinal") return { encoding: "DELTA_BINARY_PACKED", codec: "UNCOMPRESSED" };
  if (!scanned) return {};
  if (type === "instant") return { encoding: "DELTA_BINARY_PACKED", codec: "UNCOMPRESSED" };
  if (type === "text" || type === "json") return { encoding: "RLE_DICTIONARY", codec: "UNCOMPRESSED" };
  return { codec: "UNCOMPRESSED" };
}

const toBigInt = (value: Value): bigint | null => (value == null ? null : BigInt(value));

const elementOf = ({ name, type }: FileColumn): SchemaElement => {
  const element = { name, repetition_type: "OPTIONAL" as const };
  switch (type) {
    case "text":
    case "json":
      return { ...element, type: "BYTE_ARRAY", converted_type: "UTF8" };
    case "instant":
      return { ...element, type: "INT64", logical_type: { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MILLIS" } };
    case "integer":
      return { ...element, type: "INT64" };
    case "ordinal":
      return { ...element, type: "INT32" };
    case "number":
      return { ...element, type: "DOUBLE" };
    case "flag":
      return { ...element, type: "BOOLEAN" };
  }
};

export class R2Sink implements Sink {
  readonly #bucket: R2Bucket;
  readonly #key: string;
  readonly #options: R2PutOptions;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #upload: R2MultipartUpload | null = null;
  #parts: R2UploadedPart[] = [];

  constructor(bucket: R2Bucket, key: string, contentType = "application/vnd.apache.parquet") {
    this.#bucket = bucket;
    this.#key = key;
    this.#options = { httpMetadata: { contentType } };
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    // More than a part, not as much: the last part must not be empty.
    while (this.#waitingBytes > PART_BYTES) await this.#uploadPart(this.#take(PART_BYTES));
  }

  async finish(): Promise<void> {
    const rest = this.#take(this.#waitingBytes);
    if (this.#upload === null) {
      await this.#bucket.put(this.#key, rest, this.#options);
      return;
    }
    await this.#uploadPart(rest);
    await this.#upload.complete(this.#parts);
    this.#upload = null;
  }

  async abort(): Promise<void> {
    this.#take(this.#waitingBytes);
    await this.#upload?.abort();
    this.#upload = null;
  }

  async #uploadPart(bytes: Uint8Array): Promise<void> {
    this.#upload ??= await this.#bucket.createMultipartUpload(this.#key, this.#options);
    this.#parts.push(await this.#upload.uploadPart(this.#parts.length + 1, bytes));
  }

  /** The first `size` waiting bytes. */
  #take(size: number): Uint8Array {
    const taken = new Uint8Array(size);
    let at = 0;
    while (at < size) {
      const first = this.#waiting[0]!;
      const piece = first.subarray(0, size - at);
      taken.set(piece, at);
      at += piece.length;
      if (piece.length === first.length) this.#waiting.shift();
      else this.#waiting[0] = first.subarray(piece.length);
    }
    this.#waitingBytes -= size;
    return taken;
  }
}
