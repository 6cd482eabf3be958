// Asks ahead what is likely to be looked at next, so that moving between dates feels instant: the dates that the pointer or the focus
// is on in the picker, and the steps before and after, once the present ones are there. Answers rest in the same cache as all
// others; of dates that are not over they are shown at once and asked again.

import { useCallback, useEffect, useMemo, useRef } from "react";
import { unstable_serialize, useSWRConfig } from "swr";
import { PANELS, propertyOf, tabOf } from "./panels.ts";
import { isDimension } from "./filters.ts";
import { panelQuestion, type Scope } from "./questions.ts";
import { periodOf, type Range, stepped } from "./range.ts";
import { type Asked, answerAhead } from "./use-answer.ts";
import { numbersAsked } from "./use-numbers.ts";
import type { View } from "./view.ts";

/** Passing over something is not looking at it. */
const STAY_MS = 80;

export interface Prefetch {
  merchant: string;
  view: View;
  today: string;
  /** The present dates have their answers. */
  settled: boolean;
}

/** Gives what is to be called when somebody is about to choose dates. */
export const usePrefetch = ({ merchant, view, today, settled }: Prefetch): ((range: Range) => void) => {
  const { cache, mutate } = useSWRConfig();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const askAhead = useCallback(
    (questions: readonly Asked[]) => {
      for (const asked of questions) {
        if (cache.get(unstable_serialize(asked))?.data !== undefined) continue;
        const answer = answerAhead(asked);
        if (answer !== null) void mutate(asked, answer, { revalidate: false, throwOnError: false });
      }
    },
    [cache, mutate],
  );

  const { range, compare, filters, interval, tabs } = view;
  const questionsOf = useMemo(
    () => (next: Range) => {
      const scope = { merchant, period: periodOf(next, today, interval), filters };
      return { numbers: numbersAsked(scope, compare), lists: listsAsked(scope, tabs) };
    },
    [merchant, today, interval, filters, compare, tabs],
  );

  useEffect(() => {
    // What is narrowed is counted from single events: too much to be asked for nothing.
    if (!settled || filters.length > 0) return undefined;
    const idle = setTimeout(() => {
      for (const direction of [-1, 1] as const) {
        const next = stepped(range, today, direction);
        if (next !== range) askAhead(questionsOf(next).numbers);
      }
    }, STAY_MS);
    return () => clearTimeout(idle);
  }, [settled, filters, range, today, askAhead, questionsOf]);

  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback(
    (next: Range) => {
      clearTimeout(timer.current);
      timer.current = setTimeout(() => {
        const { numbers, lists } = questionsOf(next);
        askAhead(filters.length > 0 ? numbers : [...numbers, ...lists]);
      }, STAY_MS);
    },
    [askAhead, questionsOf, filters],
  );
};

/** Of the open tabs, those that are read from what is counted already. */
const listsAsked = (scope: Scope, tabs: View["tabs"]): Asked[] =>
  PANELS.flatMap((panel) => {
    const tab = tabOf(panel, tabs[panel.id]);
    if (tab.map === true || propertyOf(tab) !== null || !isDimension(tab.dimension)) return [];
    return [{ body: panelQuestion(scope, tab, panel.rows), period: scope.period }];
  });
