// POST /properties: which properties the events of some dates have (core/properties.ts says what may be asked). To be mounted at
// /api/v1 behind the guard.

import type { Hono } from "hono";
import { answerProperties, parseProperties, type PropertyRow } from "../core/properties.ts";
import { propertyScanner } from "../core/property-scan.ts";
import type { Guarded } from "./access.ts";
import type { Env } from "./env.ts";
import type { FindMerchant } from "./merchants.ts";
import { type ScanAnswer, scanRoute } from "./scan-route.ts";

export type PropertiesAnswer = ScanAnswer<PropertyRow>;

export const propertyRoutes = (find: FindMerchant): Hono<{ Bindings: Env; Variables: Guarded }> =>
  scanRoute(find, "/properties", {
    parse: parseProperties,
    scanner: (_query, _merchant, isCut) => propertyScanner(isCut),
    because: "properties stand in the events alone",
    results: (_query, counts) => answerProperties(counts),
    written: () => ({}),
  });
