// The tables of Postgres, as Drizzle generates them. `hourly_rollups` is partitioned by day in a migration of its own,
// since Drizzle cannot say it; the views for people (`rollup_values`, `rollup_hours`) stand there too.
// Money (`gross`, `refunds`) is in minor units × 10⁴ and `duration` in milliseconds, as in core/rollup.ts.

import {
  bigint,
  char,
  customType,
  date,
  integer,
  json,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
} from "drizzle-orm/pg-core";
import {
  type Column,
  type ColumnSketches,
  DIMENSIONS,
  type Dimension,
  MEASURES,
  type Measure,
} from "../core/rollup.ts";

const bytea = customType<{ data: Uint8Array; driverData: Uint8Array }>({ dataType: () => "bytea" });
const count = () => bigint({ mode: "number" }).notNull();
const instant = () => timestamp({ withTimezone: true });

/** One entry of the same kind for each name: a column a measure, a column a dimension. */
const columnsFor = <Name extends string, Builder>(
  names: readonly Name[],
  build: (name: Name) => Builder,
): Record<Name, Builder> => Object.fromEntries(names.map((name) => [name, build(name)])) as Record<Name, Builder>;

export const merchants = pgTable("merchants", {
  id: text().primaryKey(),
  name: text().notNull(),
  zone: text().notNull(),
  currency: char({ length: 3 }).notNull(),
  domains: text().array().notNull(),
  shards: integer().notNull().default(1),
  created_at: instant().notNull().defaultNow(),
  updated_at: instant().notNull().defaultNow(),
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
    /** Only a higher one replaces the row. */
    seq: bigint({ mode: "number" }).notNull(),
    currency: char({ length: 3 }).notNull(),
    ...columnsFor<Measure, ReturnType<typeof count>>(MEASURES, count),
    foreign_orders: count(),
    /** The hour's distinct visitors in postgresql-hll's storage format. */
    anonymous: bytea(),
    identified: bytea(),
    /** `json` and not `jsonb`: kept as it was sent, and never taken apart by Postgres. */
    minutes: json().$type<Column>(),
    ...columnsFor(DIMENSIONS, () => json().$type<Column>()),
    sketches: json().$type<Partial<Record<Dimension, ColumnSketches>>>(),
  },
  (table) => [
    primaryKey({ name: "hourly_rollups_pkey", columns: [table.date, table.hour, table.merchant, table.shard] }),
  ],
);

/** Where every event of a merchant's day went, by shard: see core/books.ts. */
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
    updated_at: instant().notNull().defaultNow(),
  },
  (table) => [primaryKey({ name: "day_book_pkey", columns: [table.date, table.merchant, table.shard] })],
);
