import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Bindings } from "./bindings.ts";
import { backoffSeconds } from "./delivery.ts";
import { chunkMessage, eventLine, overflowMessage, rollupMessage, rollupOf, worldOf } from "./doubles.ts";
import { handleQueue } from "./index.ts";

test("on the platform's own batches each message ends by itself: poison and good acknowledged, the unlucky again", async () => {
  const world = worldOf(env as unknown as Bindings);
  world.shards.unreachable.add("m_platform2/0");
  const consume = async (queue: string, bodies: readonly unknown[]) => {
    const messages = bodies.map((body, index) => ({ id: `${index}`, timestamp: new Date(), attempts: 1, body }));
    const batch = createMessageBatch(queue, messages);
    await handleQueue(batch, world.env);
    const { explicitAcks, retryMessages, ackAll, retryBatch } = await getQueueResult(batch, createExecutionContext());
    return {
      acked: explicitAcks.toSorted(),
      retried: retryMessages.map(({ msgId }) => msgId),
      ackAll,
      retry: retryBatch.retry,
    };
  };
  const asOneByOne = { acked: ["0", "2"], retried: ["1"], ackAll: false, retry: false };
  expect(
    await consume("events", ["poison", await chunkMessage("m_platform2", 1), await chunkMessage("m_platform1", 1)]),
  ).toEqual(asOneByOne);
  const hours = [rollupOf("m_platform2", 1), rollupOf("m_platform1", 1)];
  expect(
    await consume("rollups", ["poison", ...(await Promise.all(hours.map((hour) => rollupMessage(hour))))]),
  ).toEqual(asOneByOne);
  expect(
    await consume("overflow", [
      "poison",
      overflowMessage("m_platform2", eventLine("1")),
      overflowMessage("m_platform1", eventLine("1")),
    ]),
  ).toEqual(asOneByOne);
  expect(world.dead.sent.length).toBe(3);
});

test("a queue without a consumer is a mistake in the configuration, and its messages stay", async () => {
  const { env: world } = worldOf(env as unknown as Bindings);
  await expect(handleQueue(createMessageBatch("strangers", []), world)).rejects.toThrow(
    "no consumer for the queue strangers",
  );
});

test("when even the dead letters are away, poison comes again", async () => {
  const queue = { send: () => Promise.reject(new Error("away")) } as unknown as Bindings["DEAD_LETTERS_QUEUE"];
  const { deliver } = worldOf(env as unknown as Bindings, { DEAD_LETTERS_QUEUE: queue });
  for (const name of ["events", "rollups", "overflow"])
    expect(await deliver(name, ["poison"], 3)).toEqual({ acked: [], retried: [{ at: 0, delaySeconds: 8 }] });
});

test("patience doubles up to five minutes", () => {
  expect([0, 1, 2, 3, 8, 9, 50, 2_000].map(backoffSeconds)).toEqual([2, 2, 4, 8, 256, 300, 300, 300]);
});
