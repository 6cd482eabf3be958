// Merchants: which one may see, and how each is set up.

import { z } from "zod";
import { MERCHANT_ID_CHARS_MAX } from "../../core/limits.ts";
import type { ListedMerchant, MerchantList } from "../../core/merchant-list.ts";
import { changed, created } from "../merchants-api.ts";
import { CHANGING, forbidden, noOrganisation, ROLE, unavailable } from "./accounts.ts";
import { DATE, type Description, empty, INSTANT, json, refusal } from "./describe.ts";

const LISTED: z.ZodType<ListedMerchant> = z
  .object({
    id: z.string().max(MERCHANT_ID_CHARS_MAX),
    name: z.string(),
    zone: z.string(),
    currency: z.string(),
    shards: z.int(),
    organisation: z.string().nullable().describe("Null: nobody's but the operator's."),
    role: ROLE.nullable().describe("Yours in it."),
  })
  .meta({ id: "ListedMerchant" });

const LIST: z.ZodType<MerchantList> = z.object({
  merchants: z.array(LISTED),
  as_of: INSTANT.nullable().describe("Null: as it is now; else when it was so, since Postgres is away."),
});

const MERCHANT = z
  .object({
    id: z.string(),
    name: z.string(),
    domains: z.array(z.string()),
    zone: z.string().describe("As it is now."),
    zones: z
      .array(z.object({ from: DATE, zone: z.string() }))
      .nullable()
      .describe("From which day on which zone; null: it has always been the same."),
    currency: z.string(),
    shards: z.int(),
    spread: z
      .array(z.object({ from: DATE, shards: z.int() }))
      .nullable()
      .describe("From which day on how many shards."),
    retention_days: z.int().nullable().describe("Null: for ever."),
    organisation: z.string().nullable(),
    role: ROLE.nullable().describe("Yours in it."),
  })
  .meta({ id: "Merchant" });

const noMerchant = refusal("There is no such merchant.");
const at = (method: "GET" | "POST" | "PATCH" | "DELETE", path: string, summary: string) => ({
  route: `${method} /api/v1/merchants${path}` as const,
  topic: "Merchants",
  audience: "readers" as const,
  summary,
});

export const MERCHANTS: readonly Description[] = [
  {
    ...at("GET", "", "The merchants that you may see"),
    answers: { 200: json("By name.", LIST), 503: unavailable },
  },
  {
    ...at("POST", "", "Make a merchant"),
    body: { schema: created },
    answers: { 201: json("It is there.", MERCHANT), ...CHANGING, 403: forbidden, 404: noOrganisation },
  },
  {
    ...at("GET", "/:id", "How a merchant is set up"),
    answers: { 200: json("Its settings.", MERCHANT), 403: forbidden, 404: noMerchant, 503: unavailable },
  },
  {
    ...at("PATCH", "/:id", "Change how a merchant is set up"),
    details:
      "Everywhere within a minute. Once there are events another time zone holds from the next day on, and the currency stays.",
    body: { schema: changed },
    answers: {
      200: json("As it is now.", MERCHANT),
      ...CHANGING,
      403: forbidden,
      404: noMerchant,
      409: refusal("There are events already."),
    },
  },
  {
    ...at("DELETE", "/:id", "Delete a merchant"),
    details:
      "Seven days later everything that there is of it is erased: events, numbers, settings. Until then it can be restored.",
    answers: {
      204: empty("Nobody sees it any more, and nothing is collected."),
      403: forbidden,
      404: noMerchant,
      503: unavailable,
    },
  },
  {
    ...at("POST", "/:id/restore", "Take back that a merchant was deleted"),
    details: "Within seven days. Events that were sent meanwhile were refused.",
    answers: {
      204: empty("It is as it was."),
      403: forbidden,
      404: noMerchant,
      409: refusal("It is being erased."),
      503: unavailable,
    },
  },
  {
    ...at("POST", "/:id/transfer", "Give a merchant to another organisation"),
    body: { schema: z.strictObject({ organisation: z.string() }) },
    answers: { 200: json("As it is now.", MERCHANT), ...CHANGING, 403: forbidden, 404: noMerchant },
  },
];
