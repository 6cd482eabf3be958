// A metric by weekday and hour of the day, from its numbers by the hour. Pure. Sums for what can be summed; how often a
// weekday occurs in the dates differs by one at most, so the picture is of means: each cell is per weekday that was.

import { numberOf } from "../answers.ts";
import type { Answer } from "../../../core/answer.ts";

export interface WeekHours {
  /** By weekday (Monday first) and hour: the mean of the hours that were; null where none was. */
  cells: (number | null)[][];
  greatest: number;
}

export const WEEKDAYS = 7;
export const HOURS = 24;

/** `answer` is by `time:hour` and filled; `column` is the metric's place in it. Hours that are not over are left out. */
export function weekHoursOf({ results, meta }: Answer, column: number): WeekHours {
  const sums = Array.from({ length: WEEKDAYS }, () => Array.from({ length: HOURS }, () => ({ sum: 0, times: 0 })));
  const incomplete = new Set(meta.incomplete);
  for (const row of results) {
    const label = row.dimensions[0] ?? "";
    if (incomplete.has(label)) continue;
    const weekday = (new Date(`${label.slice(0, 10)}T00:00:00Z`).getUTCDay() + 6) % WEEKDAYS;
    const cell = sums[weekday]?.[Number(label.slice(11, 13))];
    if (cell === undefined) continue;
    cell.sum += numberOf(row.metrics[column]) ?? 0;
    cell.times++;
  }
  const cells = sums.map((day) => day.map(({ sum, times }) => (times === 0 ? null : sum / times)));
  return { cells, greatest: Math.max(0, ...cells.flat().map((value) => value ?? 0)) };
}
