// The memory of a shard's state while events go on and on: event ids, live visits, hours and orders, as the object holds
// them (its checkpoints and evictions included, hours resting in a map). Storage and runtime are not in it.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Command } from "commander";
import { checkpointOf, restoreState } from "../core/checkpoint.ts";
import { planCommit } from "../core/commit.ts";
import type { Event } from "../core/event.ts";
import { HOURS_IN_MEMORY_MAX } from "../core/limits.ts";
import type { Merchant } from "../core/merchant.ts";
import { decodeHour, encodeHour } from "../core/rollup-codec.ts";
import type { Rollup } from "../core/rollup.ts";
import { dayOf } from "../core/zone.ts";
import { print, type Line } from "./measure.ts";
import { positive } from "./options.ts";
import { shopTraffic } from "./shop-traffic.ts";

const options = new Command("memory")
  .description("heap of a shard's state over a million events, once its ring of event ids is full")
  .option("--events <n>", "events after that", positive, 1_000_000)
  .option("--per-second <n>", "events per second of the traffic", positive, 20)
  .option("--json", "for programs", false)
  .parse()
  .opts<{ events: number; perSecond: number; json: boolean }>();

const MERCHANT: Merchant = {
  id: "m_bench",
  name: "",
  zone: "Etc/UTC",
  currency: "EUR",
  domains: ["shop.example"],
  shards: 1,
};
const FULL = 524_288;
const COMMIT = 100;
const CHECKPOINT = 40_000;

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;
const hours = new Map<number, string>();
const state = restoreState(null, (hourMs) => {
  const body = hours.get(hourMs);
  return body === undefined ? null : decodeHour(JSON.parse(body) as Rollup);
});
const traffic = shopTraffic(1, dayOf(MERCHANT.zone, "2026-11-24").startMs, options.perSecond);
const lines: Line[] = [];
for (let n = 0; n <= FULL + options.events; n += COMMIT) {
  const arrivals = Array.from({ length: COMMIT }, () => ({
    line: "",
    event: traffic.next().value as Event,
    orderTaken: false,
  }));
  const request = {
    merchant: MERCHANT,
    arrivals,
    rejected: {},
    claims: [],
    receivedAtMs: arrivals[0]!.event.received_at,
  };
  state.apply(planCommit(state, [request]).commit);
  if (n % CHECKPOINT === 0) rest();
  if (n >= FULL && Math.floor(n / 250_000) > Math.floor((n - COMMIT) / 250_000)) lines.push(reading(n));
}
print(`memory: a shard at ${options.perSecond} events/s`, lines, options.json);

/** What the object does at a checkpoint; days that are over are closed. */
function rest(): void {
  checkpointOf(state);
  const idle = [...state.days.values()].flatMap((day) => [...day.hours.values()].map((hour) => ({ day, hour })));
  for (const { hour } of idle) hours.set(hour.startMs, JSON.stringify(encodeHour(hour, "", 0)));
  const evictable = idle.filter(({ hour }) => hour.live.size === 0);
  for (const { day, hour } of evictable.slice(0, -HOURS_IN_MEMORY_MAX)) day.hours.delete(hour.startMs);
  for (const day of [...state.days.values()].slice(0, -1)) state.days.delete(day.day.date);
}

function reading(events: number): Line {
  collectGarbage();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  const resting = [...hours.values()].reduce((sum, body) => sum + body.length, 0);
  const live = [...state.days.values()].reduce((sum, day) => sum + day.visits.size, 0);
  return {
    what: `${events.toLocaleString("en")} events`,
    value: `${Math.round((heapUsed + arrayBuffers - resting) / 1e6)} MB`,
    note: `${live.toLocaleString("en")} live visitors`,
  };
}
