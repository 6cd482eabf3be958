// What rollups keep of a question: a question about one dimension at most has its answer in that dimension's column, one about
// none in the totals. Whatever rollups would not tell exactly is for a scan of single events, and it is said why.

import { nameOf } from "./breakdown.ts";
import type { Filter } from "./filter.ts";
import { conjunctsOf } from "./query-filters.ts";
import { clausesOf } from "./questions.ts";
import { fail, ok, type Result } from "./result.ts";
import { type Dimension, EVENT_DIMENSIONS, EXIT_DIMENSIONS, type Measure, OTHER } from "./rollup.ts";
import type { ScanQuestion } from "./scan-plan.ts";
import { anyFits, type Clause, positiveOf } from "./text-match.ts";

export type Kept = { kind: "totals" } | { kind: "minutes" } | { kind: "column"; dimension: Dimension };

const EVENT_NAMES: readonly Dimension[] = EVENT_DIMENSIONS;
const EXIT_NAMES: readonly Dimension[] = EXIT_DIMENSIONS;
const OF_VISITS: readonly Measure[] = ["visits", "bounces", "duration"];

/** The coarsest part of time that the ranges asked about do not cut. */
export type Grain = "day" | "hour" | "single hour" | "minute";

/** Fails with the reason why rollups do not tell, as the end of a sentence. */
export function keptFor(question: ScanQuestion, grain: Grain): Result<Kept, string> {
  const { fields, filter, interval } = question;
  if (fields.length > 1) return fail("no two fields are kept together");
  const clauses = clausesOf(filter);
  const dimensions = new Set<Dimension>();
  for (const field of [...fields, ...clauses.map((clause) => clause.field)]) {
    if (field.kind !== "dimension") return fail(`${nameOf(field)} is in single events only`);
    dimensions.add(field.dimension);
  }
  const [dimension] = dimensions;
  if (dimension === undefined && interval === "minute") return ok({ kind: "minutes" });
  if (grain === "minute") return fail("the range cuts hours, of which parts are kept by the minute only");
  if (dimension === undefined) return ok({ kind: "totals" });
  if (dimensions.size > 1) return fail(`${[...dimensions].join(" and ")} are not kept together`);
  if (interval === "minute") return fail(`minutes are not kept by ${dimension}`);
  if (isOfVisit(filter)) return fail("what else a visit has done is in single events only");
  const unkept = EXIT_NAMES.includes(dimension)
    ? ofExits(question, grain)
    : EVENT_NAMES.includes(dimension)
      ? ofEvents(question, dimension)
      : ofParts(question);
  return unkept === null ? ok({ kind: "column", dimension }) : fail(unkept);
}

/** A visit's last page is kept in the hour of its first event. */
function ofExits({ interval, measures, visitors, fields, filter }: ScanQuestion, grain: Grain): string | null {
  if (grain !== "day" || interval === "hour")
    return "exit pages are kept by the visit, which may reach over the hours asked about";
  if (measures.some((measure) => !OF_VISITS.includes(measure))) return "of exit pages only visits are kept";
  if (visitors && fields.length === 0 && !isOfOneValue(filter)) return NOT_TOGETHER;
  return null;
}

const NOT_TOGETHER = "visitors of several values do not add up";

function ofEvents({ measures, visitors, fields, filter }: ScanQuestion, dimension: Dimension): string | null {
  if (measures.some((measure) => measure === "bounces" || measure === "duration"))
    return `how visits went is not kept by ${dimension}`;
  // An event has several products, and is about all of them.
  if (dimension === "product" && filter !== null) return "orders of several products are in single events only";
  if (fields.length > 0 || isOfOneValue(filter)) return null;
  return visitors || measures.includes("visits")
    ? `visits and visitors of several values of ${dimension} do not add up`
    : null;
}

const ofParts = ({ visitors, fields, filter }: ScanQuestion): string | null =>
  visitors && fields.length === 0 && !isOfOneValue(filter) ? NOT_TOGETHER : null;

const isOfVisit = (filter: Filter | null): boolean => {
  switch (filter?.kind) {
    case undefined:
    case "clause":
      return false;
    case "and":
    case "or":
      return filter.filters.some(isOfVisit);
    case "not":
      return isOfVisit(filter.filter);
    default:
      return true;
  }
};

/** At most one value fits. */
const isOfOneValue = (filter: Filter | null): boolean =>
  conjunctsOf(filter).some(
    (each) => each.kind === "clause" && each.operator === "is" && each.caseSensitive && each.values.length === 1,
  );

/** The dimension whose column answers a question that is kept; null where it is the totals. */
export function columnOf({ fields, filter }: ScanQuestion): Dimension | null {
  const field = fields[0] ?? clausesOf(filter)[0]?.field;
  return field?.kind === "dimension" ? field.dimension : null;
}

/** Whether a value of a column fits a filter that is on its dimension alone. What "(other)" stands for cannot be known. */
export function valueFits(filter: Filter | null): (value: string) => boolean {
  if (filter === null) return () => true;
  const fits = compiled(filter);
  const named = namesOther(filter);
  return (value) => (value === OTHER && !named ? false : fits(value));
}

export const namesOther = (filter: Filter | null): boolean =>
  clausesOf(filter).some(({ operator, values }: Clause) => operator === "is" && values.includes(OTHER));

function compiled(filter: Filter): (value: string) => boolean {
  switch (filter.kind) {
    case "clause": {
      const fits = anyFits(filter);
      return positiveOf(filter.operator).negated ? (value) => !fits(value) : fits;
    }
    case "and": {
      const all = filter.filters.map(compiled);
      return (value) => all.every((fits) => fits(value));
    }
    case "or": {
      const some = filter.filters.map(compiled);
      return (value) => some.some((fits) => fits(value));
    }
    case "not": {
      const fits = compiled(filter.filter);
      return (value) => !fits(value);
    }
    case "has_done":
    case "has_not_done":
      throw new Error("a column does not tell what a visit has done");
  }
}
