import { expect, test } from "vitest";
import { SCAN_PARTS_BYTES_MAX } from "../core/limits.ts";
import { scannedDays } from "../core/scan-days.ts";
import type { Scanner } from "../core/scanner.ts";
import { addDays, dayOf } from "../core/zone.ts";
import { KeptDays } from "./kept-days.ts";
import { keepFound, keepMonth, keptFound, keptMonth } from "./scan-shelf.ts";
import type { SealedUnit } from "./scan-units.ts";

const FIRST = "2026-03-30";
const range = { fromMs: dayOf("Etc/UTC", FIRST).startMs, toMs: dayOf("Etc/UTC", addDays(FIRST, 3)).endMs, days: null };

/** Four days over two months. */
const unitsOf = (generation: number): SealedUnit[] =>
  scannedDays("Etc/UTC", [range]).map((day) => ({ kind: "sealed", day, shard: 0, generation, events: 1 }));

const scannerOf = (name: string, size = 100) => ({ name, sizeOf: () => size }) as unknown as Scanner<number[]>;

test("memory is bounded: what was used longest ago goes first", () => {
  const third = SCAN_PARTS_BYTES_MAX / 3;
  for (const key of ["a", "b", "c"]) keepFound(key, key, third);
  expect(keptFound("a")).toBe("a");
  keepFound("d", "d", third);
  expect(["a", "b", "c", "d"].map((key) => keptFound(key))).toEqual(["a", undefined, "c", "d"]);
  keepFound("huge", "huge", 2 * SCAN_PARTS_BYTES_MAX);
  expect(keptFound("huge")).toBeUndefined();
});

test("a month rests in the data centre's cache; one that is too large does not", async () => {
  expect(await keptMonth("nothing")).toEqual({});
  keepMonth("a month", { "2026-03-30/0/0": [1] });
  await expect.poll(() => keptMonth("a month")).toEqual({ "2026-03-30/0/0": [1] });
  keepMonth("a large month", { day: "x".repeat(2_000_000) });
  keepMonth("the next month", { day: 1 });
  await expect.poll(() => keptMonth("the next month")).toEqual({ day: 1 });
  expect(await keptMonth("a large month")).toEqual({});
});

test("what one isolate has found another one knows, of the same generation", async () => {
  const units = unitsOf(0);
  // Nothing of it stays in memory, as if it were another isolate's.
  const scanner = scannerOf("something", 2 * SCAN_PARTS_BYTES_MAX);
  const first = await KeptDays.of("m_1", scanner);
  expect((await first.find(units)).size).toBe(0);
  for (const [at, unit] of units.entries()) first.keep(unit, [at]);
  first.save(units);
  const found = async (merchant: string, name: string, asked: SealedUnit[]) => {
    const kept = await KeptDays.of(merchant, { ...scanner, name });
    return [...(await kept.find(asked)).values()];
  };
  await expect.poll(() => found("m_1", "something", units)).toEqual([[0], [1], [2], [3]]);
  expect(await found("m_2", "something", units)).toEqual([]);
  expect(await found("m_1", "something else", units)).toEqual([]);
  expect(await found("m_1", "something", unitsOf(7))).toEqual([]);

  // A day of another generation takes the place of the one before.
  const later = await KeptDays.of("m_1", scanner);
  const [changed] = unitsOf(7);
  const present = [changed!, ...units.slice(1)];
  expect([...(await later.find(present)).values()]).toEqual([[1], [2], [3]]);
  later.keep(changed!, [9]);
  later.save(present);
  await expect.poll(() => found("m_1", "something", present)).toEqual([[9], [1], [2], [3]]);
  expect(await found("m_1", "something", units)).toEqual([[1], [2], [3]]);
});
