// A merchant that moves: its days touch whatever zones follow one another, and those before the change are what they were.

import fc from "fast-check";
import { expect, test } from "vitest";
import { bucketsOf } from "./interval.ts";
import { ZONES_MAX } from "./limits.ts";
import { addDays, type Day, dayAt, dayOf, hourAt, hourEnd, isZones, localInstant, wallClock, zoneAt } from "./zone.ts";
import { lastZone, withZone, zoneOn, zonesIn } from "./zone-changes.ts";

const HOUR_MS = 3_600_000;
const WEST = "Europe/Berlin,2026-12-01=America/New_York";
const EAST = "America/St_Johns,2026-12-01=Asia/Kathmandu";
const hoursOf = (day: Day): number => (day.endMs - day.startMs) / HOUR_MS;
const clocks = (day: Day): string[] => day.hours.map((ms) => wallClock(day.zone, ms).slice(5, 16));

test("moving west, the day of the change goes on by the former clock until the new one's midnight", () => {
  const day = dayOf(WEST, "2026-12-01");
  expect(hoursOf(day)).toBe(30);
  expect(new Date(day.startMs).toISOString()).toBe("2026-11-30T23:00:00.000Z");
  expect(new Date(day.endMs).toISOString()).toBe("2026-12-02T05:00:00.000Z");
  expect(clocks(day).slice(4, 8)).toEqual(["12-01 04:00", "12-01 05:00", "12-01 00:00", "12-01 01:00"]);
  expect(dayOf(WEST, "2026-11-30")).toMatchObject({ endMs: dayOf("Europe/Berlin", "2026-11-30").endMs });
  expect(dayOf(WEST, "2026-12-02")).toMatchObject({ startMs: dayOf("America/New_York", "2026-12-02").startMs });
  // Hours that the clock shows twice are one bucket, as where it goes back.
  expect(bucketsOf(WEST, "hour", { ...day, fromMs: day.startMs, toMs: day.endMs, days: null })).toHaveLength(24);
});

test("moving east, it begins when the former day ends, whatever the new clock shows; hours are the new clock's", () => {
  const day = dayOf(EAST, "2026-12-01");
  expect(hoursOf(day)).toBe(14.75);
  expect(clocks(day).slice(0, 3)).toEqual(["12-01 09:15", "12-01 10:00", "12-01 11:00"]);
  expect(hourEnd(day, day.startMs)).toBe(day.startMs + 0.75 * HOUR_MS);
});

test("at each instant one zone's clock holds", () => {
  const { startMs } = dayOf(WEST, "2026-12-01");
  expect([-1, 0, 6 * HOUR_MS - 1, 6 * HOUR_MS].map((ms) => zoneAt(WEST, startMs + ms))).toEqual([
    "Europe/Berlin",
    "Europe/Berlin",
    "Europe/Berlin",
    "America/New_York",
  ]);
  expect(["2026-11-30", "2026-12-01"].map((date) => zoneOn(WEST, date))).toEqual(["Europe/Berlin", "America/New_York"]);
  expect(localInstant(WEST, "2026-12-01", 0, 0, 0)).toBe(startMs + 6 * HOUR_MS);
});

test("whatever zones follow one another, days touch, hours fill them, and every instant is in one", () => {
  const zones = [
    "Europe/Berlin",
    "America/St_Johns",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Asia/Kathmandu",
    "Etc/UTC",
  ];
  const property = fc.property(
    fc.constantFrom(...zones),
    fc.array(fc.record({ days: fc.integer({ min: 0, max: 9 }), zone: fc.constantFrom(...zones) }), { maxLength: 4 }),
    fc.array(fc.integer({ min: 0, max: 14 * 24 * 60 }), { minLength: 5, maxLength: 5 }),
    (first, moves, minutes) => {
      let text = first;
      for (const { days, zone } of moves) {
        const from = addDays("2026-03-25", days);
        const moved = withZone(text, from, zone)!;
        expect(isZones(moved)).toBe(true);
        // As the API does: a day without hours is none.
        if (dayOf(moved, from).hours.length > 0) text = moved;
      }
      for (let date = "2026-03-20"; date < "2026-04-08"; date = addDays(date, 1)) {
        const day = dayOf(text, date);
        expect(dayOf(text, addDays(date, 1)).startMs).toBe(day.endMs);
        expect(day.hours[0]).toBe(day.startMs);
        expect(day.hours.every((ms) => hourEnd(day, ms) > ms && hourEnd(day, ms) <= ms + HOUR_MS)).toBe(true);
      }
      const { startMs } = dayOf(text, "2026-03-22");
      for (const minute of minutes) {
        const atMs = startMs + minute * 60_000;
        const day = dayAt(text, atMs);
        expect(dayOf(text, day.date)).toEqual(day);
        expect(hourAt(day, atMs)).toBeLessThanOrEqual(atMs);
      }
    },
  );
  fc.assert(property, { seed: 11, numRuns: 300 });
});

test("a change that was to come is taken back by another; the zone that holds already is none", () => {
  expect(withZone("Europe/Berlin", "2026-12-01", "America/New_York")).toBe(WEST);
  expect(withZone(WEST, "2026-12-01", "Asia/Tokyo")).toBe("Europe/Berlin,2026-12-01=Asia/Tokyo");
  expect(withZone(WEST, "2026-12-01", "Europe/Berlin")).toBe("Europe/Berlin");
  expect(withZone(WEST, "2026-12-05", "Europe/Berlin")).toBe(`${WEST},2026-12-05=Europe/Berlin`);
  expect(lastZone(WEST)).toBe("America/New_York");
  expect(zonesIn("Etc/UTC")).toEqual([{ from: "0001-01-01", zone: "Etc/UTC" }]);
  let text = "Etc/UTC";
  const dates = Array.from({ length: ZONES_MAX }, (_, n) => addDays("2026-01-01", n));
  for (const [n, date] of dates.slice(1).entries())
    text = withZone(text, date, n % 2 === 0 ? "Asia/Tokyo" : "Etc/UTC")!;
  expect(isZones(text)).toBe(true);
  expect(withZone(text, "2026-03-01", "Europe/Paris")).toBeNull();
});

test.each([
  "Berlin",
  "Europe/Berlin,",
  "Europe/Berlin,2026-12-01",
  "Europe/Berlin,2026-13-01=Etc/UTC",
  "Europe/Berlin,2026-12-01=Mars",
  `${WEST},2026-12-01=Etc/UTC`,
  "",
])("%s is no zone, and no succession of them", (text) => {
  expect(isZones(text)).toBe(false);
});
