import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Bindings } from "./bindings.ts";
import { dropOldShelves } from "./old-shelves.ts";

const { ARCHIVE } = env as unknown as Bindings;
const DAY_MS = 86_400_000;

test("what seals and replays that died have left is removed after a day, bodies of messages after two weeks, nothing else", async () => {
  const shelves = ["outbox/m_a/0/seal-0b9d-1794610800000", "outbox/m_b/63/replay-7-2-1794610800000"];
  const body = "outbox/m_a/0/1794610800000-17-0";
  const others = ["raw/merchant=m_a/date=2026-11-20/s00-seal-1", "dead-letters/seal-1", "outbox.txt"];
  for (const key of [...shelves, body, ...others]) await ARCHIVE.put(key, "x");
  const keys = async () => (await ARCHIVE.list()).objects.map(({ key }) => key).sort();
  const uploadedMs = (await ARCHIVE.head(body))!.uploaded.getTime();
  expect(await dropOldShelves({ ARCHIVE }, uploadedMs + DAY_MS / 2)).toBe(0);
  expect(await dropOldShelves({ ARCHIVE }, uploadedMs + 2 * DAY_MS)).toBe(2);
  expect(await keys()).toEqual([body, ...others].sort());
  expect(await dropOldShelves({ ARCHIVE }, uploadedMs + 16 * DAY_MS)).toBe(1);
  expect(await keys()).toEqual(others.toSorted());
});
