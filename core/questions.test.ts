import { expect, test } from "vitest";
import { nameOf } from "./breakdown.ts";
import type { Metric } from "./metrics.ts";
import { conjunctsOf, writtenFilter } from "./query-filters.ts";
import { placeOf, questionsOf } from "./questions.ts";
import { parseQuery } from "./query.ts";
import type { ScanQuestion } from "./scan-plan.ts";

const asked = (metric: Metric, dimensions: string[], filters: unknown[] = [], totals = false) => {
  const query = parseQuery({
    merchant: "m",
    metrics: [metric],
    date_range: "day",
    dimensions,
    filters,
    include: { totals },
  });
  if (!query.ok) throw new Error(query.failure.message);
  return questionsOf(query.value, dimensions.includes("time:day") ? "day" : null);
};

/** "fields where filters" of the visits that are divided, and of those that they are divided by. */
const shareOf = (metric: Metric, dimensions: string[], filters: unknown[] = [], totals = false) => {
  const { questions, rows, totals: ofTotals } = asked(metric, dimensions, filters, totals);
  const places = totals ? ofTotals! : rows;
  const text = ({ fields, interval, filter }: ScanQuestion) => {
    const names = [...(interval === null ? [] : [`time:${interval}`]), ...fields.map(nameOf)];
    return `${names.join("+")} ${JSON.stringify(conjunctsOf(filter).map(writtenFilter))}`;
  };
  const [part, whole] = (
    ["converting_visits", metric === "conversion_rate" ? "all_visits" : "group_visits"] as const
  ).map((need) => placeOf(places, need));
  for (const each of [part!, whole!]) {
    const { fields, interval, measures } = questions[each.place.question]!;
    expect(measures).toContain(each.sum);
    // The key of a question has as many parts as its rows have.
    expect(each.place.positions).toHaveLength(fields.length + Number(interval !== null));
  }
  return [part!, whole!].map(({ place }) => [text(questions[place.question]!), place.positions.join("")].join(" @"));
};

const GOOGLE = ["is", "source", ["Google"]];
const SIGNUP = ["is", "goal", ["Signup"]];
const BOUGHT = '["is","event",["purchase"]]';

test("without a goal, a purchase is what visits convert to, and rates are of their rows", () => {
  expect(shareOf("conversion_rate", [])).toEqual([` [${BOUGHT}] @`, " [] @"]);
  expect(shareOf("conversion_rate", ["time:day"])).toEqual([`time:day [${BOUGHT}] @0`, "time:day [] @0"]);
  expect(shareOf("conversion_rate", ["time:day", "device"], [GOOGLE])).toEqual([
    `time:day+device [["is","source",["Google"]],["has_done",${BOUGHT}]] @01`,
    'time:day+device [["is","source",["Google"]]] @01',
  ]);
  expect(shareOf("group_conversion_rate", ["device"])).toEqual([`device [["has_done",${BOUGHT}]] @0`, "device [] @0"]);
});

test("a goal in the question is what visits convert to; the whole is without it and without dimensions but time", () => {
  expect(shareOf("conversion_rate", ["time:day", "source"], [SIGNUP, GOOGLE])).toEqual([
    'time:day+source [["is","goal",["Signup"]],["is","source",["Google"]]] @01',
    'time:day [["is","source",["Google"]]] @0',
  ]);
  expect(shareOf("conversion_rate", ["goal", "source"])).toEqual(["goal+source [] @01", " [] @"]);
});

test("the group is the row's, without goals", () => {
  expect(shareOf("group_conversion_rate", ["goal", "time:day", "source"])).toEqual([
    "time:day+goal+source [] @012",
    "time:day+source [] @02",
  ]);
  expect(shareOf("group_conversion_rate", ["source"], [SIGNUP])).toEqual([
    'source [["is","goal",["Signup"]]] @0',
    "source [] @0",
  ]);
});

test("by event, events are goals; a filter on events alone is a filter", () => {
  expect(shareOf("conversion_rate", ["event"], [["is", "event", ["purchase"]], GOOGLE])).toEqual([
    'event [["is","event",["purchase"]],["is","source",["Google"]]] @0',
    ' [["is","source",["Google"]]] @',
  ]);
  expect(shareOf("group_conversion_rate", ["event", "source"])).toEqual(["event+source [] @01", "source [] @1"]);
  expect(shareOf("conversion_rate", [], [["is", "event", ["sign_up"]]])).toEqual([
    ` [["is","event",["sign_up"]],["has_done",${BOUGHT}]] @`,
    ' [["is","event",["sign_up"]]] @',
  ]);
  // Then it is about the goals.
  expect(shareOf("conversion_rate", ["event", "goal"])).toEqual(["event+goal [] @01", " [] @"]);
});

test("what somebody has done is no goal of the question", () => {
  const done = ["has_done", SIGNUP];
  expect(shareOf("conversion_rate", [], [done])).toEqual([
    ` [["has_done",["is","goal",["Signup"]]],["has_done",${BOUGHT}]] @`,
    ' [["has_done",["is","goal",["Signup"]]]] @',
  ]);
});

test("totals of rows by goal are of visits that reached any", () => {
  expect(shareOf("conversion_rate", ["goal"], [GOOGLE], true)).toEqual([
    ' [["is","source",["Google"]],["contains","goal",[""]]] @',
    ' [["is","source",["Google"]]] @',
  ]);
  expect(shareOf("conversion_rate", ["source"], [SIGNUP], true)).toEqual([' [["is","goal",["Signup"]]] @', " [] @"]);
});

test("questions that differ in what is counted alone are one", () => {
  const query = parseQuery({
    merchant: "m",
    metrics: ["percentage", "orders", "conversion_rate", "group_conversion_rate"],
    date_range: "day",
    dimensions: ["event"],
    include: { totals: true },
  });
  if (!query.ok) throw new Error(query.failure.message);
  expect(questionsOf(query.value, null).questions).toEqual([
    {
      fields: [{ kind: "dimension", dimension: "event" }],
      interval: null,
      filter: null,
      measures: ["visits", "orders"],
      visitors: true,
    },
    { fields: [], interval: null, filter: null, measures: ["visits", "orders"], visitors: true },
  ]);
});
