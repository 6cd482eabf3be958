import { expect, test } from "vitest";
import type { Event } from "./event.ts";
import { PROPERTY_NAMES_A_DAY_MAX, PROPERTY_NAMES_MAX } from "./limits.ts";
import type { Merchant } from "./merchant.ts";
import { answerProperties, parseProperties, type PropertyCounts } from "./properties.ts";
import { propertyScanner } from "./property-scan.ts";
import type { Cut } from "./scan-days.ts";
import { batchesOf, foldedDays } from "./scan-fixture.ts";
import { visitorNamed } from "./traffic.ts";
import { dayOf } from "./zone.ts";

const merchant: Merchant = {
  id: "m",
  name: "",
  zone: "Europe/Berlin",
  currency: "EUR",
  domains: ["x.example"],
  shards: 1,
};
const DAY = dayOf(merchant.zone, "2026-11-23");

const event = (minute: number, props: NonNullable<Event["props"]> | null, fields: Partial<Event> = {}): Event => ({
  id: `${minute}`,
  name: "signup",
  occurred_at: DAY.startMs + minute * 60_000,
  received_at: DAY.startMs + minute * 60_000,
  visitor: visitorNamed("a"),
  url: "https://x.example/",
  ...(props === null ? {} : { props }),
  ...fields,
});

function countsOf(events: Event[], { cut = null, size = Infinity }: { cut?: Cut; size?: number } = {}): PropertyCounts {
  const scanner = propertyScanner(cut !== null);
  const [folded] = foldedDays(events, merchant);
  const day = scanner.day(DAY, [cut], "EUR", size === Infinity);
  for (const batch of batchesOf(folded!.rows, "EUR", size)) {
    const columns = new Map([...batch.columns].filter(([name]) => scanner.columns.has(name)));
    day.take("count", { rows: batch.rows, columns });
  }
  return day.found()[0]!;
}

const EVENTS = [
  event(1, { size: "L", gift: true }),
  event(2, { size: "L", gift: true }),
  event(3, { size: "M" }),
  event(4, null),
  event(5, { ms: 4_000 }, { name: "engagement" }),
  event(6, { size: "M", robot: 1 }, { user_agent: "Googlebot/2.1" }),
];

test("names of counted events, however they are read; not those of the script's own", () => {
  expect(countsOf(EVENTS)).toEqual({ size: 3, gift: 2 });
  expect(countsOf(EVENTS, { size: 1 })).toEqual({ size: 3, gift: 2 });
});

test("of a cut of the day those in it", () => {
  const cut = { fromMs: DAY.startMs + 2 * 60_000, toMs: DAY.startMs + 3 * 60_000 };
  expect(countsOf(EVENTS, { cut })).toEqual({ size: 1, gift: 1 });
});

test("made-up names end somewhere, and those that came first go on", () => {
  const names = (from: number, count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`p${from + n}`, "x"]));
  const many = Array.from({ length: 40 }, (_, at) => event(at, names(30 * at, 30)));
  const counts = countsOf([...many, event(100, { p0: "y" })]);
  expect(Object.keys(counts)).toHaveLength(PROPERTY_NAMES_A_DAY_MAX);
  expect(counts["p0"]).toBe(2);
});

test("days add up, the most frequent first, so many at most", () => {
  expect(answerProperties([{ b: 1, a: 1 }, { c: 2, b: 1 }, {}])).toEqual([
    { name: "b", events: 2 },
    { name: "c", events: 2 },
    { name: "a", events: 1 },
  ]);
  const many = Object.fromEntries(Array.from({ length: PROPERTY_NAMES_MAX + 1 }, (_, n) => [`p${n}`, n + 1]));
  const answer = answerProperties([many]);
  expect(answer).toHaveLength(PROPERTY_NAMES_MAX);
  expect(answer.at(-1)).toEqual({ name: "p1", events: 2 });
});

test("what is asked is a merchant and dates, and nothing else", () => {
  expect(parseProperties({ merchant: "m_1", date_range: "7d" })).toMatchObject({ ok: true });
  for (const [body, pointer] of [
    [7, "#"],
    [{ date_range: "7d" }, "#/merchant"],
    [{ merchant: 7, date_range: "7d" }, "#/merchant"],
    [{ merchant: "m_1", date_range: "ever" }, "#/date_range"],
    [{ merchant: "m_1", date_range: "7d", filters: [] }, "#/filters"],
  ] as const)
    expect(parseProperties(body)).toMatchObject({ ok: false, failure: { pointer } });
});
