import { expect, test } from "vitest";
import { Hour, indexOf } from "./hour.ts";
import { Rehearsal } from "./rehearsal.ts";
import { decodeHour, encodeHour, EVERYTHING, snapshot } from "./rollup-codec.ts";
import type { Rollup } from "./rollup.ts";
import { trafficOf, visitorNamed } from "./traffic.ts";

const merchant = { id: "m", name: "", zone: "Etc/UTC", currency: "EUR", domains: ["x.example"], shards: 1 };
const FROM_MS = Date.UTC(2026, 10, 24, 12);
const PAGE = indexOf("page");

const filledShard = (): Rehearsal => {
  const shard = new Rehearsal(merchant);
  shard.append(trafficOf({ merchant, seed: 3, fromMs: FROM_MS, toMs: FROM_MS + 2 * 3_600_000, people: 200 }));
  return shard;
};
const hoursOf = (shard: Rehearsal): Hour[] => [...shard.state.days.values()].flatMap((day) => [...day.hours.values()]);
const copy = (rollup: Rollup): Rollup => JSON.parse(JSON.stringify(rollup)) as Rollup;

test("an hour at rest and back is the same to the letter, labels and sketches with it", () => {
  for (const hour of hoursOf(filledShard())) {
    const kept = encodeHour(hour, "m", 0);
    expect(JSON.stringify(encodeHour(decodeHour(copy(kept)), "m", 0))).toBe(JSON.stringify(kept));
    expect(kept.dimensions.product!.label).toContain("Thing 1");
    expect(kept.sketches.page!.identified!.some((hex) => hex !== null)).toBe(true);
  }
});

test("large sketches too", () => {
  const hour = new Hour(FROM_MS, "2026-11-24", "EUR");
  for (let n = 0; n < 30_000; n++) {
    const visitor = visitorNamed(`${n}`);
    const [hi, lo] = [visitor.slice(0, 8), visitor.slice(8)].map((half) => Number.parseInt(half, 16));
    hour.total.addVisitor(hi!, lo!, n % 2 === 0);
    hour.cell(PAGE, `/${n % 3}`).addVisitor(hi!, lo!, false);
  }
  const kept = encodeHour(hour, "m", 0);
  expect(JSON.stringify(encodeHour(decodeHour(copy(kept)), "m", 0))).toBe(JSON.stringify(kept));
  expect(Math.abs(kept.dimensions.page!.visitors![0]! / 10_000 - 1)).toBeLessThan(0.08);
});

test("the order in which values came does not show", () => {
  const filled = (pages: string[]): string => {
    const hour = new Hour(FROM_MS, "2026-11-24", "EUR");
    for (const page of pages) hour.cell(PAGE, page).pageviews++;
    return JSON.stringify(encodeHour(hour, "m", 0));
  };
  const pages = ["/b", "/a", "/ä", "/😀", "/\uffee", "/B", "(not set)", "/a/b"];
  expect(filled(pages.toReversed())).toBe(filled(pages));
});

test("a snapshot shows the exit pages of live visits, and leaves the hour as it is", () => {
  const shard = filledShard();
  for (const hour of hoursOf(shard)) {
    const before = JSON.stringify(encodeHour(hour, "m", 0));
    const first = snapshot(hour, "m", 0, EVERYTHING);
    expect(snapshot(hour, "m", 0, EVERYTHING)).toEqual(first);
    expect(JSON.stringify(encodeHour(hour, "m", 0))).toBe(before);
    const exits = (rollup: Rollup) => (rollup.dimensions.exit_page?.visits ?? []).reduce((sum, n) => sum + n, 0);
    expect(exits(first)).toBe(first.totals.visits);
    expect(exits(encodeHour(hour, "m", 0))).toBe(first.totals.visits - hour.live.size);
  }
});

test("a reader gets the parts it asks for and the totals always", () => {
  const [hour] = hoursOf(filledShard());
  const whole = snapshot(hour!, "m", 0, EVERYTHING);
  const bare = snapshot(hour!, "m", 0, { dimensions: [], minutes: false, sketches: false });
  expect(bare).toEqual({ ...whole, minutes: null, dimensions: {}, sketches: {} });
  const page = snapshot(hour!, "m", 0, { dimensions: ["page", "exit_page"], minutes: true, sketches: false });
  const { page: pages, exit_page } = whole.dimensions;
  expect(page).toEqual({ ...whole, dimensions: { page: pages, exit_page }, sketches: {} });
});

test("measures that are zero for every value are left out, and read as zero", () => {
  const hour = new Hour(FROM_MS, "2026-11-24", "EUR");
  hour.cell(PAGE, "/a").pageviews = 2;
  hour.cell(PAGE, "/b").events = 3;
  const kept = encodeHour(hour, "m", 7);
  expect(kept.dimensions).toEqual({ page: { v: ["/a", "/b"], pageviews: [2, 0], events: [0, 3] } });
  expect(kept).toMatchObject({ shard: 7, minutes: null, anonymous: null, identified: null, sketches: { page: {} } });
  expect(decodeHour(copy(kept)).cell(PAGE, "/b")).toMatchObject({ pageviews: 0, events: 3, gross: 0 });
});

test("a checkpoint that was damaged is not read as if it were none", () => {
  const kept = encodeHour(hoursOf(filledShard())[0]!, "m", 0);
  expect(() => decodeHour({ ...kept, anonymous: "ff" })).toThrow("sketch");
});
