// The arguments of `report` as the query that REST takes: there is one language of questions, and core/query.ts judges it. A
// refusal points into what was judged; `pointerOf` says where that stands in the arguments.

import { SEGMENT } from "../../core/segments.ts";

/** Left out or null: an argument of GraphQL can be both. */
type Maybe<Value> = Value | null | undefined;

export interface FieldName {
  dimension?: Maybe<string>;
  prop?: Maybe<string>;
}

export interface Clause extends FieldName {
  values: string[];
  caseSensitive?: Maybe<boolean>;
}

/** One key of these is set: an operator, a combination, or saved segments. */
export type Filter = Partial<Record<Operator, Maybe<Clause>>> & {
  and?: Maybe<Filter[]>;
  or?: Maybe<Filter[]>;
  not?: Maybe<Filter>;
  hasDone?: Maybe<Filter>;
  hasNotDone?: Maybe<Filter>;
  segment?: Maybe<string[]>;
};
type Operator = keyof typeof OPERATORS;

export interface DateRange {
  name?: Maybe<string>;
  from?: Maybe<string>;
  to?: Maybe<string>;
}

export interface Order extends FieldName {
  metric?: Maybe<string>;
  direction: string;
}

interface Comparison {
  mode: string;
  matchDayOfWeek?: Maybe<boolean>;
  dateRange?: Maybe<DateRange>;
}

export interface Include {
  timeLabels?: Maybe<boolean>;
  totalRows?: Maybe<boolean>;
  totals?: Maybe<boolean>;
  fill?: Maybe<boolean>;
  comparisons?: Maybe<Comparison>;
}

export interface ReportArguments {
  merchant: string;
  metrics: string[];
  dateRange: DateRange;
  dimensions?: Maybe<string[]>;
  props?: Maybe<string[]>;
  filters?: Maybe<Filter[]>;
  orderBy?: Maybe<Order[]>;
  include?: Maybe<Include>;
  explain?: Maybe<boolean>;
  pagination?: { limit?: Maybe<number>; offset?: Maybe<number> } | null | undefined;
}

export const OPERATORS = {
  is: "is",
  isNot: "is_not",
  contains: "contains",
  containsNot: "contains_not",
  matches: "matches",
  matchesNot: "matches_not",
} as const;
const COMBINED = { and: "and", or: "or" } as const;
const WRAPPED = { not: "not", hasDone: "has_done", hasNotDone: "has_not_done" } as const;

export interface Question {
  body: Record<string, unknown>;
  pointerOf: (pointer: string) => string;
}

export function questionOf(args: ReportArguments): Question {
  const written = new Writing();
  const { merchant, metrics, dimensions, props, filters, orderBy, include, pagination } = args;
  const body: Record<string, unknown> = {
    merchant,
    metrics,
    date_range: written.range(args.dateRange, "#/date_range", "#/dateRange"),
  };
  const asked = [...(dimensions ?? []), ...(props ?? []).map(propName)];
  if (asked.length > 0) body["dimensions"] = asked;
  for (const at of (props ?? []).keys())
    written.note(`#/dimensions/${(dimensions?.length ?? 0) + at}`, `#/props/${at}`);
  if (filters != null) body["filters"] = filters.map((filter, at) => written.filter(filter, `#/filters/${at}`));
  if (orderBy != null) body["order_by"] = orderBy.map((order, at) => written.order(order, at));
  if (include != null) {
    const { comparisons, ...flags } = include;
    body["include"] = {
      ...written.flags(flags),
      ...(comparisons == null ? {} : { comparisons: written.comparison(comparisons) }),
    };
  }
  if (args.explain != null) body["explain"] = args.explain;
  if (pagination != null) body["pagination"] = withoutNulls(pagination);
  return { body, pointerOf: (pointer) => written.pointerOf(pointer) };
}

/** Remembers, of what it writes, where it came from. */
class Writing {
  readonly #origins = new Map<string, string>();

  note(pointer: string, origin: string): void {
    this.#origins.set(pointer, origin);
  }

  /** The origin of the pointer, or of the nearest thing around it whose origin is known and what is below it. */
  pointerOf(pointer: string): string {
    for (let around = pointer; around.includes("/"); around = around.slice(0, around.lastIndexOf("/"))) {
      const origin = this.#origins.get(around);
      if (origin !== undefined) return origin + pointer.slice(around.length);
    }
    return pointer;
  }

  range({ name, from, to }: DateRange, pointer: string, origin: string): unknown {
    this.note(pointer, origin);
    this.note(`${pointer}/0`, `${origin}/from`);
    this.note(`${pointer}/1`, `${origin}/to`);
    if (from == null && to == null) return name ?? undefined;
    return name == null ? [from, to] : [name, from, to];
  }

  flags(flags: Record<string, Maybe<boolean>>): Record<string, boolean> {
    return Object.fromEntries(
      Object.entries(withoutNulls(flags)).map(([key, flag]) => {
        const name = key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
        this.note(`#/include/${name}`, `#/include/${key}`);
        return [name, flag as boolean];
      }),
    );
  }

  comparison({ mode, dateRange, matchDayOfWeek }: Comparison): Record<string, unknown> {
    const at = "#/include/comparisons";
    this.note(`${at}/date_range`, `${at}/dateRange`);
    this.note(`${at}/match_day_of_week`, `${at}/matchDayOfWeek`);
    return {
      mode,
      ...(dateRange == null ? {} : { date_range: this.range(dateRange, `${at}/date_range`, `${at}/dateRange`) }),
      ...(matchDayOfWeek == null ? {} : { match_day_of_week: matchDayOfWeek }),
    };
  }

  order({ metric, direction, ...field }: Order, at: number): [string | null, string] {
    const origin = `#/orderBy/${at}`;
    this.note(`#/order_by/${at}`, origin);
    this.note(`#/order_by/${at}/0`, `${origin}/${metric == null ? kindOf(field) : "metric"}`);
    this.note(`#/order_by/${at}/1`, `${origin}/direction`);
    return [metric ?? nameOf(field), direction];
  }

  filter(filter: Filter, pointer: string, origin = pointer): unknown {
    this.note(pointer, origin);
    for (const [key, operator] of entries(OPERATORS)) {
      const clause = filter[key];
      if (clause == null) continue;
      for (const [at, part] of ["", `/${kindOf(clause)}`, "/values", "/caseSensitive"].entries())
        this.note(`${pointer}/${at}`, `${origin}/${key}${part}`);
      const { values, caseSensitive } = clause;
      const modifiers = caseSensitive == null ? [] : [{ case_sensitive: caseSensitive }];
      return [operator, nameOf(clause), values, ...modifiers];
    }
    for (const [key, operator] of entries(COMBINED)) {
      const filters = filter[key];
      if (filters == null) continue;
      this.note(`${pointer}/1`, `${origin}/${key}`);
      return [operator, filters.map((each, at) => this.filter(each, `${pointer}/1/${at}`, `${origin}/${key}/${at}`))];
    }
    for (const [key, operator] of entries(WRAPPED)) {
      const inner = filter[key];
      if (inner == null) continue;
      this.note(`${pointer}/1`, `${origin}/${key}`);
      return [operator, this.filter(inner, `${pointer}/1`, `${origin}/${key}`)];
    }
    if (filter.segment == null) return [];
    this.note(`${pointer}/2`, `${origin}/segment`);
    return ["is", SEGMENT, filter.segment];
  }
}

const kindOf = ({ prop }: FieldName): "prop" | "dimension" => (prop == null ? "dimension" : "prop");

const propName = (name: string): string => `event:props:${name}`;

function nameOf({ dimension, prop }: FieldName): string | null {
  return prop == null ? (dimension ?? null) : propName(prop);
}

const withoutNulls = (flags: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(flags).filter(([, value]) => value != null));

const entries = <Key extends string>(table: Record<Key, string>): [Key, string][] =>
  Object.entries(table) as [Key, string][];
