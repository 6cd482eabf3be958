// What is asked by the hour of days whose hours Postgres has dropped: the same answer as before, from single events.

import { env } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import { derivedFileKey } from "../core/archive.ts";
import type { DayRollup } from "../core/day-rollup.ts";
import type { Merchant } from "../core/merchant.ts";
import { type FoldedDay, foldedDays, slicesOf } from "../core/scan-fixture.ts";
import { trafficOf } from "../core/traffic.ts";
import { dayOf } from "../core/zone.ts";
import { DerivedFile } from "../archive/derived-writer.ts";
import { R2Sink } from "../archive/parquet-writer.ts";
import { database } from "../migrations/database.ts";
import type { Env } from "./env.ts";
import { answerAsked, findAsked } from "./report.ts";
import { publish, publishDays, seal } from "./reports-doubles.ts";

const bindings = env as unknown as Env;
const DATE = "2026-06-10";
/** Within the days that hours are kept, and past them. */
const [BEFORE_MS, AFTER_MS] = [Date.parse("2026-06-20T12:00:00Z"), Date.parse("2026-11-24T12:00:00Z")];
const merchantOf = (id: string): Merchant => ({
  id,
  name: "",
  zone: "Asia/Kathmandu",
  currency: "EUR",
  domains: ["shop.example"],
  shards: 2,
});
const [WHOLE, DROPPED] = [merchantOf("m_hours_kept"), merchantOf("m_events_dropped")];

const ask = async (merchant: Merchant, asked: Record<string, unknown>, nowMs: number) => {
  const body = {
    merchant: merchant.id,
    metrics: ["visits", "visitors", "pageviews"],
    date_range: [DATE, DATE],
    ...asked,
  };
  const found = await findAsked(bindings, async () => merchant, { kind: "operator" }, body);
  return found.ok ? answerAsked(bindings, found.value, nowMs) : found;
};

const answerOf = async (...asked: Parameters<typeof ask>) => {
  const answer = await ask(...asked);
  if (!answer.ok) throw new Error(answer.failure.message);
  return answer.value;
};

beforeAll(async () => {
  for (const merchant of [WHOLE, DROPPED]) {
    const { startMs: fromMs, endMs: toMs } = dayOf(merchant.zone, DATE);
    const days = foldedDays(trafficOf({ merchant, seed: 7, fromMs, toMs, people: 150 }), merchant);
    for (const day of days.filter((one) => one.day.date === DATE)) {
      await publish(bindings, day.hours);
      await publishDays(bindings, slicesOf([day], "days") as unknown as DayRollup[]);
      await seal(bindings, { merchant: merchant.id, date: DATE, shard: day.shard });
      if (merchant === WHOLE) await writeEvents(merchant, day);
    }
  }
  await database(bindings)`UPDATE day_book SET events_dropped_at = now() WHERE merchant = ${DROPPED.id}`;
});

async function writeEvents(merchant: Merchant, { day, shard, rows }: FoldedDay): Promise<void> {
  const file = new DerivedFile(new R2Sink(bindings.ARCHIVE, derivedFileKey(merchant.id, day.date, shard, 0)), "EUR");
  await file.write(rows);
  await file.finish();
}

const BY_HOUR: [string, Record<string, unknown>][] = [
  ["a dimension by the hour", { dimensions: ["time:hour", "country"] }],
  ["a part of the day", { date_range: [`${DATE}T09:00:00+05:45`, `${DATE}T15:00:00+05:45`] }],
  ["minutes", { dimensions: ["time:minute"], metrics: ["visits", "pageviews"] }],
];
const BY_DAY: [string, Record<string, unknown>][] = [
  ["the totals of a day by the hour", { dimensions: ["time:hour"] }],
  ["a dimension of a day", { dimensions: ["page"] }],
];

test("what was counted from hours is counted from single events once they are dropped, and is refused where those are too", async () => {
  const before = [];
  for (const [, asked] of [...BY_HOUR, ...BY_DAY]) before.push(await answerOf(WHOLE, asked, BEFORE_MS));
  expect(before.map(({ meta, results }) => [meta.source.kind, results.length > 0])).toEqual(
    before.map(() => ["rollup", true]),
  );
  await database(bindings)`DELETE FROM hourly_rollups WHERE merchant = ANY(${[WHOLE.id, DROPPED.id]}::text[])`;
  for (const [n, [what, asked]] of [...BY_HOUR, ...BY_DAY].entries()) {
    const { results, meta } = await answerOf(WHOLE, asked, AFTER_MS);
    const kind = n < BY_HOUR.length ? "scan" : "rollup";
    expect([what, meta.source.kind, results]).toEqual([what, kind, before[n]!.results]);
  }
  for (const [, asked] of BY_HOUR) {
    const refused = await ask(DROPPED, asked, AFTER_MS);
    expect(refused.ok ? refused.value : refused.failure).toMatchObject({ status: 400, reason: "not_kept" });
  }
  for (const [, asked] of BY_DAY) expect((await ask(DROPPED, asked, AFTER_MS)).ok).toBe(true);
});
