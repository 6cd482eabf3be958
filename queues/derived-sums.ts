// What stands for the rows of a derived file where it is held against another counting: how many there are, how many of each
// verdict, and the sums of what was traded.

import { DERIVED_COLUMNS, derivedColumnsOf } from "../core/derived-columns.ts";
import type { DerivedRow } from "../core/derive.ts";
import { textOf } from "../core/error-text.ts";
import type { Values } from "../core/raw-columns.ts";
import { fail, ok, type Result } from "../core/result.ts";
import { NotRead, openParquet, r2Source, rowGroupsOf } from "../archive/parquet-reader.ts";

/** By name: "rows", "verdict: …", columns of whole numbers, and when it all happened. */
export type Sums = Record<string, bigint>;

const SUMMED = DERIVED_COLUMNS.filter(
  ({ name, type }) => name === "verdict" || name === "occurred_at" || type === "integer",
).map(({ name, type }) => ({ name, type }));
const PLACES = SUMMED.map((column) => DERIVED_COLUMNS.findIndex(({ name }) => name === column.name));

export class DerivedSums {
  readonly sums: Sums = { rows: 0n };
  readonly #currency: string;

  constructor(currency: string) {
    this.#currency = currency;
  }

  add(rows: readonly DerivedRow[]): void {
    const columns = derivedColumnsOf(rows, this.#currency);
    addTo(
      this.sums,
      rows.length,
      PLACES.map((place) => columns[place]!),
    );
  }
}

/** Fails with why it cannot be read. Throws when R2 does not answer. */
export async function derivedIn(bucket: R2Bucket, key: string): Promise<Result<Sums, string>> {
  const sums: Sums = { rows: 0n };
  try {
    const file = await openParquet(await r2Source(bucket, key));
    for await (const { rows, columns } of rowGroupsOf(file, SUMMED)) addTo(sums, rows, columns);
  } catch (error) {
    if (error instanceof NotRead) throw error;
    return fail(textOf(error));
  }
  return ok(sums);
}

function addTo(sums: Sums, rows: number, columns: readonly Values[]): void {
  sums["rows"]! += BigInt(rows);
  for (const [at, { name }] of SUMMED.entries()) {
    for (const value of Array.from(columns[at]!)) {
      if (value == null) continue;
      const [sum, more] = name === "verdict" ? [`verdict: ${String(value)}`, 1n] : [name, BigInt(value)];
      sums[sum] = (sums[sum] ?? 0n) + more;
    }
  }
}
