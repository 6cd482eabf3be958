import fc from "fast-check";
import { expect, test } from "vitest";
import { respread, shardsEver, shardsOn, type Spread } from "./spread.ts";

test("a count holds from its day on; without changes it is the same on every day", () => {
  expect(shardsOn({ shards: 3 }, "2026-01-01")).toBe(3);
  const spread = respread({ shards: 1 }, "2026-03-10", 4);
  expect(["2026-03-09", "2026-03-10", "2027-01-01"].map((date) => shardsOn({ shards: 4, spread }, date))).toEqual([
    1, 4, 4,
  ]);
});

test("changing one's mind before the day leaves no trace, and going back leaves what was", () => {
  const raised = { shards: 4, spread: respread({ shards: 1 }, "2026-03-10", 4) };
  expect(respread(raised, "2026-03-10", 2)).toEqual([
    { from: "0001-01-01", shards: 1 },
    { from: "2026-03-10", shards: 2 },
  ]);
  expect(respread(raised, "2026-03-10", 1)).toEqual([{ from: "0001-01-01", shards: 1 }]);
});

const date = fc
  .integer({ min: 0, max: 400 })
  .map((n) => new Date(Date.UTC(2026, 0, 1) + n * 86_400_000).toISOString().slice(0, 10));
const changes = fc.array(fc.tuple(date, fc.integer({ min: 1, max: 64 })), { minLength: 1, maxLength: 8 });

test("a change says nothing about days before it, everything about days after it, and nobody's events are out of reach", () => {
  fc.assert(
    fc.property(changes, date, (made, asked) => {
      let merchant: { shards: number; spread?: Spread } = { shards: 2 };
      for (const [from, shards] of made) {
        const spread = respread(merchant, from, shards);
        const changed = { shards: shardsEver(spread), spread };
        expect(shardsOn(changed, asked)).toBe(asked >= from ? shards : shardsOn(merchant, asked));
        expect(shardsOn(changed, asked)).toBeLessThanOrEqual(changed.shards);
        merchant = changed;
      }
    }),
    { seed: 5 },
  );
});
