// For tests of reports: shards that hold hours as a real one does (and may be away), and a way to publish hours.

import type { HoursAnswer, HoursRequest } from "../core/messages.ts";
import { DIMENSIONS, MEASURES, type Rollup } from "../core/rollup.ts";
import { database } from "../migrations/database.ts";
import type { Env } from "./env.ts";

export const AS_OF_MS = Date.parse("2026-01-06T12:34:56Z");

export class Shards {
  readonly asked: { name: string; request: HoursRequest }[] = [];
  readonly away = new Set<string>();
  readonly #hours = new Map<string, { rollup: Rollup; confirmedSeq: number }[]>();

  readonly namespace = { getByName: (name: string) => this.#object(name) } as unknown as Env["MERCHANT_SHARD"];

  /** The shard has this hour; Postgres has confirmed it up to `confirmedSeq`. */
  hold(rollup: Rollup, confirmedSeq = 0): void {
    const name = `${rollup.merchant}/${rollup.shard}`;
    this.#hours.set(name, [...(this.#hours.get(name) ?? []), { rollup, confirmedSeq }]);
  }

  #object(name: string) {
    return {
      hours: async (request: HoursRequest): Promise<HoursAnswer> => {
        this.asked.push({ name, request });
        if (this.away.has(name)) throw new Error("overloaded");
        const held = (this.#hours.get(name) ?? []).filter(
          ({ rollup }) => rollup.hour >= request.fromMs && rollup.hour < request.toMs,
        );
        const isConfirmed = ({ rollup, confirmedSeq }: (typeof held)[number]) => confirmedSeq >= rollup.seq;
        const confirmed = request.all ? [] : held.filter(isConfirmed);
        const sent = held
          .filter((each) => request.all || !isConfirmed(each))
          .map(({ rollup }) => part(rollup, request));
        return {
          hours: sent,
          confirmed: confirmed.map(({ rollup }) => rollup.hour),
          confirmedSeqs: confirmed.map(({ rollup }) => rollup.seq),
          asOfMs: AS_OF_MS,
          seq: 1,
        };
      },
    };
  }
}

/** Only what was asked for, so that what is missing in the request is missed in the answer. */
const part = (rollup: Rollup, { dimensions, minutes, sketches }: HoursRequest): Rollup => ({
  ...rollup,
  minutes: minutes ? rollup.minutes : null,
  dimensions: Object.fromEntries(dimensions.map((name) => [name, rollup.dimensions[name]])),
  sketches: sketches ? Object.fromEntries(dimensions.map((name) => [name, rollup.sketches[name]])) : {},
});

/** Writes hours to Postgres as they would rest there. */
export async function publish(env: Env, rollups: readonly Rollup[]): Promise<void> {
  const json = ["minutes", ...DIMENSIONS, "sketches"];
  const columns = [
    "date",
    "hour",
    "merchant",
    "shard",
    "seq",
    "currency",
    "foreign_orders",
    "anonymous",
    "identified",
    ...MEASURES,
    ...json,
  ];
  for (const rollup of rollups) {
    const values = [
      rollup.date,
      new Date(rollup.hour).toISOString(),
      rollup.merchant,
      rollup.shard,
      rollup.seq,
      rollup.currency,
      rollup.foreign,
      bytea(rollup.anonymous),
      bytea(rollup.identified),
      ...MEASURES.map((measure) => rollup.totals[measure]),
      ...[rollup.minutes, ...DIMENSIONS.map((name) => rollup.dimensions[name]), rollup.sketches].map((value) =>
        value === null || value === undefined ? null : JSON.stringify(value),
      ),
    ];
    const places = values.map((_, index) => `$${index + 1}`);
    await database(env).query(
      `INSERT INTO hourly_rollups (${columns.map((name) => `"${name}"`).join(", ")}) VALUES (${places.join(", ")})`,
      values,
    );
  }
}

const bytea = (hex: string | null): string | null => (hex === null ? null : `\\x${hex}`);
