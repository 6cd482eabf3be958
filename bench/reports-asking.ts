// How the benchmark of reports asks: which questions they are in this run, one request at a time, and how long the answer took.

import type { Pool } from "undici";
import type { DataSet } from "./reports-data.ts";
import type { BenchQuestion } from "./reports-questions.ts";
import { OPERATOR_TOKEN } from "./workers.ts";

/** Filtered questions are asked with so many different filters, the first time each. */
export const FIRSTS = 8;
/** Past the edge cache. */
export const NO_CACHE = { "cache-control": "no-cache" };
const RUN = Math.floor(Date.now() / 1_000);

export const keyOf = (set: DataSet, question: BenchQuestion): string => `${set.merchant} ${question.name}`;

/** Filtered questions are others than in a run before: days of those are kept beyond it. */
export function bodyOf(set: DataSet, question: BenchQuestion, nth: number): object {
  return { merchant: set.merchant, ...question.query([set.first, set.last], RUN + nth) };
}

export interface Asked {
  status: number;
  text: string;
  ms: number;
}

export async function ask(client: Pool, body: object, headers: Record<string, string> = {}): Promise<Asked> {
  const startMs = performance.now();
  const { statusCode, body: answer } = await client.request({
    method: "POST",
    path: "/api/v1/query",
    headers: { "content-type": "application/json", authorization: `Bearer ${OPERATOR_TOKEN}`, ...headers },
    body: JSON.stringify(body),
  });
  const text = await answer.text();
  return { status: statusCode, text, ms: performance.now() - startMs };
}
