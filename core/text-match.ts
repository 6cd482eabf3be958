// Whether a text fits what a filter says of it. Expressions are RE2's: a match takes time in proportion to the text, whatever the
// expression. Upper and lower case are those of Unicode's simple rules, as `toLowerCase` has them.

import { RE2JS, RE2JSException } from "re2js";
import type { Filter, Operator } from "./filter.ts";
import { QUERY_PATTERN_CHARS_MAX, QUERY_PATTERN_STEPS_MAX } from "./limits.ts";
import { charsOf } from "./query-fault.ts";

export type Clause = Extract<Filter, { kind: "clause" }>;

/** The operator without its "not", and whether it had one. */
export const positiveOf = (operator: Operator): { operator: "is" | "contains" | "matches"; negated: boolean } => {
  const negated = operator.endsWith("_not");
  return { operator: (negated ? operator.slice(0, -"_not".length) : operator) as "is", negated };
};

/**
 * Whether a value fits any of the clause's, its "not" aside: an event with several values fits a negated clause when this is
 * true of none of them. Throws for an expression that `expressionFault` finds fault with.
 */
export function anyFits({ operator, values, caseSensitive }: Clause): (value: string) => boolean {
  const cased = (text: string): string => (caseSensitive ? text : text.toLowerCase());
  switch (positiveOf(operator).operator) {
    case "is": {
      const wanted = new Set(values.map(cased));
      return (value) => wanted.has(cased(value));
    }
    case "contains": {
      const wanted = values.map(cased);
      return (value) => {
        const text = cased(value);
        return wanted.some((part) => text.includes(part));
      };
    }
    case "matches": {
      const expressions = values.map((value) => RE2JS.compile(value, caseSensitive ? 0 : RE2JS.CASE_INSENSITIVE));
      return (value) => expressions.some((expression) => expression.test(value));
    }
  }
}

/** What is wrong with an expression, as the end of a sentence; null when nothing is. */
export function expressionFault(expression: string): string | null {
  if (charsOf(expression) > QUERY_PATTERN_CHARS_MAX) return `it has more than ${QUERY_PATTERN_CHARS_MAX} characters`;
  try {
    if (RE2JS.compile(expression).programSize() <= QUERY_PATTERN_STEPS_MAX) return null;
    return `it has more than ${QUERY_PATTERN_STEPS_MAX} steps: repeat fewer times`;
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error;
    return error.message.replace(/^error parsing regexp: /, "");
  }
}
