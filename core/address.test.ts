import { expect, test } from "vitest";
import { shardName, shardOf } from "./address.ts";
import { SHARDS_MAX } from "./limits.ts";
import { Sketch } from "./sketch.ts";
import { visitorNamed } from "./traffic.ts";

test("a visitor has one shard, and shards get about as many each", () => {
  for (const shards of [1, 2, 3, 8, SHARDS_MAX]) {
    const counts = Array.from({ length: shards }, () => 0);
    for (let n = 0; n < 20_000; n++) counts[shardOf(visitorNamed(`${n}`), shards)]! += 1;
    for (const count of counts) expect(Math.abs(count - 20_000 / shards)).toBeLessThan(6 * Math.sqrt(20_000 / shards));
  }
  expect(shardOf("ffffffffffffffff", SHARDS_MAX)).toBe(SHARDS_MAX - 1);
  expect(shardOf("0000000000000000", SHARDS_MAX)).toBe(0);
});

test("a shard's own visitors are counted as well as all visitors are", () => {
  // A sketch goes by bits of the visitor too: were they the same, all of a shard's would fall into a few registers.
  for (const shards of [2, 4, SHARDS_MAX]) {
    const sketch = new Sketch();
    let visitors = 0;
    for (let n = 0; visitors < 5_000; n++) {
      const visitor = visitorNamed(`${n}`);
      if (shardOf(visitor, shards) !== shards - 1) continue;
      visitors++;
      sketch.addHex(visitor);
    }
    expect(Math.abs(sketch.cardinality() / visitors - 1)).toBeLessThan(0.05);
  }
});

test("every shard of every merchant has a name of its own", () => {
  expect(shardName("m_a", 0)).toBe("m_a/0");
  expect(shardName("m_a", 1)).not.toBe(shardName("m_a1", 0));
});
