// What ops asks of a running system: the dead letters (list, look, retry, delete), how a merchant's shards stand, and
// the books of a day. Mounted under /api/ops behind the operator token; the guard is the mounter's.

import { type Context, Hono } from "hono";
import { balanced, emptyBooks, sumOfBooks } from "../core/books.ts";
import {
  letterKey,
  LETTERS_PREFIX,
  type ListedLetter,
  messageOf,
  readLetter,
  type StoredLetter,
} from "../core/dead-letter.ts";
import { refuse } from "./accounts-body.ts";
import { booksOf } from "./day-books.ts";
import type { Env } from "./env.ts";
import type { FindMerchant } from "./merchants.ts";
import { askShards } from "./shards.ts";

const LETTERS_PER_PAGE = 100;

export const opsRoutes = (findMerchant: FindMerchant): Hono<{ Bindings: Env }> => {
  const app = new Hono<{ Bindings: Env }>();

  app.get("/dead-letters", async (c) => {
    const cursor = c.req.query("cursor");
    const page = await c.env.ARCHIVE.list({
      prefix: LETTERS_PREFIX,
      limit: LETTERS_PER_PAGE,
      include: ["customMetadata"],
      ...(cursor === undefined ? {} : { cursor }),
    });
    const letters = page.objects.map(({ key, size, customMetadata }): ListedLetter => ({
      id: key.slice(key.lastIndexOf("/") + 1, -".json".length),
      queue: customMetadata?.["queue"] || null,
      reason: customMetadata?.["reason"] ?? "",
      at: customMetadata?.["at"] ?? "",
      bytes: size,
    }));
    return c.json({ letters, cursor: page.truncated ? page.cursor : null });
  });

  app.get("/dead-letters/:id", async (c) => {
    const letter = await findLetter(c.env, c.req.param("id"));
    return letter === null ? noSuchLetter(c) : c.json(letter);
  });

  app.post("/dead-letters/:id/retry", async (c) => {
    const id = c.req.param("id");
    const letter = await findLetter(c.env, id);
    if (letter === null) return noSuchLetter(c);
    const queue = queueNamed(c.env, letter.queue);
    if (queue === null) return refuse(c, 409, "unknown_queue", "It is not known which queue this letter came from.");
    // Sent before it is removed: dying in between sends it twice, and consumers do not mind that.
    await queue.send(messageOf(letter.message), { contentType: "v8" });
    await c.env.ARCHIVE.delete(letterKey(id)!);
    return c.json({ id, queue: letter.queue }, 202);
  });

  app.delete("/dead-letters/:id", async (c) => {
    const key = letterKey(c.req.param("id"));
    if (key === null || (await c.env.ARCHIVE.head(key)) === null) return noSuchLetter(c);
    await c.env.ARCHIVE.delete(key);
    return c.body(null, 204);
  });

  app.get("/merchants/:id/status", async (c) => {
    const merchant = await findMerchant(c.env, c.req.param("id"));
    if (merchant === null) return noSuchMerchant(c);
    return c.json({ merchant: merchant.id, shards: await askShards(c.env, merchant, (shard) => shard.status()) });
  });

  app.post("/merchants/:id/flush", async (c) => {
    const merchant = await findMerchant(c.env, c.req.param("id"));
    if (merchant === null) return noSuchMerchant(c);
    return c.json({ merchant: merchant.id, shards: await askShards(c.env, merchant, (shard) => shard.flush()) });
  });

  app.post("/merchants/:id/seal", async (c) => {
    const merchant = await findMerchant(c.env, c.req.param("id"));
    if (merchant === null) return noSuchMerchant(c);
    return c.json({ merchant: merchant.id, shards: await askShards(c.env, merchant, (shard) => shard.seal()) });
  });

  app.get("/merchants/:id/books", async (c) => {
    const date = c.req.query("date") ?? "";
    if (!/^\d{4}-\d{2}-\d{2}$/.test(date) || Number.isNaN(Date.parse(date)))
      return refuse(c, 400, "invalid", "A day of the merchant as YYYY-MM-DD.", "#/date");
    const merchant = await findMerchant(c.env, c.req.param("id"));
    if (merchant === null) return noSuchMerchant(c);
    const { days } = await booksOf(c.env, merchant, date, date);
    const shards = days.map(({ shard, from, books: ofShard }) => ({ shard, from, books: ofShard }));
    const books = shards.map((shard) => shard.books).reduce(sumOfBooks, emptyBooks());
    return c.json({ merchant: merchant.id, date, books, balanced: balanced(books), shards });
  });

  return app;
};

const noSuchLetter = (c: Context) => refuse(c, 404, "unknown_letter", "There is no such letter.");
const noSuchMerchant = (c: Context) => refuse(c, 404, "unknown_merchant", "There is no such merchant.");

const findLetter = async (env: Env, id: string): Promise<StoredLetter | null> => {
  const key = letterKey(id);
  const object = key === null ? null : await env.ARCHIVE.get(key);
  if (object === null) return null;
  const letter = readLetter(await object.text());
  return letter.ok ? letter.value : null;
};

const queueNamed = (env: Env, name: string | null): Queue | null => {
  switch (name) {
    case "events":
      return env.EVENTS_QUEUE;
    case "rollups":
      return env.ROLLUPS_QUEUE;
    case "overflow":
      return env.OVERFLOW_QUEUE;
    case "seal":
      return env.SEAL_QUEUE;
    case "replay":
      return env.REPLAY_QUEUE;
    case "jobs":
      return env.JOBS_QUEUE;
    default:
      return null;
  }
};
