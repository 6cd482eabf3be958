import { expect, test } from "vitest";
import type { Asked } from "../core/given-up.ts";
import { ASKED_IDS_MAX, PENDING_BYTES_MAX } from "../core/limits.ts";
import type { Merchant } from "../core/merchant.ts";
import type { ObjectBindings } from "./bindings.ts";
import { Siblings } from "./siblings.ts";

const merchant: Merchant = { id: "m", name: "", zone: "Etc/UTC", currency: "EUR", domains: [], shards: 3 };
const asked = (...ids: string[]): Asked[] => ids.map((id) => [id, 1_025]);

/** Shards that have some ids, and answer when they are told to. */
class Others {
  readonly requests: { name: string; ids: string[] }[] = [];
  readonly siblings: Siblings;
  readonly #waiting: (() => void)[] = [];

  constructor(has: (name: string, id: string) => boolean, isAway = (_name: string): boolean => false) {
    const namespace = {
      getByName: (name: string) => ({
        giveUp: async (_: Merchant, ids: Asked[]): Promise<string> => {
          this.requests.push({ name, ids: ids.map(([id]) => id) });
          await new Promise<void>((resolve) => this.#waiting.push(resolve));
          if (isAway(name)) throw new Error("away");
          return ids.map(([id]) => (has(name, id) ? "h" : "g")).join("");
        },
      }),
    };
    this.siblings = new Siblings({ MERCHANT_SHARD: namespace } as unknown as ObjectBindings, 1);
  }

  answer(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

test("each other shard is asked once for all that wait, and everybody hears of the own ids", async () => {
  const others = new Others((name, id) => name === "m/2" && id === "b");
  const first = others.siblings.ask(merchant, 3, asked("a", "b"), 1);
  const second = others.siblings.ask(merchant, 3, asked("c"), 1);
  const third = others.siblings.ask(merchant, 4, asked("b", "d"), 1);
  others.answer();
  expect(await first).toEqual([false, true]);
  expect(others.requests.slice(0, 2)).toEqual(["m/0", "m/2"].map((name) => ({ name, ids: ["a", "b"] })));
  others.answer();
  expect([await second, await third]).toEqual([[false], [true, false]]);
  // As many shards as whoever knows of most says.
  expect(others.requests.slice(2)).toEqual(["m/0", "m/2", "m/3"].map((name) => ({ name, ids: ["c", "b", "d"] })));
});

test("when one does not answer nobody is told anything; who comes next is asked for again", async () => {
  let isAway = true;
  const others = new Others(
    () => false,
    (name) => isAway && name === "m/0",
  );
  const first = others.siblings.ask(merchant, 3, asked("a"), 1);
  others.answer();
  await expect(first).rejects.toThrow("away");
  isAway = false;
  const again = others.siblings.ask(merchant, 3, asked("a"), 1);
  others.answer();
  expect(await again).toEqual([false]);
});

test("a round is bounded, and so is what waits for one", async () => {
  const others = new Others(() => false);
  const many = asked(...Array.from({ length: ASKED_IDS_MAX }, (_, n) => `${n}`));
  const waiting = [asked("a"), many, asked("b")].map((ids) =>
    others.siblings.ask(merchant, 2, ids, PENDING_BYTES_MAX / 4),
  );
  await expect(others.siblings.ask(merchant, 2, asked("c"), PENDING_BYTES_MAX / 2)).rejects.toThrow("overloaded");
  for (const one of waiting) {
    others.answer();
    await one;
  }
  expect(others.requests.map(({ ids }) => ids.length)).toEqual([1, ASKED_IDS_MAX, 1]);
  const next = others.siblings.ask(merchant, 2, asked("c"), PENDING_BYTES_MAX);
  others.answer();
  expect(await next).toEqual([false]);
});
