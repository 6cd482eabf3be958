import { expect, test } from "vitest";
import {
  type FlushPlan,
  type FlushRules,
  type FlushView,
  planFlush,
  type Publishable,
  type SegmentView,
} from "./flush.ts";

const NOW_MS = 1_000_000_000;
const rules: FlushRules = {
  publishAfterMs: 300_000,
  archiveAfterMs: 3_600_000,
  checkpointBytes: 16_000_000,
  force: false,
};
const nothing: FlushView = { nowMs: NOW_MS, hours: new Map(), books: new Map(), segments: [], bytesSinceCheckpoint: 0 };
const idle: FlushPlan = {
  hours: [],
  books: [],
  closeSegment: false,
  archive: [],
  checkpoint: false,
  nextAlarmMs: null,
};
const LATER_MS = NOW_MS + rules.publishAfterMs;

const plan = (view: Partial<FlushView>, more: Partial<FlushRules> = {}) =>
  planFlush({ ...nothing, ...view }, { ...rules, ...more });
const changed: Publishable = { seq: 7, confirmedSeq: 0, sent: null };
const confirmed: Publishable = { seq: 7, confirmedSeq: 7, sent: null };
const segment = (fields: Partial<SegmentView> = {}): SegmentView => ({
  first: 1,
  closed: false,
  bytes: 1_000,
  openedAtMs: NOW_MS - 1_000,
  sentAtMs: null,
  ...fields,
});

test("nothing to do is nothing to wake for", () => {
  expect(plan({})).toEqual(idle);
  expect(plan({}, { force: true })).toEqual(idle);
  expect(plan({ hours: new Map([[1, confirmed]]), books: new Map([["2026-11-24", confirmed]]) })).toEqual(idle);
});

test("hours and books that changed are published, others not", () => {
  const hours = new Map([
    [1, changed],
    [2, confirmed],
    [3, { seq: 9, confirmedSeq: 8, sent: { seq: 8, atMs: NOW_MS - 1 } }],
  ]);
  const books = new Map([
    ["2026-11-24", changed],
    ["2026-11-23", confirmed],
  ]);
  expect(plan({ hours, books })).toEqual({ ...idle, hours: [1, 3], books: ["2026-11-24"], nextAlarmMs: LATER_MS });
});

test("what was sent and not confirmed is sent again when a confirmation is overdue, not before", () => {
  const sentAt = (atMs: number) => ({ hours: new Map([[1, { seq: 7, confirmedSeq: 0, sent: { seq: 7, atMs } }]]) });
  expect(plan(sentAt(NOW_MS - rules.publishAfterMs + 1))).toEqual({ ...idle, nextAlarmMs: LATER_MS });
  expect(plan(sentAt(NOW_MS - rules.publishAfterMs))).toEqual({ ...idle, hours: [1], nextAlarmMs: LATER_MS });
  expect(plan(sentAt(NOW_MS - 1), { force: true })).toEqual({ ...idle, hours: [1], nextAlarmMs: LATER_MS });
});

test("a segment that was sent and not confirmed, too", () => {
  const sentAt = (sentAtMs: number) => ({ segments: [segment({ closed: true, sentAtMs })] });
  expect(plan(sentAt(NOW_MS - rules.publishAfterMs + 1))).toEqual({ ...idle, nextAlarmMs: LATER_MS });
  expect(plan(sentAt(NOW_MS - rules.publishAfterMs))).toEqual({ ...idle, archive: [1], nextAlarmMs: LATER_MS });
  expect(plan(sentAt(NOW_MS - 1), { force: true })).toEqual({ ...idle, archive: [1], nextAlarmMs: LATER_MS });
});

test("closed segments are archived; the open one is closed at its age", () => {
  const open = segment({ first: 9 });
  const wakeMs = open.openedAtMs + rules.archiveAfterMs;
  expect(plan({ segments: [segment({ closed: true }), segment({ first: 5, closed: true }), open] })).toEqual({
    ...idle,
    archive: [1, 5],
    nextAlarmMs: LATER_MS,
  });
  expect(plan({ segments: [open] })).toEqual({ ...idle, nextAlarmMs: wakeMs });
  const aged = segment({ openedAtMs: NOW_MS - rules.archiveAfterMs });
  expect(plan({ segments: [aged] })).toEqual({ ...idle, closeSegment: true, nextAlarmMs: LATER_MS });
  expect(plan({ segments: [segment({ bytes: 0, openedAtMs: 0 })] })).toEqual(idle);
});

test("wakes at the earlier of the two, never at once again and again", () => {
  const young = segment({ openedAtMs: NOW_MS - rules.archiveAfterMs + 60_000 });
  expect(plan({ segments: [young], hours: new Map([[1, changed]]) }).nextAlarmMs).toBe(NOW_MS + 60_000);
  const almost = segment({ openedAtMs: NOW_MS - rules.archiveAfterMs + 1 });
  expect(plan({ segments: [almost] }).nextAlarmMs).toBe(NOW_MS + 1_000);
});

test("force does everything now, except to send what is confirmed", () => {
  expect(
    plan(
      {
        hours: new Map([
          [1, changed],
          [2, confirmed],
        ]),
        books: new Map([["2026-11-24", changed]]),
        segments: [segment({ closed: true, sentAtMs: NOW_MS }), segment({ first: 5 })],
      },
      { force: true },
    ),
  ).toEqual({ ...idle, hours: [1], books: ["2026-11-24"], closeSegment: true, archive: [1], nextAlarmMs: LATER_MS });
});

test("a checkpoint when recovery would have much to fold", () => {
  expect(plan({ bytesSinceCheckpoint: rules.checkpointBytes - 1 }).checkpoint).toBe(false);
  expect(plan({ bytesSinceCheckpoint: rules.checkpointBytes })).toEqual({ ...idle, checkpoint: true });
});
