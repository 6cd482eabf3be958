// Asking how far visits went, and which properties events have: what is found by going through single events.

import { z } from "zod";
import type { FunnelRow } from "../../core/funnel-answer.ts";
import { FUNNEL_STEPS_MAX, PROPERTY_NAMES_MAX } from "../../core/limits.ts";
import { FUNNEL_PRESETS, FUNNEL_STEPS_MIN } from "../../core/funnel.ts";
import type { PropertyRow } from "../../core/properties.ts";
import type { FunnelAnswer } from "../funnel.ts";
import type { PropertiesAnswer } from "../properties.ts";
import type { ScanMeta } from "../scan-route.ts";
import { COUNT, type Description, INSTANT, json, refusal } from "./describe.ts";

const name = z.string().optional().describe("To show; without one what it says of the event.");
const FILTERS = z.array(z.unknown()).describe("As those of a query; they must hold together.");

const STEP = z
  .union([
    z.object({ name, event: z.string() }).strict(),
    z.object({ name, page: z.string().describe("A path, in which * stands for any letters.") }).strict(),
    z.object({ name, filters: FILTERS }).strict(),
  ])
  .describe("What an event must be to take the step.");

const BODY = z
  .object({
    merchant: z.string(),
    date_range: z.unknown().describe("As that of a query."),
    steps: z.array(STEP).min(FUNNEL_STEPS_MIN).max(FUNNEL_STEPS_MAX).optional(),
    preset: z
      .enum(FUNNEL_PRESETS)
      .optional()
      .describe("Instead of steps: visit, product viewed, cart, checkout, order."),
    filters: FILTERS.optional().describe("Of visits: those with an event that fits."),
  })
  .strict()
  .meta({ id: "Funnel" });

const SHARE = z.number().nullable();

const ROW: z.ZodType<FunnelRow> = z
  .object({
    name: z.string(),
    visits: COUNT.describe("That came at least as far."),
    share: SHARE.describe("Per cent of the first step's."),
    share_of_previous: SHARE.describe("Per cent of those that took the step before."),
    dropped: COUNT.describe("Of the step before, that did not take this one."),
  })
  .meta({ id: "FunnelRow" });

const META: z.ZodType<ScanMeta> = z
  .object({
    fresh_to: INSTANT.nullable().describe("Every event accepted before is counted."),
    time_zone: z.string(),
    generations: z.array(z.int()).describe("0 is what was counted live; others were counted again later."),
    stale: z.string().nullable().describe("What may be missing, since a source did not answer."),
    source: z.object({
      kind: z.literal("scan"),
      files: COUNT.describe("That were read."),
      cached_days: COUNT.describe("Of which the answer was known already."),
    }),
    cost: z.object({ rows: COUNT, bytes: COUNT, ms: z.number() }),
  })
  .meta({ id: "ScanMeta" });

const ANSWER: z.ZodType<FunnelAnswer> = z
  .object({
    results: z.array(ROW).describe("By step."),
    meta: META,
    query: z.record(z.string(), z.unknown()).describe("The funnel as it was understood."),
  })
  .meta({ id: "FunnelReport" });

const PROPERTY_ROW: z.ZodType<PropertyRow> = z
  .object({ name: z.string(), events: COUNT.describe("That have it.") })
  .meta({ id: "PropertyRow" });

const PROPERTIES: z.ZodType<PropertiesAnswer> = z
  .object({
    results: z.array(PROPERTY_ROW).describe(`The most frequent first, ${PROPERTY_NAMES_MAX} at most.`),
    meta: META,
    query: z.record(z.string(), z.unknown()).describe("The question as it was understood."),
  })
  .meta({ id: "PropertiesReport" });

export const FUNNELS: readonly Description[] = [
  {
    route: "POST /api/v1/funnel",
    topic: "Reports",
    audience: "readers",
    summary: "Ask how far visits went, step by step",
    details:
      "A visit takes a step by an event of its own, after the one that took the step before. It counts where its first event is.",
    body: { schema: BODY, example: { merchant: "m_demo", date_range: "30d", preset: "shop" } },
    answers: {
      200: json("Visits by step.", ANSWER),
      400: refusal("What is wrong with the funnel, where, and what would be right."),
      404: refusal("There is no such merchant."),
      413: refusal("Too large."),
      503: { ...refusal("The events cannot be read just now."), headers: { "Retry-After": "Seconds." } },
    },
  },
  {
    route: "POST /api/v1/properties",
    topic: "Reports",
    audience: "readers",
    summary: "Ask which properties events have",
    details:
      "Names that events of these dates have, for `event:props:<name>` in dimensions and filters. Those of the script's own `engagement` are left out.",
    body: {
      schema: z
        .object({ merchant: z.string(), date_range: z.unknown().describe("As that of a query.") })
        .strict()
        .meta({ id: "Properties" }),
      example: { merchant: "m_demo", date_range: "30d" },
    },
    answers: {
      200: json("Names, and how many events have each.", PROPERTIES),
      400: refusal("What is wrong with the question, where, and what would be right."),
      404: refusal("There is no such merchant."),
      413: refusal("Too large."),
      503: { ...refusal("The events cannot be read just now."), headers: { "Retry-After": "Seconds." } },
    },
  },
];
