// What a report is computed from: questions about events, and where the needs of its metrics are found among their answers. Most
// reports are one question. Shares are not: a conversion rate divides the visits of its row by those of the same question
// without its goal. Rollups and scans answer the same questions (core/scan-plan.ts says what they mean), so that whoever is
// asked, the numbers are put together in one way.

import type { QueryDimension } from "./breakdown.ts";
import type { Field } from "./field.ts";
import type { Filter } from "./filter.ts";
import type { Interval } from "./interval.ts";
import { CONVERSION, type Metric, METRICS, type Need } from "./metrics.ts";
import type { Query } from "./query.ts";
import { below, fault, type QueryFault } from "./query-fault.ts";
import { conjunctsOf, togetherOf } from "./query-filters.ts";
import type { Result } from "./result.ts";
import { type Measure, MEASURES } from "./rollup.ts";
import type { ScanQuestion } from "./scan-plan.ts";

/** Where a need is found: in which question, and under which parts of a row's key (core/scan-plan.ts). */
export interface Place {
  question: number;
  positions: readonly number[];
}

/** `rows` has the row's own sums. The others are there where a metric asked needs them. */
export interface Places {
  rows: Place;
  converting?: Place;
  all?: Place;
  group?: Place;
  visitors?: Place;
}

export interface Questions {
  questions: readonly ScanQuestion[];
  rows: Places;
  /** Of the row of totals, where it is asked for. */
  totals: Places | null;
}

const ROLES: Readonly<Partial<Record<Need, Exclude<keyof Places, "rows">>>> = {
  converting_visits: "converting",
  all_visits: "all",
  group_visits: "group",
  all_visitors: "visitors",
};

/** Where the need is found, and as what. */
export function placeOf(places: Places, need: Need): { place: Place; sum: Measure | "visitors" } {
  const role = ROLES[need];
  if (role === undefined) return { place: places.rows, sum: need as Measure | "visitors" };
  return { place: places[role] ?? places.rows, sum: role === "visitors" ? "visitors" : "visits" };
}

export const needsOf = (metrics: readonly Metric[]): ReadonlySet<Need> =>
  new Set(metrics.flatMap((metric) => METRICS[metric].needs));

export const fieldsOf = (dimensions: readonly QueryDimension[]): Field[] =>
  dimensions.filter((dimension) => dimension.kind !== "time");

/** As much of a query as its questions depend on. */
export type QueryCore = Pick<Query, "metrics" | "dimensions" | "filter"> & { include: { totals: boolean } };

/** `interval` is the one that rows are by; null without a dimension of time. */
export function questionsOf(query: QueryCore, interval: Interval | null): Questions {
  const asked = new Asked(query);
  const rows = asked.places(fieldsOf(query.dimensions), interval);
  const totals = query.include.totals ? asked.places([], null) : null;
  return { questions: asked.questions, rows, totals };
}

class Asked {
  readonly questions: ScanQuestion[] = [];
  readonly #needs: ReadonlySet<Need>;
  readonly #filter: Filter | null;
  readonly #goals: Goals;

  constructor({ metrics, dimensions, filter }: QueryCore) {
    this.#needs = needsOf(metrics);
    this.#filter = filter;
    this.#goals = goalsOf(fieldsOf(dimensions), filter);
  }

  places(fields: readonly Field[], interval: Interval | null): Places {
    const time = interval === null ? 0 : 1;
    const all = { positions: range(time + fields.length), fields, interval };
    const places: Places = {
      rows: this.#ask(
        all,
        this.#filter,
        MEASURES.filter((measure) => this.#needs.has(measure)),
        this.#needs.has("visitors"),
      ),
    };
    const ofVisits = (key: typeof all, filter: Filter | null) => this.#ask(key, filter, ["visits"], false);
    const { without, isGoal } = this.#goals;
    if (this.#needs.has("converting_visits")) places.converting = ofVisits(all, this.#converting(fields));
    if (this.#needs.has("all_visits")) {
      const key = isGoal === null ? all : { positions: range(time), fields: [], interval };
      places.all = ofVisits(key, without);
    }
    if (this.#needs.has("group_visits")) {
      const kept = fields.filter((field) => isGoal === null || !isGoal(field));
      const positions = [...range(time), ...kept.map((field) => time + fields.indexOf(field))];
      places.group = ofVisits({ positions, fields: kept, interval }, without);
    }
    if (this.#needs.has("all_visitors"))
      places.visitors = this.#ask({ positions: [], fields: [], interval: null }, this.#filter, [], true);
    return places;
  }

  /** Which events of its visits make a row converted. */
  #converting(fields: readonly Field[]): Filter | null {
    const { isGoal, ofRows } = this.#goals;
    if (isGoal === null) {
      const converting: Filter = clause({ kind: "dimension", dimension: "event" }, CONVERSION);
      // Of visits that are asked about as such, the one is as good as the other, and rollups know it.
      if (this.#filter === null && fields.length === 0) return converting;
      return togetherOf([...conjunctsOf(this.#filter), { kind: "has_done", filter: converting }]);
    }
    // Rows by goal are of events that reach it; a row without that dimension is of those that reach any.
    if (!ofRows || fields.some(isGoal)) return this.#filter;
    return togetherOf([...conjunctsOf(this.#filter), ANY_GOAL]);
  }

  /** Questions that differ in what is counted alone are one. */
  #ask(
    {
      positions,
      fields,
      interval,
    }: { positions: readonly number[]; fields: readonly Field[]; interval: Interval | null },
    filter: Filter | null,
    measures: readonly Measure[],
    visitors: boolean,
  ): Place {
    const key = JSON.stringify([fields, interval, filter]);
    const known = this.questions.findIndex((each) => JSON.stringify([each.fields, each.interval, each.filter]) === key);
    const before = this.questions[known];
    const question: ScanQuestion = {
      fields,
      interval,
      filter,
      measures: MEASURES.filter((measure) => measures.includes(measure) || before?.measures.includes(measure)),
      visitors: visitors || before?.visitors === true,
    };
    if (known < 0) return { question: this.questions.push(question) - 1, positions };
    this.questions[known] = question;
    return { question: known, positions };
  }
}

const range = (length: number): number[] => Array.from({ length }, (_, at) => at);

const clause = (field: Field, value: string): Filter => ({
  kind: "clause",
  operator: "is",
  field,
  values: [value],
  caseSensitive: true,
});

/** Every goal's name has nothing in it. */
const ANY_GOAL: Filter = {
  kind: "clause",
  operator: "contains",
  field: { kind: "goal" },
  values: [""],
  caseSensitive: true,
};

interface Goals {
  /** Which fields are what the conversion is about; null where none is: then it is about a `CONVERSION`. */
  isGoal: ((field: Field) => boolean) | null;
  /** Rows are by goals. */
  ofRows: boolean;
  /** The filter without them. */
  without: Filter | null;
}

const isGoalField = (field: Field): boolean => field.kind === "goal";
const isEventField = (field: Field): boolean => field.kind === "dimension" && field.dimension === "event";

function goalsOf(fields: readonly Field[], filter: Filter | null): Goals {
  const conjuncts = conjunctsOf(filter);
  const goalRows = fields.some(isGoalField);
  const byGoal = goalRows || conjuncts.some((each) => each.kind === "clause" && isGoalField(each.field));
  if (!byGoal && !fields.some(isEventField)) return { isGoal: null, ofRows: false, without: filter };
  const isGoal = byGoal ? isGoalField : isEventField;
  const rest = conjuncts.filter((each) => each.kind !== "clause" || !isGoal(each.field));
  return { isGoal, ofRows: goalRows, without: rest.length === 0 ? null : togetherOf(rest) };
}

/** The refusal of metrics that mean nothing with what is asked; null when all do. */
export function findImpossible(
  metrics: readonly Metric[],
  dimensions: readonly QueryDimension[],
  filter: Filter | null,
): Extract<Result<never, QueryFault>, { ok: false }> | null {
  const refuse = (at: number, message: string) => fault(below("#/metrics", at), "impossible_combination", message);
  const share = metrics.indexOf("percentage");
  if (share >= 0 && dimensions.length === 0)
    return refuse(share, "percentage needs a dimension: without one it is 100.");
  const rate = metrics.findIndex((metric) => METRICS[metric].needs.includes("converting_visits"));
  if (rate < 0 || conjunctsOf(filter).every((each) => each.kind === "clause" || !holdsGoal(each))) return null;
  return refuse(
    rate,
    `${metrics[rate]} needs goals in filters of their own: within "or" and "not" it is not clear which visits could have reached them.`,
  );
}

/** What somebody has done is about the visitor's visit, and no goal of the question. */
function holdsGoal(filter: Filter): boolean {
  switch (filter.kind) {
    case "clause":
      return isGoalField(filter.field);
    case "and":
    case "or":
      return filter.filters.some(holdsGoal);
    case "not":
      return holdsGoal(filter.filter);
    case "has_done":
    case "has_not_done":
      return false;
  }
}

/** Every clause of the filter, however deep. */
export function clausesOf(filter: Filter | null): readonly Extract<Filter, { kind: "clause" }>[] {
  if (filter === null) return [];
  switch (filter.kind) {
    case "clause":
      return [filter];
    case "and":
    case "or":
      return filter.filters.flatMap(clausesOf);
    default:
      return clausesOf(filter.filter);
  }
}
