// What has been asked to be erased, and what has been. An erasure of a visitor is a run of the replay (its id is the run's); the
// days that it has changed are noted before anything of them is. Of merchants that are erased their ids stay, so
// that nothing of them can come back.

import { sql } from "drizzle-orm";
import {
  bigint,
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
import { replay_runs } from "./replay-schema.ts";
import { merchants } from "./schema.ts";

const instant = () => timestamp({ withTimezone: true });

/** The list that seals consult. */
export const erasures = pgTable(
  "erasures",
  {
    run: bigint({ mode: "number" })
      .primaryKey()
      .references(() => replay_runs.id),
    merchant: text()
      .notNull()
      .references(() => merchants.id, { onDelete: "cascade" }),
    /** 16 hexadecimal digits: a hash of merchant and supplied id. */
    visitor: text().notNull(),
    /** What was received up to then is erased. */
    asked_at: instant().notNull(),
    who: text().notNull(),
    why: text(),
  },
  (table) => [index("erasures_merchant").on(table.merchant, table.asked_at)],
);

/** Days of a shard that had events of the visitor. */
export const erased_days = pgTable(
  "erased_days",
  {
    run: bigint({ mode: "number" })
      .notNull()
      .references(() => erasures.run, { onDelete: "cascade" }),
    date: date().notNull(),
    shard: smallint().notNull(),
    events: integer().notNull(),
    /** As which the day was counted without them; null: begun, and to be begun again when nobody is at it. */
    generation: integer(),
    at: instant().notNull().defaultNow(),
    /** When what had been counted with them was removed. */
    tidied_at: instant(),
    /** When it was looked at once more, after whatever was under way meanwhile had ended. */
    swept_at: instant(),
  },
  (table) => [
    primaryKey({ name: "erased_days_pkey", columns: [table.run, table.date, table.shard] }),
    index("erased_days_to_sweep")
      .on(table.at)
      .where(sql`swept_at IS NULL`),
  ],
);

/** Nothing is ever removed here. */
export const erased_merchants = pgTable("erased_merchants", {
  id: text().primaryKey(),
  begun_at: instant().notNull().defaultNow(),
  /** When a pass over all places found nothing any more. */
  finished_at: instant(),
  /** How many of what were removed. */
  removed: json().$type<Record<string, number>>().notNull(),
});
