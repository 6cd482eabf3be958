// The oracle of funnels: each visit walks through its events once, taking a step whenever an event is what the next one asks for.
// And funnels made up to ask about.

import fc from "fast-check";
import type { Counted, OracleMerchant, Visit } from "./oracle.ts";
import { fits, reaches, within } from "./oracle.ts";
import { oneFilter } from "./oracle-questions.ts";

/** As the API takes it. */
export interface Step {
  event?: string;
  page?: string;
  filters?: unknown[];
}

export interface FunnelQuestion {
  date_range: [string, string];
  steps: Step[];
  filters: unknown[];
}

/** Of each step, visits that came at least as far. */
export function visitsByStep(
  events: readonly Counted[],
  { date_range: range, steps, filters }: FunnelQuestion,
  merchant: OracleMerchant,
): number[] {
  const all = new Set(events.flatMap(({ visit }) => visit ?? []));
  const asked = [...all].filter(
    (visit) =>
      within(merchant.zone, range, visit.events[0]!.atMs) &&
      visit.events.some((event) => filters.every((filter) => fits(event, filter, merchant))),
  );
  const taken = asked.map((visit) => stepsTaken(visit, steps, merchant));
  return steps.map((_, step) => taken.filter((n) => n > step).length);
}

function stepsTaken(visit: Visit, steps: readonly Step[], merchant: OracleMerchant): number {
  let taken = 0;
  for (const event of visit.events) if (taken < steps.length && takes(event, steps[taken]!, merchant)) taken++;
  return taken;
}

function takes(event: Counted, { event: name, page, filters = [] }: Step, merchant: OracleMerchant): boolean {
  if (name !== undefined) return event.sent.name === name;
  if (page !== undefined) return reaches(event, { name: page, match: { kind: "page", pattern: page } });
  return filters.every((filter) => fits(event, filter, merchant));
}

const step: fc.Arbitrary<Step> = fc.oneof(
  fc
    .constantFrom("pageview", "view_item", "add_to_cart", "begin_checkout", "purchase", "search", "nothing")
    .map((event) => ({
      event,
    })),
  fc.constantFrom("/", "/hats*", "/blog/*", "*a*", "/Café").map((page) => ({ page })),
  fc.array(oneFilter, { minLength: 1, maxLength: 2 }).map((filters) => ({ filters })),
);

export const funnelsOf = (range: fc.Arbitrary<[string, string]>): fc.Arbitrary<FunnelQuestion> =>
  fc.record({
    date_range: range,
    steps: fc.array(step, { minLength: 2, maxLength: 8 }),
    filters: fc.oneof(fc.constant<unknown[]>([]), fc.array(oneFilter, { maxLength: 2 })),
  });
