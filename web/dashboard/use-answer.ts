// One question and its answer, as a component needs it: the last answer stays while the next is on its way, an open
// period is asked again while the page is visible, and what an answer was to is kept with it, since for a moment that
// may not be what is asked now.

import useSWR, { unstable_serialize } from "swr";
import type { Answer } from "../../core/answer.ts";
import { type ApiProblem, ask, type QueryBody } from "./api.ts";
import type { Period } from "./range.ts";

const REFRESH_MS = 15_000;

export interface Asked {
  body: QueryBody;
  period: Period;
}

/** Is this key of the cache a question about a period that still fills? */
export const isAskedOpen = (key: unknown): boolean =>
  typeof key === "object" && key !== null && "period" in key && (key as Asked).period.open;

export interface Answered {
  asked: Asked;
  answer: Answer;
}

export interface Answering {
  answered: Answered | undefined;
  /** What is shown is not yet, or no longer, the answer to what is asked. */
  waiting: boolean;
  problem: ApiProblem | undefined;
  retry: () => void;
}

const answerTo = async (asked: Asked): Promise<Answered> =>
  askedAhead.get(unstable_serialize(asked)) ?? { asked, answer: await ask(asked.body, asked.period.open) };

/** By key of the cache, on their way: whoever asks the same meanwhile waits for the same. */
const askedAhead = new Map<string, Promise<Answered>>();

/** Null when its answer is on its way already. */
export function answerAhead(asked: Asked): Promise<Answered> | null {
  const key = unstable_serialize(asked);
  if (askedAhead.has(key)) return null;
  const answer = answerTo(asked);
  askedAhead.set(key, answer);
  const forget = (): void => void askedAhead.delete(key);
  answer.then(forget, forget);
  return answer;
}

export const useAnswer = (asked: Asked | null): Answering => {
  const open = asked?.period.open ?? false;
  const { data, error, isLoading, mutate } = useSWR<Answered, ApiProblem, Asked | null>(asked, answerTo, {
    keepPreviousData: true,
    refreshInterval: open ? REFRESH_MS : 0,
    revalidateOnFocus: open,
    revalidateIfStale: open,
  });
  // While the next answer is on its way the last one may stay, but when it does not come, numbers of other dates must
  // not stand under these.
  const fits = JSON.stringify(data?.asked) === JSON.stringify(asked);
  return {
    answered: fits || error === undefined ? data : undefined,
    waiting: isLoading && !fits,
    problem: error,
    retry: () => void mutate(),
  };
};
