// Questions for the oracle and the API alike, made up by fast-check: everything that a query may say, in all combinations, so
// that some make no sense and are to be refused.

import fc from "fast-check";
import { DIMENSIONS } from "../core/rollup.ts";
import { INTERVALS } from "./oracle-clock.ts";

const list = (text: string): string[] => text.split(" | ");

const METRICS = list(
  "visitors | visits | pageviews | events | views_per_visit | bounce_rate | visit_duration | orders | gross_revenue | refunds | " +
    "net_revenue | average_order_value | units | revenue_per_visit | conversion_rate | percentage | group_conversion_rate | product_views | adds_to_cart | " +
    "checkouts | cart_to_order_rate",
);
const TIMES = INTERVALS.map((interval) => `time:${interval}`);
const PROPS = ["plan", "logged_in", "step", "term", "nothing"].map((name) => `event:props:${name}`);
const ITEM_FIELDS = ["id", "name", "brand", "category", "variant"].map((name) => `item:${name}`);
const FIELDS = [...DIMENSIONS, ...PROPS, ...ITEM_FIELDS, "event:goal"];

/** Values that occur and such that don't, in parts and in whole, and expressions. */
const VALUES = list(
  "/ | /hats | /Café | /blog/1 | shop.example | pageview | purchase | refund | view_item | engagement | Google | (direct) | " +
    "(not set) | newsletter | Paid Search | DE | NP-P3 | Paris | Chrome | iOS 18.6 | Mobile | en | hat-1 | Acme | Hats | " +
    "Blue hat | Bought | Blog | Pro | true | 0 | 1 | a.b | nowhere",
);
const PIECES = ["a", "hat", "HAT", "blog", "é", "not", ".", "shop", "o"];
const PATTERNS = ["^/blog/\\d$", "hat", "[A-Z]", "^(a|b|/)", "a.b", "^$", "\\(not set\\)", "é", "o{2}"];

const some = (values: readonly string[], most: number): fc.Arbitrary<string[]> =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: most });

const clause = fc.oneof(
  fc.tuple(fc.constantFrom("is", "is_not"), fc.constantFrom(...FIELDS), some(VALUES, 3)),
  fc.tuple(fc.constantFrom("contains", "contains_not"), fc.constantFrom(...FIELDS), some(PIECES, 2)),
  fc.tuple(fc.constantFrom("matches", "matches_not"), fc.constantFrom(...FIELDS), some(PATTERNS, 2)),
);
/** Fields that most events have a value of, so that filters leave something over. */
const likely = fc.oneof(
  fc.tuple(fc.constant("is"), fc.constant("page"), some(VALUES.slice(0, 4), 3)),
  fc.tuple(fc.constantFrom("is", "is_not"), fc.constant("event"), some(VALUES.slice(5, 9), 2)),
  fc.tuple(fc.constantFrom("is", "is_not"), fc.constant("source"), some(["Google", "(direct)", "newsletter"], 2)),
  fc.tuple(fc.constantFrom("is", "is_not"), fc.constant("device"), some(["Mobile", "Desktop"], 1)),
);
const oneClause: fc.Arbitrary<unknown> = fc.oneof(
  likely,
  fc
    .tuple(fc.oneof(likely, clause), fc.boolean())
    .map(([written, sensitive]) => (sensitive ? written : [...written, { case_sensitive: false }])),
);
export const oneFilter: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: oneClause },
  { weight: 1, arbitrary: fc.tuple(fc.constantFrom("and", "or"), fc.array(oneClause, { minLength: 1, maxLength: 3 })) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("not"), oneClause) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom("has_done", "has_not_done"), oneClause) },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constantFrom("and", "or"),
      fc.tuple(oneClause, fc.tuple(fc.constantFrom("not", "has_done", "has_not_done"), oneClause)),
    ),
  },
);

const dimensions = fc.oneof(
  fc.constant([]),
  fc.constantFrom(...DIMENSIONS, ...TIMES).map((name) => [name]),
  fc.constantFrom(...FIELDS).map((name) => [name]),
  fc.tuple(fc.constantFrom(...TIMES), fc.constantFrom(...FIELDS)).map((names) => [...names]),
  some(FIELDS, 3),
);

/** Ranges of the dates given, and of full hours of the same on a clock that is `offset` ("+05:45") from UTC. */
export function rangesOf(dates: readonly string[], offset: string): fc.Arbitrary<[string, string]> {
  const date = fc.constantFrom(...dates);
  const hour = fc.tuple(date, fc.integer({ min: 0, max: 23 })).map(([day, at]) => {
    return `${day}T${String(at).padStart(2, "0")}:00:00${offset}`;
  });
  const inOrder = ([a, b]: [string, string]): [string, string] => (a <= b ? [a, b] : [b, a]);
  return fc.oneof(
    { weight: 3, arbitrary: fc.tuple(date, date).map(inOrder) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(hour, hour)
        .filter(([a, b]) => a !== b)
        .map(inOrder),
    },
  );
}

export interface Made {
  metrics: string[];
  date_range: [string, string];
  dimensions: string[];
  filters?: unknown[];
  order_by?: [string, "asc" | "desc"][];
  include?: { comparisons?: { mode: "custom"; date_range: [string, string] }; total_rows?: boolean };
  pagination?: { limit: number; offset: number };
}

export function questionsOf(dates: readonly string[], offset: string): fc.Arbitrary<Made> {
  const range = rangesOf(dates, offset);
  const base = fc.record({
    metrics: some(METRICS, 4),
    date_range: range,
    dimensions,
    filters: fc.oneof(fc.constant([]), fc.array(oneFilter, { minLength: 1, maxLength: 2 })),
  });
  const maybe = <One>(arbitrary: fc.Arbitrary<One>): fc.Arbitrary<One | null> =>
    fc.option(arbitrary, { freq: 2, nil: null });
  return base.chain((question) => {
    const names = [...question.metrics, ...question.dimensions];
    const order = fc.uniqueArray(
      fc.tuple(fc.constantFrom(...names), fc.constantFrom("asc" as const, "desc" as const)),
      { minLength: 1, maxLength: 2, selector: ([name]) => name },
    );
    return fc
      .record({
        order_by: maybe(order),
        pagination: maybe(fc.record({ limit: fc.integer({ min: 1, max: 8 }), offset: fc.integer({ min: 0, max: 4 }) })),
        include: maybe(range.map((date_range) => ({ comparisons: { mode: "custom" as const, date_range } }))),
      })
      .map((more) => {
        const given = Object.entries(more).filter(([, value]) => value !== null);
        return { ...question, ...Object.fromEntries(given) } as Made;
      });
  });
}
