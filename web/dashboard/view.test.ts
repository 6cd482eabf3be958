import fc from "fast-check";
import { expect, test } from "vitest";
import { HEADLINE } from "./metrics.ts";
import { COMPARISONS, INTERVALS, PRESETS } from "./range.ts";
import { DEFAULT_VIEW, formatView, parseView, type View, withTab } from "./view.ts";

const views: fc.Arbitrary<View> = fc.record({
  merchant: fc.option(fc.stringMatching(/^m_[a-z0-9]{1,20}$/)),
  range: fc.oneof(
    fc.constantFrom(...PRESETS).map(({ id }) => ({ kind: "preset" as const, preset: id })),
    fc.constant({ kind: "dates" as const, from: "2026-01-31", to: "2026-02-28" }),
  ),
  compare: fc.constantFrom(...COMPARISONS),
  filters: fc.array(
    fc.record({
      operator: fc.constantFrom("is" as const, "contains_not" as const),
      field: fc.constantFrom("page" as const, "event:props:size" as const),
      values: fc.array(fc.string({ unit: "grapheme" }), { minLength: 1, maxLength: 3 }),
    }),
    { maxLength: 3 },
  ),
  interval: fc.option(fc.constantFrom(...INTERVALS)),
  detail: fc.option(fc.stringMatching(/^[a-z]{1,8}$/)),
  metric: fc.constantFrom(...HEADLINE),
  tabs: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.string({ minLength: 1 }), { maxKeys: 3 }),
});

test("any view survives its address", () => {
  fc.assert(
    fc.property(views, (view) => {
      expect(parseView(formatView(view))).toEqual(view);
    }),
    { seed: 20261124 },
  );
});

test("the default view has no address of its own, and nonsense falls back to it", () => {
  expect(formatView(DEFAULT_VIEW)).toBe("");
  expect(parseView("")).toEqual(DEFAULT_VIEW);
  expect(parseView("?range=fortnight&metric=__proto__&merchant=&compare=perhaps&f=is&interval=eon&detail=")).toEqual(
    DEFAULT_VIEW,
  );
});

test("opening a panel's first tab takes it out of the address again", () => {
  const opened = withTab({ pages: "exit" }, "sources", "referrers", "channels");
  expect(opened).toEqual({ pages: "exit", sources: "referrers" });
  expect(withTab(opened, "sources", "channels", "channels")).toEqual({ pages: "exit" });
});
