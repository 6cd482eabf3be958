// The thread of the load generator: takes a `Load`, sends it, answers with a `LoadResult`.

import { setTimeout as sleep } from "node:timers/promises";
import { parentPort } from "node:worker_threads";
import { Pool, type Dispatcher } from "undici";
import { Hits } from "./hits.ts";
import type { Load, LoadResult } from "./load.ts";
import { quantile } from "./measure.ts";

const TICK_MS = 5;

async function run(load: Load): Promise<LoadResult> {
  const { origin, pathname } = new URL(load.url);
  const pool = new Pool(origin, { connections: load.connections, pipelining: 1 });
  const hits = new Hits(load);
  const tookMs: number[] = [];
  const startMs = performance.now();
  const endMs = startMs + load.forMs;
  const requestsMax = load.requests ?? Number.POSITIVE_INFINITY;
  let begun = 0;
  /** How many should have begun by now. */
  const due = (): number =>
    load.perSecond === undefined ? requestsMax : ((performance.now() - startMs) / 1_000) * load.perSecond;
  const sender = async (): Promise<void> => {
    while (performance.now() < endMs && begun < requestsMax) {
      if (begun >= due()) {
        await sleep(TICK_MS);
        continue;
      }
      begun++;
      const sentMs = performance.now();
      await post(pool, pathname, hits);
      tookMs.push(performance.now() - sentMs);
    }
  };
  await Promise.all(Array.from({ length: load.connections }, sender));
  const seconds = (performance.now() - startMs) / 1_000;
  await pool.close();
  return {
    requests: tookMs.length,
    events: tookMs.length * load.eventsPerRequest,
    seconds,
    p50Ms: quantile(tookMs, 0.5),
    p99Ms: quantile(tookMs, 0.99),
  };
}

function post(pool: Pool, path: string, hits: Hits): Promise<void> {
  const { body, address, agent } = hits.next(Date.now());
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const headers = { "content-type": "text/plain;charset=UTF-8", "user-agent": agent, "cf-connecting-ip": address };
  const pieces: Buffer[] = [];
  let status = 0;
  const handler: Dispatcher.DispatchHandler = {
    onRequestStart() {},
    onResponseStart(_controller, statusCode) {
      status = statusCode;
    },
    onResponseData(_controller, piece) {
      pieces.push(piece);
    },
    onResponseEnd() {
      const text = pieces.length === 1 ? pieces[0]!.toString("latin1") : Buffer.concat(pieces).toString("latin1");
      if (status === 202 && !/"(?:duplicate|rejected)"/.test(text)) resolve();
      else reject(new Error(`answered ${status}: ${text.slice(0, 500)}`));
    },
    onResponseError(_controller, error) {
      reject(error);
    },
  };
  pool.dispatch({ method: "POST", path, headers, body: Buffer.from(body) }, handler);
  return promise;
}

parentPort!.on("message", (load: Load) => {
  void run(load).then((result) => parentPort!.postMessage(result));
});
