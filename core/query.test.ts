import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { dimensionNamed, nameOf, type QueryDimension } from "./breakdown.ts";
import { NAMED_RANGES } from "./date-range.ts";
import { planReport } from "./plan.ts";
import { REASONS } from "./query-fault.ts";
import { parseQuery } from "./query.ts";

const BERLIN = { id: "m_shop", name: "Shop", zone: "Europe/Berlin", currency: "EUR", domains: [], shards: 1 };
const NOW_MS = Date.UTC(2026, 2, 29, 12, 20);

const least = { merchant: "m_shop", metrics: ["visits"], date_range: "day" };

const failureOf = (body: unknown) => {
  const query = parseQuery(body);
  if (!query.ok) return query.failure;
  const plan = planReport(query.value, BERLIN, NOW_MS);
  return plan.ok ? null : plan.failure;
};

test("the least that can be asked has the defaults of everything else", () => {
  expect(parseQuery(least)).toEqual({
    ok: true,
    value: {
      merchant: "m_shop",
      metrics: ["visits"],
      dateRange: { kind: "named", name: "day" },
      dimensions: [],
      filter: null,
      order: [{ by: "visits", descending: true }],
      include: { timeLabels: false, totalRows: false, totals: false, fill: false, comparison: null },
      limit: 10_000,
      offset: 0,
      explain: false,
    },
  });
});

test("everything that can be asked is understood", () => {
  const query = parseQuery({
    merchant: "m_shop",
    metrics: ["visitors", "net_revenue"],
    date_range: ["2026-01-01", "2026-01-31"],
    dimensions: ["event:page", "time:week", "event:props:plan"],
    filters: [
      ["is", "visit:source", ["Google", "Bing", "Google"]],
      ["not", ["contains", "page", ["/A"], { case_sensitive: false }]],
    ],
    order_by: [
      ["page", "asc"],
      ["net_revenue", "desc"],
      ["time", "desc"],
    ],
    include: {
      total_rows: true,
      totals: true,
      time_labels: true,
      comparisons: { mode: "custom", date_range: ["2025-01-01", "2025-01-31"] },
    },
    pagination: { limit: 5, offset: 10 },
    explain: true,
  });
  expect(query).toEqual({
    ok: true,
    value: {
      merchant: "m_shop",
      metrics: ["visitors", "net_revenue"],
      dateRange: { kind: "dates", first: "2026-01-01", last: "2026-01-31" },
      dimensions: [
        { kind: "dimension", dimension: "page" },
        { kind: "time", interval: "week" },
        { kind: "prop", name: "plan" },
      ],
      filter: {
        kind: "and",
        filters: [
          {
            kind: "clause",
            operator: "is",
            field: { kind: "dimension", dimension: "source" },
            values: ["Google", "Bing"],
            caseSensitive: true,
          },
          {
            kind: "not",
            filter: {
              kind: "clause",
              operator: "contains",
              field: { kind: "dimension", dimension: "page" },
              values: ["/A"],
              caseSensitive: false,
            },
          },
        ],
      },
      order: [
        { by: 0, descending: false },
        { by: "net_revenue", descending: true },
        { by: 1, descending: true },
      ],
      include: {
        timeLabels: true,
        totalRows: true,
        totals: true,
        fill: false,
        comparison: { mode: "custom", dateRange: { kind: "dates", first: "2025-01-01", last: "2025-01-31" } },
      },
      limit: 5,
      offset: 10,
      explain: true,
    },
  });
});

test.each<[string, QueryDimension]>([
  ["visit:source", { kind: "dimension", dimension: "source" }],
  ["visit:exit_page", { kind: "dimension", dimension: "exit_page" }],
  ["event:name", { kind: "dimension", dimension: "event" }],
  ["country", { kind: "dimension", dimension: "country" }],
  ["event:goal", { kind: "goal" }],
  ["event:props:a:b c", { kind: "prop", name: "a:b c" }],
  ["item:brand", { kind: "item", field: "brand" }],
  ["time", { kind: "time", interval: null }],
  ["time:week", { kind: "time", interval: "week" }],
])("the dimension %s", (name, dimension) => {
  const query = parseQuery({ ...least, dimensions: [name] });
  expect(query).toMatchObject({ ok: true, value: { dimensions: [dimension] } });
  // The name that answers have means the same.
  expect(dimensionNamed(nameOf(dimension))).toEqual(dimension);
});

test("by time rows come forwards, and of one time the largest first", () => {
  const orderOf = (...dimensions: string[]) => {
    const query = parseQuery({ ...least, dimensions });
    return query.ok ? query.value.order : null;
  };
  expect(orderOf("time:day")).toEqual([{ by: 0, descending: false }]);
  expect(orderOf("page", "time:day")).toEqual([
    { by: 1, descending: false },
    { by: "visits", descending: true },
  ]);
});

test.each<[string, unknown, string, string]>([
  ["no object", [], "#", "malformed"],
  ["an unknown key", { ...least, "site/id": 1 }, "#/site~1id", "unknown_key"],
  ["no merchant", { ...least, merchant: undefined }, "#/merchant", "missing"],
  ["a merchant that is no text", { ...least, merchant: 7 }, "#/merchant", "malformed"],
  ["no metrics", { ...least, metrics: [] }, "#/metrics", "missing"],
  ["an unknown metric", { ...least, metrics: ["visits", "baa"] }, "#/metrics/1", "unknown_metric"],
  ["a name of every object", { ...least, metrics: ["constructor"] }, "#/metrics/0", "unknown_metric"],
  ["a metric twice", { ...least, metrics: ["visits", "visits"] }, "#/metrics/1", "malformed"],
  ["no range", { ...least, date_range: undefined }, "#/date_range", "missing"],
  ["an unknown range", { ...least, date_range: "8d" }, "#/date_range", "unknown_range"],
  [
    "a date that does not exist",
    { ...least, date_range: ["2026-02-30", "2026-03-01"] },
    "#/date_range/0",
    "invalid_range",
  ],
  [
    "an instant without offset",
    { ...least, date_range: ["2026-02-01T00:00:00", "2026-03-01T00:00:00Z"] },
    "#/date_range/0",
    "invalid_range",
  ],
  [
    "a date and an instant",
    { ...least, date_range: ["2026-02-01", "2026-03-01T00:00:00Z"] },
    "#/date_range/1",
    "invalid_range",
  ],
  ["a range backwards", { ...least, date_range: ["2026-02-02", "2026-02-01"] }, "#/date_range", "invalid_range"],
  ["a range of decades", { ...least, date_range: ["1999-01-01", "2026-02-01"] }, "#/date_range", "too_much"],
  [
    "half an hour",
    { ...least, date_range: ["2026-02-01T10:00:00Z", "2026-02-01T10:30:00Z"] },
    "#/date_range/1",
    "invalid_range",
  ],
  ["30 minutes without minutes", { ...least, date_range: "30m" }, "#/date_range", "impossible_combination"],
  ["minutes of a week", { ...least, date_range: "7d", dimensions: ["time:minute"] }, "#/date_range", "too_much"],
  ["an unknown dimension", { ...least, dimensions: ["colour"] }, "#/dimensions/0", "unknown_dimension"],
  [
    "too many dimensions",
    { ...least, dimensions: ["page", "country", "os", "city", "device"] },
    "#/dimensions/4",
    "too_much",
  ],
  ["a dimension twice", { ...least, dimensions: ["page", "event:page"] }, "#/dimensions/1", "malformed"],
  ["time twice", { ...least, dimensions: ["time:day", "time:hour"] }, "#/dimensions/1", "impossible_combination"],
  ["a share of nothing", { ...least, metrics: ["visits", "percentage"] }, "#/metrics/1", "impossible_combination"],
  [
    "a conversion to a goal or something else",
    {
      ...least,
      metrics: ["conversion_rate"],
      filters: [
        [
          "or",
          [
            ["is", "goal", ["Signup"]],
            ["is", "page", ["/"]],
          ],
        ],
      ],
    },
    "#/metrics/0",
    "impossible_combination",
  ],
  ["a goal that there is not", { ...least, filters: [["is", "goal", ["Signup"]]] }, "#/filters", "invalid_filter"],
  ["a range to come", { ...least, date_range: ["2026-03-30", "2026-03-31"] }, "#/date_range", "invalid_range"],
  [
    "a comparison with a range to come",
    { ...least, include: { comparisons: { mode: "custom", date_range: ["2030-03-30", "2030-03-31"] } } },
    "#/include/comparisons/date_range",
    "invalid_range",
  ],
  [
    "what was before everything",
    { ...least, date_range: "all", include: { comparisons: { mode: "previous_period" } } },
    "#/include/comparisons/mode",
    "impossible_combination",
  ],
  [
    "weekdays of a range of one's own",
    { ...least, include: { comparisons: { mode: "custom", date_range: "day", match_day_of_week: true } } },
    "#/include/comparisons/match_day_of_week",
    "impossible_combination",
  ],
  [
    "rows of zeros by page",
    { ...least, dimensions: ["time:day", "page"], include: { fill: true } },
    "#/include/fill",
    "impossible_combination",
  ],
  ["an order by what is not asked", { ...least, order_by: [["orders", "asc"]] }, "#/order_by/0/0", "invalid_order"],
  ["an order without a way", { ...least, order_by: [["visits"]] }, "#/order_by/0", "invalid_order"],
  [
    "labels of time without time",
    { ...least, include: { time_labels: true } },
    "#/include/time_labels",
    "impossible_combination",
  ],
  ["an unknown thing to include", { ...least, include: { imports: true } }, "#/include/imports", "unknown_key"],
  [
    "an unknown comparison",
    { ...least, include: { comparisons: { mode: "last_year" } } },
    "#/include/comparisons/mode",
    "malformed",
  ],
  [
    "a comparison's own unknown range",
    { ...least, include: { comparisons: { mode: "custom", date_range: "x" } } },
    "#/include/comparisons/date_range",
    "unknown_range",
  ],
  ["too many rows", { ...least, pagination: { limit: 10_001 } }, "#/pagination/limit", "malformed"],
  ["a page before the first", { ...least, pagination: { offset: -1 } }, "#/pagination/offset", "malformed"],
])("refused: %s", (_, body, pointer, reason) => {
  expect(failureOf(body)).toMatchObject({ pointer, reason, message: expect.stringMatching(/\.$/) });
});

test("a refusal says what would be right, and quotes no more than a line", () => {
  expect(failureOf({ ...least, metrics: ["baa"] })?.message).toMatch(
    /^Unknown metric "baa"\. Use one of: visitors, visits,/,
  );
  const deep: unknown[] = [];
  let inner = deep;
  for (let depth = 0; depth < 30_000; depth++) {
    const next: unknown[] = [];
    inner.push(next);
    inner = next;
  }
  for (const hostile of [deep, "x".repeat(60_000), "\ud800".repeat(60)]) {
    for (const body of [
      { ...least, metrics: [hostile] },
      { ...least, dimensions: [hostile] },
      { ...least, date_range: [hostile, hostile] },
    ]) {
      const failure = failureOf(body);
      expect(failure?.message.length).toBeLessThan(700);
      expect(failure?.message.isWellFormed()).toBe(true);
    }
  }
});

test("whatever JSON is sent, the answer is a query or a refusal", () => {
  const word = fc.constantFrom(
    "visits",
    "visitors",
    "page",
    "time",
    "time:minute",
    "goal",
    "event:props:a",
    "item:id",
    "is",
    "matches_not",
    "and",
    "not",
    "has_done",
    "asc",
    "day",
    "30m",
    "2026-03-29",
    "custom",
    "2026-03-29T02:30:00+01:00",
    "__proto__",
  );
  const written = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.oneof(word, fc.jsonValue(), fc.string()),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(word, tie("value"), { maxKeys: 3 }),
    ),
  })).value;
  const mostly = (...right: unknown[]) =>
    fc.oneof({ weight: 8, arbitrary: fc.constantFrom(...right) }, { weight: 1, arbitrary: written });
  const seldom = (right: fc.Arbitrary<unknown>, wrong: fc.Arbitrary<unknown>) =>
    fc.oneof({ weight: 4, arbitrary: right }, { weight: 1, arbitrary: wrong });
  const dates = fc.tuple(word, word);
  const clause = fc.tuple(
    mostly("is", "contains_not", "matches"),
    mostly("page", "event:props:a", "item:id"),
    mostly(["/"], ["a|b"]),
  );
  const fuzzed = fc.record(
    {
      merchant: mostly("m_shop"),
      metrics: mostly(["visits"], ["visitors", "visits"], ["bounce_rate", "percentage"], ["conversion_rate"]),
      date_range: seldom(mostly("day", "7d", "30m", ["2026-03-29T02:00:00+02:00", "2026-03-29T03:30:59+02:00"]), dates),
      dimensions: seldom(mostly(["page"], ["time"], ["time:minute"], ["page", "time:day"], []), fc.tuple(word)),
      filters: fc.oneof(
        mostly([]),
        fc.array(
          fc.oneof(
            clause,
            fc.tuple(mostly("not", "has_done"), clause),
            fc.tuple(mostly("and", "or"), fc.array(clause, { maxLength: 2 })),
          ),
          {
            maxLength: 2,
          },
        ),
      ),
      order_by: seldom(mostly([], [["visits", "asc"]]), fc.tuple(fc.tuple(word, word))),
      include: seldom(
        mostly({}, { totals: true }, { comparisons: { mode: "year_over_year" } }),
        fc.record(
          { comparisons: fc.record({ mode: word, date_range: written }), fill: fc.boolean() },
          { requiredKeys: [] },
        ),
      ),
      pagination: mostly({}, { limit: 1 }),
    },
    { requiredKeys: ["merchant", "metrics", "date_range"] },
  );
  let understood = 0;
  fc.assert(
    fc.property(fc.oneof({ weight: 9, arbitrary: fuzzed }, { weight: 1, arbitrary: written }), (body) => {
      const failure = failureOf(body);
      if (failure === null) understood++;
      else {
        expect(failure.pointer).toMatch(/^#(?:\/|$)/);
        expect(failure.message).toMatch(/\.$/);
        expect(REASONS).toContain(failure.reason);
      }
    }),
    { seed: 7, numRuns: 10_000 },
  );
  // Fuzzing that never gets past the door proves nothing about what is behind it.
  expect(understood).toBeGreaterThan(500);
});

test("the documented question is understood, and every reason for a refusal documented", () => {
  const text = readFileSync(new URL("../docs/api.md", import.meta.url), "utf8");
  const examples = [...text.matchAll(/```json\n(\{\n {2}"merchant"[^`]*)```/g)].map(([, json = ""]) => json);
  expect(examples.length).toBeGreaterThan(0);
  for (const example of examples) expect(failureOf(JSON.parse(example))).toBeNull();
  for (const reason of REASONS) expect(text).toContain(`\`${reason}\``);
  for (const range of NAMED_RANGES) expect(text).toContain(`\`${range}\``);
});
