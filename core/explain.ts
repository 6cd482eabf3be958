// A plan as people and programs read it: who answers which questions, what is read for it, and why.

import { nameOf } from "./breakdown.ts";
import { writtenRange } from "./date-range.ts";
import type { Plan, RollupPlan } from "./plan.ts";
import { plannedDays, plannedHours } from "./planned-hours.ts";
import { conjunctsOf, writtenFilter } from "./query-filters.ts";
import type { Reads } from "./reads.ts";
import { compileScan, CUT_COLUMNS } from "./scan.ts";
import { scannedDays } from "./scan-days.ts";
import type { ScanPlan, ScanQuestion } from "./scan-plan.ts";

export interface Explained {
  source: "rollup" | "scan";
  /** Why rollups do not tell; null where they do. */
  because: string | null;
  questions: ExplainedQuestion[];
  ranges: [string, string][];
  /** Of rollups: how much may be read at most, and which columns. Each of the merchant's objects is asked once, for what is newer. */
  rollups: { hours: number; whole_days: number; columns: string[] } | null;
  /** Of single events: the files of how many days, and which columns of them. Days that are open are folded for it. */
  events: { days: number; columns: string[] } | null;
}

interface ExplainedQuestion {
  dimensions: string[];
  filters: unknown[];
  measures: string[];
}

export function explained(plan: Plan): Explained {
  const isScan = plan.source === "scan";
  return {
    source: plan.source,
    because: isScan ? `${plan.because}.` : null,
    questions: plan.questions.map(explainedQuestion),
    ranges: plan.scan.ranges.map((range) => writtenRange(plan.zone, range)),
    rollups: isScan ? null : rollupsOf(plan),
    events: isScan ? eventsOf(plan.scan) : null,
  };
}

const rollupsOf = (plan: RollupPlan): Explained["rollups"] => ({
  hours: plannedHours(plan).length,
  whole_days: plannedDays(plan).length,
  columns: columnsOf(plan.reads),
});

function eventsOf(scan: ScanPlan): Explained["events"] {
  const days = scannedDays(scan.zone, scan.ranges);
  const isCut = days.some(({ cuts }) => cuts.some((cut) => cut !== null));
  const columns = new Set([...compileScan(scan, isCut).columns, ...(isCut ? CUT_COLUMNS : [])]);
  return { days: days.length, columns: [...columns].sort() };
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
