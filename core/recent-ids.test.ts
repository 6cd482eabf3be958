import { expect, test } from "vitest";
import { hashId, RecentIds } from "./recent-ids.ts";
import { chanceOf } from "./traffic.ts";

/** The plain way: a list of what is remembered, oldest first. */
class NaiveIds {
  readonly kept: string[] = [];
  readonly max: number;
  constructor(max: number) {
    this.max = max;
  }
  add(id: string): boolean {
    if (this.kept.includes(id)) return false;
    this.kept.push(id);
    if (this.kept.length > this.max) this.kept.shift();
    return true;
  }
}

const bytesOf = (ids: readonly string[]): number[] =>
  ids.flatMap((id) => {
    const { hi, lo } = hashId(id);
    return [...new Uint8Array(new Uint32Array([hi, lo]).buffer)];
  });

test("remembers what a list would, over 100,000 random additions and questions", () => {
  const chance = chanceOf(1);
  const max = 256;
  const ids = new RecentIds(max);
  const naive = new NaiveIds(max);
  let repeats = 0;
  for (let n = 0; n < 100_000; n++) {
    const id = `id-${Math.floor(chance() * 600)}`;
    if (chance() < 0.5) expect(ids.has(id)).toBe(naive.kept.includes(id));
    else {
      const added = naive.add(id);
      if (!added) repeats++;
      if (ids.add(id) !== added) expect.fail(`${id} was ${added ? "new" : "known"}`);
    }
  }
  expect(repeats).toBeGreaterThan(10_000);
  expect([...ids.since(0)]).toEqual(bytesOf(naive.kept));
});

test("grows up to its maximum and then forgets the oldest", () => {
  const ids = new RecentIds(1_024);
  for (let n = 0; n < 1_024; n++) expect(ids.add(`${n}`)).toBe(true);
  expect([ids.size, ids.added]).toEqual([1_024, 1_024]);
  for (let n = 0; n < 1_024; n++) expect(ids.has(`${n}`)).toBe(true);
  for (let n = 0; n < 3_000; n++) {
    expect(ids.add(`more ${n}`)).toBe(true);
    if (n < 1_024) expect([ids.has(`${n}`), ids.has(`${n + 1}`)]).toEqual([false, n + 1 < 1_024]);
  }
  expect([ids.size, ids.added]).toEqual([1_024, 4_024]);
});

test("ids that hash to the same place stay apart, also when their neighbours are forgotten", () => {
  const chance = chanceOf(3);
  const max = 256;
  const ids = new RecentIds(max);
  const naive = new NaiveIds(max);
  // 700 hashes over 4 places of the table, two of them at its end, so that runs wrap around.
  const hashes = Array.from({ length: 700 }, (_, n) => ({ hi: n, lo: [0, 1, 510, 511][n % 4]! + (n >> 2) * 512 }));
  for (let n = 0; n < 20_000; n++) {
    const { hi, lo } = hashes[Math.floor(chance() * hashes.length)]!;
    if (ids.addHash(hi, lo) !== naive.add(`${hi} ${lo}`)) expect.fail(`at ${n}`);
  }
});

test("one half of the hash alone says nothing", () => {
  const ids = new RecentIds(256);
  expect([ids.addHash(1, 2), ids.addHash(1, 3), ids.addHash(2, 2), ids.addHash(1, 2)]).toEqual([
    true,
    true,
    true,
    false,
  ]);
  expect([ids.addHash(0, 0), ids.addHash(0, 0)]).toEqual([true, false]);
});

test("since and restore give the same memory, whole or in blocks", () => {
  const ids = new RecentIds(512);
  for (let n = 0; n < 700; n++) ids.add(`${n}`);
  const whole = new RecentIds(512);
  whole.restore(ids.since(0));
  const inBlocks = new RecentIds(512);
  for (let from = 188; from < 700; from += 100) inBlocks.restore(ids.since(from).slice(0, 800));
  for (const copy of [whole, inBlocks]) {
    expect([...copy.since(0)]).toEqual([...ids.since(0)]);
    // It forgets in the same order from here on.
    for (let n = 0; n < 100; n++) copy.add(`more ${n}`);
    expect([copy.has("287"), copy.has("288"), copy.has("699")]).toEqual([false, true, true]);
  }
  expect([ids.since(700).length, ids.since(699).length]).toEqual([0, 8]);
});

test("a hash has 64 bits' worth of difference between ids as senders make them", () => {
  const kinds: ((n: number) => string)[] = [
    (n) => `${n}`,
    (n) => `evt_${n.toString(36).padStart(12, "0")}`,
    (n) => `${(n * 2_654_435_761) % 2 ** 32}-${n}`,
  ];
  const seen = new Set<string>();
  const low = new Set<number>();
  const count = 100_000;
  for (const kind of kinds) {
    for (let n = 0; n < count; n++) {
      const { hi, lo } = hashId(kind(n));
      seen.add(`${hi} ${lo}`);
      low.add(lo);
    }
  }
  expect(seen.size).toBe(kinds.length * count);
  // Birthdays: n² ÷ 2³³ pairs share their lower half by chance, about 10 of 300,000.
  expect(low.size).toBeGreaterThan(kinds.length * count - 40);
});

test("ids that would crowd in one place of the table do not, since the place depends on a secret", () => {
  // All hashes have the same low half: without the secret each would be looked for behind all others.
  const secret = 0x1234_5678;
  const ids = new RecentIds(65_536, secret);
  for (let hi = 0; hi < 50_000; hi++) ids.addHash(hi, 7);
  expect(ids.size).toBe(50_000);
  for (let hi = 0; hi < 50_000; hi++) expect(ids.addHash(hi, 7)).toBe(false);
});
