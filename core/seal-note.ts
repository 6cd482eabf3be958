// What the file of a sealed day says of the day besides its events: enough to put back what Postgres keeps of it, should that be
// lost. As of the seal; what happened to the day afterwards is in the records of runs.

import type { Books } from "./books.ts";
import type { Merchant } from "./merchant.ts";
import type { CountedAs } from "./processing.ts";
import { type Rules, rulesOfRun, type RunRules } from "./rules.ts";

export interface SealNote {
  /** When the seal was made. */
  atMs: number;
  /** As it was for the whole of the day. */
  merchant: Merchant;
  countedAs: CountedAs;
  /** Those of the day book as the seal began; `verdicts` are those that it has counted. */
  books: Books;
  /** The run that counts the day after this seal; null when there was none. */
  run: number | null;
}

/** Its name among the notes of the file. */
export const SEAL_NOTE = "seal";

export const writeSealNote = (note: SealNote): string => JSON.stringify(note);

/** Null for a file that says nothing of it. */
export function readSealNote(text: string | undefined): SealNote | null {
  if (text === undefined) return null;
  try {
    const note = JSON.parse(text) as SealNote;
    return typeof note.merchant.id === "string" && typeof note.books.received === "number" ? note : null;
  } catch {
    return null;
  }
}

/** A run as R2 remembers it: by what rules which days have been counted since their seals. */
export interface RunRecord {
  run: number;
  state: "applied" | "rolled_back";
  atMs: number;
  /** Null: all. */
  merchants: string[] | null;
  from: string;
  to: string;
  rules: RunRules;
  /** Days that it was applied without. */
  skipped: { merchant: string; date: string }[];
}

/** The rules by which readers saw the day last: the seal's, and what runs have made of them since. */
export function rulesSince(note: SealNote, date: string, records: readonly RunRecord[]): Rules {
  const { id } = note.merchant;
  const isOf = ({ merchants, from, to, skipped }: RunRecord): boolean =>
    (merchants === null || merchants.includes(id)) &&
    from <= date &&
    date <= to &&
    !skipped.some((day) => day.merchant === id && day.date === date);
  return records
    .filter((record) => record.state === "applied" && isOf(record))
    .filter(({ run, atMs }) => run === note.run || atMs > note.atMs)
    .toSorted((a, b) => a.atMs - b.atMs)
    .reduce((rules, record) => rulesOfRun(record.rules, rules), note.countedAs.rules);
}
