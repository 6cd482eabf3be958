import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { Event } from "./event.ts";
import type { Filter } from "./filter.ts";
import { type FunnelStep, parseFunnel } from "./funnel.ts";
import { answerFunnel } from "./funnel-answer.ts";
import { funnelScanner } from "./funnel-scan.ts";
import type { Merchant } from "./merchant.ts";
import type { ScanBatch } from "./scan-columns.ts";
import { batchesOf, foldedDays, type FoldedDay, shownRows } from "./scan-fixture.ts";
import type { Cut } from "./scan-days.ts";
import { late, reordered, trafficOf } from "./traffic.ts";
import { dayOf } from "./zone.ts";

const merchant: Merchant = {
  id: "m_funnel",
  name: "",
  zone: "Europe/Berlin",
  currency: "EUR",
  domains: ["shop.example"],
  shards: 1,
};
const DAY = dayOf(merchant.zone, "2026-11-23");

const asked = (body: Record<string, unknown>) => parseFunnel({ merchant: "m_1", date_range: "7d", ...body });

const countsOf = (
  { rows }: FoldedDay,
  steps: readonly FunnelStep[],
  {
    filter = null,
    cut = null,
    size = Number.POSITIVE_INFINITY,
  }: { filter?: Filter | null; cut?: Cut; size?: number } = {},
): number[] => {
  const scanner = funnelScanner({ goals: [], steps, filter }, cut !== null);
  const batches = batchesOf(rows, "EUR", size);
  const found = (shown: readonly ScanBatch[]): number[] => {
    const day = scanner.day(DAY, [cut], "EUR", batches.length === 1);
    for (const pass of day.passes) for (const batch of shown) day.take(pass, batch);
    return day.found()[0]!;
  };
  const all = found(shownRows({ ...scanner, selection: null }, batches));
  expect(found(shownRows(scanner, batches))).toEqual(all);
  return all;
};

/** The plainest way: every visit's events in order, and whether an event for each step can be found after the one before. */
function naive(
  { rows }: FoldedDay,
  fits: readonly ((event: Event, page: string | null) => boolean)[],
  isAsked: (events: readonly FoldedDay["rows"][number][]) => boolean = () => true,
): number[] {
  const counts = fits.map(() => 0);
  const visits = Map.groupBy(
    rows.filter(({ visit }) => visit !== null),
    ({ visit }) => visit!.number,
  );
  for (const own of visits.values()) {
    if (!isAsked(own)) continue;
    const inOrder = own.toSorted((a, b) => a.event.occurred_at - b.event.occurred_at || a.ordinal - b.ordinal);
    let from = 0;
    for (const [step, fitting] of fits.entries()) {
      const at = inOrder.findIndex(({ event, page }, place) => place >= from && fitting(event, page));
      if (at < 0) break;
      counts[step]!++;
      from = at + 1;
    }
  }
  return counts;
}

const visitsOf = (steps: unknown): FunnelStep[] => {
  const query = asked(steps === "shop" ? { preset: "shop" } : { steps });
  if (!query.ok) throw new Error(JSON.stringify(query.failure));
  return query.value.steps;
};

const named = (name: string) => (event: Event) => event.name === name;
const traffic = trafficOf({ merchant, seed: 9, fromMs: DAY.startMs, toMs: DAY.endMs, people: 500 });
const [inOrder] = foldedDays(traffic, merchant);
const [jumbled] = foldedDays(late(reordered(traffic, 3, 900_000), 4, 0.1, 3_600_000), merchant);
const SHOP = ["view_item", "add_to_cart", "begin_checkout", "purchase"];

test.each([
  ["in order", inOrder!],
  ["out of order", jumbled!],
])("the shop's funnel %s: each step of the visits that took the one before", (_, day) => {
  const visits = new Set(day.rows.flatMap(({ visit }) => (visit === null ? [] : [visit.number]))).size;
  const expected = [visits, ...naive(day, SHOP.map(named))];
  expect(countsOf(day, visitsOf("shop"))).toEqual(expected);
  expect(countsOf(day, visitsOf("shop"), { size: 97 })).toEqual(expected);
  expect(expected.at(-1)).toBeGreaterThan(10);
  expect(new Set(expected).size).toBe(expected.length);
});

test("steps by events, pages and filters, and which visits are asked about", () => {
  const steps = visitsOf([
    { page: "/page/*" },
    { event: "search" },
    {
      filters: [
        ["is", "event", ["pageview"]],
        ["contains_not", "page", ["/page/1"]],
      ],
    },
  ]);
  const fits = [
    (event: Event, page: string | null) => event.name === "pageview" && page!.startsWith("/page/"),
    named("search"),
    (event: Event, page: string | null) => event.name === "pageview" && !page!.includes("/page/1"),
  ];
  for (const day of [inOrder!, jumbled!]) {
    expect(countsOf(day, steps)).toEqual(naive(day, fits));
    const filter: Filter = {
      kind: "clause",
      operator: "is",
      field: { kind: "dimension", dimension: "page" },
      values: ["/"],
      caseSensitive: true,
    };
    const isAsked = (own: readonly FoldedDay["rows"][number][]) => own.some(({ page }) => page === "/");
    expect(countsOf(day, steps, { filter, size: 211 })).toEqual(naive(day, fits, isAsked));
  }
});

test("a visit counts where its first event is, and its steps wherever they are", () => {
  const cut = { fromMs: DAY.startMs + 5 * 3_600_000, toMs: DAY.startMs + 9 * 3_600_000 };
  const firstMs = new Map<number, number>();
  for (const { visit, event } of jumbled!.rows)
    if (visit !== null && !firstMs.has(visit.number)) firstMs.set(visit.number, event.occurred_at);
  const isIn = (own: readonly FoldedDay["rows"][number][]) => {
    const ms = firstMs.get(own[0]!.visit!.number)!;
    return ms >= cut.fromMs && ms < cut.toMs;
  };
  expect(countsOf(jumbled!, visitsOf([{ event: "pageview" }, { event: "purchase" }]), { cut, size: 300 })).toEqual(
    naive(jumbled!, [named("pageview"), named("purchase")], isIn),
  );
});

test("any funnel over any events is what the plain way counts", () => {
  const names = ["a", "b", "c"];
  const event = fc.record({
    name: fc.constantFrom(...names),
    minute: fc.integer({ min: 0, max: 200 }),
    visitor: fc.constantFrom("00000000000000aa", "80000000000000bb", "f0000000000000cc"),
  });
  fc.assert(
    fc.property(
      fc.array(event, { maxLength: 40 }),
      fc.array(fc.constantFrom(...names), { minLength: 2, maxLength: 8 }),
      fc.integer({ min: 1, max: 50 }),
      (happened, steps, size) => {
        const events = happened.map(({ name, minute, visitor }, n): Event => ({
          id: `e${n}`,
          name,
          occurred_at: DAY.startMs + minute * 60_000,
          received_at: DAY.endMs,
          visitor,
        }));
        const [day = { day: DAY, shard: 0, hours: [], rows: [] }] = foldedDays(events, merchant);
        const counts = countsOf(day, visitsOf(steps.map((name) => ({ event: name }))), { size });
        expect(counts).toEqual(naive(day, steps.map(named)));
      },
    ),
    { seed: 5, numRuns: 500 },
  );
});

test("what is answered of a step: how many, which share of the first and of the one before, how many were lost", () => {
  const steps = visitsOf("shop").slice(0, 4);
  expect(
    answerFunnel(steps, [
      [200, 150, 50, 0],
      [100, 50, 50, 0],
    ]),
  ).toEqual([
    { name: "Visits", visits: 300, share: 100, share_of_previous: 100, dropped: 0 },
    { name: "Product viewed", visits: 200, share: 66.67, share_of_previous: 66.67, dropped: 100 },
    { name: "Added to cart", visits: 100, share: 33.33, share_of_previous: 50, dropped: 100 },
    { name: "Checkout begun", visits: 0, share: 0, share_of_previous: 0, dropped: 100 },
  ]);
  expect(answerFunnel(steps.slice(0, 2), [])).toEqual([
    { name: "Visits", visits: 0, share: null, share_of_previous: null, dropped: 0 },
    { name: "Product viewed", visits: 0, share: null, share_of_previous: null, dropped: 0 },
  ]);
});

test.each([
  [{}, "#/steps", "missing"],
  [{ steps: [{ event: "a" }] }, "#/steps", "malformed"],
  [{ steps: Array.from({ length: 9 }, () => ({ event: "a" })) }, "#/steps", "malformed"],
  [{ steps: [{ event: "a" }, { event: "" }] }, "#/steps/1/event", "malformed"],
  [{ steps: [{ event: "a" }, {}] }, "#/steps/1", "malformed"],
  [{ steps: [{ event: "a" }, { event: "b", page: "/" }] }, "#/steps/1", "malformed"],
  [{ steps: [{ event: "a" }, { goal: "b" }] }, "#/steps/1/goal", "unknown_key"],
  [{ steps: [{ event: "a" }, { filters: [] }] }, "#/steps/1/filters", "malformed"],
  [{ steps: [{ event: "a" }, { filters: [["is", "nothing", ["b"]]] }] }, "#/steps/1/filters/0/1", "unknown_dimension"],
  [{ steps: [{ event: "a" }, { page: 7 }] }, "#/steps/1/page", "malformed"],
  [{ preset: "cart" }, "#/preset", "malformed"],
  [{ preset: "shop", steps: [] }, "#/steps", "impossible_combination"],
  [{ preset: "shop", filters: "DE" }, "#/filters", "malformed"],
  [{ preset: "shop", date_range: "ever" }, "#/date_range", "unknown_range"],
])("%j is refused at %s", (body, pointer, reason) => {
  const query = asked(body);
  expect(query.ok ? query.value : [query.failure.pointer, query.failure.reason]).toEqual([pointer, reason]);
});

test("whatever is sent, it is read or refused", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (steps, filters) => {
      asked({ steps, filters });
      parseFunnel(steps);
    }),
    { seed: 2, numRuns: 1_000 },
  );
});
