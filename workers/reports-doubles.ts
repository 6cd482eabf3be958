// For tests of reports: shards that hold hours as a real one does (and may be away), and ways to publish hours and
// sealed days.

import { Hono } from "hono";
import type { Guarded } from "./access.ts";
import type { DayRollup } from "../core/day-rollup.ts";
import type { HoursAnswer, HoursRequest } from "../core/messages.ts";
import { DIMENSIONS, type Rollup } from "../core/rollup.ts";
import { database } from "../migrations/database.ts";
import type { Env } from "./env.ts";

export const AS_OF_MS = Date.parse("2026-01-06T12:34:56Z");

export class Shards {
  readonly asked: { name: string; request: HoursRequest }[] = [];
  /** Whose held hours were asked for. */
  readonly checked: string[] = [];
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
      heldHours: async (fromMs: number, toMs: number): Promise<string> => {
        this.checked.push(name);
        if (this.away.has(name)) throw new Error("overloaded");
        const held = (this.#hours.get(name) ?? []).filter(({ rollup }) => rollup.hour >= fromMs && rollup.hour < toMs);
        return held.map(({ rollup }) => `${rollup.hour}:${rollup.seq}`).join(" ");
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
export async function publish(env: Env, rollups: readonly Rollup[], generation = 0): Promise<void> {
  for (const { hour, minutes, ...rollup } of rollups)
    await insert(env, "hourly_rollups", {
      ...rowOf(rollup, generation),
      hour: new Date(hour).toISOString(),
      minutes: json(minutes),
    });
}

/** Writes sealed days to Postgres as they would rest there. */
export async function publishDays(env: Env, days: readonly DayRollup[], generation = 0): Promise<void> {
  for (const { visitors, hours, ...day } of days)
    await insert(env, "daily_rollups", { ...rowOf(day, generation), visitors, hours: json(hours) });
}

/** Says in the day book that the day is sealed and which generation of it readers see. */
export async function seal(env: Env, { merchant, date, shard }: BookedDay, generation = 0): Promise<void> {
  const nothing = { received: 0, accepted: 0, duplicate: 0, rejected: "{}", verdicts: "{}" };
  await insert(env, "day_book", { merchant, date, shard, seq: 1, generation, sealed_at: "2026-11-24", ...nothing });
}

type BookedDay = Pick<Rollup, "merchant" | "date" | "shard">;

const rowOf = (rollup: Omit<Rollup, "hour" | "minutes">, generation: number): Record<string, unknown> => ({
  date: rollup.date,
  merchant: rollup.merchant,
  shard: rollup.shard,
  generation,
  seq: rollup.seq,
  currency: rollup.currency,
  foreign_orders: rollup.foreign,
  anonymous: bytea(rollup.anonymous),
  identified: bytea(rollup.identified),
  ...rollup.totals,
  ...Object.fromEntries(DIMENSIONS.map((name) => [name, json(rollup.dimensions[name])])),
  sketches: json(rollup.sketches),
});

async function insert(env: Env, table: string, row: Record<string, unknown>): Promise<void> {
  const names = Object.keys(row).map((name) => `"${name}"`);
  const places = names.map((_, index) => `$${index + 1}`);
  const text = `INSERT INTO ${table} (${names.join(", ")}) VALUES (${places.join(", ")})`;
  await database(env).query(text, Object.values(row));
}

const json = (value: unknown): string | null => (value === null || value === undefined ? null : JSON.stringify(value));

const bytea = (hex: string | null): string | null => (hex === null ? null : `\\x${hex}`);

/** The routes as the holder of the operator token reaches them. */
export const forOperator = (routes: Hono<{ Bindings: Env; Variables: Guarded }>) => {
  const app = new Hono<{ Bindings: Env; Variables: Guarded }>();
  app.use(async (c, next) => {
    c.set("access", { kind: "operator" });
    await next();
  });
  app.route("/", routes);
  return app;
};
