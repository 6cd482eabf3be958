// How far visits go through a funnel, found in the events of a day. Steps are taken in the order in which the events happened,
// each by an event of its own, and none before the one that precedes it: so a visit's first event that fits is always
// as good as any later one. A visit counts where its first event is, as everywhere.

import type { Goal } from "./field.ts";
import type { FunnelStep } from "./funnel.ts";
import { patternOf } from "./pattern.ts";
import { markDone } from "./scan.ts";
import { numbersOf, ordinalsOf, type ScanBatch, textsOf } from "./scan-columns.ts";
import type { Cut } from "./scan-days.ts";
import { compileFilter, type Narrow } from "./scan-filter.ts";
import type { Filter } from "./filter.ts";
import { countedRows, selectionOf } from "./scan-selection.ts";
import { grown, mostOf, ScanVisits, visitColumns, type VisitNeeds } from "./scan-visits.ts";
import type { DayScanner, Pass, Scanner } from "./scanner.ts";

export interface FunnelPlan {
  goals: readonly Goal[];
  steps: readonly FunnelStep[];
  filter: Filter | null;
}

/** By cut of the day, then by step: visits that came at least as far. */
export type FunnelFound = number[][];

const VERSION = 1;

interface Compiled {
  /** Of the steps that an event takes. */
  steps: readonly Narrow[];
  /** Before them there is one that every visit takes. */
  startsWithVisit: boolean;
  filter: Narrow | null;
  done: readonly Narrow[];
  needs: VisitNeeds;
}

export function funnelScanner(plan: FunnelPlan, isCut: boolean): Scanner<FunnelFound> {
  const columns = new Set(["verdict", "visit_number", "occurred_at"]);
  const done: Narrow[] = [];
  const needs: VisitNeeds = { first: isCut, duration: false, bounces: false, exit: false };
  const compiled = (filter: Filter): Narrow => {
    const own = compileFilter(filter, plan.goals);
    for (const column of own.columns) columns.add(column);
    done.push(...own.done);
    needs.exit ||= own.exits;
    return own.narrow;
  };
  const steps = plan.steps.flatMap(({ match }) => {
    if (match.kind === "filter") return [compiled(match.filter)];
    if (match.kind === "visit") return [];
    columns.add("name");
    if (match.kind === "page") columns.add("page");
    return [match.kind === "page" ? ofPage(match.pattern) : ofEvent(match.event)];
  });
  const filter = plan.filter === null ? null : compiled(plan.filter);
  for (const column of visitColumns(needs)) columns.add(column);
  const whole: Compiled = { steps, startsWithVisit: plan.steps[0]?.match.kind === "visit", filter, done, needs };
  return {
    name: JSON.stringify(["funnel", VERSION, plan.goals, plan.steps.map(({ match }) => match), plan.filter]),
    columns,
    byEvent: false,
    // A visit that the filter does not find has nothing to say.
    selection: selectionOf([plan.filter], plan.goals, true),
    day: (_, cuts) => new FunnelDay(whole, cuts),
    sizeOf: (found) => 100 * found.length,
  };
}

const ofEvent =
  (event: string): Narrow =>
  (rows, batch) => {
    const { codes, size, text } = textsOf(batch, "name");
    const fits = Uint8Array.from({ length: size }, (_, code) => Number(text(code) === event));
    for (let row = 0; row < rows.length; row++) rows[row]! &= fits[codes[row]!] ?? 0;
  };

function ofPage(pattern: string): Narrow {
  const isFitting = patternOf(pattern);
  const isPageview = ofEvent("pageview");
  return (rows, batch, known) => {
    isPageview(rows, batch, known);
    const { codes, size, text } = textsOf(batch, "page");
    const fits = Uint8Array.from({ length: size }, (_, code) => Number(isFitting(text(code))));
    for (let row = 0; row < rows.length; row++) rows[row]! &= fits[codes[row]!] ?? 0;
  };
}

class FunnelDay implements DayScanner<FunnelFound> {
  readonly #funnel: Compiled;
  readonly #cuts: readonly Cut[];
  readonly #visits: ScanVisits;
  readonly #done: Map<Narrow, Uint8Array>;
  /** By visit, 1 where it is one that is asked about. */
  #asked = new Uint8Array(0);
  readonly #taken = new Taken();

  constructor(funnel: Compiled, cuts: readonly Cut[]) {
    this.#funnel = funnel;
    this.#cuts = cuts;
    this.#visits = new ScanVisits(funnel.needs);
    this.#done = new Map(funnel.done.map((narrow) => [narrow, new Uint8Array(0)]));
  }

  get passes(): Pass[] {
    const { needs, done } = this.#funnel;
    return [
      ...(needs.first || needs.exit ? ["look" as const] : []),
      ...(done.length === 0 ? [] : ["done" as const]),
      "count",
    ];
  }

  take(pass: Pass, batch: ScanBatch): void {
    if (pass === "look") this.#visits.look(batch);
    else if (pass === "done") markDone(batch, { visits: this.#visits, done: this.#done });
    else this.#count(batch);
  }

  found(): FunnelFound {
    const reached = this.#taken.reached(this.#asked.length);
    const { steps, startsWithVisit } = this.#funnel;
    return this.#cuts.map((cut) => {
      const counts = Array<number>(steps.length + Number(startsWithVisit)).fill(0);
      for (let visit = 0; visit < reached.length; visit++) {
        if (this.#asked[visit] === 0 || !this.#isIn(cut, visit)) continue;
        const depth = reached[visit]! + Number(startsWithVisit);
        for (let step = 0; step < depth; step++) counts[step]!++;
      }
      return counts;
    });
  }

  #count(batch: ScanBatch): void {
    const { steps, filter } = this.#funnel;
    const known = { visits: this.#visits, done: this.#done };
    const visits = ordinalsOf(batch, "visit_number");
    const times = numbersOf(batch, "occurred_at");
    const counted = countedRows(batch);
    const most = mostOf(visits);
    if (most >= this.#asked.length)
      this.#asked = grown(this.#asked, new Uint8Array(Math.max(most + 1, 2 * this.#asked.length)));
    const asked = counted.slice();
    filter?.(asked, batch, known);
    const taken = new Uint8Array(batch.rows);
    for (const [step, narrow] of steps.entries()) {
      const rows = counted.slice();
      narrow(rows, batch, known);
      for (let row = 0; row < rows.length; row++) taken[row]! |= rows[row]! << step;
    }
    for (let row = 0; row < batch.rows; row++) {
      const visit = visits[row]!;
      if (visit < 0) continue;
      if (asked[row] === 1) this.#asked[visit] = 1;
      if (taken[row]! > 0) this.#taken.add(visit, times[row]!, taken[row]!);
    }
  }

  #isIn(cut: Cut, visit: number): boolean {
    if (cut === null) return true;
    const firstMs = this.#visits.firstMs[visit]!;
    return firstMs >= cut.fromMs && firstMs < cut.toMs;
  }
}

/** Events that take some step. */
class Taken {
  #visits = new Int32Array(64);
  #times = new Float64Array(64);
  /** A bit for each step that the event can take. */
  #steps = new Uint8Array(64);
  #size = 0;

  /** Those of a visit in the order of the log. */
  add(visit: number, atMs: number, steps: number): void {
    const at = this.#size++;
    if (at === this.#visits.length) {
      this.#visits = grown(this.#visits, new Int32Array(2 * at));
      this.#times = grown(this.#times, new Float64Array(2 * at));
      this.#steps = grown(this.#steps, new Uint8Array(2 * at));
    }
    this.#visits[at] = visit;
    this.#times[at] = atMs;
    this.#steps[at] = steps;
  }

  /** By visit, how many steps its events take one after the other. */
  reached(visits: number): Uint8Array {
    const reached = new Uint8Array(visits);
    const order = this.#byVisit(visits);
    for (let from = 0, to = 0; from < order.length; from = to) {
      const visit = this.#visits[order[from]!]!;
      while (to < order.length && this.#visits[order[to]!] === visit) to++;
      this.#sortByTime(order, from, to);
      for (let at = from; at < to; at++) if ((this.#steps[order[at]!]! >> reached[visit]!) & 1) reached[visit]!++;
    }
    return reached;
  }

  /** The places of those of each visit together, each visit's in the order in which they came. */
  #byVisit(visits: number): Uint32Array {
    const next = new Uint32Array(visits + 1);
    for (let at = 0; at < this.#size; at++) next[this.#visits[at]! + 1]!++;
    for (let visit = 0; visit < visits; visit++) next[visit + 1]! += next[visit]!;
    const order = new Uint32Array(this.#size);
    for (let at = 0; at < this.#size; at++) order[next[this.#visits[at]!]!++] = at;
    return order;
  }

  /** They are nearly in order; of one instant they stay as they came. */
  #sortByTime(order: Uint32Array, from: number, to: number): void {
    for (let at = from + 1; at < to; at++) {
      const one = order[at]!;
      let place = at;
      for (; place > from && this.#times[order[place - 1]!]! > this.#times[one]!; place--)
        order[place] = order[place - 1]!;
      order[place] = one;
    }
  }
}
