// All routes of the API, put together: what answers under /api/ and at /live. Apart from index.ts so that tests can look at them.

import { Hono } from "hono";
import { COLLECT_SCHEMA } from "../core/collect-schema.ts";
import type { Guarded } from "./access.ts";
import { authRoutes } from "./auth-routes.ts";
import type { Env } from "./env.ts";
import { graphql } from "./graphql.ts";
import { guard, operatorOnly, sessionRoutes } from "./guard.ts";
import { live } from "./live.ts";
import { findMerchant } from "./merchants.ts";
import { opsRoutes } from "./ops.ts";
import { rawRoutes } from "./raw.ts";
import { replayRoutes } from "./replays.ts";
import { reports } from "./reports.ts";
import { standingRoutes } from "./standing.ts";

export const api = new Hono<{ Bindings: Env; Variables: Guarded }>();
api.get("/api/v1/schemas/collect", (c) => c.json(COLLECT_SCHEMA));
api.get("/api/health", (c) => c.json({ ok: true }));
api.route("/api/v1/session", sessionRoutes());
api.route("/api/auth", authRoutes());
api.use("/api/*", guard);
api.use("/live", guard);
api.get("/live", (c) => live(c.env, c.req.raw, c.get("access")));
api.route("/api/v1", reports(findMerchant));
api.route("/api/graphql", graphql(findMerchant));
api.use("/api/ops/*", operatorOnly);
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
