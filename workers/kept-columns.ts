// Columns of sealed days, kept in the isolate: what a long range by a dimension reads is nearly all in days that no longer change.
// A version names a row of Postgres as it was written, so whoever says which ones are known is told no more than that they are
// still those. Bounded in bytes: what was asked for longest ago goes first.

import { REPORT_KEPT_BYTES_MAX } from "../core/limits.ts";
import type { Column, ColumnSketches } from "../core/rollup.ts";

export interface KeptColumn {
  column: Column | null;
  sketches: ColumnSketches | null;
}

interface Shelf {
  /** By date and shard, with a slash between, which is how a version begins. */
  days: Map<string, { version: string; kept: KeptColumn }>;
  bytes: number;
  /** Each text once: the same values come on most days. */
  texts: Map<string, string>;
}

const NUMBER_BYTES = 8;
const TEXT_BYTES = 16;

export class KeptColumns {
  /** The one that was asked for longest ago first. */
  readonly #shelves = new Map<string, Shelf>();
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax = REPORT_KEPT_BYTES_MAX) {
    this.#bytesMax = bytesMax;
  }

  /** By version those of a shelf ("merchant dimension …") on the dates: they stay with the caller, whatever goes meanwhile. */
  of(shelf: string, dates: readonly string[]): ReadonlyMap<string, KeptColumn> {
    const found = this.#shelves.get(shelf);
    if (found === undefined) return new Map();
    this.#shelves.delete(shelf);
    this.#shelves.set(shelf, found);
    const asked = new Set(dates);
    const days = [...found.days].filter(([day]) => asked.has(day.slice(0, day.indexOf("/"))));
    return new Map(days.map(([, { version, kept }]) => [version, kept]));
  }

  /** Gives what it keeps. */
  keep(shelf: string, version: string, { column, sketches }: KeptColumn): KeptColumn {
    const on = this.#shelfNamed(shelf);
    const kept = {
      column: column === null ? null : { ...column, v: column.v.map((text) => once(on, text)) },
      sketches,
    };
    const day = version.split("/", 2).join("/");
    const before = on.days.get(day);
    // Another version of the same day's row is no use any more.
    if (before !== undefined) this.#count(on, -bytesOf(before.kept));
    on.days.set(day, { version, kept });
    this.#count(on, bytesOf(kept));
    for (const [name, oldest] of this.#shelves) {
      if (this.#bytes <= this.#bytesMax) break;
      this.#shelves.delete(name);
      this.#bytes -= oldest.bytes;
    }
    return kept;
  }

  #shelfNamed(name: string): Shelf {
    let shelf = this.#shelves.get(name);
    if (shelf === undefined) {
      shelf = { days: new Map(), bytes: 0, texts: new Map() };
      this.#shelves.set(name, shelf);
    }
    return shelf;
  }

  #count(shelf: Shelf, bytes: number): void {
    shelf.bytes += bytes;
    this.#bytes += bytes;
  }
}

function once({ texts }: Shelf, text: string | number): string | number {
  if (typeof text === "number") return text;
  const known = texts.get(text);
  if (known !== undefined) return known;
  texts.set(text, text);
  return text;
}

/** An estimate; texts that days share are counted for each. */
function bytesOf({ column, sketches }: KeptColumn): number {
  const textsOf = (texts: readonly (string | number | null)[] = []): number =>
    texts.reduce<number>((sum, text) => sum + TEXT_BYTES + (typeof text === "string" ? text.length : 0), 0);
  const arrays = column === null ? 0 : Object.keys(column).length;
  const numbers = column === null ? 0 : arrays * column.v.length * NUMBER_BYTES;
  return numbers + textsOf(column?.v) + textsOf(sketches?.anonymous) + textsOf(sketches?.identified);
}
