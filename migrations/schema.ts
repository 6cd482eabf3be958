// The tables of Postgres, as Drizzle generates them. `hourly_rollups` is partitioned by day in a migration of its own,
// since Drizzle cannot say it; the views for people (`rollup_values`, `rollup_hours`, `rollup_days`) stand there too.
// A day's numbers have generations: 0 is what was counted live, and each time a day is counted again makes one more.
// Readers see the one that the day book names (0 where it has no row) and no other, for hours and days alike.
// Money (`gross`, `refunds`) is in minor units × 10⁴ and `duration` in milliseconds, as in core/rollup.ts.

import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  char,
  customType,
  date,
  index,
  integer,
  json,
  pgSequence,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
} from "drizzle-orm/pg-core";
import type { CountedAs } from "../core/processing.ts";
import {
  type Column,
  type ColumnSketches,
  DIMENSIONS,
  type Dimension,
  MEASURES,
  type Measure,
} from "../core/rollup.ts";
import type { Spread } from "../core/spread.ts";
import { organisations } from "./accounts-schema.ts";

const bytea = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => "bytea" });
const count = () => bigint({ mode: "number" }).notNull();
const instant = () => timestamp({ withTimezone: true });

/** Numbers of generations past the live one, each given out once. */
export const rollup_generations = pgSequence("rollup_generations");

/** One entry of the same kind for each name: a column a measure, a column a dimension. */
const columnsFor = <Name extends string, Builder>(
  names: readonly Name[],
  build: (name: Name) => Builder,
): Record<Name, Builder> => Object.fromEntries(names.map((name) => [name, build(name)])) as Record<Name, Builder>;

export const merchants = pgTable(
  "merchants",
  {
    id: text().primaryKey(),
    name: text().notNull(),
    zone: text().notNull(),
    currency: char({ length: 3 }).notNull(),
    domains: text().array().notNull(),
    /** Objects to ask: the most there ever were. */
    shards: integer().notNull().default(1),
    /** Which count holds from which local date on, oldest first; null: `shards`, since ever. */
    spread: json().$type<Spread>(),
    /** Null: nobody's but the operator's. */
    organisation: text().references(() => organisations.id),
    /** Days that raw events are kept; null: for good. */
    retention_days: integer(),
    /** Events of the days before have been dropped, for so far as they were to be; null: of none. */
    events_from: date(),
    /** Marked for erasure: it is no more for anybody but the one who erases. */
    deleted_at: instant(),
    created_at: instant().notNull().defaultNow(),
    updated_at: instant().notNull().defaultNow(),
  },
  (table) => [index("merchants_organisation").on(table.organisation)],
);

/** What hours and days have in common: totals, and a column a dimension. */
const rollupColumns = () => ({
  /** Only a higher one replaces the row. */
  seq: bigint({ mode: "number" }).notNull(),
  currency: char({ length: 3 }).notNull(),
  ...columnsFor<Measure, ReturnType<typeof count>>(MEASURES, count),
  foreign_orders: count(),
  /** The distinct visitors in postgresql-hll's storage format. */
  anonymous: bytea(),
  identified: bytea(),
  /** `json` and not `jsonb`: kept as it was sent, and never taken apart by Postgres. */
  ...columnsFor(DIMENSIONS, () => json().$type<Column>()),
  sketches: json().$type<Partial<Record<Dimension, ColumnSketches>>>(),
});

/**
 * One row is the full value of one hour of one shard. No index but the key: its order (hour before merchant) keeps
 * the pages that are written together close together, which is worth a factor of two in upserts.
 */
export const hourly_rollups = pgTable(
  "hourly_rollups",
  {
    /** The merchant-local date. */
    date: date().notNull(),
    hour: instant().notNull(),
    merchant: text().notNull(),
    shard: smallint().notNull(),
    generation: integer().notNull().default(0),
    minutes: json().$type<Column>(),
    ...rollupColumns(),
  },
  (table) => [
    primaryKey({
      name: "hourly_rollups_pkey",
      columns: [table.date, table.hour, table.merchant, table.shard, table.generation],
    }),
  ],
);

/**
 * One row is a sealed day of one shard: see core/day-rollup.ts. Not by date in partitions, since they are kept, and in the
 * order in which a report reads: a merchant's days.
 */
export const daily_rollups = pgTable(
  "daily_rollups",
  {
    merchant: text().notNull(),
    date: date().notNull(),
    shard: smallint().notNull(),
    generation: integer().notNull(),
    /** Distinct anonymous visitors, who cannot recur on another day: |anonymous|. */
    visitors: count(),
    /** The day hour by hour. */
    hours: json().$type<Column>(),
    ...rollupColumns(),
  },
  (table) => [
    primaryKey({
      name: "daily_rollups_pkey",
      columns: [table.merchant, table.date, table.shard, table.generation],
    }),
  ],
);

/** Where every event of a merchant's day went, by shard (see core/books.ts), and how its numbers stand. */
export const day_book = pgTable(
  "day_book",
  {
    date: date().notNull(),
    merchant: text().notNull(),
    shard: smallint().notNull(),
    seq: bigint({ mode: "number" }).notNull(),
    received: count(),
    accepted: count(),
    duplicate: count(),
    rejected: json().$type<Record<string, number>>().notNull(),
    verdicts: json().$type<Record<string, number>>().notNull(),
    /** The one that readers see. */
    generation: integer().notNull().default(0),
    /** Since when the day is sealed: from then on Postgres alone speaks for it. Null while it is open. */
    sealed_at: instant(),
    /** The log sequence up to which the seal has counted. */
    sealed_seq: bigint({ mode: "number" }),
    /** Whether counting again what R2 holds gave what was published; null when that has not been tried. */
    proven: boolean(),
    /** SHA-256 in hexadecimal of the hours that were compared. */
    proof: text(),
    /** The first difference; null when there is none. */
    difference: json().$type<Record<string, unknown>>(),
    /** Late events came up to this log sequence, after `sealed_seq`: the day is to be counted again. */
    stale_seq: bigint({ mode: "number" }),
    /** What the generation was counted by; null when that is not recorded. */
    counted_as: json().$type<CountedAs>(),
    /** Since when its single events are no longer kept; null while they are. */
    events_dropped_at: instant(),
    updated_at: instant().notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ name: "day_book_pkey", columns: [table.date, table.merchant, table.shard] }),
    // Days that ops may have to look at: few, whatever the number of merchants.
    index("day_book_unsettled")
      .on(table.date)
      .where(sql`sealed_at IS NULL OR proven = false OR stale_seq IS NOT NULL`),
  ],
);
