// The values of a field in a batch of rows. Whatever is worked out of texts (a property out of JSON, goals out of names and
// pages) is worked out once for each text that occurs, or each pair of them, and then known by its code.

import { dimensionValue } from "./dimension-value.ts";
import type { Item } from "./event.ts";
import type { Field, Goal, ItemField } from "./field.ts";
import { patternOf } from "./pattern.ts";
import { EXIT_DIMENSIONS, NOT_SET } from "./rollup.ts";
import { numbersOf, ordinalsOf, type ScanBatch, textsOf } from "./scan-columns.ts";
import { isShopEvent, itemText, productNames } from "./commerce.ts";
import type { ScanVisits } from "./scan-visits.ts";

export interface FieldColumn {
  /** For each row the code of its values; -1 is a code too. */
  codes: Int32Array;
  /** Codes are below it. */
  size: number;
  /** The values of a code, each once: one of most fields, of others as many as there are. Dear: to be asked once. */
  values: (code: number) => readonly string[];
}

/** Fields of which an event has as many values as its items. */
export const isOfItems = (field: Field): boolean =>
  field.kind === "item" || (field.kind === "dimension" && field.dimension === "product");

export const isExit = (field: Field): boolean =>
  field.kind === "dimension" && EXIT_DIMENSIONS.some((name) => name === field.dimension);

/** Columns of the derived files that the field is read from. */
export function fieldColumns(field: Field, goals: readonly Goal[]): string[] {
  switch (field.kind) {
    case "prop":
      return ["props"];
    case "item":
      return ["items", "name"];
    case "goal":
      return goals.some(({ match }) => match.kind === "page") ? ["name", "page"] : ["name"];
    case "dimension":
      if (isExit(field)) return ["visit_number"];
      if (field.dimension === "event") return ["name"];
      return field.dimension === "product" ? ["items", "name", "value"] : [field.dimension];
  }
}

/** `visits` are complete where the field is one of theirs. */
export function readField(
  field: Field,
  goals: readonly Goal[],
  batch: ScanBatch,
  visits: ScanVisits | null,
): FieldColumn {
  switch (field.kind) {
    case "prop":
      return single(textsOf(batch, "props"), (json) => propOf(json, field.name));
    case "item":
      return itemsOf(batch, field.field);
    case "goal":
      return goalsOf(batch, goals);
    case "dimension":
      if (isExit(field)) return exitsOf(batch, visits!);
      if (field.dimension === "event") return single(textsOf(batch, "name"), dimensionValue);
      if (field.dimension === "product") return productsOf(batch);
      return single(textsOf(batch, field.dimension), (text) => text);
  }
}

const NONE: readonly string[] = [];
const ONLY_NOT_SET: readonly string[] = [NOT_SET];

/** A row without a text has the value NOT_SET. */
function single(
  { codes, size, text }: { codes: Int32Array; size: number; text: (code: number) => string },
  valueOf: (text: string) => string,
): FieldColumn {
  return { codes, size, values: (code) => (code < 0 ? ONLY_NOT_SET : [valueOf(text(code))]) };
}

function propOf(json: string, name: string): string {
  const props = JSON.parse(json) as Record<string, unknown>;
  if (!Object.hasOwn(props, name)) return NOT_SET;
  const value = props[name];
  if (typeof value === "string") return dimensionValue(value);
  return typeof value === "number" || typeof value === "boolean" ? String(value) : NOT_SET;
}

function exitsOf(batch: ScanBatch, visits: ScanVisits): FieldColumn {
  const codes = ordinalsOf(batch, "visit_number").map((visit) => (visit < 0 ? -1 : visits.exit[visit]!));
  const { exitPages } = visits;
  return single({ codes, size: exitPages.length, text: (code) => exitPages[code]! }, (page) => page);
}

/** Events of the shop without items have the value NOT_SET, other events without items none. */
function itemsOf(batch: ScanBatch, field: ItemField): FieldColumn {
  const names = textsOf(batch, "name");
  const items = textsOf(batch, "items");
  const isShop = Array.from({ length: names.size }, (_, code) => isShopEvent(names.text(code)));
  const codes = items.codes.map((code, row) => (code >= 0 || !isShop[names.codes[row]!]! ? code : items.size));
  return {
    codes,
    size: items.size + 1,
    values: (code) => {
      if (code < 0) return NONE;
      if (code === items.size) return ONLY_NOT_SET;
      const all = parsedItems(items.text(code));
      return all.length === 0 ? ONLY_NOT_SET : unique(all.map((item) => itemText(item, field)));
    },
  };
}

/** None but events of the shop have products. */
function productsOf(batch: ScanBatch): FieldColumn {
  const names = textsOf(batch, "name");
  const items = textsOf(batch, "items");
  const prices = numbersOf(batch, "value");
  const isShop = Array.from({ length: names.size }, (_, code) => isShopEvent(names.text(code)));
  // Two codes for the items of a row: with a value of the event's own and without.
  const codes = items.codes.map((code, row) =>
    isShop[names.codes[row]!]! ? 2 * (code + 1) + Number(!Number.isNaN(prices[row]!)) : -1,
  );
  return {
    codes,
    size: 2 * (items.size + 1),
    values: (code) => {
      if (code < 0) return NONE;
      const own = (code >> 1) - 1;
      return productNames(own < 0 ? [] : parsedItems(items.text(own)), code % 2 === 1);
    },
  };
}

function goalsOf(batch: ScanBatch, goals: readonly Goal[]): FieldColumn {
  const names = textsOf(batch, "name");
  const events = goals.map(({ name, match }) => ({ name, event: match.kind === "event" ? match.event : null }));
  const ofName = (text: string): string[] => events.filter(({ event }) => event === text).map(({ name }) => name);
  const patterns = goals.flatMap(({ name, match }) =>
    match.kind === "page" ? [{ name, fits: patternOf(match.pattern) }] : [],
  );
  if (patterns.length === 0)
    return { codes: names.codes, size: names.size, values: (code) => (code < 0 ? NONE : ofName(names.text(code))) };
  const pages = textsOf(batch, "page");
  const { codes, pairs } = paired(names.codes, pages.codes);
  return {
    codes,
    size: pairs.length,
    values: (code) => {
      const [name, page] = pairs[code]!;
      const text = name < 0 ? "" : names.text(name);
      const reached = ofName(text);
      if (text !== "pageview" || page < 0) return unique(reached);
      const path = pages.text(page);
      return unique([...reached, ...patterns.filter(({ fits }) => fits(path)).map((pattern) => pattern.name)]);
    },
  };
}

/** One code for each pair of codes that occurs. */
function paired(left: Int32Array, right: Int32Array): { codes: Int32Array; pairs: [number, number][] } {
  const known = new Map<number, number>();
  const pairs: [number, number][] = [];
  const codes = left.map((a, row) => {
    const b = right[row]!;
    const key = (a + 1) * 2 ** 26 + b + 1;
    let code = known.get(key);
    if (code === undefined) {
      code = pairs.push([a, b]) - 1;
      known.set(key, code);
    }
    return code;
  });
  return { codes, pairs };
}

const unique = (values: string[]): string[] => (values.length < 2 ? values : [...new Set(values)]);

export const parsedItems = (json: string): Item[] => {
  const items: unknown = JSON.parse(json);
  return Array.isArray(items) ? (items as Item[]) : [];
};
