// What Cloudflare would bill for a million events: a day of Zipf-distributed merchants runs through the real object code
// with the variables of production, on counted storage and queues and a clock that jumps. Every event is seen to arrive
// in R2 and Postgres once, through all the sleeping and waking that such a day has. Postgres itself is not counted.

import path from "node:path";
import { Command } from "commander";
import { unstable_getMiniflareWorkerOptions } from "wrangler";
import { loadMerchantShard } from "./cost/object-module.ts";
import { simulate, type Simulated, type SimulationOptions } from "./cost/simulation.ts";
import { PRICES, type CostLine } from "./cost/usage.ts";
import { print, type Line } from "./measure.ts";
import { positive, wholeNumber } from "./options.ts";

interface Options {
  merchants: number;
  eventsPerHour: number;
  eventsPerRequest: number[];
  zipf: number;
  hours: number;
  publishAfter?: number;
  archiveAfter?: number;
  json: boolean;
}

interface ProductionConfiguration {
  bindings: Record<string, string>;
  queueConsumers: Record<string, { maxBatchSize: number; maxBatchTimeout: number }>;
}

const GOALS: Record<number, number> = { 5: 0.5, 1: 2 };
/** Lines below this are summed up. */
const SHOWN_DOLLARS_MIN = 0.0005;

export const costBench = new Command("cost")
  .description("dollars per million events that Cloudflare would bill, by line, from a simulated day")
  .option("--merchants <n>", "merchants", wholeNumber, 40)
  .option("--events-per-hour <n>", "events per hour of all merchants together", wholeNumber, 4_800)
  .option("--events-per-request <n...>", "events in a request; one simulation each", collected, [5, 1])
  .option("--zipf <exponent>", "how unequal merchants are", positive, 1.1)
  .option("--hours <n>", "hours of traffic, from local midnight on", positive, 24)
  .option("--publish-after <seconds>", "instead of PUBLISH_AFTER_MS of wrangler.toml", positive)
  .option("--archive-after <seconds>", "instead of ARCHIVE_AFTER_MS of wrangler.toml", positive)
  .option("--json", "for programs", false)
  .action(async (options: Options) => {
    const code = await loadMerchantShard();
    for (const eventsPerRequest of options.eventsPerRequest) {
      const { merchants, eventsPerHour, zipf, hours } = options;
      const sizes = { merchants, eventsPerHour, zipf, hours };
      report(await simulate({ code, eventsPerRequest, ...sizes, ...production(options) }), eventsPerRequest, options);
    }
  });

function collected(text: string, former: number[] | undefined): number[] {
  const isDefault = former?.length === 2 && former[0] === 5 && former[1] === 1;
  return [...(isDefault ? [] : (former ?? [])), wholeNumber(text)];
}

/** What wrangler.toml says about objects and queues. */
function production({ publishAfter, archiveAfter }: Options): Pick<SimulationOptions, "variables" | "queues"> {
  const wranglerToml = path.join(import.meta.dirname, "..", "wrangler.toml");
  const { bindings, queueConsumers } = unstable_getMiniflareWorkerOptions(wranglerToml)
    .workerOptions as unknown as ProductionConfiguration;
  const batchOf = (name: string): SimulationOptions["queues"]["events"] => {
    const { maxBatchSize, maxBatchTimeout } = queueConsumers[name]!;
    return { maxBatchSize, maxBatchMs: maxBatchTimeout * 1_000 };
  };
  return {
    variables: {
      ...bindings,
      ...(publishAfter === undefined ? {} : { PUBLISH_AFTER_MS: String(publishAfter * 1_000) }),
      ...(archiveAfter === undefined ? {} : { ARCHIVE_AFTER_MS: String(archiveAfter * 1_000) }),
    },
    queues: { events: batchOf("events"), rollups: batchOf("rollups"), seal: batchOf("seal") },
  };
}

function report(simulated: Simulated, eventsPerRequest: number, options: Options): void {
  const { events, requests, activeMerchants, activeMerchantHours, wakings, sealedDays } = simulated;
  const lines = simulated.usage.lines(events);
  const total = lines.reduce((sum, line) => sum + line.dollarsPerMillionEvents, 0);
  const shown = lines.filter((line) => line.dollarsPerMillionEvents >= SHOWN_DOLLARS_MIN);
  const small = total - shown.reduce((sum, line) => sum + line.dollarsPerMillionEvents, 0);
  const goal = GOALS[eventsPerRequest];
  const verdict = goal === undefined ? "" : `goal ≤ $${goal.toFixed(2)}: ${total <= goal ? "holds" : "MISSED"}`;
  const table: Line[] = [
    ...shown.map((line) => ({
      what: line.what,
      value: dollars(line.dollarsPerMillionEvents),
      note: noteOf(line, events),
    })),
    { what: "all smaller ones", value: dollars(small) },
    { what: "total per million events", value: dollars(total), note: verdict },
  ];
  const share = activeMerchants / options.merchants;
  const perHour = activeMerchantHours / options.hours / options.merchants;
  const title =
    `cost: ${eventsPerRequest} events a request; ${events.toLocaleString("en")} events in ${requests.toLocaleString("en")} requests over ` +
    `${options.hours} h, ${options.merchants} merchants (${percent(share)} had any, ${percent(perHour)} in an average hour; ` +
    `${Math.round(events / activeMerchantHours)} events in a merchant's active hour), ` +
    `${sealedDays} days sealed, objects woken ${wakings.toLocaleString("en")} times`;
  print(title, table, options.json, { eventsPerRequest, dollarsPerMillionEvents: total, costs: lines });
}

const dollars = (amount: number): string => `$${amount.toFixed(4)}`;
const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;

const noteOf = ({ count, price }: CostLine, events: number): string =>
  `${(count / events).toFixed(4)} per event at $${PRICES[price]} a million`;

if (import.meta.main) await costBench.parseAsync();
