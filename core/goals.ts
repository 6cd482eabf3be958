// Goals on the wire, in the form of Plausible's API: `{ "goal_type": "event", "event_name": "signup" }` and
// `{ "goal_type": "page", "page_path": "/thanks*" }`, with a name to show and what reaching it is worth. Goals are looked up
// when a report is asked, in the events themselves, so a new goal holds for the past too and needs no replay.

import type { Goal } from "./field.ts";
import * as limits from "./limits.ts";
import { ok, type Result } from "./result.ts";
import { invalid, readFields, type RulesFault, textOf } from "./rules-fault.ts";

export type WireGoal = { display_name: string; value?: number } & (
  | { goal_type: "event"; event_name: string }
  | { goal_type: "page"; page_path: string }
);

export const wireGoal = ({ name, match, value }: Goal): WireGoal => ({
  display_name: name,
  ...(match.kind === "event"
    ? { goal_type: "event", event_name: match.event }
    : { goal_type: "page", page_path: match.pattern }),
  ...(value === undefined ? {} : { value }),
});

const KEYS = ["goal_type", "event_name", "page_path", "display_name", "value"];
const WHAT = 'a goal, such as { "goal_type": "page", "page_path": "/thanks" }';

/** Without a name to show it is called after what it matches. */
export function readGoal(sent: unknown, pointer: string): Result<Goal, RulesFault> {
  const fields = readFields(sent, pointer, KEYS, WHAT);
  if (!fields.ok) return fields;
  const match = matchOf(fields.value, pointer);
  if (!match.ok) return match;
  const { display_name: shown, value } = fields.value;
  const name = shown === undefined ? named(match.value) : textOf(shown, limits.RULE_TEXT_CHARS_MAX);
  if (name === null)
    return invalid(`${pointer}/display_name`, `A name of up to ${limits.RULE_TEXT_CHARS_MAX} characters.`);
  const goal: Goal = { name, match: match.value };
  if (value === undefined || value === null) return ok(goal);
  if (typeof value !== "number" || !(value >= 0 && value <= limits.MONEY_MAJOR_UNITS_MAX))
    return invalid(`${pointer}/value`, "What reaching it is worth, in the merchant's currency: a number from 0.");
  return ok({ ...goal, value });
}

const named = (match: Goal["match"]): string => (match.kind === "event" ? match.event : `Visit ${match.pattern}`);

function matchOf(fields: Record<string, unknown>, pointer: string): Result<Goal["match"], RulesFault> {
  const { goal_type: kind, event_name: event, page_path: path } = fields;
  if (kind === "event") {
    const name = textOf(event, limits.EVENT_NAME_CHARS_MAX);
    if (path !== undefined) return invalid(`${pointer}/page_path`, "A goal of an event has no page.");
    if (name !== null) return ok({ kind, event: name });
    return invalid(`${pointer}/event_name`, `The event's name, up to ${limits.EVENT_NAME_CHARS_MAX} characters.`);
  }
  if (kind !== "page") return invalid(`${pointer}/goal_type`, "event or page.");
  const pattern = textOf(path, limits.RULE_TEXT_CHARS_MAX);
  if (event !== undefined) return invalid(`${pointer}/event_name`, "A goal of a page has no event.");
  if (pattern !== null && /^[/*]/.test(pattern)) return ok({ kind, pattern });
  return invalid(`${pointer}/page_path`, 'The page\'s path, in which * stands for any letters: "/thanks*".');
}
