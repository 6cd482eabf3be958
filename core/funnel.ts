// A funnel, read from the wire: which way visits are to go, step by step, each after the one before. A step is an event by its
// name, a page by its path, or filters that an event has to fit. The shop's own funnel is ready made: visits, and
// of them those that saw a product, put it into the cart, began to pay, and bought.

import { type DateRange, parseDateRange } from "./date-range.ts";
import type { Filter } from "./filter.ts";
import { EVENT_NAME_CHARS_MAX, FUNNEL_STEPS_MAX, RULE_TEXT_CHARS_MAX } from "./limits.ts";
import { below, charsOf, fault, malformed, parseObject, type QueryFault, quoted } from "./query-fault.ts";
import { parseFilters, writtenFilter } from "./query-filters.ts";
import { ok, type Result } from "./result.ts";
import { NO_SEGMENTS, type Segments } from "./segments.ts";

export interface FunnelStep {
  name: string;
  match:
    | { kind: "event"; event: string }
    /** `*` stands for any letters. */
    | { kind: "page"; pattern: string }
    | { kind: "filter"; filter: Filter }
    /** Every visit; the first step alone. */
    | { kind: "visit" };
}

export interface FunnelQuery {
  merchant: string;
  dateRange: DateRange;
  steps: FunnelStep[];
  /** Of visits: some event of them fits. */
  filter: Filter | null;
}

export const FUNNEL_STEPS_MIN = 2;
export const FUNNEL_PRESETS = ["shop"] as const;

const event = (name: string, of: string): FunnelStep => ({ name, match: { kind: "event", event: of } });

const SHOP: FunnelStep[] = [
  { name: "Visits", match: { kind: "visit" } },
  event("Product viewed", "view_item"),
  event("Added to cart", "add_to_cart"),
  event("Checkout begun", "begin_checkout"),
  event("Ordered", "purchase"),
];

const KEYS = ["merchant", "date_range", "steps", "preset", "filters"];
const STEP_KEYS = ["name", "event", "page", "filters"];
const EXAMPLE = '{ "event": "signup" }, { "page": "/thanks*" } or { "filters": [["is","page",["/"]]] }';

/** `segments`: those of the merchant that the funnel names and whoever asks may use. */
export function parseFunnel(body: unknown, segments: Segments = NO_SEGMENTS): Result<FunnelQuery, QueryFault> {
  const sent = parseObject(body, "#", KEYS);
  if (!sent.ok) return sent;
  const { merchant, date_range: range, steps: written, preset, filters } = sent.value;
  if (merchant === undefined) return fault("#/merchant", "missing", 'A merchant is needed: "merchant": "m_…".');
  if (typeof merchant !== "string" || merchant === "")
    return fault("#/merchant", "malformed", `${quoted(merchant)} is no merchant id.`);
  const dateRange = parseDateRange(range, "#/date_range");
  if (!dateRange.ok) return dateRange;
  const steps = preset === undefined ? parseSteps(written, segments) : parsePreset(preset, written);
  if (!steps.ok) return steps;
  const filter = parseFilters(filters, "#/filters", segments);
  if (!filter.ok) return filter;
  return ok({ merchant, dateRange: dateRange.value, steps: steps.value, filter: filter.value });
}

function parsePreset(preset: unknown, steps: unknown): Result<FunnelStep[], QueryFault> {
  if (!FUNNEL_PRESETS.some((each) => each === preset))
    return fault("#/preset", "malformed", `Unknown preset ${quoted(preset)}. Use "shop", or steps of your own.`);
  if (steps === undefined) return ok(SHOP);
  return fault("#/steps", "impossible_combination", "A preset has its own steps: leave out one of both.");
}

function parseSteps(written: unknown, segments: Segments): Result<FunnelStep[], QueryFault> {
  if (written === undefined)
    return fault("#/steps", "missing", `Steps are needed, or "preset": "shop". A step is ${EXAMPLE}.`);
  if (!Array.isArray(written) || written.length < FUNNEL_STEPS_MIN || written.length > FUNNEL_STEPS_MAX)
    return malformed("#/steps", `A list of ${FUNNEL_STEPS_MIN} to ${FUNNEL_STEPS_MAX} steps`, written);
  const steps: FunnelStep[] = [];
  for (const [at, each] of (written as unknown[]).entries()) {
    const step = parseStep(each, below("#/steps", at), segments);
    if (!step.ok) return step;
    steps.push(step.value);
  }
  return ok(steps);
}

function parseStep(written: unknown, pointer: string, segments: Segments): Result<FunnelStep, QueryFault> {
  const sent = parseObject(written, pointer, STEP_KEYS);
  if (!sent.ok) return sent;
  const { name, ...rest } = sent.value;
  const [kind, ...others] = Object.keys(rest);
  if (kind === undefined || others.length > 0)
    return fault(pointer, "malformed", `A step says one thing of an event: ${EXAMPLE}.`);
  const match = matchOf(kind, rest[kind], below(pointer, kind), segments);
  if (!match.ok) return match;
  if (name === undefined) return ok({ name: nameOf(match.value), match: match.value });
  if (isText(name, RULE_TEXT_CHARS_MAX)) return ok({ name, match: match.value });
  return malformed(below(pointer, "name"), `A text of up to ${RULE_TEXT_CHARS_MAX} characters`, name);
}

function matchOf(
  kind: string,
  written: unknown,
  pointer: string,
  segments: Segments,
): Result<FunnelStep["match"], QueryFault> {
  if (kind === "event")
    return isText(written, EVENT_NAME_CHARS_MAX)
      ? ok({ kind, event: written })
      : malformed(pointer, `An event's name of up to ${EVENT_NAME_CHARS_MAX} characters`, written);
  if (kind === "page")
    return isText(written, RULE_TEXT_CHARS_MAX)
      ? ok({ kind, pattern: written })
      : malformed(pointer, 'A path, in which * stands for any letters ("/thanks*"),', written);
  const filter = parseFilters(written, pointer, segments);
  if (!filter.ok) return filter;
  if (filter.value === null) return malformed(pointer, "At least one filter", written);
  return ok({ kind: "filter", filter: filter.value });
}

const isText = (value: unknown, charsMax: number): value is string =>
  typeof value === "string" && value.trim() !== "" && charsOf(value) <= charsMax;

function nameOf(match: FunnelStep["match"]): string {
  switch (match.kind) {
    case "event":
      return match.event;
    case "page":
      return match.pattern;
    case "filter":
      return JSON.stringify(writtenFilter(match.filter)).slice(0, RULE_TEXT_CHARS_MAX);
    case "visit":
      return "Visits";
  }
}

/** The steps as the wire has them, each with its name. */
export const writtenSteps = (steps: readonly FunnelStep[]): Record<string, unknown>[] =>
  steps.map(({ name, match }) => {
    switch (match.kind) {
      case "event":
        return { name, event: match.event };
      case "page":
        return { name, page: match.pattern };
      case "filter":
        return { name, filters: [writtenFilter(match.filter)] };
      case "visit":
        return { name };
    }
  });
