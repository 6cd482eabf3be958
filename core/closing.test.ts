import { expect, test } from "vitest";
import { planClosing, type ClosedDayView, type OpenDayView } from "./closing.ts";

const RULES = { sealAfterMs: 100, repeatAfterMs: 50 };
const open = (more: Partial<OpenDayView> = {}): OpenDayView => ({
  date: "2026-11-24",
  endMs: 1_000,
  touchedMs: 900,
  settled: true,
  ...more,
});
const closed = (more: Partial<ClosedDayView> = {}): ClosedDayView => ({
  date: "2026-11-23",
  seq: 7,
  touchedMs: 900,
  settled: true,
  sealedSeq: 0,
  sent: null,
  ...more,
});
const nothing = { settle: false, close: [], seal: [], nextAlarmMs: null };

test("without days there is nothing to do and nothing to wake for", () => {
  expect(planClosing(5_000, [], [], RULES)).toEqual(nothing);
});

test("a day closes when midnight and the grace are past and it is settled, not before", () => {
  expect(planClosing(1_099, [open()], [], RULES)).toEqual({ ...nothing, nextAlarmMs: 1_100 });
  expect(planClosing(1_100, [open()], [], RULES)).toEqual({ ...nothing, close: ["2026-11-24"] });
});

test("an event for a day that is over lets it rest again", () => {
  expect(planClosing(2_000, [open({ touchedMs: 1_950 })], [], RULES)).toEqual({ ...nothing, nextAlarmMs: 2_050 });
});

test("a day that is due and not settled is settled first", () => {
  const plan = planClosing(1_200, [open({ settled: false })], [], RULES);
  expect(plan).toEqual({ ...nothing, settle: true, nextAlarmMs: 1_250 });
});

test("the seal of a closed day is asked for at once, and again when nobody confirms", () => {
  expect(planClosing(1_000, [], [closed()], RULES)).toMatchObject({ seal: ["2026-11-23"], nextAlarmMs: 1_050 });
  const sent = closed({ sent: { seq: 7, atMs: 1_000 } });
  expect(planClosing(1_049, [], [sent], RULES)).toMatchObject({ seal: [] });
  expect(planClosing(1_050, [], [sent], RULES)).toMatchObject({ seal: ["2026-11-23"] });
  expect(planClosing(9_000, [], [closed({ sealedSeq: 7 })], RULES)).toEqual(nothing);
});

test("late events rest, are settled, and then are one seal", () => {
  const late = closed({ seq: 9, sealedSeq: 7, touchedMs: 2_000 });
  expect(planClosing(2_050, [], [late], RULES)).toEqual({ ...nothing, nextAlarmMs: 2_100 });
  expect(planClosing(2_100, [], [{ ...late, settled: false }], RULES)).toMatchObject({ settle: true, seal: [] });
  expect(planClosing(2_100, [], [late], RULES)).toMatchObject({ settle: false, seal: ["2026-11-23"] });
});
