// What is wrong with rules or goals that were sent, and the readers of JSON that say so.

import { fail, ok, type Result } from "./result.ts";
import { below } from "./query-fault.ts";
import { clean } from "./text.ts";

export interface RulesFault {
  /** A JSON pointer. */
  pointer: string;
  reason: "invalid";
  message: string;
}

export const invalid = (pointer: string, message: string): { ok: false; failure: RulesFault } =>
  fail({ pointer, reason: "invalid", message });

type Fields = Record<string, unknown>;

/** An object with none but these keys. */
export function readFields(
  sent: unknown,
  pointer: string,
  keys: readonly string[],
  what: string,
): Result<Fields, RulesFault> {
  if (typeof sent !== "object" || sent === null || Array.isArray(sent)) return invalid(pointer, `An object: ${what}.`);
  const unknown = Object.keys(sent).find((key) => !keys.includes(key));
  return unknown === undefined ? ok(sent as Fields) : invalid(below(pointer, unknown), `One of: ${keys.join(", ")}.`);
}

/** Trimmed; null for what is no text, or none that can be kept. */
export function textOf(value: unknown, charsMax: number): string | null {
  if (typeof value !== "string") return null;
  const text = value.trim();
  return text === "" || text.length > charsMax || clean(text) !== text ? null : text;
}
