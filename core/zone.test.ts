import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import {
  addDays,
  addMonths,
  type Day,
  dayAt,
  dayOf,
  daysBetween,
  hourAt,
  hourEnd,
  isZone,
  localInstant,
  monthStart,
  wallClock,
  weekStart,
} from "./zone.ts";

const HOUR_MS = 3_600_000;
const clocks = (day: Day): string[] => day.hours.map((ms) => wallClock(day.zone, ms).slice(11, 16));
const lengthHours = (day: Day): number => (day.endMs - day.startMs) / HOUR_MS;

test("an ordinary day has 24 hours that start at the zone's own full hours", () => {
  const kathmandu = dayOf("Asia/Kathmandu", "2026-11-24");
  expect(new Date(kathmandu.startMs).toISOString()).toBe("2026-11-23T18:15:00.000Z");
  expect(kathmandu.hours).toHaveLength(24);
  expect(clocks(kathmandu).every((clock) => clock.endsWith(":00"))).toBe(true);
  expect(new Date(dayOf("America/St_Johns", "2026-11-24").startMs).toISOString()).toBe("2026-11-24T03:30:00.000Z");
  expect(new Date(dayOf("Pacific/Chatham", "2026-11-24").startMs).toISOString()).toBe("2026-11-23T10:15:00.000Z");
});

test("days of 23 and 25 hours have so many hours", () => {
  const spring = dayOf("Europe/Berlin", "2026-03-29");
  expect(clocks(spring).slice(0, 4)).toEqual(["00:00", "01:00", "03:00", "04:00"]);
  expect(spring.hours).toHaveLength(23);
  const autumn = dayOf("Europe/Berlin", "2026-10-25");
  expect(clocks(autumn).slice(0, 5)).toEqual(["00:00", "01:00", "02:00", "02:00", "03:00"]);
  expect(autumn.hours).toHaveLength(25);
  expect(dayOf("Pacific/Chatham", "2026-04-05").hours).toHaveLength(25);
});

test("where the clocks move by half an hour an hour starts at that instant", () => {
  const back = dayOf("Australia/Lord_Howe", "2026-04-05");
  expect(lengthHours(back)).toBe(24.5);
  expect(clocks(back).slice(0, 5)).toEqual(["00:00", "01:00", "01:30", "02:00", "03:00"]);
  const forth = dayOf("Australia/Lord_Howe", "2026-10-04");
  expect(lengthHours(forth)).toBe(23.5);
  expect(clocks(forth).slice(0, 5)).toEqual(["00:00", "01:00", "02:30", "03:00", "04:00"]);
});

test.each([
  ["America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00.000Z"],
  ["Asia/Beirut", "2022-03-27", "2022-03-26T22:00:00.000Z"],
  ["Africa/Cairo", "2023-04-28", "2023-04-27T22:00:00.000Z"],
])("%s had no midnight on %s: the day starts at the first instant there is", (zone, date, start) => {
  const day = dayOf(zone, date);
  expect(new Date(day.startMs).toISOString()).toBe(start);
  expect(clocks(day)[0]).toBe("01:00");
  expect(day.hours).toHaveLength(23);
});

test("a clock that goes back over midnight does not bring yesterday back", () => {
  // Until 2011 Newfoundland's clocks changed at 00:01, back to 23:01 of the day before.
  const day = dayOf("America/St_Johns", "2010-11-07");
  expect(lengthHours(day)).toBe(25);
  expect(wallClock(day.zone, day.startMs)).toBe("2010-11-07 00:00:00");
  const again = day.startMs + HOUR_MS / 2;
  expect(wallClock(day.zone, again)).toBe("2010-11-06 23:30:00");
  expect(dayAt(day.zone, again).date).toBe("2010-11-07");
});

test("a date that a zone skipped has no instants, and its neighbours touch", () => {
  const none = dayOf("Pacific/Apia", "2011-12-30");
  expect(none.hours).toEqual([]);
  expect(none.endMs).toBe(none.startMs);
  expect(dayOf("Pacific/Apia", "2011-12-29").endMs).toBe(dayOf("Pacific/Apia", "2011-12-31").startMs);
  expect(dayAt("Pacific/Apia", none.startMs).date).toBe("2011-12-31");
});

const ZONES = [
  ...Intl.supportedValuesOf("timeZone"),
  // Those that do odd things come up more often.
  ...Array.from({ length: 20 }, () => [
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/St_Johns",
    "Pacific/Chatham",
    "Pacific/Apia",
    "America/Sao_Paulo",
    "Asia/Beirut",
    "Africa/Cairo",
    "Africa/Casablanca",
    "Antarctica/Troll",
    "Asia/Tehran",
  ]).flat(),
].filter(isZone);

const anyInstant = fc.integer({ min: Date.UTC(1990, 0, 1), max: Date.UTC(2035, 11, 31) });
/** Instants near clock changes, where all the difficulty is, and any others. */
const zoneAndInstant = fc
  .record({
    zone: fc.constantFrom(...ZONES),
    ms: anyInstant,
    nearChange: fc.boolean(),
    shiftMinutes: fc.integer({ min: -1500, max: 1500 }),
  })
  .map(({ zone, ms, nearChange, shiftMinutes }) => {
    const change = Temporal.Instant.fromEpochMilliseconds(ms)
      .toZonedDateTimeISO(zone)
      .getTimeZoneTransition("previous");
    return {
      zone,
      ms: nearChange && change !== null ? change.epochMilliseconds + shiftMinutes * 60_000 : ms,
    };
  });

test("law: hours partition a day, and days partition time", () => {
  fc.assert(
    fc.property(zoneAndInstant, ({ zone, ms }) => {
      const day = dayAt(zone, ms);
      expect(ms >= day.startMs && ms < day.endMs).toBe(true);
      expect(dayOf(zone, day.date)).toEqual(day);
      expect(dayAt(zone, day.startMs)).toEqual(day);
      expect(dayAt(zone, day.endMs - 1)).toEqual(day);
      expect(dayAt(zone, day.endMs).startMs).toBe(day.endMs);
      expect(dayOf(zone, addDays(day.date, 1)).startMs).toBe(day.endMs);
      expect(dayAt(zone, day.startMs - 1).endMs).toBe(day.startMs);

      expect(day.hours[0]).toBe(day.startMs);
      day.hours.forEach((hour, i) => {
        const end = day.hours[i + 1] ?? day.endMs;
        expect(end - hour).toBeGreaterThan(0);
        expect(end - hour).toBeLessThanOrEqual(HOUR_MS);
        expect(hourEnd(day, hour)).toBe(end);
        expect(hourAt(day, hour)).toBe(hour);
        expect(hourAt(day, end - 1)).toBe(hour);
      });
      const hour = hourAt(day, ms);
      expect(hour <= ms && ms < hourEnd(day, hour)).toBe(true);
    }),
    { seed: 1, numRuns: 500 },
  );
});

test("law: the local date of an instant is that of its day, but where the clock went back over midnight", () => {
  fc.assert(
    fc.property(zoneAndInstant, ({ zone, ms }) => {
      const day = dayAt(zone, ms);
      const date = wallClock(zone, ms).slice(0, 10);
      if (date !== day.date) expect(wallClock(zone, day.startMs).slice(0, 10) > date).toBe(true);
    }),
    { seed: 2, numRuns: 500 },
  );
});

test("law: each hour starts at a full hour of the wall clock, at a change of the clocks, or with its day", () => {
  const offsetMinutes = (zone: string, ms: number): number =>
    (Date.parse(`${wallClock(zone, ms).replace(" ", "T")}Z`) - Math.floor(ms / 1_000) * 1_000) / 60_000;
  fc.assert(
    fc.property(zoneAndInstant, ({ zone, ms }) => {
      const day = dayAt(zone, ms);
      for (const hour of day.hours) {
        const isFull = wallClock(zone, hour).endsWith(":00:00");
        const isChange = offsetMinutes(zone, hour) !== offsetMinutes(zone, hour - 1_000);
        expect(isFull || isChange || hour === day.startMs).toBe(true);
      }
    }),
    { seed: 3, numRuns: 500 },
  );
});

test("wallClock and localInstant undo each other, but within the hour that occurs twice", () => {
  expect(wallClock("Asia/Kolkata", Date.UTC(2026, 0, 1, 18, 30, 5))).toBe("2026-01-02 00:00:05");
  expect(localInstant("Asia/Kolkata", "2026-01-02", 0, 0, 5)).toBe(Date.UTC(2026, 0, 1, 18, 30, 5));
  // Twice: the first. Skipped: moved on by the change.
  expect(localInstant("Europe/Berlin", "2026-10-25", 2, 30, 0)).toBe(Date.UTC(2026, 9, 25, 0, 30));
  expect(wallClock("Europe/Berlin", localInstant("Europe/Berlin", "2026-03-29", 2, 30, 0))).toBe("2026-03-29 03:30:00");
});

test("dates: days, months, weeks that start on Monday", () => {
  expect(addDays("2024-02-28", 2)).toBe("2024-03-01");
  expect(addDays("2024-03-01", -2)).toBe("2024-02-28");
  expect(addMonths("2024-01-31", 1)).toBe("2024-02-29");
  expect(addMonths("2024-03-31", -13)).toBe("2023-02-28");
  expect(weekStart("2026-11-29")).toBe("2026-11-23");
  expect(weekStart("2026-11-23")).toBe("2026-11-23");
  expect(monthStart("2026-11-29")).toBe("2026-11-01");
  expect(daysBetween("2024-02-28", "2025-02-28")).toBe(366);
  expect(daysBetween("2024-03-01", "2024-02-28")).toBe(-2);
});

test("malformed dates are bugs", () => {
  for (const date of ["", "2026-1-1", "20260101", "2026-02-30", "2026-01-01T00:00", "today"]) {
    expect(() => dayOf("UTC", date), date).toThrow(RangeError);
    expect(() => addDays(date, 1), date).toThrow(RangeError);
  }
});

test("isZone knows IANA names in their own spelling", () => {
  for (const zone of ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Asia/Calcutta", "Asia/Kolkata"])
    expect(isZone(zone), zone).toBe(true);
  for (const zone of [
    "",
    "Z",
    "+05:30",
    "europe/berlin",
    "Europe/BERLIN",
    "Mars/Olympus",
    "2020-01-01[UTC]",
    "constructor",
  ])
    expect(isZone(zone), zone).toBe(false);
});
