// After Postgres has been lost: POST / puts back from R2 and KV what can be put back, and counts the days whose numbers are missing
// as a run that is looked at, resumed and applied like any other (workers/replays.ts). To be mounted at /api/ops/rebuilds
// behind the guard.

import { Hono } from "hono";
import type { FindMerchant } from "./merchants.ts";
import { type Bound, smallBody, startRun } from "./run-request.ts";

export const rebuildRoutes = (find: FindMerchant): Hono<Bound> => {
  const app = new Hono<Bound>();
  app.post("/", smallBody, (c) => startRun(c, find, "rebuild"));
  return app;
};
