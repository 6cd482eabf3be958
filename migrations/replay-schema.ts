// The tables of replays, and the record of who changed what. A run counts a range of days again; its id is the
// generation that it makes. A unit of it is one day of one shard of one merchant, which one message of the queue counts.

import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  date,
  index,
  integer,
  json,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
} from "drizzle-orm/pg-core";
import type { Finding } from "../core/audit.ts";
import type { CountedAs, Processing } from "../core/processing.ts";
import type { DayDifference, FormerBook } from "../core/replay.ts";
import type { Rules } from "../core/rules.ts";

const instant = () => timestamp({ withTimezone: true });

export const replay_runs = pgTable("replay_runs", {
  id: bigint({ mode: "number" })
    .primaryKey()
    .default(sql`nextval('rollup_generations')`),
  created_at: instant().notNull().defaultNow(),
  /** replay, audit (proves again and changes nothing), rebuild (puts back what Postgres has lost) */
  kind: text().notNull().default("replay"),
  /** How far its units have been made, as whoever makes them notes it; null when all have been. */
  listing: text(),
  who: text().notNull(),
  why: text().notNull(),
  /** Null: all of them. */
  merchants: text().array(),
  date_from: date().notNull(),
  date_to: date().notNull(),
  rules: json().$type<Rules>().notNull(),
  processing: json().$type<Processing>().notNull(),
  /** Whoever started it meant to look first. */
  preview: boolean().notNull(),
  /** counting, applying, applied, rolled_back, cancelled */
  state: text().notNull().default("counting"),
  /** When a unit ended, and when the last one did. */
  progress_at: instant().notNull().defaultNow(),
  finished_at: instant(),
  applied_at: instant(),
  rolled_back_at: instant(),
  /** When generations that nobody sees were removed: from then on it is history. */
  dropped_at: instant(),
});

export const replay_units = pgTable(
  "replay_units",
  {
    run: bigint({ mode: "number" })
      .notNull()
      .references(() => replay_runs.id),
    merchant: text().notNull(),
    date: date().notNull(),
    shard: smallint().notNull(),
    /** queued, done, failed */
    state: text().notNull().default("queued"),
    attempts: integer().notNull().default(0),
    /** Grows with every attempt and is never set back: only the latest one may write. */
    claim: integer().notNull().default(0),
    sent_at: instant(),
    /** What the day book said of the day when it was counted: only while it still does may the unit be applied. */
    base_generation: integer(),
    sealed_seq: bigint({ mode: "number" }),
    /** The log sequence up to which it was counted: the seal's, or of a day without one, its raw file's. */
    through: bigint({ mode: "number" }),
    /** Events read. */
    rows: bigint({ mode: "number" }),
    /** verdict → events: what the day book says once the unit is applied. */
    verdicts: json().$type<Record<string, number>>(),
    proof: text(),
    counted_as: json().$type<CountedAs>(),
    difference: json().$type<DayDifference>(),
    error: text(),
    /** The day was open when it was counted: what it was then, up to `through`. Null for a day that was closed. */
    preview_at: instant(),
    /** Applied while its day was open: counted and switched when the day is sealed. */
    at_seal: boolean().notNull().default(false),
    /** What an audit found; empty when the day is proven. */
    findings: json().$type<Finding[]>(),
    applied_at: instant(),
    /** What applying it wrote over in the day book. */
    former: json().$type<FormerBook>(),
    /** When its generations that nobody sees were removed. */
    dropped_at: instant(),
  },
  (table) => [
    primaryKey({ name: "replay_units_pkey", columns: [table.run, table.merchant, table.date, table.shard] }),
    index("replay_units_state").on(table.run, table.state),
    index("replay_units_day").on(table.merchant, table.date, table.shard),
  ],
);

/** Nothing is ever changed or removed here. */
export const audit_log = pgTable(
  "audit_log",
  {
    id: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    at: instant().notNull().defaultNow(),
    who: text().notNull(),
    action: text().notNull(),
    merchant: text(),
    /** Of which it was, when it happened; null where that was not recorded. */
    organisation: text(),
    subject: json().$type<Record<string, unknown>>().notNull(),
  },
  (table) => [
    index("audit_log_merchant").on(table.merchant, table.id),
    index("audit_log_organisation").on(table.organisation, table.id),
  ],
);
