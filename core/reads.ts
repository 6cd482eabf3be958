// Which columns of rollups answer the questions of a report, and whether they do at all.

import type { Range } from "./date-range.ts";
import { type Grain, type Kept, keptFor } from "./kept.ts";
import { fail, ok, type Result } from "./result.ts";
import { type Dimension, type Measure, MEASURES } from "./rollup.ts";
import type { ScanQuestion } from "./scan-plan.ts";
import { dayAt, hourAt, hourEnd } from "./zone.ts";

/** Columns of a rollup. Dates, hours, shards, sequences, currencies and foreign orders are read always. */
export interface Reads {
  totals: Measure[];
  /** The hours' own sketches of visitors. */
  visitors: boolean;
  minutes: boolean;
  dimension: Dimension | null;
  /** Sketches of the dimension's values: to merge visitors over several hours. */
  sketches: boolean;
}

/** What of rollups answers all the questions; fails with the reason why nothing does, as the end of a sentence. */
export function readsOf(questions: readonly ScanQuestion[], grain: Grain): Result<Reads, string> {
  const reads: Reads = { totals: [], visitors: false, minutes: false, dimension: null, sketches: false };
  for (const question of questions) {
    const kept = keptFor(question, grain);
    if (!kept.ok) return kept;
    const unread = addReads(reads, question, kept.value, grain);
    if (unread !== null) return fail(unread);
  }
  return ok(reads);
}

function addReads(reads: Reads, { measures, visitors }: ScanQuestion, kept: Kept, grain: Grain): string | null {
  switch (kept.kind) {
    case "totals":
      reads.totals = MEASURES.filter((measure) => measures.includes(measure) || reads.totals.includes(measure));
      reads.visitors ||= visitors;
      return null;
    case "minutes":
      reads.minutes = true;
      return null;
    case "column":
      if (reads.dimension !== null && reads.dimension !== kept.dimension)
        return `${reads.dimension} and ${kept.dimension} are not kept together`;
      reads.dimension = kept.dimension;
      // One hour's count of each value is in its column already.
      reads.sketches ||= visitors && grain !== "single hour";
      return null;
  }
}

/** What the coarsest part of time is that no range cuts. */
export function grainOf(zone: string, ranges: readonly Range[]): Grain {
  const filled = ranges.filter(({ fromMs, toMs }) => fromMs < toMs);
  if (
    filled.every(({ fromMs, toMs }) => dayAt(zone, fromMs).startMs === fromMs && dayAt(zone, toMs - 1).endMs === toMs)
  )
    return "day";
  if (!filled.every(({ fromMs, toMs }) => isHourStart(zone, fromMs) && isHourStart(zone, toMs))) return "minute";
  return filled.every((range) => isOneHour(zone, range)) ? "single hour" : "hour";
}

const isHourStart = (zone: string, ms: number): boolean => hourAt(dayAt(zone, ms), ms) === ms;

const isOneHour = (zone: string, { fromMs, toMs }: Range): boolean => hourEnd(dayAt(zone, fromMs), fromMs) === toMs;
