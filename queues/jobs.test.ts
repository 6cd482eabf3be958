import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Bindings } from "./bindings.ts";
import { handleJobs } from "./jobs.ts";

function batchOf(...bodies: unknown[]) {
  const acked: number[] = [];
  const retried: number[] = [];
  const messages = bodies.map((body, at) => ({
    body,
    attempts: 3,
    ack: () => void acked.push(at),
    retry: () => void retried.push(at),
  }));
  return { batch: { queue: "jobs", messages } as unknown as MessageBatch, acked, retried };
}

test("each message ends by itself: done, again later, failed, or no job at all", async () => {
  const letters: unknown[] = [];
  const DEAD_LETTERS_QUEUE = { send: async (letter: unknown) => void letters.push(letter) };
  const world = { ...(env as unknown as Bindings), DEAD_LETTERS_QUEUE } as unknown as Bindings;
  const { batch, acked, retried } = batchOf(
    { kind: "job", id: "done" },
    { kind: "job", id: "again" },
    { kind: "job", id: "throws" },
    { kind: "jobs" },
  );
  const taken: [string, number][] = [];
  await handleJobs(batch, world, async (id, attempts) => {
    taken.push([id, attempts]);
    if (id === "throws") throw new Error("R2 is away");
    return id === "done" ? "done" : "again";
  });
  expect(taken).toEqual([
    ["done", 3],
    ["again", 3],
    ["throws", 3],
  ]);
  expect([acked, retried]).toEqual([
    [0, 3],
    [1, 2],
  ]);
  expect(letters).toMatchObject([{ queue: "jobs", reason: "not a job" }]);
});
