// Scans as they are read: files of sealed days in R2, open days from chunks and the real objects, and the day book in Postgres say
// the same as a scan of all events at once.

import { env } from "cloudflare:workers";
import { beforeAll, expect, test } from "vitest";
import { derivedFileKey, rawPrefix } from "../core/archive.ts";
import { shardName } from "../core/address.ts";
import type { Range } from "../core/date-range.ts";
import type { Event } from "../core/event.ts";
import * as limits from "../core/limits.ts";
import type { Merchant } from "../core/merchant.ts";
import type { MerchantShardApi } from "../core/messages.ts";
import type { Measure } from "../core/rollup.ts";
import { type FoldedDay, foldedDays, scanned } from "../core/scan-fixture.ts";
import type { ScanPlan, ScanQuestion } from "../core/scan-plan.ts";
import type { Tally } from "../core/tally.ts";
import { reordered, trafficOf } from "../core/traffic.ts";
import { addDays, dayOf } from "../core/zone.ts";
import { DerivedFile } from "../archive/derived-writer.ts";
import { R2Sink } from "../archive/parquet-writer.ts";
import { database } from "../migrations/database.ts";
import type { Env } from "./env.ts";
import { seal } from "./reports-doubles.ts";
import { readScan, type ScanReading } from "./scan-store.ts";

const bindings = env as unknown as Env;
const ZONE = "Asia/Kathmandu";
const FIRST = "2026-11-20";
const SEALED_DAYS = 3;
const NOW_MS = Date.parse("2026-11-24T12:00:00Z");

const merchantOf = (id: string, shards = 2): Merchant => ({
  id,
  name: id,
  zone: ZONE,
  currency: "EUR",
  domains: ["shop.example"],
  shards,
});

/** Three days to be sealed and one that is open. */
const RANGE: Range = {
  fromMs: dayOf(ZONE, FIRST).startMs,
  toMs: dayOf(ZONE, addDays(FIRST, SEALED_DAYS)).endMs,
  days: null,
};

const traffic = (merchant: Merchant, seed = 21): Event[] =>
  reordered(trafficOf({ merchant, seed, ...RANGE, people: 200 }), 2, 300_000);

const dimension = (name: "country" | "page" | "source" | "exit_page") =>
  ({ kind: "dimension", dimension: name }) as const;
const MEASURES: Measure[] = ["visits", "pageviews", "events", "bounces", "duration", "orders", "gross"];
const QUESTIONS: ScanQuestion[] = [
  { fields: [], interval: null, filter: null, measures: MEASURES, visitors: true },
  {
    fields: [dimension("page"), dimension("country")],
    interval: "day",
    filter: {
      kind: "has_done",
      filter: {
        kind: "clause",
        operator: "is",
        field: dimension("country"),
        values: ["DE", "NP"],
        caseSensitive: true,
      },
    },
    measures: MEASURES,
    visitors: true,
  },
  { fields: [dimension("exit_page")], interval: null, filter: null, measures: ["visits"], visitors: true },
];

const planOf = (ranges: Range[] = [RANGE], questions = QUESTIONS): ScanPlan => ({
  zone: ZONE,
  currency: "EUR",
  goals: [],
  questions,
  ranges,
});

const plain = (tallies: readonly (readonly Tally[])[]) =>
  tallies.map((ofRanges) =>
    ofRanges.map(({ rows, foreign, labels }) => ({
      foreign,
      labels: Object.fromEntries(labels),
      rows: Object.fromEntries(
        [...rows]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, sums]) => [key, [...MEASURES, "visitors" as const].map((need) => sums.of(need))]),
      ),
    })),
  );

const read = async (merchant: Merchant, plan = planOf()): Promise<ScanReading> => {
  const reading = await readScan(bindings, merchant, plan, NOW_MS);
  if (!reading.ok) throw new Error(JSON.stringify(reading.failure));
  return reading.value;
};

async function sealDay(merchant: Merchant, folded: FoldedDay, generation = 0, groupRows?: number): Promise<void> {
  const { day, shard, rows } = folded;
  const key = derivedFileKey(merchant.id, day.date, shard, generation);
  const file = new DerivedFile(new R2Sink(bindings.ARCHIVE, key), merchant.currency, groupRows);
  await file.write(rows);
  await file.finish();
  if (generation === 0) await seal(bindings, { merchant: merchant.id, date: day.date, shard }, generation);
}

const objectOf = (merchant: Merchant, shard: number) =>
  bindings.MERCHANT_SHARD.getByName(shardName(merchant.id, shard)) as unknown as MerchantShardApi;

const append = (merchant: Merchant, shard: number, events: readonly Event[]) =>
  objectOf(merchant, shard).append({
    merchant,
    shard,
    lines: events.map((event) => JSON.stringify(event)),
    rejected: {},
    receivedAtMs: Date.now(),
  });

const isOpen = ({ day }: FoldedDay): boolean => day.date === addDays(FIRST, SEALED_DAYS);

/** Sealed days in their files, the open one in the objects. */
async function settle(merchant: Merchant, events: readonly Event[], groupRows?: number): Promise<FoldedDay[]> {
  const days = foldedDays(events, merchant);
  for (const day of days) if (!isOpen(day)) await sealDay(merchant, day, 0, groupRows);
  for (const { shard, rows } of days.filter(isOpen))
    for (let at = 0; at < rows.length; at += 150)
      await append(
        merchant,
        shard,
        rows.slice(at, at + 150).map(({ event }) => event),
      );
  return days;
}

test("sealed days from their files and the open one from its objects are all the events", async () => {
  const merchant = merchantOf("m_scanall");
  const days = await settle(merchant, traffic(merchant));
  const { tallies, freshToMs, stale, generations, cost } = await read(merchant);
  expect(plain(tallies)).toEqual(plain(scanned(planOf(), days, "EUR")));
  expect(freshToMs).toBeGreaterThan(0);
  expect({ stale, generations }).toEqual({ stale: [], generations: [0] });
  expect(cost).toMatchObject({ files: 2 * SEALED_DAYS, cached: 0 });
  expect(cost.rows).toBe(days.reduce((sum, { rows }) => sum + rows.length, 0));
  expect(cost.bytes).toBeGreaterThan(10_000);

  const again = await read(merchant);
  expect(plain(again.tallies)).toEqual(plain(tallies));
  expect(again.cost).toEqual({ files: 0, rows: 0, bytes: 0, cached: 2 * SEALED_DAYS + 2 });
});

const narrowed = (country: string, page: string): ScanQuestion => {
  const is = (name: "country" | "page", value: string) =>
    ({ kind: "clause", operator: "is", field: dimension(name), values: [value], caseSensitive: true }) as const;
  const filter = { kind: "and", filters: [is("country", country), is("page", page)] } as const;
  return { fields: [], interval: "hour", filter, measures: MEASURES, visitors: true };
};

test.each([
  ["one row group", undefined],
  ["many row groups, over which visits spread", 30],
])("of files with %s the rows that a filter leaves are the same, and another filter finds", async (name, groupRows) => {
  const merchant = merchantOf(`m_scanfew${name.length}`);
  const days = await settle(merchant, traffic(merchant), groupRows);
  const filters = [
    ["DE", "/"],
    ["NP", "/cart"],
    ["DE", "/nowhere"],
    ["nowhere", "/"],
  ] as const;
  const readings: ScanReading[] = [];
  for (const [country, page] of filters) {
    const plan = planOf([RANGE], [narrowed(country, page)]);
    const reading = await read(merchant, plan);
    expect(plain(reading.tallies)).toEqual(plain(scanned(plan, days, "EUR")));
    readings.push(reading);
  }
  expect(readings[0]!.tallies[0]![0]!.rows.size).toBeGreaterThan(0);
  expect(readings[0]!.cost.bytes).toBeGreaterThan(0);
  // Columns of the only row group are at hand for the next question.
  if (groupRows === undefined) expect(readings.slice(1).map(({ cost }) => cost.bytes)).toEqual([0, 0, 0]);
});

test("what comes later is in the next answer, wherever the events are by then", async () => {
  const merchant = merchantOf("m_scanlater", 1);
  const all = foldedDays(traffic(merchant), merchant);
  const open = all.find(isOpen)!;
  const events = open.rows.map(({ event }) => event);
  const isArchived = async () => {
    await objectOf(merchant, 0).flush();
    const { objects } = await bindings.ARCHIVE.list({ prefix: rawPrefix(merchant.id, open.day.date) });
    return objects.length > 0 && (await objectOf(merchant, 0).status()).unarchivedEvents === 0;
  };
  for (const [part, from, to] of [
    ["in the object", 0, 100],
    ["in the object and the memory of the isolate", 100, 180],
    ["in R2", 180, 180],
    ["in R2 and the object", 180, events.length],
  ] as const) {
    if (from < to) await append(merchant, 0, events.slice(from, to));
    else await expect.poll(isArchived, { timeout: 30_000 }).toBe(true);
    const known = foldedDays(events.slice(0, to), merchant);
    expect([part, plain((await read(merchant)).tallies)]).toEqual([part, plain(scanned(planOf(), known, "EUR"))]);
  }
});

test("a day without a memory of it is folded from R2 and the object together", async () => {
  const merchant = merchantOf("m_scancold", 1);
  const days = foldedDays(traffic(merchant, 5), merchant);
  const events = days.find(isOpen)!.rows.map(({ event }) => event);
  await append(merchant, 0, events.slice(0, 120));
  await expect
    .poll(
      async () => {
        await objectOf(merchant, 0).flush();
        return (await objectOf(merchant, 0).status()).unarchivedEvents;
      },
      { timeout: 30_000 },
    )
    .toBe(0);
  await append(merchant, 0, events.slice(120));
  expect(plain((await read(merchant)).tallies)).toEqual(plain(scanned(planOf(), foldedDays(events, merchant), "EUR")));
});

test("a day is sealed, and the answer stays: late events wait for the next seal", async () => {
  const merchant = merchantOf("m_scanseal", 1);
  const days = foldedDays(traffic(merchant, 6), merchant);
  const events = days.find(isOpen)!.rows.map(({ event }) => event);
  await append(merchant, 0, events);
  const expected = plain(scanned(planOf(), foldedDays(events, merchant), "EUR"));
  expect(plain((await read(merchant)).tallies)).toEqual(expected);
  const stateOf = async () => {
    const { days: known } = await objectOf(merchant, 0).seal();
    return known[0]?.state;
  };
  const seen = new Set<string | undefined>();
  await expect
    .poll(
      async () => {
        seen.add(await stateOf());
        // Whatever it is at just now: open, closed, sealed.
        expect(plain((await read(merchant)).tallies)).toEqual(expected);
        return seen.has("sealed");
      },
      { timeout: 60_000 },
    )
    .toBe(true);
  await append(merchant, 0, [{ ...events[0]!, id: "late" }]);
  const { tallies, cost } = await read(merchant, planOf([RANGE], [{ ...QUESTIONS[0]!, measures: ["events"] }]));
  expect(tallies[0]![0]!.rows.get("[]")!.of("events")).toBe(expected[0]![0]!.rows["[]"]![2]);
  expect(cost.files).toBe(1);
});

test("ranges that cut days, and a compared one", async () => {
  const merchant = merchantOf("m_scancut");
  const days = await settle(merchant, traffic(merchant), 100);
  const HOUR_MS = 3_600_000;
  const second = dayOf(ZONE, addDays(FIRST, 1));
  const ranges: Range[] = [
    { fromMs: second.startMs + 5 * HOUR_MS, toMs: RANGE.toMs - 3 * HOUR_MS, days: null },
    { fromMs: RANGE.fromMs + 2 * HOUR_MS, toMs: second.startMs + 9 * HOUR_MS, days: null },
  ];
  const byEvent: ScanQuestion = { ...QUESTIONS[0]!, measures: ["events", "orders"] };
  for (const questions of [QUESTIONS, [byEvent]]) {
    const { tallies } = await read(merchant, planOf(ranges, questions));
    expect(plain(tallies)).toEqual(plain(scanned(planOf(ranges, questions), days, "EUR")));
  }
  // Of an hour no more than the row groups that hold it are read.
  const hour = { fromMs: second.startMs + 9 * HOUR_MS, toMs: second.startMs + 10 * HOUR_MS, days: null };
  const { tallies, cost } = await read(merchant, planOf([hour], [byEvent]));
  expect(plain(tallies)).toEqual(plain(scanned(planOf([hour], [byEvent]), days, "EUR")));
  expect(cost.rows).toBeLessThan(
    0.7 * days.filter(({ day }) => day.date === second.date).reduce((n, { rows }) => n + rows.length, 0),
  );
});

test("another generation of a day is read by itself, and what was kept of the one before is not shown", async () => {
  const merchant = merchantOf("m_scanagain", 1);
  const days = await settle(merchant, traffic(merchant));
  await read(merchant);
  const replayed = {
    ...days[0]!,
    rows: days[0]!.rows.map((row) => ({ ...row, attributes: row.attributes && [...row.attributes] })),
  };
  for (const { attributes } of replayed.rows) if (attributes !== null) attributes[9] = "XX";
  await sealDay(merchant, replayed, 7);
  const sql = database(bindings);
  const switchTo = (generation: number) =>
    sql`UPDATE day_book SET generation = ${generation} WHERE merchant = ${merchant.id} AND date = ${FIRST}`;
  await switchTo(7);
  const after = await read(merchant);
  expect(plain(after.tallies)).toEqual(plain(scanned(planOf(), [replayed, ...days.slice(1)], "EUR")));
  expect(after.generations).toEqual([0, 7]);
  expect(after.cost.files).toBe(1);
  await switchTo(0);
  const back = await read(merchant);
  expect(plain(back.tallies)).toEqual(plain(scanned(planOf(), days, "EUR")));
  expect(back.cost.files).toBe(0);
});

test("a file that is missing, or is none, is named; nothing is silently a part", async () => {
  const merchant = merchantOf("m_scanmissing", 1);
  const days = await settle(merchant, traffic(merchant));
  const keys = [0, 1].map((n) => derivedFileKey(merchant.id, addDays(FIRST, n), 0, 0));
  await bindings.ARCHIVE.delete(keys[0]!);
  await bindings.ARCHIVE.put(keys[1]!, new Uint8Array(5_000));
  const { tallies, stale } = await read(merchant);
  expect(stale).toHaveLength(2);
  expect(stale.toSorted()[0]).toContain(FIRST);
  expect(stale.toSorted()[1]).toContain(addDays(FIRST, 1));
  const rest = days.filter(({ day }) => day.date > addDays(FIRST, 1));
  expect(plain(tallies)).toEqual(plain(scanned(planOf(), rest, "EUR")));
});

test("an object that does not answer is named, and so is what may be missing", async () => {
  const merchant = merchantOf("m_scanaway", 1);
  const days = await settle(merchant, traffic(merchant));
  const away = { getByName: () => ({ unsealedDays: () => Promise.reject(new Error("overloaded")) }) };
  const without = { ...bindings, MERCHANT_SHARD: away as unknown as Env["MERCHANT_SHARD"] };
  const reading = await readScan(without, merchant, planOf(), NOW_MS);
  expect(reading).toMatchObject({ ok: true, value: { freshToMs: null } });
  if (!reading.ok) throw new Error();
  expect(reading.value.stale.join()).toContain("not sealed");
  const sealed = days.filter((day) => !isOpen(day));
  expect(plain(reading.value.tallies)).toEqual(plain(scanned(planOf(), sealed, "EUR")));
});

test("without Postgres nobody knows what to read", async () => {
  const without = {
    ...bindings,
    DATABASE_URL: "postgres://nobody:nothing@127.0.0.1:1/nothing",
    NEON_BRIDGE: "127.0.0.1:1",
  };
  const reading = await readScan(without, merchantOf("m_scandown", 1), planOf(), NOW_MS);
  expect(reading).toEqual({ ok: false, failure: { kind: "unavailable" } });
});

test("too much to read is said before any of it is", async () => {
  const merchant = merchantOf("m_scanlarge", 1);
  await settle(merchant, traffic(merchant));
  await database(bindings)`UPDATE day_book SET accepted = ${limits.SCAN_EVENTS_MAX} WHERE merchant = ${merchant.id}`;
  const reading = await readScan(bindings, merchant, planOf(), NOW_MS);
  expect(reading).toEqual({
    ok: false,
    failure: { kind: "too_large", rows: SEALED_DAYS * limits.SCAN_EVENTS_MAX, bytes: 0 },
  });
});

beforeAll(() => {
  expect(addDays(FIRST, SEALED_DAYS)).toBe("2026-11-23");
});
