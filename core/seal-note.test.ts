import { expect, test } from "vitest";
import { processingOf } from "./processing.ts";
import { OWN_RULES } from "./rules.ts";
import { readSealNote, rulesSince, type RunRecord, type SealNote, writeSealNote } from "./seal-note.ts";

const merchant = { id: "m_a", name: "A", zone: "Etc/UTC", currency: "EUR", domains: [], shards: 1 };
const own = { extraBots: ["own"] };
const note: SealNote = {
  atMs: 1_000,
  merchant,
  countedAs: processingOf(merchant, own),
  books: { received: 3, accepted: 2, duplicate: 1, rejected: {}, verdicts: { counted: 2 } },
  run: null,
};
const DATE = "2026-11-05";
const record = (over: Partial<RunRecord>): RunRecord => ({
  run: 7,
  state: "applied",
  atMs: 2_000,
  merchants: null,
  from: "2026-11-01",
  to: "2026-11-30",
  rules: { extraBots: ["seven"] },
  skipped: [],
  ...over,
});

test("a note is read as it was written, and anything else is none", () => {
  expect(readSealNote(writeSealNote(note))).toEqual(note);
  for (const text of [
    undefined,
    "",
    "{",
    "null",
    "{}",
    '{"merchant":{"id":1}}',
    '{"merchant":{"id":"m_a"},"books":{}}',
  ])
    expect(readSealNote(text)).toBeNull();
});

test("a day has the rules of its seal, and of the runs that were applied to it since, the last one last", () => {
  expect(rulesSince(note, DATE, [])).toEqual(own);
  expect(rulesSince(note, DATE, [record({})])).toEqual({ extraBots: ["seven"] });
  const onTop = record({ run: 8, atMs: 3_000, rules: { extraBots: ["eight"], onTop: true } });
  expect(rulesSince(note, DATE, [onTop, record({})]).extraBots).toEqual(["seven", "eight"]);
  expect(rulesSince(note, DATE, [record({ rules: OWN_RULES })])).toEqual(own);
});

test.each([
  ["rolled back", { state: "rolled_back" as const }],
  ["of other days", { from: "2026-11-06" }],
  ["of days before", { to: "2026-11-04" }],
  ["of another merchant", { merchants: ["m_b"] }],
  ["applied without the day", { skipped: [{ merchant: "m_a", date: DATE }] }],
  ["applied before the seal, which has its rules or has outlived them", { atMs: 500 }],
])("a run %s does not matter", (_, over) => {
  expect(rulesSince(note, DATE, [record(over)])).toEqual(own);
});

test("the run that a seal waited for matters although it was applied before", () => {
  expect(rulesSince({ ...note, run: 7 }, DATE, [record({ atMs: 500 })])).toEqual({ extraBots: ["seven"] });
});
