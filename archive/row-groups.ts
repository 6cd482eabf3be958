// What a Parquet footer says of its row groups, packed: as objects a busy day's thousands of column chunks would take
// more memory than everything else that a seal has at a time.

import type { FileMetaData } from "hyparquet";

type Group = FileMetaData["row_groups"][number];
type Chunk = NonNullable<Group["columns"][number]["meta_data"]>;

const FIELDS = [
  "num_values",
  "total_uncompressed_size",
  "total_compressed_size",
  "data_page_offset",
  "dictionary_page_offset",
] as const;
/** And after them the position of its encodings. */
const NUMBERS = FIELDS.length + 1;

export class RowGroups {
  /** By group: the numbers of each chunk, one after the other. */
  readonly #numbers: Float64Array[] = [];
  readonly #rows: number[] = [];
  readonly #bytes: number[] = [];
  /** By column: what is the same in all groups. */
  #columns: Pick<Chunk, "type" | "path_in_schema" | "codec">[] = [];
  readonly #encodings: Chunk["encodings"][] = [];
  /** By group and column, where there are bounds. */
  readonly #statistics: Map<number, Chunk["statistics"]>[] = [];

  get length(): number {
    return this.#rows.length;
  }

  /** `withBounds`: keep the smallest and largest values. */
  add(group: Group, withBounds: boolean): void {
    const chunks = group.columns.map(({ meta_data: chunk }) => chunk!);
    if (this.length === 0)
      this.#columns = chunks.map(({ type, path_in_schema, codec }) => ({ type, path_in_schema, codec }));
    const numbers = new Float64Array(chunks.length * NUMBERS);
    const statistics = new Map<number, Chunk["statistics"]>();
    for (const [column, chunk] of chunks.entries()) {
      for (const [at, field] of FIELDS.entries())
        numbers[column * NUMBERS + at] = chunk[field] === undefined ? Number.NaN : Number(chunk[field]);
      numbers[column * NUMBERS + FIELDS.length] = this.#encodingsAt(chunk.encodings);
      if (withBounds && chunk.statistics?.min_value !== undefined) statistics.set(column, chunk.statistics);
    }
    this.#numbers.push(numbers);
    this.#statistics.push(statistics);
    this.#rows.push(Number(group.num_rows));
    this.#bytes.push(Number(group.total_byte_size));
  }

  /** The group as it was added. */
  at(at: number): Group {
    const columns = this.#columns.map((_, column) => this.#chunkAt(at, column));
    const compressed = columns.reduce((sum, { meta_data: chunk }) => sum + chunk.total_compressed_size, 0n);
    return {
      columns,
      num_rows: BigInt(this.#rows[at]!),
      total_byte_size: BigInt(this.#bytes[at]!),
      total_compressed_size: compressed,
    };
  }

  /** All of them, made while they are gone through, one at a time. */
  list(): Group[] {
    return lazyArray(this.length, (at) => this.at(at));
  }

  #chunkAt(at: number, column: number) {
    const numbers = this.#numbers[at]!.subarray(column * NUMBERS);
    const fields = FIELDS.flatMap((field, i) => (Number.isNaN(numbers[i]) ? [] : [[field, BigInt(numbers[i]!)]]));
    const statistics = this.#statistics[at]!.get(column);
    const chunk = {
      ...this.#columns[column]!,
      encodings: this.#encodings[numbers[FIELDS.length]!]!,
      ...(Object.fromEntries(fields) as Pick<Chunk, (typeof FIELDS)[number]>),
      ...(statistics === undefined ? {} : { statistics }),
    };
    return { meta_data: chunk, file_offset: chunk.dictionary_page_offset ?? chunk.data_page_offset };
  }

  #encodingsAt(encodings: Chunk["encodings"]): number {
    const known = this.#encodings.findIndex((each) => each.join() === encodings.join());
    return known < 0 ? this.#encodings.push(encodings) - 1 : known;
  }
}

/** An array whose items are made when someone goes through it, or through what `map` makes of it. */
function lazyArray<Item>(length: number, make: (at: number) => Item): Item[] {
  return Object.assign(Array.from<Item>({ length }), {
    map: <Made>(each: (item: Item) => Made): Made[] => lazyArray(length, (at) => each(make(at))),
    *[Symbol.iterator]() {
      for (let at = 0; at < length; at++) yield make(at);
    },
  });
}
