// The keys of a row of events: what rows of an answer it counts in. One for most questions; several where a field has
// several values, as goals and the items of an order have, and then each with its own part of the event.

import { itemText, productOf, type Trade, tradesBy } from "./commerce.ts";
import type { Item } from "./event.ts";
import type { Field, Goal } from "./field.ts";
import { NOT_SET } from "./rollup.ts";
import { numbersOf, type ScanBatch, textsOf } from "./scan-columns.ts";
import { type FieldColumn, isOfItems, parsedItems, readField } from "./scan-fields.ts";
import type { RowKeys } from "./scan-rows.ts";
import type { ScanVisits } from "./scan-visits.ts";
import { dimensionValue } from "./dimension-value.ts";

export interface KeysOfRow {
  /** How many keys the row has; they are then in `numbers`, until the next row is asked for. */
  find: (row: number, bucket: number) => number;
  numbers: number[];
  /** What the row adds by each of them, where that is not all of it. */
  trades: readonly Trade[] | null;
}

export interface About {
  fields: readonly Field[];
  /** The part of the first of them: 1 after a bucket of time, otherwise 0. */
  first: number;
  goals: readonly Goal[];
  batch: ScanBatch;
  visits: ScanVisits | null;
  keys: RowKeys;
}

/** Where each field has one value. */
export function oneKey({ fields, first, goals, batch, visits, keys }: About): KeysOfRow {
  const columns = fields.map((field) => readField(field, goals, batch, visits));
  const coders = columns.map((column, at) => coderOf(column, first + at, keys));
  const numbers = [0];
  const [only] = coders;
  if (fields.length === 0) return { numbers, trades: null, find: (_, bucket) => ((numbers[0] = bucket), 1) };
  if (fields.length === 1 && first === 0)
    return { numbers, trades: null, find: (row) => ((numbers[0] = only!(row)), 1) };
  const find = (row: number, bucket: number): number => {
    let number = bucket;
    for (let at = 0; at < coders.length; at++) number = keys.number(first + at, number, coders[at]!(row));
    numbers[0] = number;
    return 1;
  };
  const combined = first === 0 ? combinedCodes(columns) : null;
  if (combined === null) return { numbers, trades: null, find };
  // The codes of a row together tell its key: it is looked up once for each combination that occurs.
  const known = new Int32Array(combined.size).fill(-1);
  const findCombined = (row: number): number => {
    const code = combined.of(row);
    if (known[code] === -1) {
      find(row, 0);
      known[code] = numbers[0]!;
    } else numbers[0] = known[code]!;
    return 1;
  };
  return { numbers, trades: null, find: findCombined };
}

const COMBINATIONS_MAX = 1 << 20;

/** One code for the codes of several columns; null where there would be too many. */
function combinedCodes(columns: readonly FieldColumn[]): { size: number; of: (row: number) => number } | null {
  const size = columns.reduce((product, column) => product * (column.size + 1), 1);
  if (size > COMBINATIONS_MAX) return null;
  const [left, right] = columns;
  if (columns.length === 2) {
    const [{ codes: a }, { codes: b, size: scale }] = [left!, right!];
    return { size, of: (row) => (a[row]! + 1) * (scale + 1) + b[row]! + 1 };
  }
  return { size, of: (row) => columns.reduce((code, column) => code * (column.size + 1) + column.codes[row]! + 1, 0) };
}

/** The code that a row's one value has as a part of keys. */
function coderOf({ codes, size, values }: FieldColumn, part: number, keys: RowKeys): (row: number) => number {
  const known = new Int32Array(size + 1).fill(-1);
  return (row) => {
    const at = codes[row]! + 1;
    let code = known[at]!;
    if (code === -1) known[at] = code = keys.code(part, values(at - 1)[0]!);
    return code;
  };
}

/** Where a row can have any number of them. Names of products go to `labels`. */
export function manyKeys(about: About, currency: string, labels: Map<string, string>): KeysOfRow {
  const { fields, first, goals, batch, visits, keys } = about;
  const ofItems = fields.filter(isOfItems);
  const goalsOf = fields.some(({ kind }) => kind === "goal") ? readField({ kind: "goal" }, goals, batch, visits) : null;
  const coders = fields.map((field, at) => {
    if (isOfItems(field) || field.kind === "goal") return null;
    return coderOf(readField(field, goals, batch, visits), first + at, keys);
  });
  const tradesOf = ofItems.length === 0 ? null : itemTrades(batch, ofItems, currency, labels);
  const numbers: number[] = [];
  const trades: Trade[] = [];
  const add = (row: number, bucket: number, items: readonly string[], goal: string): void => {
    let number = bucket;
    let item = 0;
    for (let at = 0; at < fields.length; at++) {
      const coder = coders[at]!;
      const part = first + at;
      const code = coder?.(row) ?? keys.code(part, isOfItems(fields[at]!) ? items[item++]! : goal);
      number = keys.number(part, number, code);
    }
    numbers.push(number);
  };
  const find = (row: number, bucket: number): number => {
    numbers.length = trades.length = 0;
    const reached = goalsOf === null ? [""] : goalsOf.values(goalsOf.codes[row]!);
    if (reached.length === 0) return 0;
    for (const [items, trade] of tradesOf?.(row) ?? WHOLE) {
      for (const goal of reached) {
        add(row, bucket, items, goal);
        if (trade !== null) trades.push(trade);
      }
    }
    return numbers.length;
  };
  return { numbers, trades: tradesOf === null ? null : trades, find };
}

type ItemPart = readonly [values: readonly string[], trade: Trade | null];

/** Of an event as one piece. */
const WHOLE: readonly ItemPart[] = [[[], null]];

/** What a row adds by each combination of values that its items have. */
function itemTrades(
  batch: ScanBatch,
  fields: readonly Field[],
  currency: string,
  labels: Map<string, string>,
): (row: number) => ItemPart[] {
  const [names, texts, currencies] = [textsOf(batch, "name"), textsOf(batch, "items"), textsOf(batch, "currency")];
  const values = numbersOf(batch, "value");
  const parsed: (Item[] | undefined)[] = [];
  const known = new Map<number, ItemPart[]>();
  const byProduct = fields.some(({ kind }) => kind === "dimension");
  const keyOf = (item: Item | null): string => JSON.stringify(fields.map((field) => itemValue(field, item)));
  const itemsAt = (code: number): Item[] => {
    if (code < 0) return [];
    let items = parsed[code];
    if (items === undefined) {
      parsed[code] = items = parsedItems(texts.text(code));
      if (byProduct) for (const item of items) label(item, labels);
    }
    return items;
  };
  const partsOf = (row: number): ItemPart[] => {
    const value = values[row]!;
    const code = currencies.codes[row]!;
    const event = {
      name: names.text(names.codes[row]!),
      items: itemsAt(texts.codes[row]!),
      ...(Number.isNaN(value) ? {} : { value }),
      ...(code < 0 ? {} : { currency: currencies.text(code) }),
    };
    return [...tradesBy(event, currency, keyOf)].map(([key, trade]) => [JSON.parse(key) as string[], trade]);
  };
  return (row) => {
    if (!Number.isNaN(values[row]!)) return partsOf(row);
    // Most events have no value of their own, and of what a shop sells there are few things beside its events.
    const pair = texts.codes[row]! * names.size + names.codes[row]!;
    const same = pair * (currencies.size + 1) + currencies.codes[row]!;
    let parts = known.get(same);
    if (parts === undefined) known.set(same, (parts = partsOf(row)));
    return parts;
  };
}

const itemValue = (field: Field, item: Item | null): string => {
  if (field.kind !== "item") return productOf(item);
  return item === null ? NOT_SET : itemText(item, field.field);
};

/** Of several names for a product the last in alphabetical order. */
function label(item: Item, labels: Map<string, string>): void {
  const name = dimensionValue(item.item_name);
  if (name === NOT_SET) return;
  const product = productOf(item);
  const known = labels.get(product);
  if (known === undefined || name > known) labels.set(product, name);
}
