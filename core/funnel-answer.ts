// What is answered of a funnel's steps.

import type { FunnelStep } from "./funnel.ts";

export interface FunnelRow {
  name: string;
  /** That came at least as far. */
  visits: number;
  /** Per cent of the first step's. Null where there are none. */
  share: number | null;
  /** Per cent of those that took the step before; of the first step all of them. */
  share_of_previous: number | null;
  /** Of the step before, that did not take this one. */
  dropped: number;
}

/** `counts`: of each day, visits by step. */
export function answerFunnel(steps: readonly FunnelStep[], counts: readonly (readonly number[])[]): FunnelRow[] {
  const visits = steps.map((_, step) => counts.reduce((sum, own) => sum + own[step]!, 0));
  return steps.map(({ name }, step) => {
    const own = visits[step]!;
    const before = visits[step - 1] ?? own;
    return {
      name,
      visits: own,
      share: percent(own, visits[0]!),
      share_of_previous: percent(own, before),
      dropped: before - own,
    };
  });
}

const percent = (part: number, whole: number): number | null =>
  whole === 0 ? null : Math.round((10_000 * part) / whole) / 100;
