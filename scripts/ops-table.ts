// Tables for people at a terminal: columns as wide as what is in them, numbers to the right.

export type Cell = string | number | null;

const NUMBER = new Intl.NumberFormat("en", { maximumFractionDigits: 4 });

/** Numbers with thousands apart, null as nothing. */
export const shown = (cell: Cell): string =>
  cell === null ? "" : typeof cell === "number" ? NUMBER.format(cell) : cell;

/** Lines of text; a column with a number in it is one of numbers. */
export function tableOf(heads: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const texts = rows.map((row) => row.map(shown));
  const widths = heads.map((head, at) => Math.max(head.length, ...texts.map((row) => row[at]!.length)));
  const isNumber = heads.map((_, at) => rows.some((row) => typeof row[at] === "number"));
  const lineOf = (cells: readonly string[]): string =>
    cells
      .map((text, at) => (isNumber[at] === true ? text.padStart(widths[at]!) : text.padEnd(widths[at]!)))
      .join("  ")
      .trimEnd();
  return [lineOf(heads), lineOf(widths.map((width) => "─".repeat(width))), ...texts.map(lineOf)].join("\n");
}
