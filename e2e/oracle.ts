// The oracle: answers reports from the plain list of what happened, in the plainest way. It looks at every event for every
// question, keeps nothing, and shares no line with the product. Questions are the API's own JSON, with a range of dates or
// instants. `docs/definitions.md` and core/scan-plan.ts say what it must give; where they and it differ, one is wrong.

import type { Goal } from "../core/field.ts";
import { dateOf, INTERVALS, labelOf } from "./oracle-clock.ts";
import { type Line, linesOf, moneyText, quotient } from "./oracle-commerce.ts";
import type { Happening } from "./oracle-world.ts";

export interface Question {
  metrics: string[];
  date_range: [string, string];
  dimensions?: string[];
  filters?: unknown[];
}

export interface OracleMerchant {
  zone: string;
  currency: string;
  goals: readonly Goal[];
}

export type Shown = number | null | { value: string; currency: string };

export interface OracleRow {
  dimensions: string[];
  metrics: Shown[];
}

export interface Counted extends Happening {
  /** Null for a refund that nobody visited for. */
  visit: Visit | null;
  lines: Line[];
}

export interface Visit {
  events: Counted[];
}

const GAP_MS = 30 * 60_000;

/** Of what was sent, in order, the events that count, each with its visit. */
export function countedOf(happenings: readonly Happening[], { zone, currency }: OracleMerchant): Counted[] {
  const counted: Counted[] = [];
  const orders = new Set<string>();
  for (const happening of happenings) {
    const { name, transaction_id: order } = happening.sent;
    if (name === "purchase" && order !== undefined) {
      if (orders.has(order)) continue;
      orders.add(order);
    }
    if (happening.robot) continue;
    const last = counted.findLast(
      ({ visitor, visit, atMs }) =>
        visit !== null && visitor === happening.visitor && dateOf(zone, atMs) === dateOf(zone, happening.atMs),
    );
    const visit = last !== undefined && happening.atMs - last.atMs <= GAP_MS ? last.visit : null;
    if (visit === null && name === "engagement") continue;
    const event: Counted = { ...happening, visit, lines: linesOf(happening.sent, currency) };
    if (visit === null && name !== "refund") event.visit = { events: [] };
    event.visit?.events.push(event);
    counted.push(event);
  }
  return counted;
}

/** Not in any order. `besides`: keys of rows that are to be there although there may be nothing in them. */
export function rowsOf(
  events: readonly Counted[],
  question: Question,
  merchant: OracleMerchant,
  besides: readonly string[][] = [],
): OracleRow[] {
  const rows = countedRows(events, question, merchant);
  for (const key of besides) if (!rows.some((row) => sameKey(row.key, key))) rows.push(emptyRow(key));
  const shares = question.metrics.some((metric) => SHARES.includes(metric));
  const sharesOf = shares ? sharesAmong(events, question, merchant) : () => NO_SHARES;
  return rows.map((row) => ({
    dimensions: row.key,
    metrics: question.metrics.map((metric) => shown(metric, row, sharesOf(row.key), merchant)),
  }));
}

export const sameKey = (a: readonly string[], b: readonly string[]): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Measures of events are in the row of the event, visits in those of any event of theirs that is meant. */
function countedRows(events: readonly Counted[], question: Question, merchant: OracleMerchant): Row[] {
  const { metrics, dimensions = [], filters = [], date_range: range } = question;
  const { zone } = merchant;
  const matching = events.filter((event) => filters.every((filter) => fits(event, filter, merchant)));
  const rows = new Map<string, Row>();
  const rowOf = (key: string[]): Row => {
    const text = JSON.stringify(key);
    if (!rows.has(text)) rows.set(text, emptyRow(key));
    return rows.get(text)!;
  };
  if (dimensions.length === 0) rowOf([]);
  // The page that a visit ended on is the visit's, so who came is counted with the visit.
  const byExit = dimensions.some((name) => bare(name) === "exit_page");
  const ofEvents = !byExit || metrics.some((metric) => !OF_VISITS.includes(metric));
  for (const event of matching) {
    const { visit, visitor } = event;
    for (const { values, lines } of cellsOf(event, dimensions, merchant)) {
      const keyAt = (ms: number) => values.map((value, n) => value ?? labelOf(zone, dimensions[n]!.slice(5), ms));
      if (ofEvents && within(zone, range, event.atMs)) {
        const row = rowOf(keyAt(event.atMs));
        addEvent(row, event, lines);
        if (visit !== null && !byExit) row.visitors.add(visitor);
      }
      const startMs = visit?.events[0]!.atMs;
      if (startMs !== undefined && within(zone, range, startMs)) {
        const row = rowOf(keyAt(startMs));
        row.visits.add(visit!);
        if (byExit) row.visitors.add(visitor);
      }
    }
  }
  return [...rows.values()];
}

const OF_VISITS = [
  "visitors",
  "visits",
  "bounce_rate",
  "visit_duration",
  "percentage",
  "conversion_rate",
  "group_conversion_rate",
];

interface Row {
  key: string[];
  visits: Set<Visit>;
  visitors: Set<string>;
  sums: Record<Sum, bigint>;
}

const SUMS = [
  "pageviews",
  "events",
  "orders",
  "gross",
  "refunds",
  "units",
  "product_views",
  "adds_to_cart",
  "checkouts",
] as const;
type Sum = (typeof SUMS)[number];

const emptyRow = (key: string[]): Row => ({
  key,
  visits: new Set(),
  visitors: new Set(),
  sums: Object.fromEntries(SUMS.map((name) => [name, 0n])) as Record<Sum, bigint>,
});

/** `lines` are those of the event that belong to the row. */
function addEvent({ sums }: Row, event: Counted, lines: readonly Line[]): void {
  sums.events += 1n;
  if (event.sent.name === "pageview") sums.pageviews += 1n;
  for (const name of ["gross", "refunds", "units", "product_views", "adds_to_cart"] as const)
    for (const line of lines) sums[name] += line[name];
  // However many lines it has, it is one order.
  for (const name of ["orders", "checkouts"] as const) if (lines.some((line) => line[name] > 0n)) sums[name] += 1n;
}

/** A range of dates is what has such a date; one of instants ends before its end, or with the second that it names. */
export function within(zone: string, [from, to]: [string, string], ms: number): boolean {
  if (!from.includes("T")) {
    const date = dateOf(zone, ms);
    return date >= from && date <= to;
  }
  const end = Date.parse(to);
  return ms >= Date.parse(from) && ms < (end % 60_000 === 59_000 ? end + 1_000 : end);
}

// --- values ---------------------------------------------------------------------------------------------------------

/** The rows that an event is in: a value for each dimension, null where it is the time. */
function cellsOf(event: Counted, dimensions: readonly string[], merchant: OracleMerchant) {
  const names = dimensions.map(bare);
  const cells = new Map<string, { values: (string | null)[]; lines: Line[] }>();
  const add = (values: (string | null)[], lines: Line[]): void => {
    const key = JSON.stringify(values);
    const cell = cells.get(key);
    if (cell === undefined) cells.set(key, { values, lines });
    else cell.lines.push(...lines.filter((line) => !cell.lines.includes(line)));
  };
  const byItem = names.some(isOfItems);
  // By fields of items each line is in the rows of its own values; otherwise all lines are in the same rows.
  for (const lines of byItem ? event.lines.map((line) => [line]) : [event.lines]) {
    const choices = names.map((name): (string | null)[] => {
      if (isTime(name)) return [null];
      return isOfItems(name) ? [itemValue(lines[0]!, name)] : valuesOf(event, name, merchant);
    });
    for (const values of product(choices)) add(values, [...lines]);
  }
  return cells.values();
}

const product = <One>(choices: readonly (readonly One[])[]): One[][] =>
  choices.reduce<One[][]>((all, some) => all.flatMap((each) => some.map((one) => [...each, one])), [[]]);

const bare = (name: string): string => {
  if (name === "event:name") return "event";
  return name.replace(/^(?:event|visit):(?!props:)/, "");
};

const isTime = (name: string): boolean => name.startsWith("time:") && INTERVALS.some((one) => name === `time:${one}`);
const isOfItems = (name: string): boolean => name === "product" || name.startsWith("item:");

function itemValue({ item }: Line, name: string): string {
  if (item === undefined) return "(not set)";
  const { item_id, item_name, item_brand, item_category, item_variant } = item;
  const fields: Record<string, string | undefined> = {
    product: item_id ?? item_name,
    "item:id": item_id,
    "item:name": item_name,
    "item:brand": item_brand,
    "item:category": item_category,
    "item:variant": item_variant,
  };
  return fields[name] ?? "(not set)";
}

/** Of a property or an attribute one; of fields of items and of goals as many as there are. */
function valuesOf(event: Counted, name: string, { goals }: OracleMerchant): string[] {
  const { visit, sent } = event;
  if (isOfItems(name)) return event.lines.map((line) => itemValue(line, name));
  if (name.startsWith("event:props:")) return [String(sent.props?.[name.slice("event:props:".length)] ?? "(not set)")];
  if (name === "goal") return goals.filter((goal) => reaches(event, goal)).map((goal) => goal.name);
  switch (name) {
    case "page":
    case "hostname":
      return [event[name]];
    case "event":
      return [sent.name];
    case "entry_page":
      return [visit?.events[0]!.page ?? "(not set)"];
    case "exit_page":
      return [visit === null ? "(not set)" : exitPage(visit)];
    default:
      return [visit?.events[0]!.attributes[name] ?? "(not set)"];
  }
}

const exitPage = ({ events }: Visit): string =>
  (events.findLast(({ sent }) => sent.name === "pageview") ?? events[0]!).page;

export function reaches({ sent, page }: Counted, { match }: Goal): boolean {
  if (match.kind === "event") return sent.name === match.event;
  if (sent.name !== "pageview") return false;
  const pieces = match.pattern.split("*").map((piece) => piece.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${pieces.join(".*")}$`, "su").test(page);
}

// --- filters --------------------------------------------------------------------------------------------------------

/** `filter` as the API takes it. */
export function fits(event: Counted, filter: unknown, merchant: OracleMerchant): boolean {
  const [operator, first, second, modifiers] = filter as [string, unknown, unknown, { case_sensitive?: boolean }?];
  const also = (inner: unknown): boolean => fits(event, inner, merchant);
  const inVisit = (): boolean => event.visit?.events.some((other) => fits(other, first, merchant)) ?? false;
  switch (operator) {
    case "and":
      return (first as unknown[]).every(also);
    case "or":
      return (first as unknown[]).some(also);
    case "not":
      return !also(first);
    case "has_done":
      return inVisit();
    case "has_not_done":
      return !inVisit();
    default: {
      const [positive, negated] = operator.endsWith("_not")
        ? [operator.slice(0, -"_not".length), true]
        : [operator, false];
      const values = valuesOf(event, bare(first as string), merchant);
      const sensitive = modifiers?.case_sensitive ?? true;
      return (
        values.some((value) => (second as string[]).some((text) => says(positive, value, text, sensitive))) !== negated
      );
    }
  }
}

function says(operator: string, value: string, text: string, sensitive: boolean): boolean {
  if (operator === "matches") return new RegExp(text, sensitive ? "u" : "iu").test(value);
  const [is, asked] = sensitive ? [value, text] : [value.toLowerCase(), text.toLowerCase()];
  return operator === "is" ? is === asked : is.includes(asked);
}

// --- metrics --------------------------------------------------------------------------------------------------------

/** What the shares of a row are of, and the visits of it that converted. */
interface Shares {
  visitors: bigint;
  converting: bigint;
  all: bigint;
  group: bigint;
}

const SHARES = ["percentage", "conversion_rate", "group_conversion_rate"];
const NO_SHARES: Shares = { visitors: 0n, converting: 0n, all: 0n, group: 0n };

/**
 * A conversion is about goals where rows or filters are, about events where rows are by event, else about purchases. Then it is
 * of the visits that could have: those of the same question and bucket of time without the goals, in the group those that have
 * the row's other values too.
 */
function sharesAmong(events: readonly Counted[], question: Question, merchant: OracleMerchant) {
  const { dimensions = [], filters = [] } = question;
  const conjuncts = filters.flatMap(conjunctsOf);
  const isAbout = (name: string) => (filter: unknown) =>
    typeof (filter as unknown[])[1] === "string" && bare((filter as string[])[1]!) === name;
  const names = dimensions.map(bare);
  const about = ["goal", "event"].find(
    (name) => names.includes(name) || (name === "goal" && conjuncts.some(isAbout(name))),
  );
  const rest = about === undefined ? conjuncts : conjuncts.filter((filter) => !isAbout(about)(filter));
  const isKept = (name: string): boolean => isTime(name) || (about === undefined ? true : bare(name) !== about);
  const found = (asked: Partial<Question>): Row[] =>
    countedRows(events, { ...question, metrics: ["visits"], ...asked }, merchant);
  const [times, kept] = [dimensions.filter(isTime), dimensions.filter(isKept)];
  const purchase = ["has_done", ["is", "event", ["purchase"]]];
  const whole = countedRows(events, { ...question, metrics: ["visitors"], dimensions: [] }, merchant)[0]!;
  const rows = found(about === undefined ? { filters: [...conjuncts, purchase] } : {});
  const all = found({ dimensions: about === undefined ? dimensions : times, filters: rest });
  const group = found({ dimensions: kept, filters: rest });
  const visitsAt = (among: Row[], key: string[], asked: readonly string[]): bigint => {
    const own = asked.map((name) => key[dimensions.indexOf(name)]!);
    return BigInt(among.find((row) => sameKey(row.key, own))?.visits.size ?? 0);
  };
  return (key: string[]): Shares => ({
    visitors: BigInt(whole.visitors.size),
    converting: visitsAt(rows, key, dimensions),
    all: visitsAt(all, key, about === undefined ? dimensions : times),
    group: visitsAt(group, key, kept),
  });
}

const conjunctsOf = (filter: unknown): unknown[] => {
  const [operator, inside] = filter as [string, unknown[]];
  return operator === "and" ? inside.flatMap(conjunctsOf) : [filter];
};

function shown(metric: string, { visits, visitors, sums }: Row, of: Shares, { currency }: OracleMerchant): Shown {
  const visitCount = BigInt(visits.size);
  const count = (is: (visit: Visit) => boolean): bigint => BigInt([...visits].filter(is).length);
  const money = (units: bigint | null): Shown => (units === null ? null : { value: moneyText(units), currency });
  const per = (units: bigint, n: bigint): bigint | null => (n === 0n ? null : quotient(units, n * 10_000n) * 10_000n);
  const net = sums.gross - sums.refunds;
  switch (metric) {
    case "visitors":
      return visitors.size;
    case "visits":
      return visits.size;
    case "views_per_visit":
      return ratio(sums.pageviews, visitCount, 2);
    case "bounce_rate":
      return ratio(100n * count(isBounce), visitCount, 2);
    case "visit_duration": {
      const ms = [...visits].reduce((sum, { events }) => sum + (events.at(-1)!.atMs - events[0]!.atMs), 0);
      return ratio(BigInt(ms), 1_000n * visitCount, 1);
    }
    case "percentage":
      return ratio(100n * BigInt(visitors.size), of.visitors, 2);
    case "conversion_rate":
      return ratio(100n * of.converting, of.all, 2);
    case "group_conversion_rate":
      return ratio(100n * of.converting, of.group, 2);
    case "gross_revenue":
      return money(sums.gross);
    case "refunds":
      return money(sums.refunds);
    case "net_revenue":
      return money(net);
    case "average_order_value":
      return money(per(net, sums.orders));
    case "revenue_per_visit":
      return money(per(net, visitCount));
    case "cart_to_order_rate":
      return ratio(100n * sums.orders, sums.adds_to_cart, 2);
    default:
      return Number(sums[metric as Sum]);
  }
}

function isBounce({ events }: Visit): boolean {
  const pageviews = events.filter(({ sent }) => sent.name === "pageview").length;
  return pageviews <= 1 && events.every(({ sent }) => sent.name === "pageview" || sent.name === "engagement");
}

/** Null where there is nothing to divide by. */
function ratio(part: bigint, whole: bigint, digits: number): number | null {
  return whole === 0n ? null : Number(quotient(part * 10n ** BigInt(digits), whole)) / 10 ** digits;
}
