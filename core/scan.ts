// Answers questions from single events: compiled once, then asked of each day of each shard apart, a batch of columns at a
// time. What the questions mean is written in core/scan-plan.ts. A day is a closed world, so its part of an answer needs
// nothing of another's.
//
//   look   what is known of visits only in the end: when they began, how long they were, the page they ended on
//   done   which visits have done what a filter asks of them
//   count  every row, for every question

import { SCAN_ROWS_MAX } from "./limits.ts";
import type { Day } from "./zone.ts";
import { ordinalsOf, type ScanBatch } from "./scan-columns.ts";
import { Counter, type CountedQuestion } from "./scan-counter.ts";
import type { Cut } from "./scan-days.ts";
import { fieldColumns, isExit, isOfItems } from "./scan-fields.ts";
import { compileFilter, type Known, type Narrow } from "./scan-filter.ts";
import type { DayParts, Part } from "./scan-part.ts";
import type { ScanPlan, ScanQuestion } from "./scan-plan.ts";
import { countedRows, type Selection, selectionOf } from "./scan-selection.ts";
import { grown, mostOf, ScanVisits, visitColumns, type VisitNeeds } from "./scan-visits.ts";
import type { DayScanner, Pass, Scanner } from "./scanner.ts";
import type { Goal } from "./field.ts";
import type { Measure } from "./rollup.ts";

export interface CompiledScan {
  /** Nothing is asked that takes all of a visit. */
  byEvent: boolean;
  goals: readonly Goal[];
  questions: CountedQuestion[];
  needs: VisitNeeds;
  done: Narrow[];
  /** Columns of the derived files, but for those that only a cut of a day needs. */
  columns: ReadonlySet<string>;
  selection: Selection | null;
}

/** What cuts of days need besides. */
export const CUT_COLUMNS: readonly string[] = ["occurred_at"];

export function compileScan({ questions, goals }: Pick<ScanPlan, "questions" | "goals">, isCut: boolean): CompiledScan {
  const columns = new Set(["verdict", "foreign"]);
  const needs: VisitNeeds = { first: false, duration: false, bounces: false, exit: false };
  const done: Narrow[] = [];
  const compiled = questions.map((question): CountedQuestion => {
    const { fields, filter, measures, visitors } = question;
    const isTimed = isCut || question.interval === "hour" || question.interval === "minute";
    const compiledFilter = filter === null ? null : compileFilter(filter, goals);
    for (const column of compiledFilter?.columns ?? []) columns.add(column);
    done.push(...(compiledFilter?.done ?? []));
    const ofVisits = measures.some((measure) => OF_VISITS.has(measure));
    needs.exit ||= compiledFilter?.exits === true || fields.some(isExit);
    needs.first ||= isTimed && (ofVisits || fields.some(isExit));
    needs.duration ||= measures.includes("duration");
    needs.bounces ||= measures.includes("bounces");
    if (isTimed) columns.add("occurred_at");
    if (ofVisits || visitors) columns.add("visit_number");
    if (visitors) for (const column of ["visitor", "identified"]) columns.add(column);
    for (const column of columnsOf(question, goals)) columns.add(column);
    return { question, narrow: compiledFilter?.narrow ?? null, ofItems: fields.some(isOfItems) };
  });
  const visited = Object.values(needs).some(Boolean);
  if (visited) for (const column of visitColumns(needs)) columns.add(column);
  const byEvent = !visited && done.length === 0 && !questions.some(({ measures }) => measures.some(isOfVisits));
  const filters = questions.map(({ filter }) => filter);
  const selection = selectionOf(filters, goals, visited || done.length > 0);
  return { goals, questions: compiled, needs, done, columns, byEvent, selection };
}

const isOfVisits = (measure: Measure): boolean => OF_VISITS.has(measure);

/** Another one for each change of what a scan finds. */
const VERSION = 1;

/** Asks the plan's questions of days. Where there are cuts of days, they are scanned in the same way, with a column more. */
export function planScanner(plan: ScanPlan, isCut: boolean): Scanner<DayParts> {
  const compiled = compileScan(plan, isCut);
  const { zone, goals, questions } = plan;
  // Buckets of a day and longer come to what is found when it is put together.
  const asked = questions.map((question) =>
    question.interval === "hour" || question.interval === "minute" ? question : { ...question, interval: null },
  );
  return {
    name: JSON.stringify([VERSION, zone, goals, asked]),
    columns: compiled.columns,
    byEvent: compiled.byEvent,
    selection: compiled.selection,
    day: (day, cuts, currency, isOneBatch) => new DayScan(compiled, day, cuts, currency, isOneBatch),
    sizeOf: (found) => found.parts.flat().reduce((sum, part) => sum + bytesOf(part), 0),
  };
}

const bytesOf = ({ keys, sums, anonymous, identified, labels }: Part): number => {
  const texts = [...keys, ...(identified ?? []), ...labels.flat()];
  const chars = texts.reduce((sum, text) => sum + 24 + (text?.length ?? 0), 0);
  return 200 + chars + 8 * keys.length * (sums.length + (anonymous === null ? 0 : 1));
};

export const OF_VISITS: ReadonlySet<string> = new Set(["visits", "bounces", "duration"]);

function* columnsOf({ fields, measures }: ScanQuestion, goals: readonly Goal[]): Generator<string> {
  for (const field of fields) yield* fieldColumns(field, goals);
  if (measures.includes("pageviews")) yield "name";
  if (fields.some(isOfItems)) yield* ["items", "name", "value", "currency"];
  else for (const measure of measures) if (!OF_VISITS.has(measure) && !COUNTED.has(measure)) yield measure;
}

/** Counted, and not read from a column. */
const COUNTED: ReadonlySet<string> = new Set(["pageviews", "events"]);

/** The scan of one day of one shard. Every batch goes through every pass, pass by pass, in the order of the file. */
export class DayScan implements DayScanner<DayParts> {
  readonly #scan: CompiledScan;
  readonly #visits: ScanVisits | null;
  readonly #done: Map<Narrow, Uint8Array>;
  readonly #counters: Counter[][];
  readonly #currency: string;

  /** `currency`: what its money is in. `isOneBatch`: all of its rows come in one. */
  constructor(scan: CompiledScan, day: Day, cuts: readonly Cut[], currency: string, isOneBatch: boolean) {
    this.#scan = scan;
    this.#currency = currency;
    this.#visits = Object.values(scan.needs).some(Boolean) ? new ScanVisits(scan.needs) : null;
    this.#done = new Map(scan.done.map((narrow) => [narrow, new Uint8Array(0)]));
    this.#counters = scan.questions.map((each) =>
      cuts.map((cut) => new Counter(each, scan.goals, day, cut, currency, isOneBatch, SCAN_ROWS_MAX)),
    );
  }

  get passes(): Pass[] {
    return [
      ...(this.#visits === null ? [] : ["look" as const]),
      ...(this.#scan.done.length === 0 ? [] : ["done" as const]),
      "count",
    ];
  }

  take(pass: Pass, batch: ScanBatch): void {
    if (pass === "look") this.#visits!.look(batch);
    else if (pass === "done") markDone(batch, { visits: this.#visits, done: this.#done });
    else this.#count(batch);
  }

  found(): DayParts {
    return { currency: this.#currency, parts: this.#counters.map((ofCuts) => ofCuts.map((counter) => counter.part())) };
  }

  #count(batch: ScanBatch): void {
    const counted = countedRows(batch);
    for (const [at, { narrow }] of this.#scan.questions.entries()) {
      const rows = counted.slice();
      narrow?.(rows, batch, this.#known);
      for (const counter of this.#counters[at]!) counter.count(rows, batch, this.#visits);
    }
  }

  get #known(): Known {
    return { visits: this.#visits, done: this.#done };
  }
}

/** Notes which visits have an event that each condition fits. */
export function markDone(batch: ScanBatch, known: Known & { done: Map<Narrow, Uint8Array> }): void {
  const visits = ordinalsOf(batch, "visit_number");
  const most = mostOf(visits);
  const counted = countedRows(batch);
  for (const narrow of known.done.keys()) {
    let marks = known.done.get(narrow)!;
    if (most >= marks.length) marks = grown(marks, new Uint8Array(Math.max(most + 1, 2 * marks.length)));
    known.done.set(narrow, marks);
    const rows = counted.slice();
    narrow(rows, batch, known);
    for (let row = 0; row < rows.length; row++) if (rows[row] === 1 && visits[row]! >= 0) marks[visits[row]!] = 1;
  }
}
