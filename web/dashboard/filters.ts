// What the page is narrowed to: conditions on dimensions, as its address has them and as the API is asked. Pure.

import { type Dimension, DIMENSIONS, NOT_SET, OTHER } from "../../core/rollup.ts";
import { SEGMENT } from "../../core/segments.ts";

export const OPERATORS = ["is", "is_not", "contains", "contains_not"] as const;
export type Operator = (typeof OPERATORS)[number];

/** Fields that have a name of their own. */
export type NamedField = Dimension | "goal" | typeof SEGMENT;

/** A dimension of rollups, the merchant's goals, its saved segments, or a property of events. */
export type FilterField = NamedField | `event:props:${string}`;

export interface Filter {
  operator: Operator;
  field: FilterField;
  /** At least one; any of them fits. */
  values: readonly string[];
}

/** What a field is called; also the order in which they are offered. */
export const FIELD_LABELS: Readonly<Record<NamedField, string>> = {
  [SEGMENT]: "Segment",
  page: "Page",
  entry_page: "Entry page",
  exit_page: "Exit page",
  hostname: "Host",
  channel: "Channel",
  source: "Source",
  referrer: "Referrer",
  utm_source: "UTM source",
  utm_medium: "UTM medium",
  utm_campaign: "UTM campaign",
  utm_content: "UTM content",
  utm_term: "UTM term",
  country: "Country",
  region: "Region",
  city: "City",
  device: "Device",
  browser: "Browser",
  browser_version: "Browser version",
  os: "System",
  os_version: "System version",
  language: "Language",
  product: "Product",
  event: "Event",
  goal: "Goal",
};

export const OPERATOR_LABELS: Readonly<Record<Operator, string>> = {
  is: "is",
  is_not: "is not",
  contains: "contains",
  contains_not: "does not contain",
};

/** Followed by the property's name. */
export const PROPERTY = "event:props:";

/** An event that reaches no goal is nothing that one could ask about. */
const GOAL_OPERATORS: readonly Operator[] = ["is", "contains"];
/** Named by their ids, in no other way. */
const SEGMENT_OPERATORS: readonly Operator[] = ["is"];

export const operatorsFor = (field: FilterField): readonly Operator[] =>
  field === "goal" ? GOAL_OPERATORS : field === SEGMENT ? SEGMENT_OPERATORS : OPERATORS;

export const labelOf = (field: FilterField): string =>
  isNamed(field) ? FIELD_LABELS[field] : `Property ${field.slice(PROPERTY.length)}`;

export const isNamed = (field: string): field is NamedField =>
  field === "goal" || field === SEGMENT || isDimension(field);

/** Saved filters, which do not go within one another. */
export const isSegment = ({ field }: Filter): boolean => field === SEGMENT;

/** Of those that are counted by the hour. */
export const isDimension = (field: string): field is Dimension => (DIMENSIONS as readonly string[]).includes(field);

/** As in the address: `is,country,DE,FR`, each part as in a query string. */
export const formatFilter = ({ operator, field, values }: Filter): string =>
  [operator, field, ...values].map((part) => encodeURIComponent(part)).join(",");

/** Null for what is no filter. */
export const parseFilter = (text: string): Filter | null => {
  const parts = text.split(",").map(decoded);
  const [operator, field, ...values] = parts;
  const known = OPERATORS.find((each) => each === operator);
  if (known === undefined || field === undefined || values.length === 0 || parts.includes(undefined)) return null;
  if (!isField(field) || !operatorsFor(field).includes(known)) return null;
  return { operator: known, field, values: values as string[] };
};

const isField = (field: string): field is FilterField =>
  isNamed(field) || (field.startsWith(PROPERTY) && field.length > PROPERTY.length);

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

/** The wire form of core/query.ts. Values that people read and click are compared to the letter, what they write is not. */
export const filterBody = (filters: readonly Filter[]): unknown[] =>
  filters.map(({ operator, field, values }) =>
    field === SEGMENT
      ? [operator, field, values]
      : [operator, field, values, { case_sensitive: operator === "is" || operator === "is_not" }],
  );

/** Clicking a row narrows the page to it; clicking it again, or another value of that field, changes that. */
export const toggled = (filters: readonly Filter[], field: FilterField, value: string): Filter[] => {
  const at = filters.findIndex((each) => each.operator === "is" && each.field === field);
  const known = filters[at];
  if (known === undefined) return [...filters, { operator: "is", field, values: [value] }];
  if (known.values.length === 1 && known.values[0] === value) return filters.filter((_, index) => index !== at);
  return filters.map((each, index) => (index === at ? { ...each, values: [value] } : each));
};

export const isFiltered = (filters: readonly Filter[], field: FilterField, value: string): boolean =>
  filters.some((each) => each.operator === "is" && each.field === field && each.values.includes(value));

/** All the others together are nothing that one could filter by. */
export const canFilterBy = (value: string): boolean => value !== OTHER;

/** What a value is shown as, whatever its dimension. */
export const plainName = (value: string): string =>
  value === NOT_SET ? "Not set" : value === OTHER ? "All others" : value === "(direct)" ? "Direct" : value;
