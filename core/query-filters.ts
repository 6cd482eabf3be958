// The filters of a query: which events it is about. What they mean stands in core/scan-plan.ts. Bounded in every way, so that
// holding an event against them takes little; and whatever is sent, it is read or refused.

import { FIELDS_LISTED, fieldNamed, isTimeName, nameOf } from "./breakdown.ts";
import type { Field } from "./field.ts";
import { type Filter, OPERATORS, type Operator } from "./filter.ts";
import * as limits from "./limits.ts";
import { below, charsOf, fault, listed, malformed, parseObject, type QueryFault, quoted } from "./query-fault.ts";
import { ok, type Result } from "./result.ts";
import { NOT_SET, OTHER } from "./rollup.ts";
import { NO_SEGMENTS, SEGMENT, type Segments } from "./segments.ts";
import { type Clause, expressionFault, positiveOf } from "./text-match.ts";

export const GOAL_OPERATORS = ["is", "contains"] as const;
/** What `country` is given as: ISO 3166-1 alpha-2, and what stands where there is none. */
export const COUNTRY_PATTERN = `^(?:[A-Za-z][A-Za-z0-9]|${[NOT_SET, OTHER].map(escaped).join("|")})$`;

const COUNTRY = new RegExp(COUNTRY_PATTERN);
const EXAMPLE = '["is","page",["/"]]';
const COMBINING = ["and", "or", "not", "has_done", "has_not_done"] as const;

/** All filters of a query, which must hold together; null for none. Segments stand there as what they are. */
export function parseFilters(
  written: unknown,
  pointer = "#/filters",
  segments: Segments = NO_SEGMENTS,
): Result<Filter | null, QueryFault> {
  if (written === undefined) return ok(null);
  if (!Array.isArray(written)) return malformed(pointer, "A list of filters", written);
  const filters = new Filters(segments).list(written, pointer, 1, false);
  if (!filters.ok) return filters;
  return ok(filters.value.length === 0 ? null : togetherOf(filters.value));
}

export const togetherOf = (filters: readonly Filter[]): Filter =>
  filters.length === 1 ? filters[0]! : { kind: "and", filters };

/** What must all hold: the filter's parts, however many "and" are around them. */
export const conjunctsOf = (filter: Filter | null): readonly Filter[] => {
  if (filter === null) return [];
  return filter.kind === "and" ? filter.filters.flatMap(conjunctsOf) : [filter];
};

/** The filter as the wire has it. */
export function writtenFilter(filter: Filter): unknown[] {
  switch (filter.kind) {
    case "clause": {
      const clause = [filter.operator, nameOf(filter.field), filter.values];
      return filter.caseSensitive ? clause : [...clause, { case_sensitive: false }];
    }
    case "and":
    case "or":
      return [filter.kind, filter.filters.map(writtenFilter)];
    case "not":
    case "has_done":
    case "has_not_done":
      return [filter.kind, writtenFilter(filter.filter)];
  }
}

/** Reads filters, and counts. */
class Filters {
  readonly #segments: Segments;
  #filters = 0;
  #patterns = 0;

  constructor(segments: Segments) {
    this.#segments = segments;
  }

  list(written: readonly unknown[], pointer: string, depth: number, ofVisit: boolean): Result<Filter[], QueryFault> {
    const filters: Filter[] = [];
    for (const [at, each] of written.entries()) {
      const filter = this.#one(each, below(pointer, at), depth, ofVisit);
      if (!filter.ok) return filter;
      filters.push(filter.value);
    }
    return ok(filters);
  }

  #one(written: unknown, pointer: string, depth: number, ofVisit: boolean): Result<Filter, QueryFault> {
    if (depth > limits.QUERY_FILTER_DEPTH_MAX)
      return fault(pointer, "too_much", `Filters may stand ${limits.QUERY_FILTER_DEPTH_MAX} deep at most.`);
    if (++this.#filters > limits.QUERY_FILTERS_MAX)
      return fault(pointer, "too_much", `A query may have ${limits.QUERY_FILTERS_MAX} filters at most.`);
    if (!Array.isArray(written)) return malformed(pointer, `A filter as ${EXAMPLE}`, written);
    const [name, second] = written as [unknown, unknown];
    const operator = OPERATORS.find((each) => each === name);
    if (operator !== undefined && second === SEGMENT) return this.#named(operator, written, pointer, depth, ofVisit);
    if (operator !== undefined) return this.#clause(operator, written, pointer);
    const kind = COMBINING.find((each) => each === name);
    if (kind === undefined)
      return fault(
        below(pointer, 0),
        "invalid_filter",
        `Unknown operator ${quoted(name)}. Use one of: ${listed([...OPERATORS, ...COMBINING])}.`,
      );
    const inner = below(pointer, 1);
    if (written.length !== 2)
      return fault(pointer, "invalid_filter", `"${kind}" is followed by ${INNER[kind]} and nothing else.`);
    if (kind === "and" || kind === "or") {
      if (!Array.isArray(second) || second.length === 0) return malformed(inner, "A list of filters", second);
      const filters = this.list(second, inner, depth + 1, ofVisit);
      return filters.ok ? ok({ kind, filters: filters.value }) : filters;
    }
    if (kind !== "not" && ofVisit)
      return fault(pointer, "invalid_filter", '"has_done" and "has_not_done" do not go within one another.');
    const filter = this.#one(second, inner, depth + 1, ofVisit || kind !== "not");
    return filter.ok ? ok({ kind, filter: filter.value }) : filter;
  }

  /** What segments stand for: any of them, each with all of its filters. */
  #named(
    operator: Operator,
    written: readonly unknown[],
    pointer: string,
    depth: number,
    ofVisit: boolean,
  ): Result<Filter, QueryFault> {
    if (operator !== "is" || written.length !== 3)
      return fault(
        pointer,
        "invalid_filter",
        `Segments are named as ["is","${SEGMENT}",["<id>"]], and in no other way.`,
      );
    const ids = this.#values(operator, written[2], below(pointer, 2));
    if (!ids.ok) return ids;
    const several = ids.value.length > 1;
    const any: Filter[] = [];
    for (const [at, id] of ids.value.entries()) {
      const place = below(below(pointer, 2), at);
      const filters = this.#segments.get(id);
      if (filters === undefined) return fault(place, "unknown_segment", `There is no segment ${quoted(id)}.`);
      // At the top they are among the query's own.
      const inner = depth + Number(several) + Number(filters.length > 1 && (several || depth > 1));
      const all = this.list(filters, place, inner, ofVisit);
      if (!all.ok) return { ok: false, failure: { ...all.failure, pointer: place } };
      any.push(togetherOf(all.value));
    }
    return ok(several ? { kind: "or", filters: any } : any[0]!);
  }

  #clause(operator: Operator, written: readonly unknown[], pointer: string): Result<Filter, QueryFault> {
    if (written.length !== 3 && written.length !== 4)
      return fault(pointer, "invalid_filter", `A filter has an operator, a dimension and values: ${EXAMPLE}.`);
    const field = fieldOf(operator, written[1], below(pointer, 1));
    if (!field.ok) return field;
    const sensitive = caseSensitiveOf(written[3], below(pointer, 3));
    if (!sensitive.ok) return sensitive;
    const values = this.#values(operator, written[2], below(pointer, 2));
    if (!values.ok) return values;
    const clause: Clause = {
      kind: "clause",
      operator,
      field: field.value,
      values: values.value,
      caseSensitive: sensitive.value,
    };
    return isOfCountries(clause) ? countries(clause, below(pointer, 2)) : ok(clause);
  }

  #values(operator: Operator, written: unknown, pointer: string): Result<string[], QueryFault> {
    const most = limits.QUERY_FILTER_VALUES_MAX;
    if (!Array.isArray(written) || written.length === 0 || written.length > most)
      return malformed(pointer, `A list of 1 to ${most} values`, written);
    for (const [at, value] of (written as unknown[]).entries()) {
      const place = below(pointer, at);
      if (typeof value !== "string" || value === "") return malformed(place, "A text", value);
      if (charsOf(value) > limits.QUERY_FILTER_VALUE_CHARS_MAX)
        return fault(place, "too_much", `A value has ${limits.QUERY_FILTER_VALUE_CHARS_MAX} characters at most.`);
      if (positiveOf(operator).operator !== "matches") continue;
      if (++this.#patterns > limits.QUERY_PATTERNS_MAX)
        return fault(place, "too_much", `A query may have ${limits.QUERY_PATTERNS_MAX} expressions at most.`);
      const wrong = expressionFault(value);
      if (wrong !== null)
        return fault(
          place,
          "invalid_filter",
          `${quoted(value)} is no regular expression of RE2, which has neither looking around nor references: ${wrong}.`,
        );
    }
    return ok([...new Set(written as string[])]);
  }
}

const INNER: Record<(typeof COMBINING)[number], string> = {
  and: "a list of filters",
  or: "a list of filters",
  not: "a filter",
  has_done: "a filter",
  has_not_done: "a filter",
};

function fieldOf(operator: Operator, name: unknown, pointer: string): Result<Field, QueryFault> {
  const field = fieldNamed(name);
  if (field?.kind === "goal" && !GOAL_OPERATORS.some((each) => each === operator))
    return fault(pointer, "invalid_filter", `Goals go with ${listed(GOAL_OPERATORS)} only, not with "${operator}".`);
  if (field !== null) return ok(field);
  if (isTimeName(name))
    return fault(pointer, "invalid_filter", 'Time is no filter: say with "date_range" which time is asked about.');
  return fault(pointer, "unknown_dimension", `Unknown dimension ${quoted(name)}. Use one of: ${FIELDS_LISTED}.`);
}

function caseSensitiveOf(modifiers: unknown, pointer: string): Result<boolean, QueryFault> {
  if (modifiers === undefined) return ok(true);
  const sent = parseObject(modifiers, pointer, ["case_sensitive"]);
  if (!sent.ok) return sent;
  const { case_sensitive: sensitive = true } = sent.value;
  if (typeof sensitive === "boolean") return ok(sensitive);
  return malformed(below(pointer, "case_sensitive"), "true or false", sensitive);
}

const isOfCountries = ({ operator, field }: Clause): boolean =>
  field.kind === "dimension" && field.dimension === "country" && positiveOf(operator).operator === "is";

/** In capitals, as events have them. */
function countries(clause: Clause, pointer: string): Result<Clause, QueryFault> {
  const wrong = clause.values.findIndex((value) => !COUNTRY.test(value));
  const values = clause.values.map((value) => (value.length === 2 ? value.toUpperCase() : value));
  if (wrong < 0) return ok({ ...clause, values });
  const message = `${quoted(clause.values[wrong])} is no country. Use two letters as ISO 3166-1 has them ("DE"), or "${NOT_SET}".`;
  return fault(below(pointer, wrong), "invalid_filter", message);
}

function escaped(text: string): string {
  return text.replaceAll(/[()]/g, "\\$&");
}
