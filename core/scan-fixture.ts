// For tests of scans: days counted by the fold both ways, as the hours and days that rollups are, and as the batches of rows
// that derived files hold.

import { DayRollupBuilder } from "./day-rollup.ts";
import { DayState } from "./day.ts";
import { Deriver, type DerivedRow } from "./derive.ts";
import { DERIVED_COLUMNS, derivedColumnsOf, visitOrder } from "./derived-columns.ts";
import type { Event } from "./event.ts";
import type { Merchant } from "./merchant.ts";
import type { Slice } from "./newest-hours.ts";
import type { Rollup } from "./rollup.ts";
import { EVERYTHING, snapshot } from "./rollup-codec.ts";
import { planScanner } from "./scan.ts";
import { columnOf, pickedRows, type ScanBatch } from "./scan-columns.ts";
import { scannedDays } from "./scan-days.ts";
import type { DayParts } from "./scan-part.ts";
import type { ScanPlan } from "./scan-plan.ts";
import { type RowGroup, SelectedRows } from "./scan-selection.ts";
import { ScanTallies } from "./scan-tallies.ts";
import type { Scanner } from "./scanner.ts";
import type { Tally } from "./tally.ts";
import { type Day, dayAt } from "./zone.ts";

/** A day of a shard. */
export interface FoldedDay {
  day: Day;
  shard: number;
  hours: Rollup[];
  rows: DerivedRow[];
}

/** Every day of every shard; events in the order of their arrival, a visitor always in the same shard. */
export function foldedDays(events: readonly Event[], merchant: Merchant): FoldedDay[] {
  const shardOf = ({ visitor }: Event): number => Number.parseInt(visitor.slice(-4), 16) % merchant.shards;
  const groups = Map.groupBy(events, (event) => `${dayAt(merchant.zone, event.occurred_at).date}/${shardOf(event)}`);
  return [...groups.values()].map((own) => {
    const day = dayAt(merchant.zone, own[0]!.occurred_at);
    const shard = shardOf(own[0]!);
    const state = new DayState(day, merchant, () => null);
    const deriver = new Deriver(state);
    const rows = own.map((event, seq) => deriver.derive(event, seq + 1));
    const hours = [...state.hours.values()].map((hour) => snapshot(hour, merchant.id, shard, EVERYTHING));
    return { day, shard, rows, hours: hours.sort((a, b) => a.hour - b.hour) };
  });
}

/** As hours, or as whole days. */
export const slicesOf = (days: readonly FoldedDay[], as: "hours" | "days"): Slice[] =>
  days.flatMap(({ hours }): Slice[] => {
    if (as === "hours" || hours.length === 0) return hours;
    const builder = new DayRollupBuilder(hours[0]!);
    for (const hour of hours) builder.add(hour);
    return [{ ...builder.build(), generation: 0 }];
  });

/** The rows as they would be read, so many at a time. */
export function batchesOf(rows: readonly DerivedRow[], currency: string, size: number): ScanBatch[] {
  const batches: ScanBatch[] = [];
  for (let at = 0; at < rows.length; at += size) {
    const inLog = rows.slice(at, at + size);
    const own = visitOrder(inLog.map(({ visit }) => visit?.number)).map((place) => inLog[place]!);
    const values = derivedColumnsOf(own, currency);
    const columns = DERIVED_COLUMNS.map(({ name }, column) => [name, columnOf(name, values[column]!)] as const);
    batches.push({ rows: own.length, columns: new Map(columns) });
  }
  return batches;
}

/** Rows as a scan that reads no more than it must is shown them: those columns, and the rows that can matter to it. */
export function shownRows(
  { columns, selection }: Pick<Scanner<unknown>, "columns" | "selection">,
  batches: readonly ScanBatch[],
): ScanBatch[] {
  const selected = selection === null ? null : new SelectedRows(selection);
  const groups = batches.map((batch) => rowGroupOf(batch, columns));
  for (const group of groups) selected?.look(group);
  return groups.map((group) => {
    const rows = selected === null ? null : selected.of(group);
    return rows === null ? group.batch(columns) : group.batchOf(rows, columns);
  });
}

/** None but the named columns can be had of it. */
function rowGroupOf({ rows, columns }: ScanBatch, given: ReadonlySet<string>): RowGroup {
  const batch = (names: Iterable<string>): ScanBatch => ({
    rows,
    columns: new Map([...names].filter((name) => given.has(name)).map((name) => [name, columns.get(name)!])),
  });
  const batchOf = (places: Int32Array, names: Iterable<string>): ScanBatch => ({
    rows: places.length,
    columns: new Map([...batch(names).columns].map(([name, column]) => [name, pickedRows(column, places)])),
  });
  return { rows, batch, batchOf };
}

/**
 * The plan asked of the days, a batch having `size` rows and none but the columns that the scan says it reads: of all rows, and
 * of those that it says can matter, which must be the same.
 */
export function scanned(
  plan: ScanPlan,
  days: readonly FoldedDay[],
  currency: string,
  size = Number.POSITIVE_INFINITY,
): Tally[][] {
  const asked = scannedDays(plan.zone, plan.ranges);
  const tallies = new ScanTallies(plan);
  for (const one of asked) {
    const isCut = one.cuts.some((cut) => cut !== null);
    const scanner = planScanner(plan, isCut);
    for (const { rows } of days.filter(({ day }) => day.date === one.day.date)) {
      const batches = batchesOf(rows, currency, size);
      const found = (shown: readonly ScanBatch[]): string => {
        const scan = scanner.day(one.day, one.cuts, currency, batches.length === 1);
        for (const pass of scan.passes) for (const batch of shown) scan.take(pass, batch);
        // What is kept of a day is JSON.
        return JSON.stringify(scan.found());
      };
      const all = found(shownRows({ ...scanner, selection: null }, batches));
      if (found(shownRows(scanner, batches)) !== all)
        throw new Error(`rows that matter were not shown: ${scanner.name}`);
      tallies.add(one, JSON.parse(all) as DayParts);
    }
  }
  return tallies.tallies();
}
