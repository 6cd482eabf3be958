// The composition root: every handler and object class of the one Worker meets here and nowhere else. The routes of the API are put
// together in api.ts, which is loaded when one of them is asked for: collecting pays for none of it.

import { dropAccountLeftovers } from "./accounts-leftovers.ts";
import { collectRoutes } from "./collect-routes.ts";
import type { Env } from "./env.ts";
import { takeFurther } from "./job-runner.ts";
import { dropOldJobs } from "./job-store.ts";
import { eraseMerchants } from "./merchant-eraser.ts";
import { findMerchant } from "./merchants.ts";
import { reportMissingSecrets } from "./secrets.ts";
import { resumeRuns } from "./replay-units.ts";
import { handleQueue } from "../queues/index.ts";
import { handleJobs } from "../queues/jobs.ts";
import { sweepErasures } from "../queues/old-erasures.ts";
import { dropOldGenerations } from "../queues/old-generations.ts";
import { dropOldShelves } from "../queues/old-shelves.ts";
import { maintainPartitions } from "../queues/partitions.ts";
import { dropExpiredEvents } from "../queues/retention.ts";

export { MerchantShard } from "../durable-objects/merchant-shard.ts";
export { SaltKeeper } from "../durable-objects/salt-keeper.ts";

export default {
  async fetch(request, env, context) {
    reportMissingSecrets(env);
    const { pathname } = new URL(request.url);
    if (pathname === "/e" || pathname === "/p.gif") return collectRoutes(request, env, pathname);
    if (pathname.startsWith("/api/") || pathname === "/live") {
      const { api } = await import("./api.ts");
      return api.fetch(request, env, context);
    }
    if (pathname.startsWith("/share/")) {
      const { sharePage } = await import("./share-page.ts");
      return sharePage(request, env);
    }
    return env.ASSETS.fetch(request);
  },
  queue: (batch, env) =>
    batch.queue === "jobs"
      ? handleJobs(batch, env, (id, attempts) => takeFurther(id, { env, find: findMerchant, attempts }))
      : handleQueue(batch, env),
  async scheduled(_controller, env) {
    await maintainPartitions(env, Date.now());
    await resumeRuns(env);
    await dropOldGenerations(env, Date.now());
    await sweepErasures(env, Date.now());
    await dropExpiredEvents(env, Date.now());
    await eraseMerchants(env, Date.now());
    await dropOldShelves(env, Date.now());
    await dropAccountLeftovers(env);
    await dropOldJobs(env, Date.now());
  },
} satisfies ExportedHandler<Env>;
