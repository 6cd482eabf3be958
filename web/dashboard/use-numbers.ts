// The questions behind the overview: the headline, its course over time, and that of the period before.

import { useMemo } from "react";
import { headlineQuestion, type Scope, seriesQuestion } from "./questions.ts";
import { type Compare, comparedPeriod } from "./range.ts";
import { type Answering, useAnswer } from "./use-answer.ts";

export interface Numbers {
  headline: Answering;
  series: Answering;
  /** Unanswered without a comparison. */
  before: Answering;
}

export const useNumbers = (scope: Scope, compare: Compare): Numbers => {
  const questions = useMemo(() => {
    const { period } = scope;
    const earlier = compare === "none" ? null : comparedPeriod(period, compare);
    return {
      headline: { body: headlineQuestion(scope, compare), period },
      series: { body: seriesQuestion(scope), period },
      before: earlier === null ? null : { body: seriesQuestion({ ...scope, period: earlier }), period: earlier },
    };
  }, [scope, compare]);
  return {
    headline: useAnswer(questions.headline),
    series: useAnswer(questions.series),
    before: useAnswer(questions.before),
  };
};
