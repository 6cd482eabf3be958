// The forms in which an answer leaves: JSON as it is, or its rows as CSV or NDJSON, made while they are sent. What visitors
// wrote (a page, a search, a campaign) is only text in a spreadsheet: it never becomes a formula there.

import { stringify } from "csv-stringify/sync";
import { accepts } from "hono/accepts";
import type { Context } from "hono";
import { type Cell, type Table, type TabledAnswer, tableOf, titleOf } from "../core/answer-table.ts";
import { listed, quoted } from "../core/query-fault.ts";
import { fail, ok, type Result } from "../core/result.ts";

export const FORMATS = ["json", "csv", "ndjson"] as const;
export type Format = (typeof FORMATS)[number];

const TYPES: Readonly<Record<Format, string>> = {
  json: "application/json",
  csv: "text/csv",
  ndjson: "application/x-ndjson",
};
const ROWS_AT_ONCE = 500;

/** What `?format=` asks for, else the best that `Accept` names; JSON where neither says. Fails with a message. */
export function formatOf(c: Context): Result<Format, string> {
  const named = c.req.query("format");
  if (named === undefined) {
    const accepted = accepts(c, { header: "Accept", supports: Object.values(TYPES), default: TYPES.json });
    return ok(FORMATS.find((format) => TYPES[format] === accepted) ?? "json");
  }
  const format = FORMATS.find((each) => each === named);
  return format === undefined ? fail(`Unknown format ${quoted(named)}. Use one of: ${listed(FORMATS)}.`) : ok(format);
}

/** `text`: JSON of an answer. What a file cannot say beside its rows is in the headers. */
export function formatted(
  text: string,
  format: Format,
): { body: string | ReadableStream; headers: Record<string, string> } {
  const type = `${TYPES[format]}; charset=utf-8`;
  if (format === "json") return { body: text, headers: { "content-type": type } };
  const answer = JSON.parse(text) as TabledAnswer & { meta: { fresh_to: string | null; stale: string | null } };
  const table = tableOf(answer);
  return {
    body: streamOf(format === "csv" ? csvOf(table) : ndjsonOf(table)),
    headers: {
      "content-type": format === "csv" ? `${type}; header=present` : type,
      "content-disposition": `attachment; filename="${titleOf(answer)}.${format}"`,
      "x-countinghouse-fresh-to": answer.meta.fresh_to ?? "unknown",
      "x-countinghouse-stale": String(answer.meta.stale !== null),
    },
  };
}

function* csvOf({ columns, rows }: Table): Generator<string, undefined> {
  const cells = (row: Cell[]) => row.map((cell, at) => (columns[at]!.isText ? harmless(cell) : cell));
  yield stringify([columns.map(({ name }) => name)]);
  for (const some of batchesOf(rows)) yield stringify(some.map(cells));
}

/** Spreadsheets take a text that begins like this for a formula. Numbers may begin so too. */
const FORMULA = /^[=+\-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20]/;
const NUMBER = /^[+-]?\d+(?:\.\d+)?$/;

const harmless = (cell: Cell): Cell =>
  typeof cell === "string" && FORMULA.test(cell) && !NUMBER.test(cell) ? `'${cell}` : cell;

function* ndjsonOf({ columns, rows }: Table): Generator<string, undefined> {
  const line = (row: Cell[]) =>
    `${JSON.stringify(Object.fromEntries(row.map((cell, at) => [columns[at]!.name, cell])))}\n`;
  for (const some of batchesOf(rows)) yield some.map(line).join("");
}

function* batchesOf(rows: Iterable<Cell[]>): Generator<Cell[][]> {
  let batch: Cell[][] = [];
  for (const row of rows) {
    batch.push(row);
    if (batch.length < ROWS_AT_ONCE) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function streamOf(texts: Iterator<string, undefined>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream({
    pull(controller) {
      const next = texts.next();
      if (next.done === true) controller.close();
      else controller.enqueue(encoder.encode(next.value));
    },
  });
}
