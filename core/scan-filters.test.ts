// Questions with filters, several fields, goals, properties and items, made up by the hundred, are held against the plainest
// reading of core/scan-plan.ts: rows of events in a list, gone through one by one.

import * as fc from "fast-check";
import { expect, test } from "vitest";
import { commerceOf } from "./commerce.ts";
import type { DerivedRow } from "./derive.ts";
import type { Event } from "./event.ts";
import type { Field, Goal } from "./field.ts";
import type { Filter } from "./filter.ts";
import type { Interval } from "./interval.ts";
import type { Merchant } from "./merchant.ts";
import { exactUnits } from "./naive-rollup.ts";
import { type Measure, MEASURES, NOT_SET, VISIT_DIMENSIONS } from "./rollup.ts";
import { foldedDays, scanned } from "./scan-fixture.ts";
import { rowKey, type ScanPlan } from "./scan-plan.ts";
import type { Tally } from "./tally.ts";
import { chanceOf, late, reordered, trafficOf } from "./traffic.ts";
import { dayAt, dayOf, hourAt, wallClock } from "./zone.ts";

const merchant: Merchant = {
  id: "m_filters",
  name: "",
  zone: "Europe/Berlin",
  currency: "EUR",
  domains: ["shop.example"],
  shards: 2,
};
const FIRST = dayOf(merchant.zone, "2026-11-20");
const LAST = dayOf(merchant.zone, "2026-11-21");
const GOALS: Goal[] = [
  { name: "Search", match: { kind: "event", event: "search" } },
  { name: "Any page", match: { kind: "page", pattern: "/page/*" } },
  { name: "A page", match: { kind: "page", pattern: "/page/1*" } },
  { name: "Never", match: { kind: "event", event: "nothing" } },
];

const BRANDS = ["Ö-Möbel", "acme", undefined];
const chance = chanceOf(3);
const happened = trafficOf({ merchant, seed: 12, fromMs: FIRST.startMs, toMs: LAST.endMs, people: 120 }).map(
  (event): Event => {
    const items = event.items?.map((item, at) => {
      const brand = BRANDS[(Number(item.item_id!.slice(4)) + at) % BRANDS.length];
      return brand === undefined ? item : { ...item, item_brand: brand };
    });
    const props = chance() < 0.3 ? { plan: chance() < 0.5 ? "free" : 7, "": true } : event.props;
    return { ...event, ...(items === undefined ? {} : { items }), ...(props === undefined ? {} : { props }) };
  },
);
const days = foldedDays(late(reordered(happened, 1, 600_000), 2, 0.1, 7_200_000), merchant);

interface Visit {
  rows: DerivedRow[];
  firstMs: number;
  exit: string;
  key: string;
}

interface Seen {
  row: DerivedRow;
  visit: Visit | null;
}

/** Every counted event with its visit. */
const seen: Seen[] = days.flatMap(({ rows, day, shard }) => {
  const visits = new Map<number, Visit>();
  const counted = rows.filter(({ verdict }) => verdict === "counted");
  for (const row of counted) {
    if (row.visit === null) continue;
    const known = visits.get(row.visit.number) ?? {
      rows: [],
      firstMs: row.event.occurred_at,
      exit: row.attributes![0]!,
      key: `${day.date}/${shard}/${row.visit.number}`,
    };
    visits.set(row.visit.number, known);
    known.rows.push(row);
    if (row.event.name === "pageview") known.exit = row.page!;
  }
  return counted.map((row) => ({ row, visit: row.visit === null ? null : visits.get(row.visit.number)! }));
});

const SHOP = new Set(["view_item", "add_to_cart", "begin_checkout", "purchase", "refund"]);

/** Values of a field; more than one of some. */
function valuesOf(field: Field, { row, visit }: Seen): string[] {
  const { event } = row;
  switch (field.kind) {
    case "prop":
      return [String(event.props?.[field.name] ?? NOT_SET)];
    case "item": {
      if (event.items === undefined) return SHOP.has(event.name) ? [NOT_SET] : [];
      return [...new Set(event.items.map((item) => item[`item_${field.field}`] ?? NOT_SET))];
    }
    case "goal":
      return GOALS.filter(({ match }) => {
        if (match.kind === "event") return event.name === match.event;
        return event.name === "pageview" && row.page!.startsWith(match.pattern.slice(0, -1));
      }).map(({ name }) => name);
    case "dimension":
      if (field.dimension === "event") return [event.name];
      if (field.dimension === "page") return [row.page!];
      if (field.dimension === "hostname") return [row.hostname!];
      if (field.dimension === "exit_page") return [visit?.exit ?? NOT_SET];
      if (field.dimension === "product")
        return commerceOf(event, merchant.currency)?.products.map(({ product }) => product) ?? [];
      return [row.attributes![VISIT_DIMENSIONS.indexOf(field.dimension)]!];
  }
}

function fits(filter: Filter, one: Seen): boolean {
  switch (filter.kind) {
    case "and":
      return filter.filters.every((each) => fits(each, one));
    case "or":
      return filter.filters.some((each) => fits(each, one));
    case "not":
      return !fits(filter.filter, one);
    case "has_done":
      return one.visit?.rows.some((row) => fits(filter.filter, { row, visit: one.visit })) ?? false;
    case "has_not_done":
      return !fits({ kind: "has_done", filter: filter.filter }, one);
    case "clause": {
      const cased = (text: string): string => (filter.caseSensitive ? text : text.toLowerCase());
      const isOf = (value: string): boolean =>
        filter.values.some((wanted) => {
          if (filter.operator.startsWith("is")) return cased(value) === cased(wanted);
          if (filter.operator.startsWith("contains")) return cased(value).includes(cased(wanted));
          return new RegExp(wanted, filter.caseSensitive ? "u" : "iu").test(value);
        });
      return valuesOf(filter.field, one).some(isOf) !== filter.operator.endsWith("_not");
    }
  }
}

const bucketOf = (interval: Interval | null, ms: number): string[] => {
  const day = dayAt(merchant.zone, ms);
  switch (interval) {
    case "minute":
      return [`${wallClock(merchant.zone, ms).slice(0, 16)}:00`];
    case "hour":
      return [`${wallClock(merchant.zone, hourAt(day, ms)).slice(0, 13)}:00:00`];
    case "day":
      return [day.date];
    default:
      return [];
  }
};

/** What an event adds: to each row, or of its items only those with a value of theirs. */
function partOf(
  fields: readonly Field[],
  values: readonly string[],
  { event }: DerivedRow,
): Partial<Record<Measure, number>> {
  const own = { events: 1, pageviews: Number(event.name === "pageview") };
  const commerce = commerceOf(event, merchant.currency);
  const isOfItems = (field: Field): boolean =>
    field.kind === "item" || (field.kind === "dimension" && field.dimension === "product");
  if (!fields.some(isOfItems)) return { ...own, ...commerce?.trade };
  if (commerce === null) return own;
  const all = event.items ?? [];
  const valueOf = (field: Field, item: (typeof all)[number]): string =>
    (field.kind === "item" ? item[`item_${field.field}`] : (item.item_id ?? item.item_name)) ?? NOT_SET;
  const items = all.filter((item) =>
    fields.every((field, at) => !isOfItems(field) || valueOf(field, item) === values[at]),
  );
  const isRest = fields.every((field, at) => !isOfItems(field) || values[at] === NOT_SET);
  const isPurchase = event.name === "purchase";
  const count = items.length > 0 || all.length === 0;
  const units = (name: string): number => (event.name === name && count ? Math.max(1, items.length) : 0);
  const paid = (event.currency ?? merchant.currency) === merchant.currency;
  const priced = all.some(({ price }) => price !== undefined);
  let money = paid
    ? sum(items.map(({ price, quantity }) => (price === undefined ? 0 : exactUnits(price, quantity ?? 1, 2))))
    : 0;
  if (paid && isRest && !priced && event.value !== undefined) money += exactUnits(event.value, 1, 2);
  return {
    ...own,
    orders: Number(isPurchase && count),
    checkouts: Number(event.name === "begin_checkout" && count),
    gross: isPurchase ? money : 0,
    refunds: event.name === "refund" ? money : 0,
    units: isPurchase ? sum(items.map(({ quantity }) => quantity ?? 1)) : 0,
    product_views: units("view_item"),
    adds_to_cart: units("add_to_cart"),
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);

/** Every combination of one value of each field. Those of items go together: an item has all of its own. */
function combinationsOf(fields: readonly Field[], one: Seen): string[][] {
  const ofItems = fields.filter(({ kind }) => kind === "item");
  const { items } = one.row.event;
  const together = new Set(
    ofItems.length < 2 || items === undefined
      ? []
      : items.map((item) =>
          JSON.stringify(
            ofItems.map((field) => (field.kind === "item" ? (item[`item_${field.field}`] ?? NOT_SET) : "")),
          ),
        ),
  );
  // Money that the event alone has is of no item.
  if (
    items?.every(({ price }) => price === undefined) === true &&
    one.row.event.value !== undefined &&
    SHOP.has(one.row.event.name)
  )
    together.add(JSON.stringify(ofItems.map(() => NOT_SET)));
  let all: string[][] = [[]];
  for (const field of fields) {
    const values = new Set(valuesOf(field, one));
    if (
      field.kind === "item" &&
      items?.every(({ price }) => price === undefined) === true &&
      one.row.event.value !== undefined &&
      SHOP.has(one.row.event.name)
    )
      values.add(NOT_SET);
    all = all.flatMap((before) => [...values].map((value) => [...before, value]));
  }
  if (ofItems.length < 2 || items === undefined) return all;
  return all.filter((values) => together.has(JSON.stringify(ofItems.map((field) => values[fields.indexOf(field)]))));
}

type Plain = Record<string, Partial<Record<Measure | "visitors", number>>>;

function naive({ questions, ranges }: ScanPlan): Plain {
  const [{ fields, filter, interval }] = questions as [ScanPlan["questions"][number]];
  const { fromMs, toMs } = ranges[0]!;
  const isIn = (ms: number): boolean => ms >= fromMs && ms < toMs;
  const byExit = fields.some((field) => field.kind === "dimension" && field.dimension === "exit_page");
  const rows: Plain = fields.length === 0 && interval === null ? { "[]": {} } : {};
  const visitors = new Map<string, Set<string>>();
  const counted = new Set<string>();
  for (const one of seen) {
    if (filter !== null && !fits(filter, one)) continue;
    const { row, visit } = one;
    const atMs = row.event.occurred_at;
    for (const values of combinationsOf(fields, one)) {
      const addVisitor = (key: string): void => {
        const set = visitors.get(key) ?? new Set();
        visitors.set(key, set.add(row.event.visitor));
      };
      if (isIn(atMs)) {
        const key = rowKey([...bucketOf(interval, atMs), ...values]);
        const sums = (rows[key] ??= {});
        for (const [measure, n] of Object.entries(partOf(fields, values, row)))
          sums[measure as Measure] = (sums[measure as Measure] ?? 0) + n;
        if (visit !== null && !byExit) addVisitor(key);
      }
      if (visit === null || !isIn(visit.firstMs)) continue;
      const key = rowKey([...bucketOf(interval, visit.firstMs), ...values]);
      const sums = (rows[key] ??= {});
      if (byExit) addVisitor(key);
      if (counted.has(`${key} ${visit.key}`)) continue;
      counted.add(`${key} ${visit.key}`);
      const times = visit.rows.map(({ event }) => event.occurred_at);
      const pageviews = visit.rows.filter(({ event }) => event.name === "pageview").length;
      const done = visit.rows.some(({ event }) => event.name !== "pageview" && event.name !== "engagement");
      sums.visits = (sums.visits ?? 0) + 1;
      sums.bounces = (sums.bounces ?? 0) + Number(pageviews <= 1 && !done);
      sums.duration = (sums.duration ?? 0) + Math.max(...times) - Math.min(...times);
    }
  }
  for (const [key, set] of visitors) (rows[key] ??= {}).visitors = set.size;
  return rows;
}

const plainOf = ({ rows }: Tally): Plain =>
  Object.fromEntries(
    [...rows].map(([key, sums]) => [
      key,
      Object.fromEntries([...MEASURES, "visitors" as const].map((need) => [need, Number(sums.of(need))])),
    ]),
  );

const completed = (rows: Plain): Plain =>
  Object.fromEntries(
    Object.entries(rows).map(([key, row]) => [
      key,
      Object.fromEntries([...MEASURES, "visitors" as const].map((need) => [need, row[need] ?? 0])),
    ]),
  );

const dimension = (name: Extract<Field, { kind: "dimension" }>["dimension"]): Field => ({
  kind: "dimension",
  dimension: name,
});
const FIELDS: Field[] = [
  dimension("country"),
  dimension("source"),
  dimension("page"),
  dimension("hostname"),
  dimension("event"),
  dimension("product"),
  dimension("entry_page"),
  dimension("exit_page"),
  { kind: "prop", name: "plan" },
  { kind: "prop", name: "query" },
  { kind: "item", field: "brand" },
  { kind: "item", field: "id" },
  { kind: "goal" },
];
const VALUES = [
  "DE",
  "np",
  "pageview",
  "purchase",
  "/page/1",
  "/",
  "google",
  NOT_SET,
  "lamp",
  "7",
  "ö-möbel",
  "acme",
  "sku-1",
  "Search",
  "Any page",
  "page",
  "e",
];

const clause: fc.Arbitrary<Filter> = fc
  .record({
    operator: fc.constantFrom("is", "is_not", "contains", "contains_not", "matches", "matches_not"),
    field: fc.constantFrom(...FIELDS),
    values: fc.uniqueArray(fc.constantFrom(...VALUES), { minLength: 1, maxLength: 3 }),
    caseSensitive: fc.boolean(),
  })
  .map((one) => ({
    kind: "clause",
    ...one,
    // Of either kind of expressions the same.
    values: one.operator.startsWith("matches") ? one.values.map((value) => value.replace(NOT_SET, "^/$")) : one.values,
  }));
const inside: fc.Arbitrary<Filter> = fc.oneof(
  clause,
  fc.record({ kind: fc.constantFrom("and", "or"), filters: fc.array(clause, { minLength: 1, maxLength: 3 }) }),
  clause.map((filter): Filter => ({ kind: "not", filter })),
);
const filters: fc.Arbitrary<Filter> = fc.oneof(
  inside,
  fc.record({ kind: fc.constantFrom("has_done", "has_not_done"), filter: inside }),
  fc.record({
    kind: fc.constantFrom("and", "or"),
    filters: fc.array(
      fc.oneof(
        inside,
        inside.map((filter): Filter => ({ kind: "has_done", filter })),
      ),
      { minLength: 1, maxLength: 3 },
    ),
  }),
  inside.map((filter): Filter => ({ kind: "not", filter: { kind: "has_not_done", filter } })),
);

const isOfItems = (field: Field): boolean =>
  field.kind === "item" || (field.kind === "dimension" && field.dimension === "product");

test("any question over any filters, in batches of any size, is what the plain way counts", () => {
  const HOUR_MS = 3_600_000;
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.constantFrom(...FIELDS), { maxLength: 3, selector: (field) => JSON.stringify(field) }),
      fc.option(filters, { freq: 8 }),
      fc.constantFrom(null, "minute" as const, "hour" as const, "day" as const),
      fc.integer({ min: 0, max: 12 }),
      fc.integer({ min: 13, max: 48 }),
      fc.constantFrom(50, 700, Number.POSITIVE_INFINITY),
      (fields, filter, interval, from, to, size) => {
        // One kind of parts of an event at a time.
        const asked = fields.filter((field, at) => !isOfItems(field) || fields.findIndex(isOfItems) === at);
        const range = { fromMs: FIRST.startMs + from * HOUR_MS, toMs: FIRST.startMs + to * HOUR_MS, days: null };
        const plan: ScanPlan = {
          zone: merchant.zone,
          currency: merchant.currency,
          goals: GOALS,
          questions: [{ fields: asked, interval, filter, measures: MEASURES, visitors: true }],
          ranges: [range],
        };
        const expected = completed(naive(plan));
        const found = plainOf(scanned(plan, days, merchant.currency, size)[0]![0]!);
        expect(found).toEqual(expected);
      },
    ),
    { seed: 17, numRuns: 150 },
  );
});

test("two fields of items: an item has its own values of both", () => {
  const plan: ScanPlan = {
    zone: merchant.zone,
    currency: merchant.currency,
    goals: [],
    questions: [
      {
        fields: [{ kind: "item", field: "brand" }, dimension("country"), { kind: "item", field: "name" }],
        interval: null,
        filter: null,
        measures: MEASURES,
        visitors: true,
      },
    ],
    ranges: [{ fromMs: FIRST.startMs, toMs: LAST.endMs, days: null }],
  };
  const expected = completed(naive(plan));
  expect(Object.keys(expected).length).toBeGreaterThan(50);
  expect(plainOf(scanned(plan, days, merchant.currency)[0]![0]!)).toEqual(expected);
});
