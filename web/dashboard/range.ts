// The stretch of time that the page shows: a preset or two dates, and what that means on a merchant's today.
// A range that holds today is open: its last bucket still fills, so it is refreshed and its end is dotted.

import { addDays, daysIn, firstOfMonth, isDate, monthStart } from "./dates.ts";

export const PRESETS = [
  { id: "today", label: "Today", key: "D" },
  { id: "yesterday", label: "Yesterday", key: "E" },
  { id: "7d", label: "Last 7 days", key: "W" },
  { id: "30d", label: "Last 30 days", key: "T" },
  { id: "month", label: "Month to date", key: "M" },
  { id: "12months", label: "Last 12 months", key: "L" },
] as const;
export type Preset = (typeof PRESETS)[number]["id"];

export type Range = { kind: "preset"; preset: Preset } | { kind: "dates"; from: string; to: string };

export type Interval = "hour" | "day" | "week" | "month";

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
  month: firstOfMonth,
  "12months": (today) => monthStart(today, -11),
};

export const periodOf = (range: Range, today: string): Period => {
  const from = range.kind === "dates" ? range.from : firstDate[range.preset](today);
  const to = range.kind === "dates" ? range.to : range.preset === "yesterday" ? addDays(today, -1) : today;
  return { from, to, open: from <= today && today <= to, interval: intervalOf(daysIn(from, to)) };
};

/** The period of the same length just before: what is compared with. */
export const periodBefore = ({ from, to, interval }: Period): Period => {
  const days = daysIn(from, to);
  return { from: addDays(from, -days), to: addDays(to, -days), open: false, interval };
};

const intervalOf = (days: number): Interval =>
  days <= 2 ? "hour" : days <= 92 ? "day" : days <= 200 ? "week" : "month";
