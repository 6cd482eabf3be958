// How long filtered questions take of a runtime that has just started, has read none of the files and compiled none of the code
// that reads them: one question each. An unfiltered one comes first, so that the API is loaded and Postgres is there.

import { Pool } from "undici";
import { median } from "./measure.ts";
import { ask, bodyOf, FIRSTS, keyOf, NO_CACHE } from "./reports-asking.ts";
import type { DataSet } from "./reports-data.ts";
import { QUESTIONS } from "./reports-questions.ts";
import { startOurs } from "./workers.ts";

/** Medians by question; as many runtimes as `starts` are asked each. */
export async function timeCold(folder: string, all: readonly DataSet[], starts: number): Promise<Map<string, number>> {
  const times = new Map<string, number[]>();
  for (let start = 0; start < starts; start++) {
    for (const set of all) {
      for (const question of QUESTIONS.filter(({ filtered }) => filtered)) {
        const stack = await startOurs(folder);
        const client = new Pool(stack.url, { connections: 1, pipelining: 1 });
        try {
          await ask(client, bodyOf(set, QUESTIONS[0]!, 0), NO_CACHE);
          const { ms } = await ask(client, bodyOf(set, question, FIRSTS + start), NO_CACHE);
          times.set(keyOf(set, question), [...(times.get(keyOf(set, question)) ?? []), ms]);
        } finally {
          await client.close();
          await stack.stop();
        }
      }
    }
  }
  return new Map([...times].map(([key, ms]) => [key, median(ms)]));
}
