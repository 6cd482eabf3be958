// Names that programs use, as people read them. Pure.

/** "too_old" → "too old" */
export const words = (name: string): string => name.replaceAll("_", " ");

/** A sum with its parts, each number as `write` has it: "12 (8 too old, 4 unknown event)"; "0" without any. */
export function numbersIn(parts: Readonly<Record<string, number>>, write: (count: number) => string): string {
  const named = Object.entries(parts).filter(([, count]) => count > 0);
  const sum = named.reduce((total, [, count]) => total + count, 0);
  if (named.length === 0) return write(0);
  return `${write(sum)} (${named.map(([name, count]) => `${write(count)} ${words(name)}`).join(", ")})`;
}

/** What stands in lines, or between blanks and commas, each once. */
export const linesIn = (text: string): string[] => [...new Set(text.split(/[\s,]+/).filter((line) => line !== ""))];
