// The oracle's whole answer to a question: its rows in their order, cut to the page asked, each beside its counterpart of the
// range compared with.

import { labelOf, startOfDate } from "./oracle-clock.ts";
import {
  type Counted,
  type OracleMerchant,
  type OracleRow,
  type Question,
  rowsOf,
  sameKey,
  type Shown,
} from "./oracle.ts";

export interface WholeQuestion extends Question {
  order_by?: [string, "asc" | "desc"][];
  include?: { comparisons?: { date_range: [string, string] } };
  pagination?: { limit: number; offset: number };
}

export interface AnswerRow extends OracleRow {
  comparison?: OracleRow & { change: (number | null)[] };
}

const PERCENTAGES = ["bounce_rate", "conversion_rate", "group_conversion_rate", "percentage", "cart_to_order_rate"];

export function answerOf(events: readonly Counted[], question: WholeQuestion, merchant: OracleMerchant): AnswerRow[] {
  const { include, pagination = { limit: 10_000, offset: 0 } } = question;
  const rows = rowsOf(events, question, merchant).sort((a, b) => inOrder(question, a, b));
  const page = rows.slice(pagination.offset, pagination.offset + pagination.limit);
  const range = include?.comparisons?.date_range;
  if (range === undefined) return page;
  const keys = page.map((row) => counterpart(question, row.dimensions, range, merchant));
  const known = keys.filter((key) => key !== null);
  const past = rowsOf(events, { ...question, date_range: range }, merchant, known);
  const nothing = rowsOf([], { ...question, dimensions: [] }, merchant)[0]!;
  return page.map((row, at): AnswerRow => {
    const key = keys[at]!;
    const { metrics } = key === null ? nothing : past.find(({ dimensions }) => sameKey(dimensions, key))!;
    const change = row.metrics.map((now, n) => changeOf(question.metrics[n]!, now, metrics[n]!));
    return { ...row, comparison: { dimensions: key ?? [], metrics, change } };
  });
}

/** By default time goes forwards, and then it is by the first metric downwards; equal rows come by their values. */
function inOrder({ metrics, dimensions = [], order_by }: WholeQuestion, a: OracleRow, b: OracleRow): number {
  const time = dimensions.find((name) => name.startsWith("time:"));
  const order: [string, "asc" | "desc"][] = order_by ?? [
    ...(time === undefined ? [] : [[time, "asc"] as [string, "asc"]]),
    [metrics[0]!, "desc"],
  ];
  for (const [by, direction] of order) {
    const way = direction === "asc" ? 1 : -1;
    const at = metrics.indexOf(by);
    const difference =
      at < 0
        ? way * compare(a.dimensions[dimensions.indexOf(by)]!, b.dimensions[dimensions.indexOf(by)]!)
        : compareNumbers(a.metrics[at]!, b.metrics[at]!, way);
    if (difference !== 0) return difference;
  }
  const at = a.dimensions.findIndex((value, n) => value !== b.dimensions[n]);
  return at < 0 ? 0 : compare(a.dimensions[at]!, b.dimensions[at]!);
}

const compare = <One>(a: One, b: One): number => (a < b ? -1 : a > b ? 1 : 0);

/** What has no number comes last either way. */
function compareNumbers(a: Shown, b: Shown, way: number): number {
  if (a === null || b === null) return compare(a === null, b === null);
  return way * compare(numberOf(a), numberOf(b));
}

const numberOf = (shown: NonNullable<Shown>): number => (typeof shown === "number" ? shown : Number(shown.value));

/** The same values; where one is a time, the bucket at the same place in the other range. Null where that has none. */
function counterpart(
  { dimensions = [], date_range }: WholeQuestion,
  key: readonly string[],
  range: [string, string],
  { zone }: OracleMerchant,
): string[] | null {
  const values = key.map((value, n) => {
    const name = dimensions[n]!;
    if (!name.startsWith("time:")) return value;
    const interval = name.slice("time:".length);
    return labelsOf(zone, interval, range)[labelsOf(zone, interval, date_range).indexOf(value)] ?? null;
  });
  return values.includes(null) ? null : (values as string[]);
}

/** Labels of all buckets that a range touches, in order. */
export function labelsOf(zone: string, interval: string, [from, to]: [string, string]): string[] {
  const [startMs, endMs] = from.includes("T")
    ? [Date.parse(from), Date.parse(to)]
    : [startOfDate(zone, from), startOfDate(zone, new Date(Date.parse(to) + 86_400_000).toISOString().slice(0, 10))];
  const labels = new Set<string>();
  const step = interval === "minute" ? 60_000 : 900_000;
  for (let ms = startMs; ms < endMs; ms += step) labels.add(labelOf(zone, interval, ms));
  return [...labels];
}

/** In percent, of percentages in points; null where nothing can be said. Not rounded. */
function changeOf(metric: string, now: Shown, before: Shown): number | null {
  if (now === null || before === null) return null;
  const [a, b] = [numberOf(now), numberOf(before)];
  if (PERCENTAGES.includes(metric)) return a - b;
  if (b === 0) return a === 0 ? 0 : null;
  return (100 * (a - b)) / Math.abs(b);
}
