// The stretch of time that the page shows: a preset or two dates, and what that means on a merchant's today.
// A range that holds today is open: its last bucket still fills, so it is refreshed and its end is dotted.

import { addDays, daysIn, firstOfMonth, isDate, monthStart } from "./dates.ts";

export const PRESETS = [
  { id: "today", label: "Today", key: "D" },
  { id: "yesterday", label: "Yesterday", key: "E" },
  { id: "7d", label: "Last 7 days", key: "W" },
  { id: "30d", label: "Last 30 days", key: "T" },
  { id: "91d", label: "Last 91 days", key: "N" },
  { id: "month", label: "Month to date", key: "M" },
  { id: "last-month", label: "Last month", key: "P" },
  { id: "year", label: "Year to date", key: "Y" },
  { id: "12months", label: "Last 12 months", key: "L" },
] as const;
export type Preset = (typeof PRESETS)[number]["id"];

export type Range = { kind: "preset"; preset: Preset } | { kind: "dates"; from: string; to: string };

export const INTERVALS = ["hour", "day", "week", "month"] as const;
export type Interval = (typeof INTERVALS)[number];

/** The period just before, the same weekdays before, or the same dates a year before. */
export const COMPARISONS = ["previous", "weekdays", "year", "none"] as const;
export type Compare = (typeof COMPARISONS)[number];

export const COMPARE_LABELS: Readonly<Record<Compare, string>> = {
  previous: "Period before",
  weekdays: "Same weekdays before",
  year: "A year before",
  none: "Not compared",
};

export interface Period {
  /** First and last date, both included, in the merchant's zone. */
  from: string;
  to: string;
  /** Today is in it. */
  open: boolean;
  interval: Interval;
}

export const preset = (id: Preset): Range => ({ kind: "preset", preset: id });

/** As it stands in the address: a preset's id, or "2026-11-01..2026-11-07". Null for anything else. */
export const parseRange = (text: string): Range | null => {
  const known = PRESETS.find((each) => each.id === text);
  if (known !== undefined) return preset(known.id);
  const [from, to, ...rest] = text.split("..");
  if (from === undefined || to === undefined || rest.length > 0 || !isDate(from) || !isDate(to) || from > to)
    return null;
  return { kind: "dates", from, to };
};

export const formatRange = (range: Range): string =>
  range.kind === "preset" ? range.preset : `${range.from}..${range.to}`;

const firstDate: Record<Preset, (today: string) => string> = {
  today: (today) => today,
  yesterday: (today) => addDays(today, -1),
  "7d": (today) => addDays(today, -6),
  "30d": (today) => addDays(today, -29),
  "91d": (today) => addDays(today, -90),
  month: firstOfMonth,
  "last-month": (today) => monthStart(today, -1),
  year: (today) => `${today.slice(0, 4)}-01-01`,
  "12months": (today) => monthStart(today, -11),
};

/** Those that do not end today. */
const lastDate: Partial<Record<Preset, (today: string) => string>> = {
  yesterday: (today) => addDays(today, -1),
  "last-month": (today) => addDays(firstOfMonth(today), -1),
};

/** `interval`: that of the chart where a person has chosen one that the dates have buckets for. */
export const periodOf = (range: Range, today: string, interval: Interval | null = null): Period => {
  const from = range.kind === "dates" ? range.from : firstDate[range.preset](today);
  const to = range.kind === "dates" ? range.to : (lastDate[range.preset]?.(today) ?? today);
  const days = daysIn(from, to);
  const chosen = interval !== null && intervalsFor(days).includes(interval) ? interval : intervalOf(days);
  return { from, to, open: from <= today && today <= to, interval: chosen };
};

/** The dates as many days further back, or forward. */
const moved = ({ from, to, ...rest }: Period, days: number): Period => ({
  ...rest,
  from: addDays(from, days),
  to: addDays(to, days),
  open: false,
});

/** What a period is compared with, as the API does it. */
export const comparedPeriod = (period: Period, compare: Exclude<Compare, "none">): Period => {
  const days = daysIn(period.from, period.to);
  switch (compare) {
    case "previous":
      return moved(period, -days);
    case "weekdays":
      return moved(period, -7 * Math.ceil(days / 7));
    case "year":
      return moved(period, daysIn(period.from, sameDayLastYear(period.from)) - 1);
  }
};

/** The 29th of February has the 28th. */
function sameDayLastYear(date: string): string {
  const year = Number(date.slice(0, 4)) - 1;
  const same = `${year}${date.slice(4)}`;
  return isDate(same) ? same : `${year}-02-28`;
}

/** The range of the same length that follows, or comes before; never past today. */
export const stepped = (range: Range, today: string, direction: -1 | 1): Range => {
  const period = periodOf(range, today);
  const days = daysIn(period.from, period.to);
  const { from, to } = moved(period, direction * days);
  return to > today ? range : { kind: "dates", from, to };
};

/** Intervals that make at least two buckets and at most some hundreds. */
export const intervalsFor = (days: number): Interval[] => {
  const fitting: Interval[] = [];
  if (days <= 14) fitting.push("hour");
  if (days > 1 && days <= 400) fitting.push("day");
  if (days > 13) fitting.push("week");
  if (days > 58) fitting.push("month");
  return fitting;
};

const intervalOf = (days: number): Interval =>
  days <= 2 ? "hour" : days <= 92 ? "day" : days <= 200 ? "week" : "month";
