// Rules of processing and goals, wherever the API shows or takes them.

import { z } from "zod";
import type { Goal } from "../../core/field.ts";
import type { Processing } from "../../core/processing.ts";
import { BOT_WAYS, type ChannelRule, type Rules, type RunRules } from "../../core/rules.ts";

const texts = (description: string) => z.array(z.string()).exactOptional().describe(description);

export const GOAL: z.ZodType<Goal> = z
  .object({
    name: z.string(),
    match: z.union([
      z.object({ kind: z.literal("event"), event: z.string() }),
      z.object({ kind: z.literal("page"), pattern: z.string().describe("A path; * stands for any letters.") }),
    ]),
    value: z.number().exactOptional().describe("Of reaching it, in major units of the merchant's currency."),
  })
  .meta({ id: "Goal" });

export const CHANNEL_RULE: z.ZodType<ChannelRule> = z
  .object({
    channel: z.string(),
    source: z.string().exactOptional(),
    medium: z.string().exactOptional(),
    campaign: z.string().exactOptional(),
    referrer: z.string().exactOptional().describe("Host and path."),
  })
  .meta({ id: "ChannelRule", description: "A visit's channel where every pattern that is given fits." });

const FIELDS = {
  version: z.int().exactOptional().describe("Numbered from 1; absent: rules that were never saved."),
  bots: z.enum(BOT_WAYS).exactOptional(),
  extraBots: z.array(z.string()).describe("Texts that a bot's user agent contains."),
  excludedPages: texts("Patterns of paths."),
  excludedHosts: texts("Patterns of hosts."),
  allowedHosts: texts("Where there are any, no other host counts."),
  excludedCountries: texts("ISO 3166-1 alpha-2."),
  excludedAddresses: texts("Addresses and CIDR ranges."),
  channels: z.array(CHANNEL_RULE).exactOptional(),
  keptParameters: texts("Parameters of the URL's query that belong to the page."),
  keptProps: texts("Names of properties that reports see; absent: all."),
  goals: z.array(GOAL).exactOptional(),
};

export const RULES: z.ZodType<Rules> = z.object(FIELDS).meta({ id: "Rules" });

export const RUN_RULES: z.ZodType<RunRules> = z
  .object({
    ...FIELDS,
    onTop: z
      .literal(true)
      .exactOptional()
      .describe("Each day's own rules with these bots besides; absent: these rules in their stead."),
  })
  .meta({ id: "RunRules" });

export const PROCESSING: z.ZodType<Processing> = z
  .object({ version: z.int(), libraries: z.object({ isbot: z.string(), bowser: z.string() }), rules: RUN_RULES })
  .meta({ id: "Processing" });
