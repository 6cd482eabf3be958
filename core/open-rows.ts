// The rows of a day that is still open, as its derived file would hold them: folded from its events as they come, in the order
// of the log, and kept as columns of codes and numbers, so that the events that come later are all that is folded for the next
// question.

import { DayState } from "./day.ts";
import { Deriver } from "./derive.ts";
import { DERIVED_COLUMNS, derivedColumnsOf, visitOrder } from "./derived-columns.ts";
import type { Event } from "./event.ts";
import type { Merchant } from "./merchant.ts";
import type { Value } from "./raw-columns.ts";
import { type Column, kindOf, type ScanBatch } from "./scan-columns.ts";
import { grown } from "./scan-visits.ts";
import type { Day } from "./zone.ts";

const SCANNED = DERIVED_COLUMNS.flatMap(({ name, scanned = false }, at) => (scanned ? [{ name, at }] : []));

export class OpenRows {
  readonly day: Day;
  /** As it is for the whole of the day. */
  readonly merchant: Merchant;
  readonly #state: DayState;
  readonly #deriver: Deriver;
  readonly #columns = new Map<string, Growing>(SCANNED.map(({ name }) => [name, growing(name)]));
  #order: number[] | null = null;

  constructor(day: Day, merchant: Merchant) {
    this.day = day;
    this.merchant = merchant;
    // Hours are let go of, and those that come back are new ones: nobody looks at what they count.
    this.#state = new DayState(day, merchant, () => null);
    this.#deriver = new Deriver(this.#state);
  }

  /** Events that are in it. */
  get events(): number {
    return this.#deriver.events;
  }

  /** Takes in the events that follow. */
  add(events: readonly Event[]): void {
    const rows = events.map((event) => this.#deriver.derive(event, 1));
    const values = derivedColumnsOf(rows, this.merchant.currency);
    for (const { name, at } of SCANNED) this.#columns.get(name)!.add(values[at]!);
    for (const [hourMs, hour] of this.#state.hours) if (hour.live.size === 0) this.#state.hours.delete(hourMs);
    this.#order = null;
  }

  /** Those of the columns, the rows of a visit together. */
  batch(names: Iterable<string>): ScanBatch {
    const numbers = this.#columns.get("visit_number")!;
    this.#order ??= visitOrder(Array.from({ length: this.events }, (_, row) => visitAt(numbers, row)));
    const order = this.#order;
    const columns = [...names].map((name) => [name, this.#columns.get(name)!.read(order)] as const);
    return { rows: this.events, columns: new Map(columns) };
  }
}

const ROOM = 256;
/** A quarter more than there is: what is kept of open days is kept long. */
const roomFor = (size: number): number => Math.ceil(1.25 * size);

const visitAt = (numbers: Growing, row: number): number | null => {
  const visit = numbers.at(row);
  return visit < 0 ? null : visit;
};

interface Growing {
  add(values: readonly Value[]): void;
  /** In the order in which they were added. */
  at(row: number): number;
  read(order: readonly number[]): Column;
}

function growing(name: string): Growing {
  const kind = kindOf(name);
  switch (kind) {
    case "text":
      return new Texts();
    case "numbers": {
      const none = DERIVED_COLUMNS.find((column) => column.name === name)!.type === "number" ? Number.NaN : 0;
      return new Numbers(none, (order, at) => ({ kind, numbers: Float64Array.from(order, at) }));
    }
    case "ordinals":
      return new Numbers(-1, (order, at) => ({ kind, ordinals: Int32Array.from(order, at) }));
    case "flags":
      return new Numbers(0, (order, at) => ({ kind, flags: Uint8Array.from(order, at) }));
  }
}

class Numbers implements Growing {
  readonly #none: number;
  readonly #made: (order: readonly number[], at: (row: number) => number) => Column;
  #numbers = new Float64Array(ROOM);
  #size = 0;

  constructor(none: number, made: (order: readonly number[], at: (row: number) => number) => Column) {
    this.#none = none;
    this.#made = made;
  }

  add(values: readonly Value[]): void {
    const size = this.#size + values.length;
    if (size > this.#numbers.length) this.#numbers = grown(this.#numbers, new Float64Array(roomFor(size)));
    for (const value of values)
      this.#numbers[this.#size++] = value === null || value === undefined ? this.#none : Number(value);
  }

  at(row: number): number {
    return this.#numbers[row]!;
  }

  read(order: readonly number[]): Column {
    return this.#made(order, (row) => this.#numbers[row]!);
  }
}

class Texts implements Growing {
  readonly #known = new Map<string, number>();
  readonly #values: string[] = [];
  #codes = new Int32Array(ROOM);
  #size = 0;

  add(values: readonly Value[]): void {
    const size = this.#size + values.length;
    if (size > this.#codes.length) this.#codes = grown(this.#codes, new Int32Array(roomFor(size)));
    for (const value of values) this.#codes[this.#size++] = typeof value === "string" ? this.#codeOf(value) : -1;
  }

  at(row: number): number {
    return this.#codes[row]!;
  }

  read(order: readonly number[]): Column {
    const values = this.#values;
    const codes = new Int32Array(order.length);
    for (let row = 0; row < order.length; row++) codes[row] = this.#codes[order[row]!]!;
    return { kind: "text", codes, size: values.length, text: (code) => values[code]! };
  }

  #codeOf(text: string): number {
    let code = this.#known.get(text);
    if (code === undefined) {
      code = this.#values.push(text) - 1;
      this.#known.set(text, code);
    }
    return code;
  }
}
