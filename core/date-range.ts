// The range of a question: what may be written, what it means on the merchant's clock, and what it is compared with.
// A resolved range is [fromMs, toMs). Ranges of whole days move by days, so days of 23 and 25 hours compare as days.
// Named ranges include the present day; what of it has not happened yet is left out of the range compared with.

import { Temporal } from "temporal-polyfill";
import { REPORT_DAYS_MAX } from "./limits.ts";
import { type QueryFault, fault, listed, quoted } from "./query-fault.ts";
import { ok, type Result } from "./result.ts";
import { addDays, addMonths, dayAt, dayOf, daysBetween, hourAt, hourEnd, monthStart, zoneAt } from "./zone.ts";

export const NAMED_RANGES = [
  "30m",
  "24h",
  "day",
  "yesterday",
  "7d",
  "28d",
  "30d",
  "91d",
  "month",
  "6mo",
  "12mo",
  "year",
  "all",
] as const;
export type NamedRange = (typeof NAMED_RANGES)[number];

export type DateRange =
  | { kind: "named"; name: NamedRange }
  /** Local dates, both included. */
  | { kind: "dates"; first: string; last: string }
  | { kind: "instants"; fromMs: number; toMs: number };

export type Comparison =
  /** `matchDayOfWeek`: by whole weeks, so that weekdays are compared with the same. */
  { mode: "previous_period" | "year_over_year"; matchDayOfWeek: boolean } | { mode: "custom"; dateRange: DateRange };

export interface Range {
  fromMs: number;
  toMs: number;
  /** The local dates that it consists of, both included; null when it was given by instants. */
  days: { first: string; last: string } | null;
}

const DAY_PATTERN = String.raw`(?:19[7-9]\d|2[01]\d\d)-\d\d-\d\d`;
export const DATE_PATTERN = `^${DAY_PATTERN}$`;
export const INSTANT_PATTERN = String.raw`^${DAY_PATTERN}T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)$`;

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** The number of whole weeks that is nearest to a year. */
const YEAR_OF_WEEKS_DAYS = 52 * 7;
const EXAMPLES = `one of ${listed(NAMED_RANGES)}, or ["2026-01-01","2026-01-31"], or two instants with an offset`;

export function parseDateRange(written: unknown, pointer: string): Result<DateRange, QueryFault> {
  if (written === undefined) return fault(pointer, "missing", `A date range is needed: ${EXAMPLES}.`);
  if (typeof written === "string") {
    const name = NAMED_RANGES.find((each) => each === written);
    if (name !== undefined) return ok({ kind: "named", name });
    return fault(pointer, "unknown_range", `Unknown range ${quoted(written)}. Use ${EXAMPLES}.`);
  }
  if (!Array.isArray(written) || written.length !== 2)
    return fault(pointer, "unknown_range", `${quoted(written)} is no range. Use ${EXAMPLES}.`);
  const [from, to] = written as [unknown, unknown];
  if (isDate(from) && isDate(to)) {
    if (from <= to) return ok({ kind: "dates", first: from, last: to });
    return fault(pointer, "invalid_range", `The range starts on ${from}, after it ends on ${to}.`);
  }
  const fromMs = instantMs(from);
  const toMs = instantMs(to);
  if (fromMs === null || toMs === null) {
    const [at, wrong, other] = fromMs === null && !isDate(from) ? [0, from, to] : [1, to, from];
    const kind = isDate(other) ? "a date as YYYY-MM-DD" : "an instant with an offset, as 2026-01-31T12:00:00+01:00";
    return fault(`${pointer}/${at}`, "invalid_range", `${quoted(wrong)} is not ${kind}.`);
  }
  // An end at :59 means the second it names, as others write their ranges.
  const endMs = toMs % MINUTE_MS >= 59_000 ? Math.ceil((toMs + 1) / MINUTE_MS) * MINUTE_MS : toMs;
  if (fromMs < endMs) return ok({ kind: "instants", fromMs, toMs: endMs });
  return fault(pointer, "invalid_range", "The range ends before it starts.");
}

/** `finest` is what the range's ends must be full ones of. */
export function resolveRange(
  range: DateRange,
  zone: string,
  nowMs: number,
  finest: "hour" | "minute",
  pointer: string,
): Result<Range, QueryFault> {
  if (range.kind === "instants") return resolveInstants(range, zone, finest, pointer);
  if (range.kind === "dates") return resolveDays(zone, range.first, range.last, pointer);
  const present = dayAt(zone, nowMs);
  const today = present.date;
  const daysUntilToday = (first: string) => resolveDays(zone, first, today, pointer);
  switch (range.name) {
    case "30m": {
      if (finest !== "minute")
        return fault(
          pointer,
          "impossible_combination",
          '"30m" is kept by the minute only: ask it with the dimension "time:minute".',
        );
      const toMs = (Math.floor(nowMs / MINUTE_MS) + 1) * MINUTE_MS;
      return ok({ fromMs: toMs - 30 * MINUTE_MS, toMs, days: null });
    }
    case "24h": {
      const toMs = hourEnd(present, hourAt(present, nowMs));
      return ok({ fromMs: flooredToHour(zone, toMs - DAY_MS), toMs, days: null });
    }
    case "day":
      return daysUntilToday(today);
    case "yesterday":
      return resolveDays(zone, addDays(today, -1), addDays(today, -1), pointer);
    case "7d":
      return daysUntilToday(addDays(today, -6));
    case "28d":
      return daysUntilToday(addDays(today, -27));
    case "30d":
      return daysUntilToday(addDays(today, -29));
    case "91d":
      return daysUntilToday(addDays(today, -90));
    case "month":
      return daysUntilToday(monthStart(today));
    case "6mo":
      return daysUntilToday(addMonths(monthStart(today), -5));
    case "12mo":
      return daysUntilToday(addMonths(monthStart(today), -11));
    case "year":
      return daysUntilToday(`${today.slice(0, 4)}-01-01`);
    case "all":
      return daysUntilToday(addDays(today, 1 - REPORT_DAYS_MAX));
  }
}

/** The range that `range` is compared with: as long, and no farther into it than `range` has come by now. */
export function comparedRange(
  comparison: Comparison,
  range: Range,
  zone: string,
  nowMs: number,
  finest: "hour" | "minute",
  pointer: string,
): Result<Range, QueryFault> {
  if (comparison.mode === "custom")
    return resolveRange(comparison.dateRange, zone, nowMs, finest, `${pointer}/date_range`);
  const yearly = comparison.mode === "year_over_year";
  /** Where what began on `date` and has so many days is compared from. */
  const earlier = (date: string, days: number): string => {
    if (comparison.matchDayOfWeek) return addDays(date, yearly ? -YEAR_OF_WEEKS_DAYS : -7 * Math.ceil(days / 7));
    return yearly ? addMonths(date, -12) : addDays(date, -days);
  };
  if (range.days !== null) {
    const { first, last } = range.days;
    const further = daysBetween(first, last);
    const comparedFirst = earlier(first, further + 1);
    const compared = resolveDays(zone, comparedFirst, addDays(comparedFirst, further), pointer);
    if (!compared.ok || nowMs < range.fromMs || nowMs >= range.toMs) return compared;
    const present = dayAt(zone, nowMs);
    const past = dayOf(zone, addDays(comparedFirst, daysBetween(first, present.date)));
    const elapsedHours = present.hours.indexOf(hourAt(present, nowMs)) + 1;
    return ok({ ...compared.value, toMs: past.hours[elapsedHours] ?? past.endMs });
  }
  const align = finest === "minute" ? (ms: number) => ms : (ms: number) => flooredToHour(zone, ms);
  const { fromMs, toMs } = range;
  if (!yearly && !comparison.matchDayOfWeek)
    return ok({ fromMs: align(fromMs - (toMs - fromMs)), toMs: fromMs, days: null });
  const day = dayAt(zone, fromMs);
  const comparedDay = dayOf(zone, earlier(day.date, (toMs - fromMs) / DAY_MS));
  const comparedFromMs = align(comparedDay.startMs + (fromMs - day.startMs));
  return ok({ fromMs: comparedFromMs, toMs: align(comparedFromMs + (toMs - fromMs)), days: null });
}

/** The refusal of a range that has not begun; null when it has. */
export function findFuture({ fromMs }: Range, zone: string, nowMs: number, pointer: string) {
  if (fromMs <= nowMs) return null;
  return fault(
    pointer,
    "invalid_range",
    `The range begins at ${writtenInstant(zone, fromMs)}, which is still to come.`,
  );
}

/** As the wire shows a resolved range: its first and its last second, with the merchant's offset. */
export const writtenRange = (zone: string, range: Range): [string, string] => [
  writtenInstant(zone, range.fromMs),
  writtenInstant(zone, range.toMs - 1_000),
];

export const writtenInstant = (zone: string, ms: number): string =>
  Temporal.Instant.fromEpochMilliseconds(ms).toString({ timeZone: zoneAt(zone, ms), smallestUnit: "second" });

function resolveDays(zone: string, first: string, last: string, pointer: string): Result<Range, QueryFault> {
  const days = daysBetween(first, last) + 1;
  if (days > REPORT_DAYS_MAX) return tooLong(days, pointer);
  return ok({ fromMs: dayOf(zone, first).startMs, toMs: dayOf(zone, last).endMs, days: { first, last } });
}

function resolveInstants(
  { fromMs, toMs }: { fromMs: number; toMs: number },
  zone: string,
  finest: "hour" | "minute",
  pointer: string,
): Result<Range, QueryFault> {
  // Clocks that went back make as many days an hour longer.
  const days = Math.ceil((toMs - fromMs - HOUR_MS) / DAY_MS);
  if (days > REPORT_DAYS_MAX) return tooLong(days, pointer);
  const isFull = (ms: number) => (finest === "minute" ? ms % MINUTE_MS === 0 : flooredToHour(zone, ms) === ms);
  const wrong = [fromMs, toMs].findIndex((ms) => !isFull(ms));
  if (wrong < 0) return ok({ fromMs, toMs, days: null });
  const message =
    finest === "minute"
      ? "Minutes are the finest that is kept: the range must start and end at a full one."
      : `Hours are the finest that is kept: the range must start and end at a full hour of ${zoneAt(zone, toMs)} (with the dimension "time:minute" at a full minute).`;
  return fault(`${pointer}/${wrong}`, "invalid_range", message);
}

const tooLong = (days: number, pointer: string) =>
  fault(pointer, "too_much", `The range has ${days} days; ask for ${REPORT_DAYS_MAX} at most.`);

function flooredToHour(zone: string, ms: number): number {
  return hourAt(dayAt(zone, ms), ms);
}

const DATE = new RegExp(DATE_PATTERN);
const INSTANT = new RegExp(INSTANT_PATTERN);

const isDate = (written: unknown): written is string =>
  typeof written === "string" && DATE.test(written) && succeeds(() => Temporal.PlainDate.from(written)) !== null;

const instantMs = (written: unknown): number | null =>
  typeof written === "string" && INSTANT.test(written)
    ? succeeds(() => Temporal.Instant.from(written).epochMilliseconds)
    : null;

/** Temporal says "no such date" by throwing. */
function succeeds<Value>(read: () => Value): Value | null {
  try {
    return read();
  } catch {
    return null;
  }
}
