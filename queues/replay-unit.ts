// A unit of a replay in Postgres: claimed by an attempt, written to by the latest attempt alone, ended. What an attempt
// writes belongs to the run's generation, which no reader sees before the run is applied.

import type { NeonQueryPromise } from "@neondatabase/serverless";
import type { Finding } from "../core/audit.ts";
import type { DayRollup } from "../core/day-rollup.ts";
import type { CountedAs, Processing } from "../core/processing.ts";
import type { DayDifference, RunKind } from "../core/replay.ts";
import type { Rollup } from "../core/rollup.ts";
import type { Rules, RunRules } from "../core/rules.ts";
import type { Sql } from "../migrations/database.ts";
import type { DayKey } from "./published-day.ts";
import { WRITE_DAYS, WRITE_HOURS } from "./statement.ts";

export interface UnitKey extends DayKey {
  run: number;
}

/** One attempt at a unit, and what the day book says of the day as it begins. */
export interface Claim {
  claim: number;
  kind: RunKind;
  attempts: number;
  rules: RunRules;
  processing: Processing;
  /** The generation that readers see. */
  base: number;
  /** Neither sealed nor found to differ: the object has it, and goes on counting it. */
  isOpen: boolean;
  /** The run has been applied but for this day, which waited for its seal. */
  atSeal: boolean;
  /** Null: the day is closed, but could not be sealed. */
  sealedSeq: number | null;
  /** What the present numbers were counted by; null when that is not recorded. */
  countedAs: CountedAs | null;
  /** Its single events are no longer kept. */
  isDropped: boolean;
  /** The newest of the merchant's rules as the day began; null for none. For when it is not recorded. */
  rulesThen: Rules | null;
}

/** Null when there is nothing to do: the unit is done, or its run is over, or there is none. `startMs`: when the day begins. */
export async function claimUnit(
  sql: Sql,
  { run, merchant, date, shard }: UnitKey,
  startMs: number,
): Promise<Claim | null> {
  const [row] = await sql`
    WITH claimed AS (
      UPDATE replay_units u SET claim = claim + 1, attempts = attempts + 1 FROM replay_runs r
      WHERE u.run = ${run} AND u.merchant = ${merchant} AND u.date = ${date} AND u.shard = ${shard}
        AND r.id = u.run AND u.state <> 'done' AND (r.state IN ('counting', 'applying') OR u.at_seal)
      RETURNING u.claim, u.attempts, u.at_seal AS "atSeal", r.kind, r.rules, r.processing
    )
    SELECT claimed.*, b.generation AS base, b.sealed_seq::float8 AS "sealedSeq", b.counted_as AS "countedAs",
      b.sealed_at IS NULL AND b.proven IS NULL AS "isOpen", b.events_dropped_at IS NOT NULL AS "isDropped", (
        SELECT v.rules::jsonb || jsonb_build_object('version', v.version)
        FROM rules_versions v
        WHERE v.merchant = b.merchant AND v.at < to_timestamp(${startMs}::float8 / 1000)
        ORDER BY v.version DESC LIMIT 1) AS "rulesThen"
    FROM claimed, day_book b WHERE b.date = ${date} AND b.merchant = ${merchant} AND b.shard = ${shard}`;
  return (row as Claim | undefined) ?? null;
}

export interface CountedUnit {
  base: number;
  sealedSeq: number | null;
  through: number;
  /** As of when a day that is open was counted; null for one that is closed. */
  previewAtMs: number | null;
  rows: number;
  verdicts: Record<string, number>;
  proof: string;
  countedAs: CountedAs;
  daily: DayRollup | null;
  difference: DayDifference;
}

/** Another attempt has begun, or the run is over: this one writes no more. */
export class Superseded extends Error {}

const DIVISION_BY_ZERO = "22012";

export class UnitWriter {
  readonly #sql: Sql;
  readonly #key: UnitKey;
  readonly #claim: number;

  constructor(sql: Sql, key: UnitKey, claim: number) {
    this.#sql = sql;
    this.#key = key;
    this.#claim = claim;
  }

  /** Removes what attempts before this one have written. `hours`: the first instants of the day's. */
  async clear(hours: readonly number[]): Promise<void> {
    const { run, merchant, date, shard } = this.#key;
    const instants = hours.map((hourMs) => new Date(hourMs).toISOString());
    await this.#write(
      this.#sql`DELETE FROM hourly_rollups WHERE date = ${date} AND hour = ANY(${instants}::timestamptz[])
        AND merchant = ${merchant} AND shard = ${shard} AND generation = ${run}`,
      this.#sql`DELETE FROM daily_rollups
        WHERE date = ${date} AND merchant = ${merchant} AND shard = ${shard} AND generation = ${run}`,
    );
  }

  async hours(hours: readonly Rollup[]): Promise<void> {
    if (hours.length > 0) await this.#write(this.#sql.query(WRITE_HOURS, [JSON.stringify(hours), this.#key.run]));
  }

  async done(counted: CountedUnit): Promise<void> {
    const { run, merchant, date, shard } = this.#key;
    const { base, sealedSeq, through, previewAtMs, rows, verdicts, proof, countedAs, daily, difference } = counted;
    const sql = this.#sql;
    // A preview is looked at and forgotten: what is applied is counted at the seal.
    const days = daily === null || previewAtMs !== null ? [] : [daily];
    await this.#write(
      sql.query(WRITE_DAYS, [JSON.stringify(days), run]),
      sql`UPDATE replay_units SET state = 'done', error = NULL, base_generation = ${base}, sealed_seq = ${sealedSeq},
          through = ${through}, preview_at = to_timestamp(${previewAtMs}::float8 / 1000), rows = ${rows}, verdicts = ${JSON.stringify(verdicts)}, proof = ${proof},
          counted_as = ${JSON.stringify(countedAs)}, difference = ${JSON.stringify(difference)}
        WHERE run = ${run} AND merchant = ${merchant} AND date = ${date} AND shard = ${shard}`,
      ...this.#progress(),
    );
  }

  /** Of an audit: nothing of it is ever seen by readers. */
  async audited(findings: readonly Finding[], rows: number): Promise<void> {
    const { run, merchant, date, shard } = this.#key;
    await this.#write(
      this.#sql`UPDATE replay_units SET state = 'done', error = NULL, rows = ${rows}, findings = ${JSON.stringify(findings)}
        WHERE run = ${run} AND merchant = ${merchant} AND date = ${date} AND shard = ${shard}`,
      ...this.#progress(),
    );
  }

  /** Of an erasure: what changed of the day has been noted with the change. */
  async erased(rows: number): Promise<void> {
    const { run, merchant, date, shard } = this.#key;
    await this.#write(
      this.#sql`UPDATE replay_units SET state = 'done', error = NULL, rows = ${rows}
        WHERE run = ${run} AND merchant = ${merchant} AND date = ${date} AND shard = ${shard}`,
      ...this.#progress(),
    );
  }

  /** This attempt could not be made now, and is not counted as one. */
  async notNow(): Promise<void> {
    const { run, merchant, date, shard } = this.#key;
    await this.#write(
      this.#sql`UPDATE replay_units SET attempts = attempts - 1
        WHERE run = ${run} AND merchant = ${merchant} AND date = ${date} AND shard = ${shard}`,
    );
  }

  /** The unit cannot be counted; the run goes on without it. */
  async failed(error: string): Promise<void> {
    const { run, merchant, date, shard } = this.#key;
    await this.#write(
      this.#sql`UPDATE replay_units SET state = 'failed', attempts = 0, error = ${error}
        WHERE run = ${run} AND merchant = ${merchant} AND date = ${date} AND shard = ${shard}`,
      ...this.#progress(),
    );
  }

  /** The run's row is locked before it is looked whether this was the last unit: of two at once, the second sees both. */
  #progress() {
    const { run } = this.#key;
    return [
      this.#sql`SELECT FROM replay_runs WHERE id = ${run} FOR UPDATE`,
      this.#sql`UPDATE replay_runs SET progress_at = now(), finished_at = CASE WHEN NOT EXISTS (
        SELECT FROM replay_units WHERE run = ${run} AND state = 'queued') AND listing IS NULL THEN now() END WHERE id = ${run}`,
    ];
  }

  /** In one transaction, and only while this is the latest attempt. */
  async #write(...statements: NeonQueryPromise<false, false>[]): Promise<void> {
    const { run, merchant, date, shard } = this.#key;
    const isMine = this.#sql`SELECT 1 / count(*) FROM (
      SELECT FROM replay_units u JOIN replay_runs r ON r.id = u.run
      WHERE u.run = ${run} AND u.merchant = ${merchant} AND u.date = ${date} AND u.shard = ${shard}
        AND u.claim = ${this.#claim} AND u.state <> 'done'
        AND (r.state IN ('counting', 'applying') OR u.at_seal) FOR UPDATE OF u) AS mine`;
    try {
      await this.#sql.transaction([isMine, ...statements]);
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === DIVISION_BY_ZERO)
        throw new Superseded("another attempt has begun, or the run is over", { cause: error });
      throw error;
    }
  }
}
