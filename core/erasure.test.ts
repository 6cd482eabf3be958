import fc from "fast-check";
import { expect, test } from "vitest";
import { balanced, emptyBooks } from "./books.ts";
import { erasedEvents, erasedIn, erasedNotes, Eraser, type Erasure, sumOfErased, withErased } from "./erasure.ts";
import type { Event } from "./event.ts";

const VISITORS = ["00000000000000aa", "00000000000000bb", "00000000000000cc"];
const visitor = fc.constantFrom(...VISITORS);
const events = fc.array(
  fc
    .record({ visitor, received_at: fc.nat(100) })
    .map((event): Event => ({ id: "e", name: "pageview", occurred_at: 0, ...event })),
  { maxLength: 60 },
);
const erasures = fc
  .array(fc.record({ visitor, untilMs: fc.nat(100) }), { maxLength: 5 })
  .map((all) => all.map((one, at): Erasure => ({ ...one, run: at + 1 })));

test("what was received before the asking is erased, and nothing else", () => {
  fc.assert(
    fc.property(events, erasures, (before, asked) => {
      const eraser = new Eraser(asked);
      const kept = eraser.kept(before);
      const isAsked = (event: Event): boolean =>
        asked.some((one) => one.visitor === event.visitor && event.received_at <= one.untilMs);
      expect(kept).toEqual(before.filter((event) => !isAsked(event)));
      expect(kept.length + erasedEvents(eraser.erased)).toBe(before.length);
      for (const event of before) {
        expect(eraser.takes(event.visitor, event.received_at)).toBe(isAsked(event));
        if (isAsked(event)) expect(eraser.knows(event.visitor)).toBe(true);
      }
      // Again there is nothing to take.
      expect(new Eraser(asked).kept(kept)).toEqual(kept);
    }),
    { seed: 7, numRuns: 300 },
  );
});

test("the books balance with what was erased, and a file remembers by whom", () => {
  const counts = sumOfErased(sumOfErased({ 3: 2 }, { 3: 1, 9: 4 }), {});
  expect(counts).toEqual({ 3: 3, 9: 4 });
  expect(erasedIn(erasedNotes(counts))).toEqual(counts);
  expect(erasedNotes({})).toEqual({});
  expect(erasedIn({ sha256: "x" })).toEqual({});
  const verdicts = withErased({ counted: 5 }, counts);
  expect(verdicts).toEqual({ counted: 5, erased: 7 });
  expect(balanced({ ...emptyBooks(), received: 12, accepted: 12, verdicts })).toBe(true);
  expect(withErased({ counted: 5 }, {})).toEqual({ counted: 5 });
});
