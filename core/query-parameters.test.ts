import { expect, test } from "vitest";
import { bodyOf } from "./query-parameters.ts";

const of = (text: string) => bodyOf(new URLSearchParams(text));

test("each key is a parameter, in a short form where it is simple", () => {
  const text =
    "merchant=m_1&metrics=visitors,net_revenue&date_range=7d&dimensions=time:day,source&order_by=time:day:asc,visitors" +
    '&include=total_rows,fill&comparison=year_over_year&limit=10&offset=20&filters=[["is","country",["DE"]]]';
  expect(of(text)).toEqual({
    ok: true,
    value: {
      merchant: "m_1",
      metrics: ["visitors", "net_revenue"],
      date_range: "7d",
      dimensions: ["time:day", "source"],
      order_by: [
        ["time:day", "asc"],
        ["visitors", "desc"],
      ],
      include: { total_rows: true, fill: true, comparisons: { mode: "year_over_year" } },
      pagination: { limit: 10, offset: 20 },
      filters: [["is", "country", ["DE"]]],
    },
  });
});

test("anything may be JSON; two dates are a range; names that mean nothing here come through to be refused", () => {
  const text =
    'metrics=["visits"]&dimensions=&from=2026-01-01&to=2026-01-02&order_by=[["visits","asc"]]&explain=true&what=ever' +
    '&include={"fill":true}&comparison={"mode":"custom","date_range":"day"}&limit=many';
  expect(of(text)).toEqual({
    ok: true,
    value: {
      metrics: ["visits"],
      dimensions: [],
      date_range: ["2026-01-01", "2026-01-02"],
      order_by: [["visits", "asc"]],
      explain: true,
      what: "ever",
      include: { fill: true, comparisons: { mode: "custom", date_range: "day" } },
      pagination: { limit: "many" },
    },
  });
});

test("q is the whole query", () => {
  const query = { merchant: "m_1", metrics: ["visits"], date_range: ["2026-01-01", "2026-01-02"] };
  expect(of(`q=${encodeURIComponent(JSON.stringify(query))}`)).toEqual({ ok: true, value: query });
});

test.each([
  ["q={}&merchant=m_1", "#/merchant", "impossible_combination"],
  ["q={", "#", "malformed"],
  ["metrics=visits&metrics=visitors", "#/metrics", "malformed"],
  ["date_range=7d&to=2026-01-01", "#/to", "impossible_combination"],
  ["include=3", "#/include", "malformed"],
  ["a/b~c=1&a/b~c=2", "#/a~1b~0c", "malformed"],
])("%s is refused at %s", (text, pointer, reason) => {
  expect(of(text)).toMatchObject({ ok: false, failure: { pointer, reason } });
});

test("a name that every object has is a key like any other", () => {
  const read = of('__proto__={"merchant":"m_1"}');
  expect(read).toEqual({ ok: true, value: { ["__proto__"]: { merchant: "m_1" } } });
  expect(read.ok && Object.getPrototypeOf(read.value)).toBe(Object.prototype);
});
