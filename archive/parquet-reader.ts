// Reads Parquet a row group at a time, each with one ranged read of what is asked for, while the next one is on its way. What it reads from
// is a source: a file in R2, or bytes in memory for benchmarks.

import { type AsyncBuffer, type FileMetaData, parquetMetadataAsync, parquetRead } from "hyparquet";
import type { Values } from "../core/raw-columns.ts";
import type { FileColumn } from "./parquet-writer.ts";
import { RowGroups } from "./row-groups.ts";

/** A file by ranges. `read` gives the bytes [start, end). */
export interface Source {
  bytes: number;
  read(start: number, end: number): Promise<ArrayBuffer>;
}

export interface OpenFile {
  source: Source;
  /** Without its row groups. */
  metadata: FileMetaData;
  groups: RowGroups;
  rows: number;
  /** What the writer noted in the footer. */
  notes: Record<string, string>;
}

export interface RowGroup {
  rows: number;
  /** In the order of the columns that were asked for. */
  columns: Values[];
}

/** Most footers fit: then opening is one read. */
const FOOTER_BYTES = 1 << 16;

const PARSERS = { timestampFromMilliseconds: Number };

/** Throws when the file is not Parquet. */
export const openParquet = async (source: Source): Promise<OpenFile> => {
  const metadata = await parquetMetadataAsync(bufferOf(source), { initialFetchSize: FOOTER_BYTES });
  const notes = Object.fromEntries((metadata.key_value_metadata ?? []).map(({ key, value }) => [key, value ?? ""]));
  const groups = new RowGroups();
  for (const group of metadata.row_groups) groups.add(group, false);
  return { source, metadata: { ...metadata, row_groups: [] }, groups, rows: Number(metadata.num_rows), notes };
};

export async function* rowGroupsOf(file: OpenFile, columns: readonly FileColumn[]): AsyncGenerator<RowGroup> {
  const { metadata, groups, source } = file;
  const names = new Set(columns.map(({ name }) => name));
  let coming = groups.length > 0 ? fetchGroup(source, groups.at(0), names) : null;
  for (let at = 0; at < groups.length; at++) {
    const buffer = await coming!;
    coming = at + 1 < groups.length ? fetchGroup(source, groups.at(at + 1), names) : null;
    // Awaited in its turn; meanwhile a failure must not count as unhandled.
    coming?.catch(() => null);
    yield await decode(buffer, { ...metadata, row_groups: [groups.at(at)] }, columns);
  }
}

type Group = FileMetaData["row_groups"][number];

/** From the first to the last of the columns that are asked for. */
const fetchGroup = async (source: Source, group: Group, names: ReadonlySet<string>): Promise<AsyncBuffer> => {
  let start = Number.POSITIVE_INFINITY;
  let end = 0;
  for (const { meta_data: chunk } of group.columns) {
    if (!names.has(chunk!.path_in_schema.join("."))) continue;
    const from = Number(chunk!.dictionary_page_offset ?? chunk!.data_page_offset);
    start = Math.min(start, from);
    end = Math.max(end, from + Number(chunk!.total_compressed_size));
  }
  const bytes = end === 0 ? new ArrayBuffer(0) : await source.read(start, end);
  return { byteLength: source.bytes, slice: (from, to = end) => bytes.slice(from - start, to - start) };
};

/** `metadata` has the one group. A column that the file does not have, being older, is a column of nulls. */
async function decode(file: AsyncBuffer, metadata: FileMetaData, columns: readonly FileColumn[]): Promise<RowGroup> {
  const inFile = new Set(metadata.schema.map(({ name }) => name));
  const pieces = new Map<string, Values[]>();
  for (const { name } of columns) if (inFile.has(name)) pieces.set(name, []);
  await parquetRead({
    file,
    metadata,
    columns: [...pieces.keys()],
    parsers: PARSERS,
    onChunk: ({ columnName, columnData }) => void pieces.get(columnName)?.push(columnData as Values),
  });
  const rows = Number(metadata.row_groups[0]!.num_rows);
  const nothing = Array.from<null>({ length: rows }).fill(null);
  const valuesOf = ({ name }: FileColumn): Values => {
    const found = pieces.get(name);
    return found === undefined ? nothing : joined(found, name, rows);
  };
  return { rows, columns: columns.map(valuesOf) };
}

function joined(pieces: readonly Values[], name: string, rows: number): Values {
  const whole = pieces.length === 1 ? pieces[0]! : pieces.flatMap((piece) => Array.from(piece));
  if (whole.length !== rows) throw new Error(`column ${name} has ${whole.length} of ${rows} rows`);
  return whole;
}

const bufferOf = (source: Source): AsyncBuffer => ({
  byteLength: source.bytes,
  slice: (start, end = source.bytes) => source.read(start, end),
});

/** R2 did not give what is there, or it was replaced meanwhile: reading again may help. */
export class NotRead extends Error {}

/** A file in R2. Its reads throw `NotRead`, and so does this when it is not there. */
export const r2Source = async (bucket: R2Bucket, key: string): Promise<Source & { etag: string }> => {
  const answered = async <Answer>(answer: Promise<Answer | null>): Promise<Answer> => {
    try {
      const given = await answer;
      if (given !== null) return given;
    } catch (error) {
      throw new NotRead(`R2 did not give ${key}`, { cause: error });
    }
    throw new NotRead(`${key} is not in R2`);
  };
  const { size, etag } = await answered(bucket.head(key));
  return {
    bytes: size,
    etag,
    read: async (start, end) => {
      const range = { offset: start, length: end - start };
      const object = await answered(bucket.get(key, { range, onlyIf: { etagMatches: etag } }));
      if (!("body" in object)) throw new NotRead(`${key} was replaced while it was read`);
      return answered(object.arrayBuffer());
    },
  };
};
