// The load generator that benchmarks share: a fixed number of keep-alive connections, each with one request under way,
// as fast as answers come or at a given rate. It runs in a thread of its own, so that nothing else that the benchmark
// does delays it. An answer other than 202, or a receipt other than "accepted", is an error of the benchmark.

import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { HitsOptions } from "./hits.ts";

export interface Load extends HitsOptions {
  /** Where to post to. */
  url: string;
  connections: number;
  /** How long to send for; requests under way then are waited for. */
  forMs: number;
  /** Ends earlier, after so many. */
  requests?: number;
  /** Requests begun per second; as fast as answers come when missing. */
  perSecond?: number;
}

export interface LoadResult {
  requests: number;
  events: number;
  seconds: number;
  p50Ms: number;
  p99Ms: number;
}

export class LoadGenerator {
  readonly #thread = new Worker(new URL("./load-thread.ts", import.meta.url));

  /** One load at a time. Throws when the other side does not take an event. */
  async run(load: Load): Promise<LoadResult> {
    this.#thread.postMessage(load);
    const [result] = (await once(this.#thread, "message")) as [LoadResult];
    return result;
  }

  async stop(): Promise<void> {
    await this.#thread.terminate();
  }
}
