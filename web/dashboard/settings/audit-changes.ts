// An entry of the record as people read it: what was, and what is, field by field. Pure.

import type { AuditEntry } from "../../../core/audit-entry.ts";
import { words } from "../words.ts";

type Fields = Readonly<Record<string, unknown>>;

export interface Change {
  field: string;
  /** Null where there was nothing, or is nothing any more. */
  before: string | null;
  after: string | null;
}

/** Fields that are told on both sides and are the same say of what it is, and come as they are. */
export function changesIn({ before, after, details }: Pick<AuditEntry, "before" | "after" | "details">): Change[] {
  const fields = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  const changes = [...fields].map((field) => ({
    field: words(field),
    before: textIn(before, field),
    after: textIn(after, field),
  }));
  const said = Object.keys(details).map((field) => ({
    field: words(field),
    before: null,
    after: textIn(details, field),
  }));
  return [...changes, ...said].filter((change) => change.before !== null || change.after !== null);
}

const textIn = (fields: Fields | null, field: string): string | null =>
  fields !== null && Object.hasOwn(fields, field) ? textOf(fields[field]) : null;

/** The seconds say nothing to people. */
const INSTANT = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(?::[\d.]+)?(?:Z|\+00:00)$/;

function textOf(value: unknown): string {
  if (value === null || value === undefined || value === "") return "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string") return value.replace(INSTANT, "$1 $2 UTC");
  if (typeof value === "number") return String(value);
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map(textOf).join(", ");
  return JSON.stringify(value);
}
