// `npm run demo`: made-up visits to the demo shop, through the same door as everybody's: a past (`--past 30`), and what
// happens now (`--live`, until Ctrl-C).

import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import { addDays, dayAt, isZone } from "../core/zone.ts";
import { eventsOfSecond, pastEvents, type Traffic } from "./demo-traffic.ts";
import { readRunning, type Running } from "./running.ts";
import {
  positiveInteger,
  positiveNumber,
  printOutcome,
  progressLine,
  targetOf,
  withTarget,
  type TargetOptions,
} from "./send-target.ts";
import { emptyOutcome, send, type Outcome, type Target, type WireEvent } from "./send.ts";

interface DemoOptions extends TargetOptions {
  live?: true;
  past?: number;
  rate: number;
  visitsPerDay: number;
  seed: number;
  json?: true;
}

const TICK_MS = 1_000;

const HELP = `
The same seed makes the same visits: a past that is sent again, or continued another day, counts once. Most visits look at
a page or two; some put something into the cart, few buy, and some of those send something back. Some are bots.

  npm run demo -- --past 30     a month to look at
  npm run demo -- --live        something to watch`;

const command = withTarget(new Command("demo").description("Made-up visits to the demo shop."))
  .option("--live", "visits as they happen, until Ctrl-C")
  .option("--past <days>", "the visits of so many days up to now", positiveInteger)
  .option("--rate <n>", "live: visits that begin in a second", positiveNumber, 2)
  .option("--visits-per-day <n>", "past: visits of an average day", positiveInteger, 400)
  .option("--seed <n>", "another number, other visits", positiveInteger, 1)
  .option("--merchant <id>", "whose visits they are", "m_demo")
  .option("--json", "print the summary as JSON")
  .addHelpText("after", HELP);
command.action(run);

try {
  await command.parseAsync();
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

async function run(options: DemoOptions): Promise<void> {
  const { live, past } = options;
  if (live === undefined && past === undefined) command.error("Say which: --past <days>, --live, or both.");
  const target = targetOf(command, options);
  const traffic = trafficOf(target, options);
  const outcome = emptyOutcome();
  const line = progressLine();
  try {
    if (past !== undefined) await sendPast(target, traffic, past, outcome, line.show);
    if (live === true) await sendLive(target, traffic, options.rate, outcome, line.show);
  } finally {
    line.clear();
  }
  if (options.json === true) console.log(JSON.stringify(outcome, null, 2));
  else printOutcome(outcome);
}

function trafficOf(target: Target, { seed, visitsPerDay }: DemoOptions): Traffic {
  const merchant = merchantOf(target);
  const { zone, currency } = merchant;
  if (!isZone(zone)) throw new Error(`${zone} is no time zone.`);
  const customers = visitsPerDay * 2;
  return { seed: String(seed), origin: target.url, zone, currency, customers, visitsPerDay };
}

/** As the stack here knows it; elsewhere the demo shop's is taken. */
function merchantOf({ merchant }: Target): Pick<Running["merchants"][number], "zone" | "currency"> {
  const known = readRunning()?.merchants.find(({ id }) => id === merchant);
  return known ?? { zone: "Europe/Berlin", currency: "EUR" };
}

type Show = (outcome: Outcome) => void;

async function sendPast(
  target: Target,
  traffic: Traffic,
  days: number,
  outcome: Outcome,
  progress: Show,
): Promise<void> {
  const nowMs = Date.now();
  const { date: today } = dayAt(traffic.zone, nowMs);
  await send(target, pastEvents(traffic, addDays(today, 1 - days), today, nowMs), { outcome, progress });
}

/** Each second the events that are due; what could not be sent in time is sent later, with its own time. */
async function sendLive(
  target: Target,
  traffic: Traffic,
  rate: number,
  outcome: Outcome,
  progress: Show,
): Promise<void> {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
  let waiting: WireEvent[] = [];
  let second = Math.floor(Date.now() / 1_000);
  while (!stop.signal.aborted) {
    const nowMs = Date.now();
    for (; second * 1_000 <= nowMs; second++) waiting.push(...eventsOfSecond(traffic, second, rate));
    const due = waiting.filter((event) => event.occurred_at <= nowMs).sort((a, b) => a.occurred_at - b.occurred_at);
    // Refunds are days away: nobody watches that long.
    waiting = waiting.filter((event) => event.occurred_at > nowMs && event.name !== "refund");
    await send(target, [due], { outcome, progress });
    await sleep(TICK_MS, undefined, { signal: stop.signal }).catch(() => {});
  }
}
