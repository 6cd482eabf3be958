import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Bindings } from "./bindings.ts";
import { eventLine, overflowMessage, worldOf } from "./doubles.ts";

const bindings = env as unknown as Bindings;

test("batches are appended as they were, in order", async () => {
  const { shards, deliver } = worldOf(bindings);
  const messages = ["1", "2", "3"].map((id) => overflowMessage("m_late", eventLine(id)));
  // A newer Worker may know more of the merchant: it goes on.
  Object.assign(messages[1]!.batch.merchant, { excluded_pages: ["/admin"] });
  expect(await deliver("overflow", messages)).toEqual({ acked: [0, 1, 2], retried: [] });
  expect(shards.appended.get("m_late/0")).toEqual(messages.map(({ batch }) => batch));
});

test("an overloaded object is left alone after its first refusal; others get theirs, poison is buried", async () => {
  const { shards, dead, deliver } = worldOf(bindings);
  shards.unreachable.add("m_busy/0");
  const { batch } = overflowMessage("m_idle", eventLine("1"));
  const poison = [
    { kind: "overflow", batch: { ...batch, lines: "{}" } },
    { kind: "overflow", batch: { ...batch, shard: -1 } },
    7,
    ...["{", "{}", "[]", `${eventLine("a")}\n${eventLine("b")}`, eventLine("")].map((line) =>
      overflowMessage("m_idle", line),
    ),
  ];
  const outcome = await deliver("overflow", [
    overflowMessage("m_busy", eventLine("1")),
    overflowMessage("m_idle", eventLine("1")),
    overflowMessage("m_busy", eventLine("2")),
    ...poison,
  ]);
  expect(outcome.acked).toEqual([1, ...poison.map((_, index) => index + 3)]);
  expect(outcome.retried.map(({ at }) => at)).toEqual([0, 2]);
  expect(shards.calls.get("m_busy/0")).toBe(1);
  expect(dead.sent.length).toBe(poison.length);
});
