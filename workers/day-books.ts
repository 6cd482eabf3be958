// The books of a merchant's days: what Postgres has, and for days that an object still has, what the object says.

import type { Books } from "../core/books.ts";
import type { Merchant } from "../core/merchant.ts";
import type { ShardStatus } from "../core/messages.ts";
import type { RejectedExample } from "../core/rejected-example.ts";
import { LATE } from "../core/shard.ts";
import { database } from "../migrations/database.ts";
import type { Env } from "./env.ts";
import { askShards } from "./shards.ts";

export interface ShardBooks {
  date: string;
  shard: number;
  /** An object that still has the day knows more than what it has published. */
  from: "object" | "day book";
  books: Books;
  /** Whether readers see numbers that a seal or a replay has counted, and whether these are what was published. */
  sealed: boolean;
  proven: boolean | null;
  /** The version of the rules that a seal or a replay has counted by; null where none is recorded. */
  rulesVersion: number | null;
}

export interface MerchantBooks {
  /** By date and shard. */
  days: ShardBooks[];
  /** Oldest first. */
  rejectedExamples: RejectedExample[];
}

interface Row extends Books {
  date: string;
  shard: number;
  sealed: boolean;
  proven: boolean | null;
  rulesVersion: number | null;
}

/** Dates are local, both included. Throws when Postgres or one of the objects does not answer. */
export async function booksOf(env: Env, merchant: Merchant, from: string, to: string): Promise<MerchantBooks> {
  const [rows, statuses] = await Promise.all([
    database(
      env,
    )`SELECT date::text, shard::float8, received::float8, accepted::float8, duplicate::float8, rejected, verdicts,
      sealed_at IS NOT NULL AS sealed, proven, (counted_as #>> '{rules,version}')::float8 AS "rulesVersion"
      FROM day_book WHERE merchant = ${merchant.id} AND date BETWEEN ${from} AND ${to}`,
    askShards(env, merchant, (shard) => shard.status()),
  ]);
  const days = new Map<string, ShardBooks>();
  for (const { date, shard, sealed, proven, rulesVersion, ...books } of rows as Row[])
    days.set(`${date}/${shard}`, { date, shard, from: "day book", books, sealed, proven, rulesVersion });
  for (const one of statuses.flatMap(booksInObject)) {
    if (one.date < from || one.date > to) continue;
    const key = `${one.date}/${one.shard}`;
    const book = days.get(key);
    const { sealed = false, proven = null, rulesVersion = null } = book ?? {};
    const books = book?.sealed === true ? sinceSeal(book.books, one.books) : one.books;
    days.set(key, { ...one, books, sealed, proven, rulesVersion });
  }
  return {
    days: [...days.values()].toSorted((a, b) => (a.date === b.date ? a.shard - b.shard : a.date < b.date ? -1 : 1)),
    rejectedExamples: statuses
      .flatMap(({ rejectedExamples = [] }) => rejectedExamples)
      .toSorted((a, b) => a.atMs - b.atMs),
  };
}

/** What a seal or a replay has counted stands in the day book; of what came after, the object knows how much it is. */
const sinceSeal = (book: Books, object: Books): Books => {
  const { [LATE]: _, ...verdicts } = book.verdicts;
  const late = object.accepted - Object.values(verdicts).reduce((total, n) => total + n, 0);
  return { ...object, verdicts: late > 0 ? { ...verdicts, [LATE]: late } : verdicts };
};

const booksInObject = ({ shard, days }: ShardStatus) =>
  days.map(({ date, books }) => ({ date, shard, from: "object" as const, books }));
