import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Bindings } from "./bindings.ts";
import { overflowMessage, worldOf } from "./doubles.ts";

const bindings = env as unknown as Bindings;

test("batches are appended as they were, in order", async () => {
  const { shards, deliver } = worldOf(bindings);
  const messages = ["1", "2", "3"].map((line) => overflowMessage("m_late", line));
  expect(await deliver("overflow", messages)).toEqual({ acked: [0, 1, 2], retried: [] });
  expect(shards.appended.get("m_late/0")).toEqual(messages.map(({ batch }) => batch));
});

test("an overloaded object is left alone after its first refusal; others get theirs, poison is buried", async () => {
  const { shards, dead, deliver } = worldOf(bindings);
  shards.unreachable.add("m_busy/0");
  const { batch } = overflowMessage("m_idle", "{}");
  const poison = [
    { kind: "overflow", batch: { ...batch, lines: "{}" } },
    { kind: "overflow", batch: { ...batch, shard: -1 } },
    7,
  ];
  const outcome = await deliver("overflow", [
    overflowMessage("m_busy", "1"),
    overflowMessage("m_idle", "1"),
    overflowMessage("m_busy", "2"),
    ...poison,
  ]);
  expect(outcome.acked).toEqual([1, 3, 4, 5]);
  expect(outcome.retried.map(({ at }) => at)).toEqual([0, 2]);
  expect(shards.calls.get("m_busy/0")).toBe(1);
  expect(dead.sent.length).toBe(3);
});
