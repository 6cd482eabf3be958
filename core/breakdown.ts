// What a query is broken down by: time, and fields of events and visits; and their names on the wire, ours and Plausible's.

import { type Field, ITEM_FIELDS } from "./field.ts";
import { type Interval, INTERVALS } from "./interval.ts";
import { PROP_NAME_CHARS_MAX, QUERY_DIMENSIONS_MAX } from "./limits.ts";
import { below, charsOf, fault, listed, type QueryFault, quoted } from "./query-fault.ts";
import { ok, type Result } from "./result.ts";
import { type Dimension, DIMENSIONS, EVENT_DIMENSIONS } from "./rollup.ts";

/** The interval null is left to us. */
export interface TimeDimension {
  kind: "time";
  interval: Interval | null;
}

export type QueryDimension = TimeDimension | Field;

export const TIME_NAMES: readonly string[] = ["time", ...INTERVALS.map((interval) => `time:${interval}`)];
/** Followed by the name of a property. */
export const PROP_PREFIX = "event:props:";

const EVENT_NAMES: readonly string[] = EVENT_DIMENSIONS;

/** Plausible's name of one of ours. */
function aliasOf(dimension: Dimension): string {
  if (dimension === "event") return "event:name";
  return EVENT_NAMES.includes(dimension) ? `event:${dimension}` : `visit:${dimension}`;
}

const FIELDS_BY_NAME = new Map<string, Field>([
  ...DIMENSIONS.map((dimension): [string, Field] => [dimension, { kind: "dimension", dimension }]),
  ...DIMENSIONS.map((dimension): [string, Field] => [aliasOf(dimension), { kind: "dimension", dimension }]),
  ...ITEM_FIELDS.map((field): [string, Field] => [`item:${field}`, { kind: "item", field }]),
  ["goal", { kind: "goal" }],
  ["event:goal", { kind: "goal" }],
]);

/** Every name of a field but those of properties, aliases among them. */
export const FIELD_NAMES: readonly string[] = [...FIELDS_BY_NAME.keys()];

/** One name of each, as answers have them. */
const SHOWN_NAMES: readonly string[] = [...DIMENSIONS, ...ITEM_FIELDS.map((field) => `item:${field}`), "goal"];

/** The fields that exist, for a refusal. */
export const FIELDS_LISTED = `${listed(SHOWN_NAMES)}, ${PROP_PREFIX}<name>`;

/** What the name of a field means; null when nothing. */
export function fieldNamed(name: unknown): Field | null {
  if (typeof name !== "string") return null;
  const known = FIELDS_BY_NAME.get(name);
  if (known !== undefined) return known;
  if (!name.startsWith(PROP_PREFIX)) return null;
  const prop = name.slice(PROP_PREFIX.length);
  const chars = charsOf(prop);
  return chars > 0 && chars <= PROP_NAME_CHARS_MAX ? { kind: "prop", name: prop } : null;
}

export const isTimeName = (name: unknown): boolean => typeof name === "string" && TIME_NAMES.includes(name);

export function dimensionNamed(name: unknown): QueryDimension | null {
  if (name === "time") return { kind: "time", interval: null };
  const interval = INTERVALS.find((each) => name === `time:${each}`);
  return interval === undefined ? fieldNamed(name) : { kind: "time", interval };
}

/** The name as answers have it. */
export function nameOf(dimension: QueryDimension): string {
  switch (dimension.kind) {
    case "time":
      return dimension.interval === null ? "time" : `time:${dimension.interval}`;
    case "dimension":
      return dimension.dimension;
    case "prop":
      return `${PROP_PREFIX}${dimension.name}`;
    case "item":
      return `item:${dimension.field}`;
    case "goal":
      return "goal";
  }
}

export const sameField = (a: QueryDimension, b: QueryDimension): boolean => nameOf(a) === nameOf(b);

export function parseDimensions(written: unknown): Result<QueryDimension[], QueryFault> {
  if (written === undefined) return ok([]);
  if (!Array.isArray(written))
    return fault("#/dimensions", "malformed", `A list is needed here, not ${quoted(written)}.`);
  if (written.length > QUERY_DIMENSIONS_MAX)
    return fault(
      below("#/dimensions", QUERY_DIMENSIONS_MAX),
      "too_much",
      `${QUERY_DIMENSIONS_MAX} dimensions at most can be asked at once.`,
    );
  const dimensions: QueryDimension[] = [];
  for (const [at, name] of (written as unknown[]).entries()) {
    const pointer = below("#/dimensions", at);
    const dimension = dimensionNamed(name);
    if (dimension === null)
      return fault(
        pointer,
        "unknown_dimension",
        `Unknown dimension ${quoted(name)}. Use any of: ${FIELDS_LISTED}, ${listed(TIME_NAMES)}.`,
      );
    if (dimensions.some((each) => sameField(each, dimension)))
      return fault(pointer, "malformed", `The dimension "${nameOf(dimension)}" stands there twice.`);
    if (dimension.kind === "time" && dimensions.some(({ kind }) => kind === "time"))
      return fault(pointer, "impossible_combination", "One dimension of time at a time.");
    dimensions.push(dimension);
  }
  return ok(dimensions);
}
