// A filter as a query has it, in words: "country is DE, FR". Pure.

import { isDimension, labelOf, OPERATOR_LABELS, plainName } from "../filters.ts";
import { words } from "../words.ts";

export function filterText(filter: unknown): string {
  if (!Array.isArray(filter)) return JSON.stringify(filter);
  const [operator, what, values] = filter as [unknown, unknown, unknown];
  if (typeof operator !== "string") return JSON.stringify(filter);
  if (operator === "and" || operator === "or") {
    const parts = Array.isArray(what) ? what.map(filterText) : [];
    return parts.length === 1 ? parts.join() : `(${parts.join(` ${operator} `)})`;
  }
  if (Array.isArray(what)) return `${words(operator)} (${filterText(what)})`;
  if (typeof what !== "string" || !Array.isArray(values)) return JSON.stringify(filter);
  return `${nameOf(what)} ${operatorText(operator)} ${values.map((value) => plainName(String(value))).join(", ")}`;
}

const operatorText = (operator: string): string =>
  Object.entries(OPERATOR_LABELS).find(([known]) => known === operator)?.[1] ?? words(operator);

function nameOf(field: string): string {
  const plain = field.replace(/^(visit|event):(?!props:)/, "");
  return isDimension(plain) || plain.startsWith("event:props:")
    ? labelOf(plain as Parameters<typeof labelOf>[0])
    : words(plain);
}
