// An answer as a table, for files: columns named as in the query, one row a row. Money is an exact decimal, and a column says
// in which currency. With a comparison each metric has two columns more: what it was and the change in percent. Pure.

import type { Answer, ComparisonRow, ResultRow } from "./answer.ts";
import type { MetricValue } from "./metrics.ts";

/** A text, or a number; of money and other exact numbers its decimal digits. Null where there is none. */
export type Cell = string | number | null;

interface Column {
  name: string;
  /** Whether its cells are words of visitors and merchants; else they are numbers, whatever their type. */
  isText: boolean;
  cell: (row: ResultRow) => Cell;
}

/** As much of an answer as a table shows: one that was kept or sent as JSON will do. */
export type TabledAnswer = Pick<Answer, "results" | "query"> & { meta: Pick<Answer["meta"], "currency"> };

export interface Table {
  columns: readonly Pick<Column, "name" | "isText">[];
  /** Made while they are gone through. */
  rows: Iterable<Cell[]>;
}

export function tableOf(answer: TabledAnswer): Table {
  const columns = columnsOf(answer);
  return { columns, rows: rowsOf(answer, columns) };
}

function* rowsOf({ results }: TabledAnswer, columns: readonly Column[]): Generator<Cell[]> {
  for (const row of results) yield columns.map(({ cell }) => cell(row));
}

/** Says what is in it: `m_1-source-2026-01-01-2026-01-31`. Letters, digits, dots, dashes and underscores only. */
export function titleOf({ query }: Pick<Answer, "query">): string {
  const range = namesIn(query, "date_range").map((instant) => instant.slice(0, 10));
  const parts = [String(query["merchant"]), ...namesIn(query, "dimensions"), ...range];
  return parts
    .join("-")
    .replaceAll(/[^\w.-]+/g, "-")
    .slice(0, TITLE_CHARS_MAX);
}

const TITLE_CHARS_MAX = 120;

function columnsOf({ results, meta, query }: TabledAnswer): Column[] {
  const dimensions = namesIn(query, "dimensions");
  const metrics = namesIn(query, "metrics");
  const columns = dimensions.map((name, at) => textColumn(name, (row) => row.dimensions[at] ?? null));
  if (dimensions.includes("product") || results.some(({ label }) => label !== undefined))
    columns.push(textColumn("label", ({ label }) => label ?? null));
  columns.push(...metrics.map((name, at) => numberColumn(name, (row) => shownIn(row.metrics[at]))));
  if (hasComparison(query)) columns.push(...comparedColumns(dimensions, metrics));
  if (results.some(hasMoney)) columns.push(textColumn("currency", () => meta.currency));
  return columns;
}

/** Rows by value are compared with the same value; rows by time with another time. */
function comparedColumns(dimensions: readonly string[], metrics: readonly string[]): Column[] {
  const of = (get: (compared: ComparisonRow) => Cell) => (row: ResultRow) =>
    row.comparison === undefined ? null : get(row.comparison);
  const times = dimensions.flatMap((name, at) =>
    name === "time" || name.startsWith("time:")
      ? [
          textColumn(
            `comparison_${name}`,
            of((compared) => compared.dimensions[at] ?? null),
          ),
        ]
      : [],
  );
  const numbers = metrics.flatMap((name, at) => [
    numberColumn(
      `comparison_${name}`,
      of((compared) => shownIn(compared.metrics[at])),
    ),
    numberColumn(
      `change_${name}`,
      of((compared) => compared.change[at] ?? null),
    ),
  ]);
  return [...times, ...numbers];
}

const textColumn = (name: string, cell: Column["cell"]): Column => ({ name, isText: true, cell });
const numberColumn = (name: string, cell: Column["cell"]): Column => ({ name, isText: false, cell });

const shownIn = (value: MetricValue | undefined): Cell =>
  typeof value === "object" && value !== null ? value.value : (value ?? null);

const hasMoney = ({ metrics }: ResultRow): boolean =>
  metrics.some((value) => typeof value === "object" && value !== null);

const hasComparison = ({ include }: Answer["query"]): boolean =>
  typeof include === "object" && include !== null && "comparisons" in include;

const namesIn = (query: Answer["query"], key: string): string[] => (query[key] as string[] | undefined) ?? [];
