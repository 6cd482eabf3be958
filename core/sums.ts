// The sums behind one row of a report: exact integers of any size, and distinct visitors.
// A visitor without a supplied id cannot recur on another day (the salt is gone) and has one shard all day, so days and
// shards add up; one with a supplied id can, so theirs are merged: distinct visitors =
// Σ over local days and shards |∪ anonymous of its hours| + |∪ identified|. A sealed day knows its first term as a number.

import type { Need } from "./metrics.ts";
import { EXACT_MAX, Sketch } from "./sketch.ts";

export class Sums {
  readonly #numbers = new Map<Need, number>();
  // There are tens of thousands of rows, and few have these.
  /** What would no longer have fitted in a number exactly. */
  #carried: Map<Need, bigint> | null = null;
  #anonymousByDay: Map<string, Sketch> | null = null;
  #identified: Sketch | null = null;
  /** Visitors that are known as a count only. */
  #counted = 0;
  #countedAnEstimate = false;

  /** Adds a safe integer. */
  add(need: Need, n: number): void {
    const before = this.#numbers.get(need) ?? 0;
    const after = before + n;
    if (Number.isSafeInteger(after)) {
      this.#numbers.set(need, after);
      return;
    }
    this.#carried ??= new Map();
    this.#carried.set(need, (this.#carried.get(need) ?? 0n) + BigInt(before));
    this.#numbers.set(need, n);
  }

  /**
   * Takes in sketches of an hour as hexadecimal, `day` naming its date and shard; throws when one is not a sketch, which
   * nothing but damage explains.
   */
  addVisitors(day: string, anonymous: string | null | undefined, identified: string | null | undefined): void {
    if (typeof anonymous === "string") {
      this.#anonymousByDay ??= new Map();
      const known = this.#anonymousByDay.get(day);
      if (known === undefined) this.#anonymousByDay.set(day, sketchOf(anonymous));
      else known.union(sketchOf(anonymous));
    }
    if (typeof identified === "string") {
      if (this.#identified === null) this.#identified = sketchOf(identified);
      else this.#identified.union(sketchOf(identified));
    }
  }

  addCountedVisitors(n: number): void {
    this.#counted += n;
  }

  /** Adds what a sketch was counted to hold. */
  addSketchedVisitors(n: number): void {
    this.#counted += n;
    this.#countedAnEstimate ||= n > EXACT_MAX;
  }

  of(need: Need): bigint {
    if (need === "visitors") return BigInt(this.#visitors());
    return (this.#carried?.get(need) ?? 0n) + BigInt(this.#numbers.get(need) ?? 0);
  }

  /** Visitors are an estimate: some sketch holds more than it can name one by one. */
  get estimated(): boolean {
    if (this.#countedAnEstimate || this.#identified?.exact === false) return true;
    return this.#sketches.some((sketch) => !sketch.exact);
  }

  #visitors(): number {
    let visitors = this.#counted + (this.#identified?.cardinality() ?? 0);
    for (const sketch of this.#sketches) visitors += sketch.cardinality();
    return visitors;
  }

  get #sketches(): Sketch[] {
    return this.#anonymousByDay === null ? [] : [...this.#anonymousByDay.values()];
  }
}

function sketchOf(hex: string): Sketch {
  const sketch = Sketch.fromHex(hex);
  if (!sketch.ok) throw new Error(`a rollup holds ${sketch.failure} where a sketch should be`);
  return sketch.value;
}
