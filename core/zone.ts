// Days and hours as a merchant's wall clock has them. A day is the instants from the first one of its date to the first
// one of the next date, so days of a zone touch and never overlap, whatever the clocks do. Its hours start at each full
// hour of the wall clock, and where the clocks move by less than a whole hour, at that instant too; so they are never
// longer than 60 minutes, there are 23 or 25 of them on most changes, and half-hour zones have their own.
// Where the clock goes back over midnight the date stays the later one; a date that a zone skipped has no instants.
// `zone` is a zone of IANA's or the zones of a merchant that has moved (zone-changes.ts). The first day by a new clock begins where
// the day before ends by the former one: that one's goes on until the new one's midnight, so that days touch then too.

import { Temporal } from "temporal-polyfill";
import { ZONES_MAX } from "./limits.ts";
import { isOne, zoneOn, zonesIn } from "./zone-changes.ts";

export interface Day {
  zone: string;
  /** YYYY-MM-DD, local. */
  date: string;
  startMs: number;
  endMs: number;
  /** The first instants of its hours, ascending; the first is `startMs`. Empty for a date that does not exist. */
  hours: readonly number[];
}

const HOUR_MS = 3_600_000;
const UTC_DAY_MS = 24 * HOUR_MS;
/** Days remembered per kind of question: beyond any range of a report, small beside a sketch. */
const REMEMBERED_MAX = 4_096;

const daysByDate = new Map<string, Day>();
/** zone and UTC day number → the two or three local days that overlap it. */
const daysByUtcDay = new Map<string, readonly Day[]>();
let latest: Day | undefined;

/** True for IANA zones in their canonical spelling ("Europe/Berlin"); offsets ("+02:00") are no zones. */
export const isZone = (zone: string): boolean => {
  if (!/^[A-Z]/.test(zone)) return false;
  try {
    return new Temporal.ZonedDateTime(0n, zone).timeZoneId === zone;
  } catch {
    return false;
  }
};

/** True for a zone of IANA's, and for several, each from a later date on. */
export const isZones = (zones: string): boolean => {
  if (isOne(zones)) return isZone(zones);
  const all = zonesIn(zones);
  return (
    all.length <= ZONES_MAX &&
    all.every(({ from, zone }, n) => isZone(zone) && (n === 0 || (isDate(from) && from > all[n - 1]!.from)))
  );
};

/** The zone of IANA's whose clock is the merchant's at the instant. */
export const zoneAt = (zone: string, ms: number): string => {
  if (isOne(zone)) return zone;
  const { date } = dayAt(zone, ms);
  return ms < clockFrom(zone, date) ? zoneOn(zone, addDays(date, -1)) : zoneOn(zone, date);
};

/** The day of the zone that holds the instant. */
export const dayAt = (zone: string, ms: number): Day => {
  if (latest !== undefined && latest.zone === zone && ms >= latest.startMs && ms < latest.endMs) return latest;
  const day = overlapping(zone, Math.floor(ms / UTC_DAY_MS)).find((each) => ms >= each.startMs && ms < each.endMs);
  if (day === undefined) throw new RangeError(`no day of ${zone} holds the instant ${ms}`);
  latest = day;
  return day;
};

/** The day of that date. Throws for a malformed date or unknown zone: both are checked at the door. */
export const dayOf = (zone: string, date: string): Day => {
  const key = `${zone} ${date}`;
  const known = daysByDate.get(key);
  if (known !== undefined) return known;
  const [former, present] = isOne(zone) ? [zone, zone] : [zoneOn(zone, addDays(date, -1)), zoneOn(zone, date)];
  const startMs = firstInstant(former, plainDate(date));
  const endMs = firstInstant(present, plainDate(date).add({ days: 1 }));
  const changesMs = former === present ? startMs : Math.max(startMs, firstInstant(present, plainDate(date)));
  const hours = [...hoursBetween(former, startMs, changesMs), ...hoursBetween(present, changesMs, endMs)];
  const day: Day = { zone, date, startMs, endMs, hours };
  remember(daysByDate, key, day);
  return day;
};

/** They begin and end together: of one date, one is the other. */
export const isSameDay = (a: Day, b: Day): boolean => a.startMs === b.startMs && a.endMs === b.endMs;

/** The first instant of the hour that holds `ms`, which must be within the day. */
export const hourAt = (day: Day, ms: number): number => {
  const { hours } = day;
  if (ms < day.startMs || ms >= day.endMs) throw new RangeError(`${ms} is not within ${day.date} of ${day.zone}`);
  // Right at once on every day without a clock change that starts at a full hour.
  let index = Math.min(hours.length - 1, Math.floor((ms - day.startMs) / HOUR_MS));
  while (hours[index]! > ms) index -= 1;
  while (index + 1 < hours.length && hours[index + 1]! <= ms) index += 1;
  return hours[index]!;
};

/** Where the hour ends that starts at `hourMs`. */
export const hourEnd = (day: Day, hourMs: number): number => {
  const index = day.hours.indexOf(hourMs);
  if (index < 0) throw new RangeError(`no hour of ${day.date} in ${day.zone} starts at ${hourMs}`);
  return day.hours[index + 1] ?? day.endMs;
};

export const addDays = (date: string, n: number): string => plainDate(date).add({ days: n }).toString();

/** The same day of another month, or that month's last day. */
export const addMonths = (date: string, n: number): string => plainDate(date).add({ months: n }).toString();

/** The Monday of the date's week. */
export const weekStart = (date: string): string => {
  const day = plainDate(date);
  return day.subtract({ days: day.dayOfWeek - 1 }).toString();
};

export const monthStart = (date: string): string => plainDate(date).with({ day: 1 }).toString();

/** How many days `to` is after `from`; negative when before. */
export const daysBetween = (from: string, to: string): number => plainDate(from).until(plainDate(to)).days;

/** What the clock on the wall shows: "YYYY-MM-DD HH:MM:SS". */
export const wallClock = (zone: string, ms: number): string =>
  zoned(zoneAt(zone, ms), ms).toPlainDateTime().toString({ smallestUnit: "second" }).replace("T", " ");

/**
 * The instant at which the wall clock shows this, in milliseconds since 1970. A time that occurs twice is the first of
 * the two; a time that is skipped is as far after the change as it would have been.
 */
export const localInstant = (zone: string, date: string, hour: number, minute: number, second: number): number =>
  plainDate(date).toPlainDateTime({ hour, minute, second }).toZonedDateTime(zoneOn(zone, date)).epochMilliseconds;

/** From when on the clock of the date's own zone holds: on the first date of a new one, from its midnight. */
const clockFrom = (zone: string, date: string): number => firstInstant(zoneOn(zone, date), plainDate(date));

const zoned = (zone: string, ms: number): Temporal.ZonedDateTime =>
  Temporal.Instant.fromEpochMilliseconds(ms).toZonedDateTimeISO(zone);

const plainDate = (date: string): Temporal.PlainDate => {
  // Temporal reads more spellings than one, and two spellings of a date would be two days.
  if (!/^\d{4}-\d\d-\d\d$/.test(date)) throw new RangeError(`not a date as YYYY-MM-DD: ${date}`);
  return Temporal.PlainDate.from(date);
};

const isDate = (text: string): boolean => {
  try {
    return plainDate(text).toString() === text;
  } catch {
    return false;
  }
};

const firstInstant = (zone: string, date: Temporal.PlainDate): number => date.toZonedDateTime(zone).epochMilliseconds;

const hoursBetween = (zone: string, startMs: number, endMs: number): number[] => {
  const hours: number[] = [];
  const cuts = unevenChanges(zone, startMs, endMs);
  let at = startMs;
  while (at < endMs) {
    hours.push(at);
    const pastFullHour = modulo(at + offsetMs(zone, at), HOUR_MS);
    const nextFullHour = at + HOUR_MS - pastFullHour;
    at = cuts.find((cut) => cut > at && cut < nextFullHour) ?? nextFullHour;
  }
  return hours;
};

/** Instants within the day at which the clocks move by something other than whole hours. */
const unevenChanges = (zone: string, startMs: number, endMs: number): number[] => {
  const cuts: number[] = [];
  let change = zoned(zone, startMs).getTimeZoneTransition("next")?.epochMilliseconds;
  while (change !== undefined && change < endMs) {
    if ((offsetMs(zone, change) - offsetMs(zone, change - 1)) % HOUR_MS !== 0) cuts.push(change);
    change = zoned(zone, change).getTimeZoneTransition("next")?.epochMilliseconds;
  }
  return cuts;
};

const offsetMs = (zone: string, ms: number): number => zoned(zone, ms).offsetNanoseconds / 1_000_000;

const modulo = (n: number, divisor: number): number => ((n % divisor) + divisor) % divisor;

const overlapping = (zone: string, utcDay: number): readonly Day[] => {
  const key = `${zone} ${utcDay}`;
  const known = daysByUtcDay.get(key);
  if (known !== undefined) return known;
  const fromMs = utcDay * UTC_DAY_MS;
  const untilMs = fromMs + UTC_DAY_MS;
  // A zone may be a day away from UTC, and a date may be one that it skipped: so look at both neighbours.
  const around = zoned("UTC", fromMs).toPlainDate();
  const days = [-2, -1, 0, 1, 2]
    .map((n) => dayOf(zone, around.add({ days: n }).toString()))
    .filter((day) => day.startMs < untilMs && day.endMs > fromMs);
  remember(daysByUtcDay, key, days);
  return days;
};

const remember = <Value>(memory: Map<string, Value>, key: string, value: Value): void => {
  if (memory.size >= REMEMBERED_MAX) memory.clear();
  memory.set(key, value);
};
