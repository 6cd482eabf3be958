import { expect, test } from "vitest";
import { indexOf, Hour } from "./hour.ts";
import { DIMENSION_VALUES_MAX } from "./limits.ts";
import { DIMENSIONS, OTHER } from "./rollup.ts";

const PAGE = indexOf("page");

test("a value has one cell; past the limit the rest share one", () => {
  const hour = new Hour(0, "1970-01-01", "EUR");
  const first = hour.cell(PAGE, "/0");
  for (let n = 1; n < DIMENSION_VALUES_MAX; n++) hour.cell(PAGE, `/${n}`);
  expect(hour.cell(PAGE, "/0")).toBe(first);
  expect(hour.cell(PAGE, "/1999").value).toBe("/1999");
  expect(hour.cell(PAGE, "/2000").value).toBe(OTHER);
  expect(hour.cell(PAGE, "/2001")).toBe(hour.cell(PAGE, "/2000"));
  expect(hour.dimensions[PAGE]!.size).toBe(DIMENSION_VALUES_MAX + 1);
  // Other dimensions have room of their own.
  expect(hour.cell(indexOf("product"), "/2001").value).toBe("/2001");
});

test("a value that is called (other) shares the cell of the rest", () => {
  const hour = new Hour(0, "1970-01-01", "EUR");
  const own = hour.cell(PAGE, OTHER);
  for (let n = 1; n < DIMENSION_VALUES_MAX; n++) hour.cell(PAGE, `/${n}`);
  expect(hour.cell(PAGE, "/one more")).toBe(own);
});

test("minutes go from the hour's first instant on", () => {
  const hour = new Hour(7_200_000, "1970-01-01", "EUR");
  expect([7_200_000, 7_259_999, 7_260_000, 10_799_999].map((ms) => hour.minute(ms).value)).toEqual([0, 0, 1, 59]);
  expect(hour.minute(7_200_000)).toBe(hour.minute(7_200_001));
});

test("visitors with and without a supplied id are counted apart", () => {
  const { total } = new Hour(0, "1970-01-01", "EUR");
  for (const lo of [1, 2, 2]) total.addVisitor(0, lo, false);
  total.addVisitor(0, 1, true);
  expect([total.anonymous?.cardinality(), total.identified?.cardinality()]).toEqual([2, 1]);
});

test("every dimension has its position", () => {
  expect(DIMENSIONS.map(indexOf)).toEqual(DIMENSIONS.map((_, n) => n));
});
