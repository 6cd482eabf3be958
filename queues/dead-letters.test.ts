import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { LETTERS_PREFIX, messageOf, readLetter, type StoredLetter } from "../core/dead-letter.ts";
import type { Bindings } from "./bindings.ts";
import { chunkMessage, worldOf } from "./doubles.ts";

const bindings = env as unknown as Bindings;

const letters = async (): Promise<StoredLetter[]> => {
  const { objects } = await bindings.ARCHIVE.list({ prefix: `${LETTERS_PREFIX}2026-11-24/` });
  const texts = await Promise.all(objects.map(async ({ key }) => (await bindings.ARCHIVE.get(key))!.text()));
  return texts.map((text) => {
    const letter = readLetter(text);
    if (!letter.ok) throw new Error(letter.failure);
    return letter.value;
  });
};

test("letters are kept with their reason, once however often they come, and can be made messages again", async () => {
  const { deliver } = worldOf(bindings);
  const chunk = await chunkMessage("m_dead", 1);
  const letter = { kind: "dead-letter", queue: "events", reason: "body is not gzip – é", message: chunk };
  expect(await deliver("dead-letters", [letter, letter])).toEqual({ acked: [0, 1], retried: [] });
  expect(await deliver("dead-letters", [letter])).toEqual({ acked: [0], retried: [] });
  const [kept, ...others] = await letters();
  expect(others).toEqual([]);
  expect(kept).toMatchObject({ queue: "events", reason: "body is not gzip – é", at: "2026-11-24T09:00:00.000Z" });
  expect(messageOf(kept!.message)).toEqual(chunk);
});

test("what the platform gave up comes bare: its queue is told by its kind, and anything at all is kept", async () => {
  const { deliver } = worldOf(bindings);
  const cycle: { self?: unknown } = {};
  cycle.self = cycle;
  const bare = [await chunkMessage("m_bare", 1), { kind: "books" }, { kind: "overflow" }, "text", undefined, 7n, cycle];
  const outcome = await deliver("dead-letters", bare);
  expect(outcome).toEqual({ acked: bare.map((_, at) => at), retried: [] });
  const queues = (await letters()).filter(({ reason }) => reason.startsWith("given up")).map(({ queue }) => queue);
  expect(queues.map(String).toSorted()).toEqual(["events", "null", "null", "null", "null", "overflow", "rollups"]);
});

test("R2 away: letters come again", async () => {
  const ARCHIVE = { put: () => Promise.reject(new Error("away")) } as unknown as R2Bucket;
  expect(await worldOf(bindings, { ARCHIVE }).deliver("dead-letters", ["x"])).toEqual({
    acked: [],
    retried: [{ at: 0, delaySeconds: 2 }],
  });
});
