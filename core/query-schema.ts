// The JSON Schema (draft 2020-12) of a query, made from the tables that `parseQuery` reads by: what one refuses for a reason that
// a schema can say, so does the other. Published for whoever asks; judging is `parseQuery`'s, which also looks at how the parts
// of a query go together.

import { FIELD_NAMES, PROP_PREFIX, TIME_NAMES } from "./breakdown.ts";
import { DATE_PATTERN, INSTANT_PATTERN, NAMED_RANGES } from "./date-range.ts";
import { type Operator, OPERATORS } from "./filter.ts";
import * as limits from "./limits.ts";
import { METRIC_NAMES, METRICS } from "./metrics.ts";
import { COUNTRY_PATTERN, GOAL_OPERATORS } from "./query-filters.ts";
import { COMPARISON_MODES, DIRECTIONS, INCLUDE_FLAGS } from "./query-options.ts";
import { SEGMENT } from "./segments.ts";
import { positiveOf } from "./text-match.ts";

type Schema = Record<string, unknown>;

const object = (properties: Record<string, Schema>, required: readonly string[] = []): Schema => ({
  type: "object",
  properties,
  required,
  additionalProperties: false,
});

/** A list of just these, in this order. */
const tuple = (...items: Schema[]): Schema => ({
  type: "array",
  prefixItems: items,
  minItems: items.length,
  maxItems: items.length,
});

const ref = (name: string): Schema => ({ $ref: `#/$defs/${name}` });

const OF_GOALS = ["goal", "event:goal"];
const OF_COUNTRIES = ["country", "visit:country"];
const MATCHING = OPERATORS.filter((operator) => positiveOf(operator).operator === "matches");
const EXACT = OPERATORS.filter((operator) => positiveOf(operator).operator === "is");
const CONTAINING = OPERATORS.filter((operator) => positiveOf(operator).operator === "contains");

const prop: Schema = {
  type: "string",
  pattern: `^${PROP_PREFIX}[\\s\\S]{1,${limits.PROP_NAME_CHARS_MAX}}$`,
  description: "A property of the event, by its name.",
};

const named = (names: readonly string[]): Schema => ({ enum: names });
const field = (without: readonly string[]): Schema => ({
  anyOf: [named(FIELD_NAMES.filter((name) => !without.includes(name))), prop],
});

const value: Schema = { type: "string", minLength: 1, maxLength: limits.QUERY_FILTER_VALUE_CHARS_MAX };
const values = (of: Schema, maxItems: number): Schema => ({ type: "array", items: of, minItems: 1, maxItems });
const expression: Schema = {
  type: "string",
  minLength: 1,
  maxLength: limits.QUERY_PATTERN_CHARS_MAX,
  description: "A regular expression of RE2, found anywhere in the value.",
};

const clause = (operators: readonly Operator[], dimension: Schema, of: Schema): Schema => ({
  type: "array",
  prefixItems: [{ enum: operators }, dimension, of, object({ case_sensitive: { type: "boolean", default: true } })],
  minItems: 3,
  maxItems: 4,
});

const CLAUSES: readonly Schema[] = [
  clause(EXACT, field([...OF_GOALS, ...OF_COUNTRIES]), values(value, limits.QUERY_FILTER_VALUES_MAX)),
  clause(
    EXACT,
    named(OF_COUNTRIES),
    values({ type: "string", pattern: COUNTRY_PATTERN }, limits.QUERY_FILTER_VALUES_MAX),
  ),
  clause(CONTAINING, field(OF_GOALS), values(value, limits.QUERY_FILTER_VALUES_MAX)),
  clause(MATCHING, field(OF_GOALS), values(expression, limits.QUERY_PATTERNS_MAX)),
  clause(GOAL_OPERATORS, named(OF_GOALS), values(value, limits.QUERY_FILTER_VALUES_MAX)),
  tuple({ const: "is" }, { const: SEGMENT }, values(value, limits.QUERY_FILTER_VALUES_MAX)),
];

/** `depth` filters may still stand within one another; what a visit has done is not asked within itself. */
const filterName = (depth: number, ofVisit: boolean): string => `filter${depth}${ofVisit ? "OfVisit" : ""}`;

function filterOf(depth: number, ofVisit: boolean): Schema {
  if (depth === 1) return ref("clause");
  const inner = ref(filterName(depth - 1, ofVisit));
  const combined = [
    tuple(named(["and", "or"]), { type: "array", items: inner, minItems: 1 }),
    tuple({ const: "not" }, inner),
    ...(ofVisit ? [] : [tuple(named(["has_done", "has_not_done"]), ref(filterName(depth - 1, true)))]),
  ];
  return { anyOf: [ref("clause"), ...combined] };
}

const DEPTHS = Array.from({ length: limits.QUERY_FILTER_DEPTH_MAX }, (_, at) => at + 1);

const date: Schema = { type: "string", pattern: DATE_PATTERN };
const instant: Schema = { type: "string", pattern: INSTANT_PATTERN };
const metric: Schema = { enum: METRIC_NAMES };
const dimension: Schema = { anyOf: [named([...FIELD_NAMES, ...TIME_NAMES]), prop] };
const flag: Schema = { type: "boolean", default: false };

export const QUERY_SCHEMA = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "Countinghouse: POST /api/v1/query",
  ...object(
    {
      merchant: { type: "string", minLength: 1, description: "The merchant's id." },
      metrics: {
        type: "array",
        items: ref("metric"),
        minItems: 1,
        uniqueItems: true,
        description: METRIC_NAMES.map((name) => `${name}: ${METRICS[name].definition}`).join("\n"),
      },
      date_range: ref("date_range"),
      dimensions: {
        type: "array",
        items: ref("dimension"),
        maxItems: limits.QUERY_DIMENSIONS_MAX,
        uniqueItems: true,
        description: "One of them may be of time.",
      },
      filters: {
        type: "array",
        items: ref(filterName(limits.QUERY_FILTER_DEPTH_MAX, false)),
        maxItems: limits.QUERY_FILTERS_MAX,
        description: "What must hold together.",
      },
      order_by: {
        type: "array",
        items: tuple({ anyOf: [ref("metric"), ref("dimension")] }, named(DIRECTIONS)),
        description: "Of what is asked.",
      },
      include: object({
        ...Object.fromEntries(Object.keys(INCLUDE_FLAGS).map((name) => [name, flag])),
        comparisons: {
          anyOf: [
            object({ mode: named(COMPARISON_MODES.filter((mode) => mode !== "custom")), match_day_of_week: flag }, [
              "mode",
            ]),
            object({ mode: { const: "custom" }, date_range: ref("date_range"), match_day_of_week: { const: false } }, [
              "mode",
              "date_range",
            ]),
          ],
        },
      }),
      pagination: object({
        limit: { type: "integer", minimum: 1, maximum: limits.REPORT_ROWS_MAX, default: limits.REPORT_ROWS_MAX },
        offset: { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER, default: 0 },
      }),
      explain: { ...flag, description: "The answer says how it was come by." },
    },
    ["merchant", "metrics", "date_range"],
  ),
  $defs: {
    metric,
    dimension,
    date_range: { anyOf: [named(NAMED_RANGES), tuple(date, date), tuple(instant, instant)] },
    clause: { anyOf: CLAUSES },
    ...Object.fromEntries(
      DEPTHS.flatMap((depth) =>
        [false, true].map((ofVisit) => [filterName(depth, ofVisit), filterOf(depth, ofVisit)] as const),
      ),
    ),
  },
};
