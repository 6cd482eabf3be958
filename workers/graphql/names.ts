// The names of the tables of core/ as GraphQL can write them: "time:day" is TIME_DAY, "7d" is LAST_7D. Made from those tables, so
// what can be asked with REST can be asked here.

import { TIME_NAMES } from "../../core/breakdown.ts";
import { NAMED_RANGES } from "../../core/date-range.ts";
import { ITEM_FIELDS } from "../../core/field.ts";
import { METRIC_NAMES, METRICS } from "../../core/metrics.ts";
import { DIMENSIONS } from "../../core/rollup.ts";

/** Names of dimensions as a query writes them; properties of events have names of their own and are not among them. */
const DIMENSION_NAMES: readonly string[] = [
  ...DIMENSIONS,
  ...ITEM_FIELDS.map((field) => `item:${field}`),
  "goal",
  ...TIME_NAMES,
];

export interface EnumValue {
  value: string;
  description?: string;
}

export const METRIC_VALUES: Record<string, EnumValue> = Object.fromEntries(
  METRIC_NAMES.map((name) => [
    constantCase(name),
    { value: name, description: `${METRICS[name].label}: ${METRICS[name].definition}` },
  ]),
);

export const DIMENSION_VALUES = valuesOf(DIMENSION_NAMES);

/** A name of GraphQL begins with a letter. */
export const RANGE_VALUES = valuesOf(NAMED_RANGES, (name) => (/^\d/.test(name) ? `LAST_${name}` : name));

export function valuesOf(
  names: readonly string[],
  written: (name: string) => string = (name) => name,
): Record<string, EnumValue> {
  return Object.fromEntries(names.map((name) => [constantCase(written(name)), { value: name }]));
}

function constantCase(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9]/g, "_").toUpperCase();
}
