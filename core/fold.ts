// The fold: (state of a day, event) → state, the one function that turns events into visits and counters. The same
// runs live, on recovery, at the seal and in replay, and depends on nothing but its arguments and their order.
// It changes the state that it is given (nobody else holds it) and returns the event's verdict.
//
//   event ─ verdict ─┬─ not counted: the books only
//                    └─ counted ─ visit (found or begun) ─┬─ the visit's hour: visits, bounces, duration, visitors
//                                                         └─ the event's hour: pageviews, events, money, visitors

import { addTo } from "./books.ts";
import { commerceOf, type Commerce, type Trade } from "./commerce.ts";
import type { DayState } from "./day.ts";
import { dimensionValue } from "./dimension-value.ts";
import { factsOf, visitAttributes, type EventFacts, type Verdict as FactsVerdict } from "./enrich.ts";
import type { Event } from "./event.ts";
import { indexOf, type Cell, type Hour } from "./hour.ts";
import { MONEY_SUM_MAX, VISIT_SEEN_MAX } from "./limits.ts";
import { addLive, findVisit, sweep } from "./live-visits.ts";
import { NOT_SET, VISIT_DIMENSIONS } from "./rollup.ts";
import { isBounce, type Visit } from "./visit.ts";
import { hourAt } from "./zone.ts";

/**
 * `no_visit`: engagement whose visit is over; alone it would make a visit without a page. `failed`: folding it threw,
 * which is a bug of ours; a replay with the bug mended counts it.
 */
export type Verdict = FactsVerdict | "no_visit" | "failed";

const PAGE = indexOf("page");
const HOSTNAME = indexOf("hostname");
const EVENT = indexOf("event");
const PRODUCT = indexOf("product");
const VISIT_CELLS = VISIT_DIMENSIONS.map(indexOf);
const NO_ATTRIBUTES: readonly string[] = VISIT_DIMENSIONS.map(() => NOT_SET);

/** Folds one event of the state's day. `seq` is the log sequence that it came with. */
export function foldEvent(state: DayState, event: Event, seq: number): Verdict {
  state.latest = null;
  let verdict: Verdict;
  try {
    const facts = factsOf(event, state.rules);
    verdict = facts.verdict === "counted" ? foldCounted(state, event, facts, seq) : facts.verdict;
  } catch {
    // The event is in the log and would fail again at every recovery: it must not take its shard down with it.
    verdict = "failed";
    for (const hour of state.hours.values()) hour.changed(seq);
  }
  state.books.accepted++;
  addTo(state.books.verdicts, verdict);
  state.booksSeq = seq;
  return verdict;
}

function foldCounted(state: DayState, event: Event, facts: EventFacts, seq: number): Verdict {
  const atMs = event.occurred_at;
  const found = findVisit(state, event.visitor, atMs);
  if (found === undefined && event.name === "engagement") return "no_visit";
  const hour = state.hour(hourAt(state.day, atMs));
  if (found === undefined && event.name === "refund") {
    // Mostly sent by the shop's back office: money, but nobody visited.
    countEvent(hour, cellsOf(hour, NO_ATTRIBUTES), null, event, facts, state.merchant.currency);
  } else {
    const visit = found ?? beginVisit(state, hour, event);
    extendVisit(visit, hour, event, facts);
    countEvent(hour, visit.eventCells, visit, event, facts, state.merchant.currency);
    visit.hour.changed(seq);
    state.latest = visit;
  }
  hour.changed(seq);
  if (atMs > state.watermarkMs) {
    state.watermarkMs = atMs;
    sweep(state);
  }
  return "counted";
}

function beginVisit(state: DayState, hour: Hour, event: Event): Visit {
  const attributes = visitAttributes(event, state.merchant, state.rules);
  const cells = cellsOf(hour, attributes);
  const visit: Visit = {
    visitor: event.visitor,
    identified: event.identified === true,
    hi: Number.parseInt(event.visitor.slice(0, 8), 16),
    lo: Number.parseInt(event.visitor.slice(8), 16),
    attributes,
    hour,
    firstMs: event.occurred_at,
    minMs: event.occurred_at,
    maxMs: event.occurred_at,
    pageviews: 0,
    interactive: false,
    exitPage: pageIn(hour, attributes[0]!),
    seen: new Set(),
    cells,
    eventHour: hour,
    eventCells: cells,
    lastMinute: 0,
  };
  for (const cell of cells) {
    cell.visits++;
    cell.bounces++;
    cell.addVisitor(visit.hi, visit.lo, visit.identified);
  }
  const minute = hour.minute(visit.firstMs);
  minute.visits++;
  minute.bounces++;
  addLive(state, visit);
  return visit;
}

// Under what name the hour keeps the page: past its limit of values "(other)". So a visit's exit page is settled when the
// page is seen, and readers see the same before and after the visit ends.
const pageIn = (hour: Hour, page: string): string => String(hour.cell(PAGE, page).value);

// The visit's own measures after one more event: what changed is added to its cells.
function extendVisit(visit: Visit, hour: Hour, event: Event, facts: EventFacts): void {
  const atMs = event.occurred_at;
  const durationBefore = visit.maxMs - visit.minMs;
  const bouncesBefore = Number(isBounce(visit));
  if (atMs < visit.minMs) visit.minMs = atMs;
  if (atMs > visit.maxMs) visit.maxMs = atMs;
  if (event.name === "pageview") {
    visit.pageviews++;
    visit.exitPage = pageIn(visit.hour, facts.page);
  } else if (event.name !== "engagement") visit.interactive = true;
  const duration = visit.maxMs - visit.minMs - durationBefore;
  const bounces = Number(isBounce(visit)) - bouncesBefore;
  if (duration !== 0 || bounces !== 0) {
    const minute = visit.hour.minute(visit.firstMs);
    addVisitMeasures(minute, duration, bounces);
    for (const cell of visit.cells) addVisitMeasures(cell, duration, bounces);
  }
  if (visit.eventHour !== hour) {
    visit.eventHour = hour;
    visit.eventCells = hour === visit.hour ? visit.cells : cellsOf(hour, visit.attributes);
    for (const cell of visit.eventCells) cell.addVisitor(visit.hi, visit.lo, visit.identified);
  }
}

function addVisitMeasures(cell: Cell, duration: number, bounces: number): void {
  cell.duration += duration;
  cell.bounces += bounces;
}

// The event's own measures, in its own hour: under its visit's attributes, its minute, and its own attributes.
function countEvent(
  hour: Hour,
  visitCells: readonly Cell[],
  visit: Visit | null,
  event: Event,
  facts: EventFacts,
  currency: string,
): void {
  const pageviews = event.name === "pageview" ? 1 : 0;
  const commerce = commerceOf(event, currency);
  if (commerce?.foreign === true) hour.foreign++;
  const minute = hour.minute(event.occurred_at);
  const page = hour.cell(PAGE, facts.page);
  const hostname = hour.cell(HOSTNAME, facts.hostname);
  const name = hour.cell(EVENT, dimensionValue(event.name));
  for (const cell of visitCells) addEvent(cell, pageviews, commerce);
  addEvent(minute, pageviews, commerce);
  addEvent(page, pageviews, commerce);
  addEvent(hostname, pageviews, commerce);
  addEvent(name, pageviews, commerce);
  if (visit !== null) {
    const sinceEpoch = Math.floor(event.occurred_at / 60_000);
    if (visit.lastMinute !== sinceEpoch) {
      visit.lastMinute = sinceEpoch;
      minute.visitors++;
    }
    seeValue(visit, page);
    seeValue(visit, hostname);
    seeValue(visit, name);
  }
  if (commerce !== null) countProducts(hour, visit, commerce);
}

// Only events of the shop have products; in money, units, views and adds to cart they sum to the hour's total.
function countProducts(hour: Hour, visit: Visit | null, commerce: Commerce): void {
  for (const product of commerce.products) {
    const cell = hour.cell(PRODUCT, product.product);
    if (product.label !== null && cell.label === null && cell.value === product.product) cell.label = product.label;
    cell.events++;
    addTrade(cell, product);
    if (visit !== null) seeValue(visit, cell);
  }
}

function addEvent(cell: Cell, pageviews: number, commerce: Commerce | null): void {
  cell.events++;
  cell.pageviews += pageviews;
  if (commerce !== null) addTrade(cell, commerce.trade);
}

function addTrade(cell: Cell, trade: Trade): void {
  cell.orders += trade.orders;
  cell.gross = sumOfMoney(cell.gross, trade.gross);
  cell.refunds = sumOfMoney(cell.refunds, trade.refunds);
  cell.units += trade.units;
  cell.product_views += trade.product_views;
  cell.adds_to_cart += trade.adds_to_cart;
  cell.checkouts += trade.checkouts;
}

// Past 2^53 a sum is off by a few millionths of a minor unit. Where Postgres' bigint would end, it stays: no shop takes that
// much, but anyone can send events that say so, and the hour must still be published.
const sumOfMoney = (a: number, b: number): number => Math.max(-MONEY_SUM_MAX, Math.min(MONEY_SUM_MAX, a + b));

// Visitors of an event's value belong to the event's hour; the visit is counted once, in its own hour.
function seeValue(visit: Visit, cell: Cell): void {
  cell.addVisitor(visit.hi, visit.lo, visit.identified);
  countSeen(visit, visit.eventHour === visit.hour ? cell : visit.hour.cell(cell.dimension, String(cell.value)));
}

// Conversions are visits in which an event of a name occurred: names are noted however much else the visit saw.
function countSeen(visit: Visit, own: Cell): void {
  if (visit.seen.has(own) || (visit.seen.size >= VISIT_SEEN_MAX && own.dimension !== EVENT)) return;
  visit.seen.add(own);
  own.visits++;
}

/** The cells that a visit's events count in: the hour's total first, then one for each attribute. */
export function cellsOf(hour: Hour, attributes: readonly string[]): readonly Cell[] {
  const cells: Cell[] = [hour.total];
  for (let i = 0; i < VISIT_CELLS.length; i++) cells.push(hour.cell(VISIT_CELLS[i]!, attributes[i]!));
  return cells;
}
