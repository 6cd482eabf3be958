import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { rawPrefix } from "../core/archive.ts";
import type { Bindings } from "./bindings.ts";
import { chunkMessage, gzip, worldOf } from "./doubles.ts";

const bindings = env as unknown as Bindings;
const keysOf = async (merchant: string): Promise<string[]> =>
  (await bindings.ARCHIVE.list({ prefix: rawPrefix(merchant, "2026-11-24") })).objects.map(({ key }) => key);

test("a chunk rests under its key as it came, and its object is told in one call", async () => {
  const { shards, deliver } = worldOf(bindings);
  const chunks = [await chunkMessage("m_kept", 1, 4), await chunkMessage("m_kept", 5)];
  expect(await deliver("events", chunks)).toEqual({ acked: [0, 1], retried: [] });
  expect(await keysOf("m_kept")).toEqual([
    "raw/merchant=m_kept/date=2026-11-24/s00-000000000001-000000000004.ndjson.gz",
    "raw/merchant=m_kept/date=2026-11-24/s00-000000000005-000000000005.ndjson.gz",
  ]);
  const object = await bindings.ARCHIVE.get(
    "raw/merchant=m_kept/date=2026-11-24/s00-000000000001-000000000004.ndjson.gz",
  );
  expect(object?.customMetadata).toEqual({ events: "3" });
  expect(object?.httpMetadata).toMatchObject({ contentType: "application/x-ndjson", contentEncoding: "gzip" });
  expect(new Uint8Array(await object!.arrayBuffer())).toEqual(chunks[0]!.body);
  expect(shards.calls.get("m_kept/0")).toBe(1);
  expect(shards.confirmed.get("m_kept/0")).toEqual([
    { kind: "chunk", date: "2026-11-24", from: 1, to: 4 },
    { kind: "chunk", date: "2026-11-24", from: 5, to: 5 },
  ]);
});

test("a key that exists is never written again, and is confirmed all the same", async () => {
  const { shards, deliver } = worldOf(bindings);
  const first = await chunkMessage("m_once", 1);
  await deliver("events", [first, first]);
  const before = await bindings.ARCHIVE.head((await keysOf("m_once"))[0]!);
  const other = { ...first, body: await gzip("1\n2\n3") };
  expect(await deliver("events", [other])).toEqual({ acked: [0], retried: [] });
  const after = await bindings.ARCHIVE.head((await keysOf("m_once"))[0]!);
  expect(after).toMatchObject({ etag: before!.etag, version: before!.version });
  expect(shards.confirmed.get("m_once/0")?.length).toBe(3);
});

test("poison is buried with its reason, and its neighbours are kept", async () => {
  const { dead, deliver } = worldOf(bindings);
  const good = await chunkMessage("m_good", 1);
  const poison: [unknown, RegExp][] = [
    [undefined, /expected object/],
    [{ ...good, kind: "rollup" }, /kind/],
    [{ ...good, merchant: "../m_good" }, /merchant/],
    [{ ...good, date: "2026-13-01" }, /date/],
    [{ ...good, shard: 64 }, /shard/],
    [{ ...good, from: 2, to: 1 }, /before/],
    [{ ...good, events: 4 }, /says 4 events and holds 3 lines/],
    [{ ...good, body: good.body.slice(4) }, /not gzip/],
    [{ ...good, body: await gzip("\n".repeat(24_000_001)) }, /longer than 24000000 bytes/],
  ];
  const outcome = await deliver("events", [...poison.map(([body]) => body), good]);
  expect(outcome).toEqual({ acked: Array.from({ length: poison.length + 1 }, (_, at) => at), retried: [] });
  for (const [index, [, reason]] of poison.entries())
    expect(dead.sent[index]).toMatchObject({ queue: "events", reason: expect.stringMatching(reason) });
  expect((await keysOf("m_good")).length).toBe(1);
});

test("R2 away: the chunk comes again, the object is told nothing", async () => {
  const ARCHIVE = { put: () => Promise.reject(new Error("away")) } as unknown as R2Bucket;
  const { shards, dead, deliver } = worldOf(bindings, { ARCHIVE });
  expect(await deliver("events", [await chunkMessage("m_r2", 1)], 2)).toEqual({
    acked: [],
    retried: [{ at: 0, delaySeconds: 4 }],
  });
  expect(shards.calls.size + dead.sent.length).toBe(0);
});

test("dying between R2 and the object: the chunk comes again and is confirmed then", async () => {
  const { shards, deliver } = worldOf(bindings);
  shards.unreachable.add("m_between/0");
  const chunk = await chunkMessage("m_between", 1);
  expect((await deliver("events", [chunk])).retried).toEqual([{ at: 0, delaySeconds: 2 }]);
  expect((await keysOf("m_between")).length).toBe(1);
  shards.unreachable.clear();
  expect(await deliver("events", [chunk], 2)).toEqual({ acked: [0], retried: [] });
  expect((await keysOf("m_between")).length).toBe(1);
  expect(shards.confirmed.get("m_between/0")).toEqual([{ kind: "chunk", date: "2026-11-24", from: 1, to: 1 }]);
});
