// Calendar dates as text (YYYY-MM-DD), as the API takes and gives them. A date has no instant here, so no clock
// change can bend it: the arithmetic is that of the proleptic calendar, done in UTC. Only `dateIn` knows of zones.

const DAY_MS = 86_400_000;

const toUtcMs = (date: string): number => Date.parse(`${date}T00:00:00Z`);
const fromUtcMs = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

export const isDate = (text: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(toUtcMs(text)) && fromUtcMs(toUtcMs(text)) === text;

export const addDays = (date: string, days: number): string => fromUtcMs(toUtcMs(date) + days * DAY_MS);

/** Dates from `from` to `to`, both included: 1 for the same date. */
export const daysIn = (from: string, to: string): number => (toUtcMs(to) - toUtcMs(from)) / DAY_MS + 1;

export const firstOfMonth = (date: string): string => `${date.slice(0, 8)}01`;

/** The first day of the month that lies `months` away from the date's own. */
export const monthStart = (date: string, months: number): string => {
  const year = Number(date.slice(0, 4));
  const month = Number(date.slice(5, 7)) - 1 + months;
  return fromUtcMs(Date.UTC(year, month, 1));
};

const formatters = new Map<string, Intl.DateTimeFormat>();

/** The calendar date that a zone's wall clock shows at an instant. */
export const dateIn = (zone: string, atMs: number): string => {
  let formatter = formatters.get(zone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat("en-CA", { timeZone: zone, year: "numeric", month: "2-digit", day: "2-digit" });
    formatters.set(zone, formatter);
  }
  return formatter.format(atMs);
};
