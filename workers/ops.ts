// What ops asks of a running system: the dead letters (list, look, retry, delete), how a merchant's shards stand, and
// the books of a day. Mounted under /api/ops behind the operator token; the guard is the mounter's.

import { type Context, Hono } from "hono";
import { balanced, type Books, emptyBooks } from "../core/books.ts";
import { letterKey, LETTERS_PREFIX, messageOf, readLetter, type StoredLetter } from "../core/dead-letter.ts";
import type { Merchant } from "../core/merchant.ts";
import type { ShardStatus } from "../core/messages.ts";
import { LATE } from "../core/shard.ts";
import { database } from "../migrations/database.ts";
import { refuse } from "./accounts-body.ts";
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
    const letters = page.objects.map(({ key, size, customMetadata }) => ({
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
    const shards = await booksByShard(c.env, merchant, date);
    const books = shards.map((shard) => shard.books).reduce(sum, emptyBooks());
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
    default:
      return null;
  }
};

interface ShardBooks {
  shard: number;
  /** An object that still has the day knows more than what it has published. */
  from: "object" | "day book";
  books: Books;
}

const booksByShard = async (env: Env, merchant: Merchant, date: string): Promise<ShardBooks[]> => {
  const [rows, statuses] = await Promise.all([
    database(env)`SELECT shard, received::float8, accepted::float8, duplicate::float8, rejected, verdicts,
      sealed_at IS NOT NULL AS sealed FROM day_book WHERE date = ${date} AND merchant = ${merchant.id}`,
    askShards(env, merchant, (shard) => shard.status()),
  ]);
  const byShard = new Map<number, ShardBooks>();
  const sealed = new Map<number, Books>();
  for (const { shard, sealed: isSealed, ...books } of rows) {
    byShard.set(Number(shard), { shard: Number(shard), from: "day book", books: books as Books });
    if (isSealed === true) sealed.set(Number(shard), books as Books);
  }
  for (const { shard, from, books } of statuses.flatMap((status) => openBooks(status, date))) {
    const book = sealed.get(shard);
    byShard.set(shard, { shard, from, books: book === undefined ? books : sinceSeal(book, books) });
  }
  return [...byShard.values()].toSorted((a, b) => a.shard - b.shard);
};

/** What a seal or a replay has counted stands in the day book; of what came after, the object knows how much it is. */
const sinceSeal = (book: Books, object: Books): Books => {
  const { [LATE]: _, ...verdicts } = book.verdicts;
  const late = object.accepted - Object.values(verdicts).reduce((total, n) => total + n, 0);
  return { ...object, verdicts: late > 0 ? { ...verdicts, [LATE]: late } : verdicts };
};

const openBooks = ({ shard, days }: ShardStatus, date: string): ShardBooks[] =>
  days.filter((day) => day.date === date).map(({ books }) => ({ shard, from: "object", books }));

const sum = (a: Books, b: Books): Books => ({
  received: a.received + b.received,
  accepted: a.accepted + b.accepted,
  duplicate: a.duplicate + b.duplicate,
  rejected: sumOf(a.rejected, b.rejected),
  verdicts: sumOf(a.verdicts, b.verdicts),
});

const sumOf = (a: Record<string, number>, b: Record<string, number>): Record<string, number> => {
  const total = { ...a };
  for (const [key, n] of Object.entries(b)) total[key] = (total[key] ?? 0) + n;
  return total;
};
