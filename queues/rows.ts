// From decoded messages to the rows that one statement writes. A statement cannot touch a row twice, so messages of
// the same hour are reduced here first: the highest sequence stays, and its parts are put together.

import type { Rollup } from "../core/rollup.ts";
import type { Sql } from "../migrations/database.ts";
import type { HourPart } from "./decode.ts";
import type { BooksOfDay } from "./shapes.ts";
import { PUBLISH } from "./statement.ts";

export interface Row<Source> {
  kind: "whole" | "parts" | "books";
  /** JSON for the statement. */
  json: string;
  /** Every message that this row answers for, those that were superseded among them. */
  sources: Source[];
}

export interface Published<Source> {
  value: HourPart | BooksOfDay;
  source: Source;
}

/** The rows of a batch, in the order of their keys (writers that lock in the same order cannot block each other). */
export const rowsOf = <Source>(messages: readonly Published<Source>[]): Row<Source>[] => {
  const byKey = Map.groupBy(messages, ({ value }) => keyOf(value));
  return [...byKey.keys()].toSorted().map((key) => rowOf(byKey.get(key)!));
};

const keyOf = (value: HourPart | BooksOfDay): string =>
  `${value.kind} ${value.kind === "rollup" ? value.hour : value.date} ${value.merchant} ${value.shard}`;

const rowOf = <Source>(messages: readonly Published<Source>[]): Row<Source> => {
  const sources = messages.map(({ source }) => source);
  const highest = Math.max(...messages.map(({ value }) => value.seq));
  const current = messages.map(({ value }) => value).filter(({ seq }) => seq === highest);
  const [first] = current;
  if (first === undefined) throw new Error("a row without a message");
  if (first.kind === "books") return { kind: "books", json: JSON.stringify(first), sources };
  // Redelivered parts are the same part.
  const parts = new Map(current.filter((value) => value.kind === "rollup").map((value) => [value.part, value]));
  const kind = parts.size === first.parts ? "whole" : "parts";
  const json = parts.size === 1 ? first.json : together([...parts.values()]);
  return { kind, json, sources };
};

/** Parts of one hour at one sequence: each carries the totals, and dimensions that no other part has. */
const together = (parts: readonly HourPart[]): string => {
  const rollups = parts.map(({ json }) => JSON.parse(json) as Rollup);
  const merged = rollups.reduce((sum, part) => ({
    ...sum,
    anonymous: sum.anonymous ?? part.anonymous,
    identified: sum.identified ?? part.identified,
    minutes: sum.minutes ?? part.minutes,
    dimensions: { ...sum.dimensions, ...part.dimensions },
    sketches: { ...sum.sketches, ...part.sketches },
  }));
  return JSON.stringify(merged);
};

/** Writes rows in one round trip. Throws what Postgres or the way to it says. */
export const writeRows = async (sql: Sql, rows: readonly Row<unknown>[]): Promise<void> => {
  const arrayOf = (kind: Row<unknown>["kind"]): string =>
    `[${rows
      .filter((row) => row.kind === kind)
      .map(({ json }) => json)
      .join(",")}]`;
  await sql.query(PUBLISH, [arrayOf("whole"), arrayOf("parts"), arrayOf("books")]);
};
