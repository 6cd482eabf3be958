// A plan as people and programs read it: who answers which questions, what is read for it, and why.

import { nameOf } from "./breakdown.ts";
import { writtenRange } from "./date-range.ts";
import type { Plan } from "./plan.ts";
import { plannedDays, plannedHours } from "./planned-hours.ts";
import { conjunctsOf, writtenFilter } from "./query-filters.ts";
import type { Reads } from "./reads.ts";
import type { ScanQuestion } from "./scan-plan.ts";

export interface Explained {
  source: "rollup" | "scan";
  /** Why rollups do not tell; null where they do. */
  because: string | null;
  questions: ExplainedQuestion[];
  ranges: [string, string][];
  /** Of rollups: how much may be read at most, and which columns. */
  rollups: { hours: number; whole_days: number; columns: string[] } | null;
}

interface ExplainedQuestion {
  dimensions: string[];
  filters: unknown[];
  measures: string[];
}

export function explained(plan: Plan): Explained {
  const ranges = plan.comparison === null ? [plan.range] : [plan.range, plan.comparison];
  return {
    source: plan.source,
    because: plan.source === "scan" ? `${plan.because}.` : null,
    questions: plan.questions.map(explainedQuestion),
    ranges: ranges.map((range) => writtenRange(plan.zone, range)),
    rollups:
      plan.source === "scan"
        ? null
        : { hours: plannedHours(plan).length, whole_days: plannedDays(plan).length, columns: columnsOf(plan.reads) },
  };
}

const explainedQuestion = ({ fields, interval, filter, measures, visitors }: ScanQuestion): ExplainedQuestion => ({
  dimensions: [...(interval === null ? [] : [nameOf({ kind: "time", interval })]), ...fields.map(nameOf)],
  filters: conjunctsOf(filter).map(writtenFilter),
  measures: [...measures, ...(visitors ? ["visitors"] : [])],
});

const columnsOf = ({ totals, visitors, minutes, dimension, sketches }: Reads): string[] => [
  ...totals,
  ...(visitors ? ["visitors"] : []),
  ...(minutes ? ["minutes"] : []),
  ...(dimension === null ? [] : [dimension]),
  ...(sketches ? ["sketches"] : []),
];
