// What there is to go through for a scan: each day of each shard either as the file of its seal, in the generation that readers
// see, or, while there is no seal, as its object says that it stands. Postgres and the objects are asked at the same time.

import { REPORT_SOURCE_MS_MAX } from "../core/limits.ts";
import type { Merchant } from "../core/merchant.ts";
import type { UnsealedDay, UnsealedDays } from "../core/messages.ts";
import type { ScannedDay } from "../core/scan-days.ts";
import { ok, type Result } from "../core/result.ts";
import { database } from "../migrations/database.ts";
import type { Env } from "./env.ts";
import { hearShards, shardAway } from "./shards.ts";
import { within } from "./within.ts";

export interface SealedUnit {
  kind: "sealed";
  day: ScannedDay;
  shard: number;
  generation: number;
  /** Events that were accepted for it. */
  events: number;
}

export interface OpenUnit {
  kind: "open";
  day: ScannedDay;
  shard: number;
  unsealed: UnsealedDay;
  /** The log sequence that it is as of. */
  seq: number;
}

export type ScanUnit = SealedUnit | OpenUnit;

export interface ScanUnits {
  units: ScanUnit[];
  /** Everything accepted before is in them; null when an object did not answer. */
  freshToMs: number | null;
  stale: string[];
  /** Dates whose single events are no longer kept, ascending. */
  notKept: string[];
}

interface Booked {
  date: string;
  shard: number;
  generation: number;
  sealed: boolean;
  dropped: boolean;
  events: number;
}

/** Fails when Postgres does not answer: nobody else knows which files to read. */
export async function findUnits(
  env: Env,
  merchant: Merchant,
  days: readonly ScannedDay[],
): Promise<Result<ScanUnits, unknown>> {
  if (days.length === 0) return ok({ units: [], freshToMs: null, stale: [], notKept: [] });
  const [books, answers] = await Promise.all([
    within(REPORT_SOURCE_MS_MAX, readBooks(env, merchant, days)),
    hearShards(env, merchant, (shard) => shard.unsealedDays(days[0]!.day.date, days.at(-1)!.day.date)),
  ]);
  if (!books.ok) return books;
  const units = new Units(merchant, days, answers);
  const unknown = units.take(books.value);
  if (unknown.length === 0) return ok(units.all());
  // Neither sealed nor open: it was sealed while both were asked.
  const again = await within(REPORT_SOURCE_MS_MAX, readBooks(env, merchant, unknown));
  if (!again.ok) return again;
  for (const { day } of units.take(again.value))
    units.stale.push(`Events of ${day.date} cannot be read just now: they are missing.`);
  return ok(units.all());
}

class Units {
  readonly stale: string[] = [];
  readonly #notKept = new Set<string>();
  readonly #days: ReadonlyMap<string, ScannedDay>;
  readonly #answers: readonly Result<UnsealedDays, unknown>[];
  readonly #units = new Map<string, ScanUnit>();

  constructor(merchant: Merchant, days: readonly ScannedDay[], answers: readonly Result<UnsealedDays, unknown>[]) {
    this.#days = new Map(days.map((each) => [each.day.date, each]));
    this.#answers = answers;
    for (const [shard, answer] of answers.entries()) {
      if (answer.ok) for (const unsealed of answer.value.days) this.#addOpen(shard, unsealed, answer.value.seq);
      else this.stale.push(shardAway(merchant, shard, answer.failure, "days that are not sealed are missing."));
    }
  }

  /** Gives the days of which something is neither sealed nor open. What is sealed is so, whatever the object says. */
  take(books: readonly Booked[]): ScannedDay[] {
    const unknown = new Set<ScannedDay>();
    for (const { date, shard, generation, sealed, dropped, events } of books) {
      const day = this.#days.get(date)!;
      if (dropped) {
        this.#notKept.add(date);
        continue;
      }
      const key = `${date}/${shard}`;
      if (sealed) this.#units.set(key, { kind: "sealed", day, shard, generation, events });
      else if (!this.#units.has(key) && events > 0 && this.#answers[shard]?.ok === true) unknown.add(day);
    }
    return [...unknown];
  }

  all(): ScanUnits {
    const clocks = this.#answers.flatMap((answer) => (answer.ok ? [answer.value.asOfMs] : []));
    const freshToMs = clocks.length === this.#answers.length ? Math.min(...clocks) : null;
    return { units: [...this.#units.values()], freshToMs, stale: this.stale, notKept: [...this.#notKept].sort() };
  }

  #addOpen(shard: number, unsealed: UnsealedDay, seq: number): void {
    const day = this.#days.get(unsealed.date);
    if (day !== undefined) this.#units.set(`${unsealed.date}/${shard}`, { kind: "open", day, shard, unsealed, seq });
  }
}

/** $1 merchant, $2 dates. One descent of the primary key for each. */
const BOOKS = `SELECT found.* FROM unnest($2::date[]) AS asked (date) CROSS JOIN LATERAL (
    SELECT b.date::text, b.shard::float8, b.generation::float8, b.sealed_at IS NOT NULL AS sealed,
      b.events_dropped_at IS NOT NULL AS dropped, b.accepted::float8 AS events
    FROM day_book b WHERE b.date = asked.date AND b.merchant = $1 OFFSET 0
  ) AS found`;

const readBooks = async (env: Env, merchant: Merchant, days: readonly ScannedDay[]): Promise<Booked[]> =>
  (await database(env).query(BOOKS, [merchant.id, days.map(({ day }) => day.date)])) as Booked[];
