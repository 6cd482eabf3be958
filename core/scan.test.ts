import { expect, test } from "vitest";
import type { Range } from "./date-range.ts";
import type { Field } from "./field.ts";
import type { Filter } from "./filter.ts";
import type { Interval } from "./interval.ts";
import { type Grain, keptFor } from "./kept.ts";
import type { Merchant } from "./merchant.ts";
import type { Slice } from "./newest-hours.ts";
import type { RollupPlan } from "./plan.ts";
import { readsOf } from "./reads.ts";
import { type Dimension, DIMENSIONS, MEASURES, type Measure } from "./rollup.ts";
import { type FoldedDay, foldedDays, scanned, slicesOf } from "./scan-fixture.ts";
import type { ScanPlan, ScanQuestion } from "./scan-plan.ts";
import { type Tally, tally } from "./tally.ts";
import { late, reordered, trafficOf } from "./traffic.ts";
import { dayOf } from "./zone.ts";

const merchant: Merchant = {
  id: "m_scan",
  name: "",
  zone: "Europe/Berlin",
  currency: "EUR",
  domains: ["shop.example", "www.andere.example"],
  shards: 2,
};
/** On the day between them the clocks go back: 25 hours. */
const FIRST = dayOf(merchant.zone, "2026-10-24");
const THIRD = dayOf(merchant.zone, "2026-10-26");
const ALL: Range = { fromMs: FIRST.startMs, toMs: THIRD.endMs, days: null };

const traffic = trafficOf({ merchant, seed: 4, fromMs: FIRST.startMs, toMs: THIRD.endMs, people: 900 });
const inOrder = foldedDays(traffic, merchant);
const jumbled = foldedDays(late(reordered(traffic, 5, 600_000), 6, 0.05, 5 * 3_600_000), merchant);

const byDimension = (dimension: Dimension): Field => ({ kind: "dimension", dimension });
const question = (
  fields: Field[],
  interval: Interval | null,
  filter: Filter | null,
  measures: readonly Measure[] = MEASURES,
  visitors = true,
): ScanQuestion => ({ fields, interval, filter, measures, visitors });

const planOf = (questions: ScanQuestion[], ranges: Range[] = [ALL]): ScanPlan => ({
  zone: merchant.zone,
  currency: merchant.currency,
  goals: [],
  questions,
  ranges,
});

/** All that a tally says, its rows as plain numbers. */
const plainOf = ({ rows, ...rest }: Tally, measures: readonly Measure[]) => ({
  ...rest,
  rows: Object.fromEntries(
    [...rows]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, sums]) => [
        key,
        Object.fromEntries([...measures, "visitors" as const].map((need) => [need, sums.of(need)])),
      ]),
  ),
});

const byRollup = (asked: ScanQuestion, range: Range, slices: readonly Slice[], grain: Grain): Tally => {
  const reads = readsOf([asked], grain);
  if (!reads.ok) throw new Error(reads.failure);
  const plan = { zone: merchant.zone, currency: merchant.currency, reads: reads.value };
  return tally(plan as RollupPlan, asked, range, slices);
};

/** Measures that rollups keep of it, asked one by one. */
const keptMeasures = (asked: ScanQuestion, grain: Grain): Measure[] =>
  MEASURES.filter((measure) => keptFor({ ...asked, measures: [measure], visitors: false }, grain).ok);

const FIELDS: Field[][] = [[], ...DIMENSIONS.map((dimension) => [byDimension(dimension)])];
const INTERVALS = [null, "hour", "day", "week", "month"] as const;

test("every measure by every dimension and interval is the same from rollups and from events, in order or not", () => {
  expect(compareAll(inOrder)).toBeGreaterThan(3_000);
  expect(compareAll(jumbled)).toBeGreaterThan(3_000);
});

/** Gives the number of rows that were compared. */
function compareAll(days: readonly FoldedDay[]): number {
  let compared = 0;
  for (const as of ["days", "hours"] as const) {
    const questions: ScanQuestion[] = [];
    const slices = slicesOf(days, as);
    const grain = as === "days" ? "day" : "hour";
    for (const fields of FIELDS) {
      for (const interval of INTERVALS) {
        if (as === "days" && interval === "hour") continue;
        const whole = question(fields, interval, null);
        const kept = { ...whole, measures: keptMeasures(whole, grain) };
        if (keptFor(kept, grain).ok) questions.push(kept);
      }
    }
    const found = scanned(planOf(questions), days, "EUR", 1_000);
    for (const [at, asked] of questions.entries()) {
      expect(asked.measures.length).toBeGreaterThan(0);
      const told = byRollup(asked, ALL, slices, grain);
      expect([asked, plainOf(found[at]![0]!, asked.measures)]).toEqual([asked, plainOf(told, asked.measures)]);
      compared += told.rows.size;
    }
  }
  return compared;
}
