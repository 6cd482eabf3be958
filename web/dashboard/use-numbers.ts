// The questions behind the overview: the headline, its course over time, and that of the period before.

import { useMemo } from "react";
import { headlineQuestion, seriesQuestion } from "./questions.ts";
import { type Period, periodBefore } from "./range.ts";
import { type Answering, useAnswer } from "./use-answer.ts";

export interface Numbers {
  headline: Answering;
  series: Answering;
  /** Unanswered without a comparison. */
  before: Answering;
}

export const useNumbers = (merchant: string, period: Period, compare: boolean): Numbers => {
  const questions = useMemo(() => {
    const earlier = periodBefore(period);
    return {
      headline: { body: headlineQuestion(merchant, period, compare), period },
      series: { body: seriesQuestion(merchant, period), period },
      before: compare ? { body: seriesQuestion(merchant, earlier), period: earlier } : null,
    };
  }, [merchant, period, compare]);
  return {
    headline: useAnswer(questions.headline),
    series: useAnswer(questions.series),
    before: useAnswer(questions.before),
  };
};
