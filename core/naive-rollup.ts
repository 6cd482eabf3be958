// For tests: hours counted in the plainest way, from events in the order in which they happened. It groups, sorts and
// adds with maps, sets and big integers, keeps everything, and shares no line with the fold, so that where the two agree both
// are likely right. What an event says (its page, its visit's attributes) is asked of enrich.ts, which has its own tests.

import { factsOf, visitAttributes } from "./enrich.ts";
import type { Event } from "./event.ts";
import type { Merchant } from "./merchant.ts";
import { type Column, type Dimension, MEASURES, type Measure, type Rollup, VISIT_DIMENSIONS } from "./rollup.ts";
import { dayAt, hourAt } from "./zone.ts";

const GAP_MS = 30 * 60_000;

interface Cell {
  measures: Record<Measure, number>;
  visitors: Set<string>;
}

const emptyCell = (): Cell => ({
  measures: Object.fromEntries(MEASURES.map((measure) => [measure, 0])) as Record<Measure, number>,
  visitors: new Set(),
});

/** By "hour/dimension/value"; the dimensions "total" and "minute" among them. */
type Cells = Map<string, Cell>;

interface Visit {
  attributes: readonly string[];
  first: Event;
  events: Event[];
}

/** What a rollup says, to be compared: cells by "dimension/value". A cell's visitors are a count. */
export type Plain = Record<string, Record<Measure | "visitors", number>>;

/** Every hour that has something counted. Events in order of `occurred_at`, each once. */
export function naiveHours(events: readonly Event[], merchant: Merchant): Map<number, Plain> {
  const cells: Cells = new Map();
  for (const ofVisitor of Map.groupBy(events, (event) => visitorDay(event, merchant)).values()) {
    const { visits, alone } = visitsOf(ofVisitor);
    for (const visit of visits) countVisit(cells, visit, merchant);
    for (const event of alone) countEvent(cells, event, null, merchant);
  }
  const hours = new Map<number, Plain>();
  for (const [key, { measures, visitors }] of cells) {
    const [hour, ...rest] = key.split("/");
    const plain = hours.get(Number(hour)) ?? {};
    plain[rest.join("/")] = { ...measures, visitors: visitors.size };
    hours.set(Number(hour), plain);
  }
  return hours;
}

const visitorDay = (event: Event, merchant: Merchant): string =>
  `${dayAt(merchant.zone, event.occurred_at).date} ${event.visitor}`;

/** One visitor's day, cut where nothing happened for longer than the gap. `alone`: refunds without a visit. */
function visitsOf(events: readonly Event[]): { visits: Omit<Visit, "attributes">[]; alone: Event[] } {
  const visits: Omit<Visit, "attributes">[] = [];
  const alone: Event[] = [];
  for (const event of events) {
    if (factsOf(event).verdict !== "counted") continue;
    const current = visits.at(-1);
    const last = current?.events.at(-1);
    if (last !== undefined && event.occurred_at - last.occurred_at <= GAP_MS) current!.events.push(event);
    else if (event.name === "refund") alone.push(event);
    else if (event.name !== "engagement") visits.push({ first: event, events: [event] });
  }
  return { visits, alone };
}

function countVisit(cells: Cells, { first, events }: Omit<Visit, "attributes">, merchant: Merchant): void {
  const visit: Visit = { first, events, attributes: visitAttributes(first, merchant) };
  const pages = events.filter(({ name }) => name === "pageview");
  const measures: Partial<Record<Measure, number>> = {
    visits: 1,
    bounces: Number(pages.length <= 1 && events.every(({ name }) => name === "pageview" || name === "engagement")),
    duration: events.at(-1)!.occurred_at - first.occurred_at,
  };
  const hour = hourOf(first, merchant);
  const exit = factsOf(pages.at(-1) ?? first).page;
  for (const key of [...visitKeys(visit.attributes), `exit_page/${exit}`]) {
    add(cells, `${hour}/${key}`, measures, first.visitor);
  }
  add(cells, `${hour}/minute/${minuteOf(first, hour)}`, measures, null);
  const seen = new Set(events.flatMap((event) => eventKeys(event)));
  for (const key of seen) add(cells, `${hour}/${key}`, { visits: 1 }, null);
  for (const event of events) countEvent(cells, event, visit, merchant);
}

function countEvent(cells: Cells, event: Event, visit: Visit | null, merchant: Merchant): void {
  const hour = hourOf(event, merchant);
  const { whole, products } = tradeOf(event, merchant);
  const measures = { ...whole, events: 1, pageviews: Number(event.name === "pageview") };
  const visitor = visit === null ? null : event.visitor;
  const attributes = visit?.attributes ?? VISIT_DIMENSIONS.map(() => "(not set)");
  const minute = `minute/${minuteOf(event, hour)}`;
  const ownKeys = eventKeys(event).filter((key) => !key.startsWith("product/"));
  for (const key of [...visitKeys(attributes), minute, ...ownKeys]) add(cells, `${hour}/${key}`, measures, visitor);
  for (const [product, trade] of products) {
    add(cells, `${hour}/product/${product}`, { events: 1, ...trade }, visitor);
  }
}

function add(cells: Cells, key: string, measures: Partial<Record<Measure, number>>, visitor: string | null): void {
  const cell = cells.get(key) ?? emptyCell();
  cells.set(key, cell);
  for (const measure of MEASURES) cell.measures[measure] += measures[measure] ?? 0;
  if (visitor !== null) cell.visitors.add(visitor);
}

const hourOf = (event: Event, { zone }: Merchant): number => hourAt(dayAt(zone, event.occurred_at), event.occurred_at);
const minuteOf = (event: Event, hour: number): number => Math.floor((event.occurred_at - hour) / 60_000);
const visitKeys = (attributes: readonly string[]): string[] => [
  "total/",
  ...VISIT_DIMENSIONS.map((dimension, i) => `${dimension}/${attributes[i]}`),
];

function eventKeys(event: Event): string[] {
  const { page, hostname } = factsOf(event);
  const products = SHOP.includes(event.name) ? productsOf(event).map((product) => `product/${product}`) : [];
  return [`page/${page}`, `hostname/${hostname}`, `event/${event.name}`, ...products];
}

const SHOP = ["view_item", "add_to_cart", "begin_checkout", "purchase", "refund"];

/** Items by id, and "(not set)" where there are none or where only the event has a value. */
function productsOf({ items = [], value }: Event): string[] {
  const ids = items.map(({ item_id, item_name }) => item_id ?? item_name ?? "(not set)");
  const unpriced = items.every(({ price }) => price === undefined) && (items.length === 0 || value !== undefined);
  return [...new Set(unpriced ? [...ids, "(not set)"] : ids)];
}

type Trade = Partial<Record<Measure, number>>;

function tradeOf(event: Event, merchant: Merchant): { whole: Trade; products: Map<string, Trade> } {
  const products = new Map<string, Trade>();
  if (!SHOP.includes(event.name)) return { whole: {}, products };
  const digits = merchant.currency === "JPY" ? 0 : merchant.currency === "KWD" ? 3 : 2;
  const money = event.name === "purchase" ? "gross" : event.name === "refund" ? "refunds" : null;
  const counted = money !== null && (event.currency ?? merchant.currency) === merchant.currency ? money : null;
  const items = event.items ?? [];
  for (const product of productsOf(event)) {
    const own = items.filter(({ item_id, item_name }) => (item_id ?? item_name) === product);
    const trade: Trade = {};
    if (own.length > 0 || items.length === 0) {
      if (event.name === "purchase") trade.orders = 1;
      if (event.name === "begin_checkout") trade.checkouts = 1;
      if (event.name === "view_item") trade.product_views = Math.max(1, own.length);
      if (event.name === "add_to_cart") trade.adds_to_cart = Math.max(1, own.length);
    }
    if (event.name === "purchase") trade.units = sum(own.map(({ quantity }) => quantity ?? 1));
    if (counted !== null) {
      const priced = own.filter(({ price }) => price !== undefined);
      trade[counted] = sum(priced.map(({ price, quantity }) => exactUnits(price!, quantity ?? 1, digits)));
      if (product === "(not set)" && event.value !== undefined) trade[counted] = exactUnits(event.value, 1, digits);
    }
    products.set(product, trade);
  }
  const whole: Trade = {};
  for (const measure of MEASURES) whole[measure] = sum([...products.values()].map((trade) => trade[measure] ?? 0));
  return {
    whole: { ...whole, orders: Number(event.name === "purchase"), checkouts: Number(event.name === "begin_checkout") },
    products,
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, n) => total + n, 0);

/** price × quantity in minor units × 10⁴, as one does it on paper: in decimals, rounded once, half away from zero. */
export function exactUnits(price: number, quantity: number, digits: number): number {
  const [a, aDecimals] = decimalOf(price);
  const [b, bDecimals] = decimalOf(quantity);
  const product = a * b * 10n ** BigInt(digits + 4);
  const divisor = 10n ** BigInt(aDecimals + bDecimals);
  const size = product < 0n ? -product : product;
  const rounded = (2n * size + divisor) / (2n * divisor);
  return Number(product < 0n ? -rounded : rounded);
}

/** The shortest decimal that means the number: its digits, and how many of them are decimals. */
function decimalOf(n: number): [bigint, number] {
  const [mantissa, exponent = "0"] = String(n).split("e");
  const [whole, fraction = ""] = mantissa!.split(".");
  const decimals = fraction.length - Number(exponent);
  const digits = BigInt(whole! + fraction);
  return decimals >= 0 ? [digits, decimals] : [digits * 10n ** BigInt(-decimals), 0];
}

/** What a rollup says in the same form. Its visitors are exact while each is under 320. */
export function plainOf(rollup: Rollup, visitors: number): Plain {
  const plain: Plain = { "total/": { ...rollup.totals, visitors } };
  const take = (name: string, column: Column): void => {
    for (const [i, value] of column.v.entries()) {
      const measures = MEASURES.map((measure) => [measure, column[measure]?.[i] ?? 0]);
      plain[`${name}/${value}`] = {
        ...Object.fromEntries(measures),
        visitors: column.visitors?.[i] ?? 0,
      } as Plain[string];
    }
  };
  if (rollup.minutes !== null) take("minute", rollup.minutes);
  for (const [dimension, column] of Object.entries(rollup.dimensions) as [Dimension, Column][]) take(dimension, column);
  return plain;
}
