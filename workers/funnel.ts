// POST /funnel: how far visits went, step by step (core/funnel.ts says what may be asked). To be mounted at /api/v1 behind the
// guard.

import type { Hono } from "hono";
import { parseFunnel, writtenSteps } from "../core/funnel.ts";
import { answerFunnel, type FunnelRow } from "../core/funnel-answer.ts";
import { funnelScanner } from "../core/funnel-scan.ts";
import { writtenFilter } from "../core/query-filters.ts";
import type { Guarded } from "./access.ts";
import type { Env } from "./env.ts";
import type { FindMerchant } from "./merchants.ts";
import { type ScanAnswer, scanRoute } from "./scan-route.ts";

export type FunnelAnswer = ScanAnswer<FunnelRow>;

export const funnelRoutes = (find: FindMerchant): Hono<{ Bindings: Env; Variables: Guarded }> =>
  scanRoute(find, "/funnel", {
    parse: parseFunnel,
    scanner: ({ steps, filter }, { rules }, isCut) =>
      funnelScanner({ goals: rules?.goals ?? [], steps, filter }, isCut),
    because: "a funnel follows each visit",
    results: ({ steps }, counts) => answerFunnel(steps, counts),
    written: ({ steps, filter }) => ({
      steps: writtenSteps(steps),
      filters: filter === null ? [] : [writtenFilter(filter)],
    }),
  });
