// Numbers, money, durations and dates as the reader writes them, in the merchant's currency and on the merchant's
// clock. Made once per reader and merchant; pure otherwise.

import type { MetricKind } from "../../core/metrics.ts";
import type { Interval } from "./range.ts";

export interface Format {
  /** In full: "€ 12.345,67", "1.234", "3,4 %", "2m 5s". Percent comes as the API gives it: 3.4 for 3.4 %. */
  value(kind: MetricKind, value: number): string;
  /** For an axis or a narrow column: "€ 12 t". */
  short(kind: MetricKind, value: number): string;
  money(value: number, currency: string): string;
  /** The size of a change, without a sign: arrows and words carry it. "12 %", or "0.4 pp" of percentages. */
  change(size: number, unit: "percent" | "points"): string;
  date(date: string): string;
  dates(from: string, to: string): string;
  /** A time bucket by its local label: "14:00", "Tue 24 Nov", "November 2026". */
  bucket(label: string, interval: Interval): string;
  /** The same, for an axis. */
  tick(label: string, interval: Interval): string;
  /** On the merchant's clock. */
  time(atMs: number, seconds: boolean): string;
  /** With the date, for instants that may lie on another day. */
  dateTime(atMs: number): string;
  country(code: string): string;
}

/** Labels are local wall-clock text; read as UTC and written as UTC they come out as they went in. */
const labelMs = (label: string): number =>
  Date.parse(label.length === 10 ? `${label}T00:00:00Z` : `${label.replace(" ", "T")}Z`);

export const makeFormat = (locale: string, currency: string, zone: string): Format => {
  const number = (options: Intl.NumberFormatOptions) => new Intl.NumberFormat(locale, options);
  const count = number({ maximumFractionDigits: 0 });
  const countShort = number({ notation: "compact", maximumSignificantDigits: 3 });
  const ratio = number({ minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const percent = number({ style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const percentShort = number({ style: "percent", maximumSignificantDigits: 2 });
  const moneyShort = number({ style: "currency", currency, notation: "compact", maximumSignificantDigits: 3 });
  const unit = (name: string) => number({ style: "unit", unit: name, unitDisplay: "narrow", maximumFractionDigits: 0 });
  const [hours, minutes, seconds] = [unit("hour"), unit("minute"), unit("second")];
  const change = number({ style: "percent", maximumFractionDigits: 0 });
  const points = number({ maximumFractionDigits: 1 });
  const smallChange = number({ style: "percent", maximumFractionDigits: 1 });

  const currencies = new Map<string, Intl.NumberFormat>();
  const money = (value: number, code: string): string => {
    let format = currencies.get(code);
    if (format === undefined) currencies.set(code, (format = number({ style: "currency", currency: code })));
    return format.format(value);
  };

  const duration = (value: number): string => {
    const whole = Math.round(value);
    if (whole < 60) return seconds!.format(whole);
    if (whole < 3600) return `${minutes!.format(Math.floor(whole / 60))} ${seconds!.format(whole % 60)}`;
    return `${hours!.format(Math.floor(whole / 3600))} ${minutes!.format(Math.floor((whole % 3600) / 60))}`;
  };

  const full: Record<MetricKind, (value: number) => string> = {
    money: (value) => money(value, currency),
    count: (value) => count.format(value),
    percent: (value) => percent.format(value / 100),
    ratio: (value) => ratio.format(value),
    seconds: duration,
  };
  const short: Record<MetricKind, (value: number) => string> = {
    money: (value) => moneyShort.format(value),
    count: (value) => countShort.format(value),
    percent: (value) => percentShort.format(value / 100),
    ratio: (value) => countShort.format(value),
    seconds: duration,
  };

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
  const tick: Record<Interval, Intl.DateTimeFormat> = {
    hour: calendar({ hour: "numeric", minute: "2-digit" }),
    day: calendar({ day: "numeric", month: "short" }),
    week: calendar({ day: "numeric", month: "short" }),
    month: calendar({ month: "short" }),
  };

  const clock = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { timeZone: zone, ...options });
  const time = clock({ hour: "numeric", minute: "2-digit" });
  const timeSeconds = clock({ hour: "numeric", minute: "2-digit", second: "2-digit" });
  const dateTime = clock({ day: "numeric", month: "short", hour: "numeric", minute: "2-digit" });
  const countries = new Intl.DisplayNames(locale, { type: "region", fallback: "code" });

  return {
    value: (kind, value) => full[kind](value),
    short: (kind, value) => short[kind](value),
    money,
    change: (size, unit) =>
      unit === "points" ? `${points.format(size)} pp` : (size < 10 ? smallChange : change).format(size / 100),
    date: (text) => date.format(labelMs(text)),
    dates: (from, to) => (from === to ? date.format(labelMs(from)) : range.formatRange(labelMs(from), labelMs(to))),
    bucket: (label, interval) => bucket[interval].format(labelMs(label)),
    tick: (label, interval) => tick[interval].format(labelMs(label)),
    time: (atMs, withSeconds) => (withSeconds ? timeSeconds : time).format(atMs),
    dateTime: (atMs) => dateTime.format(atMs),
    country: (code) => (/^[A-Z]{2}$/.test(code) ? (countries.of(code) ?? code) : code),
  };
};
