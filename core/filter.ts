// Which events a report is about: a tree of conditions on fields. core/scan-plan.ts says what each means.

import type { Field } from "./field.ts";

export const OPERATORS = ["is", "is_not", "contains", "contains_not", "matches", "matches_not"] as const;
export type Operator = (typeof OPERATORS)[number];

export type Filter =
  /** True when any of the values fits; the negated ones when none does. `matches` takes RE2 expressions. */
  | { kind: "clause"; operator: Operator; field: Field; values: readonly string[]; caseSensitive: boolean }
  | { kind: "and" | "or"; filters: readonly Filter[] }
  | { kind: "not"; filter: Filter }
  /** About the visit: some event of it fits. Not within one another. */
  | { kind: "has_done" | "has_not_done"; filter: Filter };
