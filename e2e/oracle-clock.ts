// The merchant's clock as a person reads it: what the wall shows at an instant, and by it dates, weeks and months. Everything is
// asked of Intl's formatter, nothing is computed with offsets.

const formatters = new Map<string, Intl.DateTimeFormat>();
/** By zone and instant: the same ones are asked about in every question. */
const known = new Map<string, string>();

/** "2026-10-25 02:30:00" */
export function wallClock(zone: string, ms: number): string {
  const key = `${zone} ${ms}`;
  const shown = known.get(key) ?? formatted(zone, ms);
  known.set(key, shown);
  return shown;
}

function formatted(zone: string, ms: number): string {
  let formatter = formatters.get(zone);
  if (formatter === undefined) {
    // Swedish people write dates and times as ISO 8601 does.
    formatter = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, dateStyle: "short", timeStyle: "medium" });
    formatters.set(zone, formatter);
  }
  return formatter.format(ms);
}

export const dateOf = (zone: string, ms: number): string => wallClock(zone, ms).slice(0, 10);

/** The first instant whose date is this one: looked for by the quarter hour, since no zone's days begin at any other. */
export function startOfDate(zone: string, date: string): number {
  let ms = Date.parse(date) - 16 * 3_600_000;
  while (dateOf(zone, ms) < date) ms += 900_000;
  return ms;
}

export const INTERVALS = ["minute", "hour", "day", "week", "month"] as const;

/** The label of the bucket of time that an instant falls into; `interval` is one of the above. */
export function labelOf(zone: string, interval: string, ms: number): string {
  const wall = wallClock(zone, ms);
  const date = wall.slice(0, 10);
  switch (interval) {
    case "minute":
      return `${wall.slice(0, 16)}:00`;
    case "hour":
      return `${wall.slice(0, 13)}:00:00`;
    case "day":
      return date;
    case "week": {
      const sinceMonday = (new Date(date).getUTCDay() + 6) % 7;
      return new Date(Date.parse(date) - sinceMonday * 86_400_000).toISOString().slice(0, 10);
    }
    case "month":
      return `${date.slice(0, 7)}-01`;
    default:
      throw new Error(`no interval: ${interval}`);
  }
}
