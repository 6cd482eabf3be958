// How fast the fold is, alone and from the bytes of the archive, and how many bytes an event and an hour take.

import { gunzipSync, gzipSync } from "node:zlib";
import { Command } from "commander";
import { DayState } from "../core/day.ts";
import type { Event } from "../core/event.ts";
import { foldEvent } from "../core/fold.ts";
import { CHUNK_BYTES_TARGET } from "../core/limits.ts";
import type { Merchant } from "../core/merchant.ts";
import { EVERYTHING, snapshot } from "../core/rollup-codec.ts";
import { dayOf } from "../core/zone.ts";
import { medianCpuSeconds, print, rate } from "./measure.ts";
import { shopTraffic, take } from "./shop-traffic.ts";

const options = new Command("bench/fold")
  .description("events per CPU second of the fold alone, and from gzip chunks; bytes per event and per merchant-hour")
  .option("--events <n>", "events", "300000")
  .option("--per-second <n>", "events per second of the traffic", "20")
  .option("--runs <n>", "runs to take the median of", "5")
  .option("--json", "for programs", false)
  .parse()
  .opts<{ events: string; perSecond: string; runs: string; json: boolean }>();

const MERCHANT: Merchant = {
  id: "m_bench",
  name: "",
  zone: "Europe/Berlin",
  currency: "EUR",
  domains: ["shop.example"],
  shards: 1,
};
const DAY = dayOf(MERCHANT.zone, "2026-11-24");

const events = take(shopTraffic(1, DAY.startMs, Number(options.perSecond)), Number(options.events)).filter(
  (event) => event.occurred_at < DAY.endMs,
);
const fold = (list: Iterable<Event>): DayState => {
  const state = new DayState(DAY, MERCHANT, () => null);
  let seq = 0;
  for (const event of list) foldEvent(state, event, ++seq);
  return state;
};

const chunks = chunksOf(events);
const foldSeconds = medianCpuSeconds(Number(options.runs), () => void fold(events));
const chunkSeconds = medianCpuSeconds(Number(options.runs), () => void fold(decode(chunks)));
const decodeSeconds = medianCpuSeconds(Number(options.runs), () => {
  for (const _event of decode(chunks));
});
const state = fold(events);
const hours = [...state.hours.values()].map((hour) => JSON.stringify(snapshot(hour, MERCHANT.id, 0, EVERYTHING)));
const gzipped = hours.map((hour) => gzipSync(hour).length);
const sum = (list: readonly number[]): number => list.reduce((total, n) => total + n, 0);
const visits = sum([...state.hours.values()].map((hour) => hour.total.visits));

print(
  `fold: ${events.length.toLocaleString("en")} events, ${visits.toLocaleString("en")} visits, ${hours.length} hours`,
  [
    { what: "fold alone", value: rate(events.length, foldSeconds), note: "per CPU second; goal ≥ 300,000" },
    { what: "gzip chunk → events", value: rate(events.length, decodeSeconds) },
    { what: "gzip chunk → events → fold", value: rate(events.length, chunkSeconds) },
    {
      what: "R2, gzip NDJSON",
      value: `${(sum(chunks.map((chunk) => chunk.length)) / events.length).toFixed(1)} B/event`,
      note: `${chunks.length} chunks, ${Math.round(sum(chunks.map((chunk) => chunk.length)) / chunks.length / 1000)} KB each`,
    },
    {
      what: "rollup of an hour, JSON",
      value: `${Math.round(sum(hours.map((hour) => hour.length)) / hours.length / 1000)} KB`,
    },
    {
      what: "rollup of an hour, message",
      value: `${Math.round(sum(gzipped) / hours.length / 1000)} KB`,
      note: `${(sum(gzipped) / events.length).toFixed(1)} B/event`,
    },
  ],
  options.json,
);

function chunksOf(list: readonly Event[]): Uint8Array[] {
  const out: Uint8Array[] = [];
  let lines: string[] = [];
  let bytes = 0;
  const close = () => {
    out.push(gzipSync(`${lines.join("\n")}\n`));
    lines = [];
    bytes = 0;
  };
  for (const event of list) {
    const line = JSON.stringify(event);
    lines.push(line);
    bytes += line.length + 1;
    if (bytes >= CHUNK_BYTES_TARGET) close();
  }
  if (lines.length > 0) close();
  return out;
}

function* decode(list: readonly Uint8Array[]): Generator<Event> {
  for (const chunk of list) {
    for (const line of gunzipSync(chunk).toString().trimEnd().split("\n")) yield JSON.parse(line) as Event;
  }
}
