// The composition root: every handler and object class of the one Worker meets here and nowhere else.

import { Hono } from "hono";
import { COLLECT_SCHEMA } from "../core/collect-schema.ts";
import { collectRoutes } from "./collect-routes.ts";
import type { Guarded } from "./access.ts";
import type { Env } from "./env.ts";
import { guard, sessionRoutes } from "./guard.ts";
import { live } from "./live.ts";
import { findMerchant } from "./merchants.ts";
import { opsRoutes } from "./ops.ts";
import { rawRoutes } from "./raw.ts";
import { resumeRuns } from "./replay-store.ts";
import { replayRoutes } from "./replays.ts";
import { reports } from "./reports.ts";
import { standingRoutes } from "./standing.ts";
import { handleQueue } from "../queues/index.ts";
import { dropOldGenerations } from "../queues/old-generations.ts";
import { maintainPartitions } from "../queues/partitions.ts";

export { MerchantShard } from "../durable-objects/merchant-shard.ts";
export { SaltKeeper } from "../durable-objects/salt-keeper.ts";

const api = new Hono<{ Bindings: Env; Variables: Guarded }>();
api.get("/api/v1/schemas/collect", (c) => c.json(COLLECT_SCHEMA));
api.get("/api/health", (c) => c.json({ ok: true }));
api.route("/api/v1/session", sessionRoutes());
api.use("/api/*", guard);
api.use("/live", guard);
api.get("/live", (c) => live(c.env, c.req.raw));
api.route("/api/v1", reports(findMerchant));
api.route("/api/ops", opsRoutes(findMerchant));
api.route("/api/ops", rawRoutes());
api.route("/api/ops", standingRoutes(findMerchant));
api.route("/api/ops/replays", replayRoutes(findMerchant));
api.notFound((c) => c.json({ error: { pointer: "", reason: "not_found", message: "There is nothing here." } }, 404));
api.onError((error, c) => {
  console.error(JSON.stringify({ event: "request_failed", path: c.req.path, error: String(error) }));
  const message = "Something went wrong on our side; it has been recorded. Try again in a moment.";
  return c.json({ error: { pointer: "", reason: "internal", message } }, 500);
});

export default {
  async fetch(request, env, context) {
    const { pathname } = new URL(request.url);
    if (pathname === "/e" || pathname === "/p.gif") return collectRoutes(request, env, pathname);
    if (pathname.startsWith("/api/") || pathname === "/live") return api.fetch(request, env, context);
    return env.ASSETS.fetch(request);
  },
  queue: (batch, env) => handleQueue(batch, env),
  async scheduled(_controller, env) {
    await maintainPartitions(env, Date.now());
    await resumeRuns(env);
    await dropOldGenerations(env, Date.now());
  },
} satisfies ExportedHandler<Env>;
