// Numbers, money, durations and dates as the reader writes them, in the merchant's currency and on the merchant's
// clock. Made once per reader and merchant; pure otherwise.

import type { MetricKind } from "../../core/metrics.ts";
import type { Interval } from "./range.ts";

export interface Format {
  /** In full: "€ 12.345,67", "1.234", "3,4 %", "2m 5s". Percent comes as the API gives it: 3.4 for 3.4 %. */
  value: (kind: MetricKind, value: number) => string;
  /** For an axis or a narrow column: "€ 12 t". */
  short: (kind: MetricKind, value: number) => string;
  money: (value: number, currency: string) => string;
  /** A mean of counts. */
  mean: (value: number) => string;
  /** 0 is Monday: "Mon". */
  weekday: (weekday: number) => string;
  /** The size of a change, without a sign: arrows and words carry it. "12 %", or "0.4 pp" of percentages. */
  change: (size: number, unit: "percent" | "points") => string;
  dates: (from: string, to: string) => string;
  /** A time bucket by its local label: "14:00", "Tue 24 Nov", "November 2026". */
  bucket: (label: string, interval: Interval) => string;
  /** The same, for an axis. */
  tick: (label: string, interval: Interval) => string;
  /** On the merchant's clock. */
  time: (atMs: number, seconds: boolean) => string;
  /** With the date, for instants that may lie on another day. */
  dateTime: (atMs: number) => string;
  country: (code: string) => string;
  /** Of a language's code: "de" → "German". */
  language: (code: string) => string;
}

/** Labels are local wall-clock text; read as UTC and written as UTC they come out as they went in. */
const labelMs = (label: string): number =>
  Date.parse(label.length === 10 ? `${label}T00:00:00Z` : `${label.replace(" ", "T")}Z`);

export const makeFormat = (locale: string, currency: string, zone: string): Format => ({
  ...numberFormat(locale, currency),
  ...calendarFormat(locale),
  ...clockFormat(locale, zone),
  country: countryFormat(locale),
  language: languageFormat(locale),
});

type NumberFormat = Pick<Format, "value" | "short" | "money" | "mean" | "change">;

function numberFormat(locale: string, currency: string): NumberFormat {
  const number = (options: Intl.NumberFormatOptions) => new Intl.NumberFormat(locale, options);
  const currencies = new Map<string, Intl.NumberFormat>();
  const money = (value: number, code: string): string => {
    let format = currencies.get(code);
    if (format === undefined) currencies.set(code, (format = number({ style: "currency", currency: code })));
    return format.format(value);
  };
  const one = (options: Intl.NumberFormatOptions) => {
    const format = number(options);
    return (value: number) => format.format(value);
  };
  const percent = one({ style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const percentShort = one({ style: "percent", maximumSignificantDigits: 2 });
  const count = one({ notation: "compact", maximumSignificantDigits: 3 });
  const seconds = durationFormat(locale);
  const full: Record<MetricKind, (value: number) => string> = {
    money: (value) => money(value, currency),
    count: one({ maximumFractionDigits: 0 }),
    percent: (value) => percent(value / 100),
    ratio: one({ minimumFractionDigits: 2, maximumFractionDigits: 2 }),
    seconds,
  };
  const short: Record<MetricKind, (value: number) => string> = {
    money: one({ style: "currency", currency, notation: "compact", maximumSignificantDigits: 3 }),
    count,
    percent: (value) => percentShort(value / 100),
    ratio: count,
    seconds,
  };
  const points = one({ maximumFractionDigits: 1 });
  const change = one({ style: "percent", maximumFractionDigits: 0 });
  const smallChange = one({ style: "percent", maximumFractionDigits: 1 });
  return {
    value: (kind, value) => full[kind](value),
    short: (kind, value) => short[kind](value),
    money,
    mean: points,
    change: (size, unit) =>
      unit === "points" ? `${points(size)} pp` : size < 10 ? smallChange(size / 100) : change(size / 100),
  };
}

function durationFormat(locale: string): (seconds: number) => string {
  const unit = (name: string) =>
    new Intl.NumberFormat(locale, { style: "unit", unit: name, unitDisplay: "narrow", maximumFractionDigits: 0 });
  const hours = unit("hour");
  const minutes = unit("minute");
  const seconds = unit("second");
  return (value) => {
    const whole = Math.round(value);
    if (whole < 60) return seconds.format(whole);
    if (whole < 3600) return `${minutes.format(Math.floor(whole / 60))} ${seconds.format(whole % 60)}`;
    return `${hours.format(Math.floor(whole / 3600))} ${minutes.format(Math.floor((whole % 3600) / 60))}`;
  };
}

function calendarFormat(locale: string): Pick<Format, "dates" | "bucket" | "tick" | "weekday"> {
  const calendar = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { timeZone: "UTC", ...options });
  const date = calendar({ weekday: "short", day: "numeric", month: "short", year: "numeric" });
  const range = calendar({ day: "numeric", month: "short", year: "numeric" });
  const bucket: Record<Interval, Intl.DateTimeFormat> = {
    hour: calendar({ weekday: "short", day: "numeric", month: "short", hour: "numeric", minute: "2-digit" }),
    day: date,
    week: date,
    month: calendar({ month: "long", year: "numeric" }),
  };
  // The first of January 2024 was a Monday.
  const weekdays = calendar({ weekday: "short" });
  const dayOfMonth = calendar({ day: "numeric", month: "short" });
  const tick: Record<Interval, Intl.DateTimeFormat> = {
    hour: calendar({ hour: "numeric", minute: "2-digit" }),
    day: dayOfMonth,
    week: dayOfMonth,
    month: calendar({ month: "short" }),
  };
  return {
    dates: (from, to) => (from === to ? date.format(labelMs(from)) : range.formatRange(labelMs(from), labelMs(to))),
    weekday: (weekday) => weekdays.format(Date.UTC(2024, 0, 1 + weekday)),
    bucket: (label, interval) => bucket[interval].format(labelMs(label)),
    tick: (label, interval) => tick[interval].format(labelMs(label)),
  };
}

function clockFormat(locale: string, zone: string): Pick<Format, "time" | "dateTime"> {
  const clock = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { timeZone: zone, ...options });
  const time = clock({ hour: "numeric", minute: "2-digit" });
  const timeWithSeconds = clock({ hour: "numeric", minute: "2-digit", second: "2-digit" });
  const dateTime = clock({ day: "numeric", month: "short", hour: "numeric", minute: "2-digit" });
  return {
    time: (atMs, withSeconds) => (withSeconds ? timeWithSeconds : time).format(atMs),
    dateTime: (atMs) => dateTime.format(atMs),
  };
}

function countryFormat(locale: string): (code: string) => string {
  const names = new Intl.DisplayNames(locale, { type: "region", fallback: "code" });
  return (code) => (/^[A-Z]{2}$/.test(code) ? (names.of(code) ?? code) : code);
}

function languageFormat(locale: string): (code: string) => string {
  const names = new Intl.DisplayNames(locale, { type: "language", fallback: "code" });
  return (code) => (/^[a-z]{2,3}$/.test(code) ? (names.of(code) ?? code) : code);
}
