// The questions behind the overview: the headline with its course over time, and the course of the period before. Of a period
// that is over the first has the second in it; one that is not is compared only as far as it has come, and the chart
// shows the whole of the one before.

import { useMemo } from "react";
import { overviewQuestion, type Scope, seriesQuestion } from "./questions.ts";
import { type Compare, comparedPeriod } from "./range.ts";
import { type Answering, type Asked, useAnswer } from "./use-answer.ts";

export interface Numbers {
  overview: Answering;
  /** Unanswered without a comparison, and where the overview has it in it. */
  before: Answering;
}

export const useNumbers = (scope: Scope, compare: Compare): Numbers => {
  const [overview, before = null] = useMemo(() => numbersAsked(scope, compare), [scope, compare]);
  return { overview: useAnswer(overview), before: useAnswer(before) };
};

/** The overview first. */
export const numbersAsked = (scope: Scope, compare: Compare): [Asked, ...Asked[]] => {
  const { period } = scope;
  const overview = { body: overviewQuestion(scope, compare), period };
  if (compare === "none" || !period.open) return [overview];
  const earlier = comparedPeriod(period, compare);
  return [overview, { body: seriesQuestion({ ...scope, period: earlier }), period: earlier }];
};
