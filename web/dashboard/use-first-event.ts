// Whether there has ever been an event of the merchant, and the moment in which the first one comes.

import { useMemo, useState } from "react";
import type { LiveSnapshot } from "../../core/messages.ts";
import { type Figure, figuresOf } from "./answers.ts";
import { addDays } from "./dates.ts";
import { everQuestion } from "./questions.ts";
import { useAnswer } from "./use-answer.ts";

/** The longest range that the API answers. */
const DAYS_BACK = 1_099;

/**
 * True when there has never been an event. Asked only when the dates shown have none, and again as the live view
 * sees visitors. `figures` are null until they are known.
 */
export const useIsEmpty = (
  merchant: string,
  today: string,
  figures: readonly Figure[] | null,
  live: LiveSnapshot | null,
): boolean => {
  const nothing = figures?.every(({ now, before }) => isNothing(now) && isNothing(before)) ?? false;
  const asked = useMemo(
    () => (nothing ? { body: everQuestion(merchant, addDays(today, -DAYS_BACK), today), period: ever(today) } : null),
    [nothing, merchant, today],
  );
  const { answered } = useAnswer(asked);
  if (!nothing || answered === undefined) return false;
  const seesVisitors = live?.minutes.some(({ pageviews, visitors }) => pageviews + visitors > 0) ?? false;
  return !seesVisitors && isNothing(figuresOf(["events"], answered.answer.results[0])[0]?.now ?? null);
};

const isNothing = (value: number | null): boolean => value === null || value === 0;
const ever = (today: string) => ({
  from: addDays(today, -DAYS_BACK),
  to: today,
  open: true,
  interval: "month" as const,
});

/** True from the moment in which a merchant that was seen without events has one, until the page is left. */
export const useFirstEvent = (isEmpty: boolean): boolean => {
  const [wasEmpty, setWasEmpty] = useState(false);
  if (isEmpty && !wasEmpty) setWasEmpty(true);
  return wasEmpty && !isEmpty;
};
