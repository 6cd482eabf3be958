// An event as a row of the raw Parquet files: one column for each of its fields, under the same name, so that what is
// read in SQL is what is read here. Nothing is lost, whatever a line of the log holds: a field that does not fit its
// column, or that this version does not know, rests in `extra`.
// Pure: columns are plain arrays here; queues/parquet-*.ts turn them into files and back.

import type { Event, Item } from "./event.ts";

/** `ordinal`: a whole number from 0 to 2³¹, near that of the row before. */
export type ColumnType = "text" | "instant" | "number" | "integer" | "ordinal" | "flag" | "json";

export interface RawColumn {
  name: keyof Event;
  type: ColumnType;
}

/** Columns of the files, in their order; `extra` (JSON text) comes last. */
export const RAW_COLUMNS: readonly RawColumn[] = [
  { name: "id", type: "text" },
  { name: "name", type: "text" },
  { name: "occurred_at", type: "instant" },
  { name: "received_at", type: "instant" },
  { name: "visitor", type: "text" },
  { name: "identified", type: "flag" },
  { name: "url", type: "text" },
  { name: "referrer", type: "text" },
  { name: "title", type: "text" },
  { name: "user_agent", type: "text" },
  { name: "language", type: "text" },
  { name: "screen", type: "text" },
  { name: "country", type: "text" },
  { name: "region", type: "text" },
  { name: "city", type: "text" },
  { name: "props", type: "json" },
  { name: "value", type: "number" },
  { name: "currency", type: "text" },
  { name: "transaction_id", type: "text" },
  { name: "tax", type: "number" },
  { name: "shipping", type: "number" },
  { name: "coupon", type: "text" },
  { name: "items", type: "json" },
  { name: "excluded_address", type: "flag" },
];

export const EXTRA = "extra";

/** A value of a column. JSON is text here; an absent field is null (or undefined, when read). */
export type Value = string | number | boolean | null | undefined;
export type Values = ArrayLike<Value>;

const KNOWN: ReadonlySet<string> = new Set(RAW_COLUMNS.map(({ name }) => name));

/** The events' values, a column at a time: those of RAW_COLUMNS, then `extra`. */
export function columnsOf(events: readonly Event[]): Value[][] {
  const extras: (Record<string, unknown> | null)[] = events.map(unknownFields);
  const columns = RAW_COLUMNS.map(({ name, type }) =>
    events.map((event, row): Value => {
      const value: unknown = event[name];
      if (value === undefined) return null;
      if (fits(value, type)) return type === "json" ? JSON.stringify(value) : (value as Value);
      (extras[row] ??= bare())[name] = value;
      return null;
    }),
  );
  return [...columns, extras.map((extra) => (extra === null ? null : JSON.stringify(extra)))];
}

/** The events again. `columns` as `columnsOf` gives them, each with at least `rows` values. Throws where JSON is not JSON. */
export function eventsOf(columns: readonly Values[], rows: number): Event[] {
  const events: Event[] = [];
  const extras = columns[RAW_COLUMNS.length]!;
  for (let row = 0; row < rows; row++) {
    const event: Record<string, unknown> = {};
    for (let at = 0; at < RAW_COLUMNS.length; at++) {
      const value = columns[at]![row];
      if (value == null) continue;
      const { name, type } = RAW_COLUMNS[at]!;
      event[name] = type === "json" ? (JSON.parse(value as string) as Event["props"] | Item[]) : value;
    }
    const extra = extras[row];
    // Spread, not assignment: it takes a field called "__proto__" for a field.
    events.push((extra == null ? event : { ...event, ...parsed(extra as string) }) as unknown as Event);
  }
  return events;
}

/** All that an event holds, the same for equal events whatever the order of their fields: what files are compared by. */
export function canonicalLine(event: Event): string {
  return JSON.stringify([...RAW_COLUMNS.map(({ name }) => event[name]), unknownFields(event)]);
}

function unknownFields(event: Event): Record<string, unknown> | null {
  let unknown: Record<string, unknown> | null = null;
  for (const name in event) if (!KNOWN.has(name)) (unknown ??= bare())[name] = event[name as keyof Event];
  return unknown;
}

const bare = (): Record<string, unknown> => Object.create(null) as Record<string, unknown>;
const parsed = (json: string): Record<string, unknown> => JSON.parse(json) as Record<string, unknown>;

/** Whether a column of the type can hold the value as it is. */
export function fits(value: unknown, type: ColumnType): boolean {
  switch (type) {
    case "text":
      // Half of a surrogate pair is no UTF-8; as JSON it is written out.
      return typeof value === "string" && value.isWellFormed();
    case "instant":
    case "integer":
    case "ordinal":
      return Number.isSafeInteger(value);
    case "number":
      return typeof value === "number" && Number.isFinite(value);
    case "flag":
      return typeof value === "boolean";
    case "json":
      return typeof value === "object" && value !== null;
  }
}
