// The route of GraphQL. Everything behind it is loaded by the first request that needs it: collecting, which shares the Worker, never
// does. To be mounted at /api/graphql behind the guard.

import { Hono } from "hono";
import type { Guarded } from "./access.ts";
import type { Env } from "./env.ts";
import type { FindMerchant } from "./merchants.ts";

export const graphql = (find: FindMerchant): Hono<{ Bindings: Env; Variables: Guarded }> => {
  const app = new Hono<{ Bindings: Env; Variables: Guarded }>();
  app.on(["GET", "POST"], "/", async (c) => {
    const { answerGraphql } = await import("./graphql/server.ts");
    const asker = { env: c.env, access: c.get("access"), find, nowMs: Date.now(), resolved: { fields: 0 } };
    const answer = await answerGraphql(c.req.raw, asker);
    answer.headers.set("cache-control", "private, no-store");
    return answer;
  });
  return app;
};
