// Why a query was refused, in the form in which its sender reads it: where (a JSON pointer), what is wrong and what
// would be right, and a word for programs. What the sender wrote is quoted, but never more than a line of it.

import { fail, ok, type Result } from "./result.ts";

export interface QueryFault {
  /** "#/metrics/1" */
  pointer: string;
  message: string;
  reason: FaultReason;
}

export const REASONS = [
  "malformed",
  "missing",
  "unknown_key",
  "unknown_metric",
  "unknown_dimension",
  "unknown_range",
  "unknown_segment",
  "invalid_range",
  "invalid_filter",
  "invalid_order",
  "impossible_combination",
  "too_much",
] as const;
export type FaultReason = (typeof REASONS)[number];

const QUOTED_CHARS_MAX = 40;

export const fault = (pointer: string, reason: FaultReason, message: string): { ok: false; failure: QueryFault } =>
  fail({ pointer, message, reason });

/** What was sent, short enough to print and never deep: `"baa"`, `12`, `an object`. */
export function quoted(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(cut(value));
  if (typeof value === "number" || typeof value === "boolean" || value === null) return String(value);
  if (value === undefined) return "nothing";
  return Array.isArray(value) ? "an array" : "an object";
}

/** `one` below `pointer`, escaped as RFC 6901 says. */
export const below = (pointer: string, one: string | number): string =>
  `${pointer}/${cut(String(one)).replaceAll("~", "~0").replaceAll("/", "~1")}`;

/** Characters as JSON Schema counts them. */
export const charsOf = (text: string): number => text.length - (text.match(PAIRS)?.length ?? 0);

const PAIRS = /[\u{10000}-\u{10ffff}]/gu;

export const malformed = (pointer: string, needed: string, written: unknown) =>
  fault(pointer, "malformed", `${needed} is needed here, not ${quoted(written)}.`);

export const listed = (names: readonly string[]): string => names.join(", ");

/** An object with none but these keys. */
export function parseObject(
  written: unknown,
  pointer: string,
  keys: readonly string[],
): Result<Record<string, unknown>, QueryFault> {
  if (typeof written !== "object" || written === null || Array.isArray(written))
    return fault(pointer, "malformed", `An object is needed here, not ${quoted(written)}.`);
  const unknown = Object.keys(written).find((key) => !keys.includes(key));
  if (unknown === undefined) return ok(written as Record<string, unknown>);
  return fault(below(pointer, unknown), "unknown_key", `Unknown key ${quoted(unknown)}. Use any of: ${listed(keys)}.`);
}

const cut = (text: string): string =>
  text.length > QUOTED_CHARS_MAX ? `${text.slice(0, QUOTED_CHARS_MAX).toWellFormed()}…` : text.toWellFormed();
