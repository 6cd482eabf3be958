// Which properties events have, read from the wire and answered: names and how many events have each, so that people can choose one
// instead of knowing it. Of what the script itself notes with `engagement` nothing is said.

import { type DateRange, parseDateRange } from "./date-range.ts";
import { PROPERTY_NAMES_MAX } from "./limits.ts";
import { fault, parseObject, type QueryFault, quoted } from "./query-fault.ts";
import { ok, type Result } from "./result.ts";

export interface PropertiesQuery {
  merchant: string;
  dateRange: DateRange;
}

export interface PropertyRow {
  name: string;
  /** That have it. */
  events: number;
}

/** Name → events that have it. */
export type PropertyCounts = Readonly<Record<string, number>>;

export function parseProperties(body: unknown): Result<PropertiesQuery, QueryFault> {
  const sent = parseObject(body, "#", ["merchant", "date_range"]);
  if (!sent.ok) return sent;
  const { merchant, date_range: range } = sent.value;
  if (merchant === undefined) return fault("#/merchant", "missing", 'A merchant is needed: "merchant": "m_…".');
  if (typeof merchant !== "string" || merchant === "")
    return fault("#/merchant", "malformed", `${quoted(merchant)} is no merchant id.`);
  const dateRange = parseDateRange(range, "#/date_range");
  return dateRange.ok ? ok({ merchant, dateRange: dateRange.value }) : dateRange;
}

/** `counts`: of each day. The most frequent first, and of those only so many. */
export function answerProperties(counts: readonly PropertyCounts[]): PropertyRow[] {
  const sums = new Map<string, number>();
  for (const [name, events] of counts.flatMap(Object.entries<number>)) sums.set(name, (sums.get(name) ?? 0) + events);
  return [...sums]
    .map(([name, events]) => ({ name, events }))
    .sort((a, b) => b.events - a.events || (a.name < b.name ? -1 : 1))
    .slice(0, PROPERTY_NAMES_MAX);
}
