// Which numbers a merchant's range has just now, without reading them: the books say which generation of each day readers
// see and how far it is sealed, the objects which hours they hold at which sequence. As long as both are the same, so is
// every answer about the range. Asking costs a small question to each object, and one to Postgres.

import type { Range } from "../core/date-range.ts";
import { REPORT_SOURCE_MS_MAX } from "../core/limits.ts";
import type { Merchant } from "../core/merchant.ts";
import { dayAt } from "../core/zone.ts";
import { database } from "../migrations/database.ts";
import type { Env } from "./env.ts";
import { hearShards } from "./shards.ts";
import { within } from "./within.ts";

export interface Books {
  /** Of the days that are not as they were counted live and open. */
  digest: string;
  /** Every day of every shard is sealed, so what the objects hold does not matter. */
  allSealed: boolean;
}

/** By shard; null when an object does not answer. */
export async function heldByObjects(env: Env, merchant: Merchant, ranges: readonly Range[]): Promise<string | null> {
  const fromMs = Math.min(...ranges.map((range) => range.fromMs));
  const toMs = Math.max(...ranges.map((range) => range.toMs));
  const startMs = dayAt(merchant.zone, fromMs).startMs;
  const answers = await hearShards(env, merchant, (shard) => shard.heldHours(startMs, toMs));
  const held = answers.map((answer) => (answer.ok ? answer.value : null));
  if (held.includes(null)) return null;
  return held.every((each) => each === "") ? "" : held.join("/");
}

// One descent of the primary key a date, whatever the planner believes about the table.
const BOOKS = `
  SELECT coalesce(md5(string_agg(concat_ws('/', b.date, b.shard, b.generation, b.sealed_seq), ' ' ORDER BY b.date, b.shard)), '') AS digest,
    (SELECT count(*) FROM asked)::float8 AS days, (count(*) FILTER (WHERE b.sealed_at IS NOT NULL))::float8 AS sealed
  FROM asked CROSS JOIN LATERAL (
    SELECT * FROM day_book b
    WHERE b.date = asked.date AND b.merchant = $1 AND (b.sealed_at IS NOT NULL OR b.generation <> 0) OFFSET 0
  ) AS b`;
const ASKED = `
  WITH asked AS (
    SELECT DISTINCT date::date FROM unnest($2::date[], $3::date[]) AS range (first, last),
      generate_series(range.first, range.last, interval '1 day') AS date
  )`;

/** Null when Postgres does not answer. */
export async function booksOf(env: Env, merchant: Merchant, ranges: readonly Range[]): Promise<Books | null> {
  const dates = ranges.map((range) => datesOf(merchant.zone, range));
  const parameters = [merchant.id, dates.map(([first]) => first), dates.map(([, last]) => last)];
  const answer = await within(REPORT_SOURCE_MS_MAX, database(env).query(ASKED + BOOKS, parameters));
  if (!answer.ok) {
    console.warn(`reports: the books did not answer: ${String(answer.failure)}`);
    return null;
  }
  const [row] = answer.value as { digest: string; days: number; sealed: number }[];
  return { digest: row!.digest, allSealed: row!.sealed >= row!.days * merchant.shards };
}

/** The first and the last local date that the range touches. */
function datesOf(zone: string, { fromMs, toMs }: Range): [string, string] {
  const first = dayAt(zone, fromMs);
  const last = toMs > fromMs ? dayAt(zone, toMs - 1) : first;
  return [first.date, last.date];
}
