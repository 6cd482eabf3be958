// What people keep of a merchant's reports and how they show them to others: named filters, notes at moments, and links that
// open the reports of one merchant without an account.

import { sql } from "drizzle-orm";
import { boolean, check, date, index, json, pgTable, smallint, text, timestamp } from "drizzle-orm/pg-core";
import { people } from "./accounts-schema.ts";
import { merchants } from "./schema.ts";

const instant = (name: string) => timestamp(name, { withTimezone: true });
const merchant = () =>
  text()
    .notNull()
    .references(() => merchants.id, { onDelete: "cascade" });
/** Who made it, for people to read. */
const who = () => text().notNull();
const created = () => instant("created_at").notNull().defaultNow();
const updated = () => instant("updated_at").notNull().defaultNow();

export const segments = pgTable(
  "segments",
  {
    id: text().primaryKey(),
    merchant: merchant(),
    name: text().notNull(),
    /** As core/query-filters.ts writes them. */
    filters: json().$type<unknown[]>().notNull(),
    /** Whose alone it is; null: everybody's who may read the merchant. */
    person: text().references(() => people.id, { onDelete: "cascade" }),
    who: who(),
    created_at: created(),
    updated_at: updated(),
  },
  (table) => [index("segments_merchant").on(table.merchant), index("segments_person").on(table.person)],
);

export const annotations = pgTable(
  "annotations",
  {
    id: text().primaryKey(),
    merchant: merchant(),
    /** Local, as is the hour. */
    date: date().notNull(),
    /** Null: of the whole day. */
    hour: smallint(),
    text: text().notNull(),
    who: who(),
    created_at: created(),
    updated_at: updated(),
  },
  (table) => [
    index("annotations_merchant").on(table.merchant, table.date),
    check("annotations_hour", sql`hour BETWEEN 0 AND 23`),
  ],
);

export const links = pgTable(
  "links",
  {
    /** Cannot be guessed: without a password it is all that one needs. */
    id: text().primaryKey(),
    merchant: merchant(),
    name: text().notNull(),
    /** As migrations/password-hash.ts writes it; null: none is asked for. */
    password_hash: text("password_hash"),
    /** The address may be known to everybody, search engines too. */
    public: boolean().notNull().default(false),
    /** Of pages that may show it in a frame. */
    origins: text().array().notNull().default([]),
    who: who(),
    created_at: created(),
    expires_at: instant("expires_at"),
    revoked_at: instant("revoked_at"),
    /** When it was last opened, to the hour or so. */
    opened_at: instant("opened_at"),
  },
  (table) => [
    index("links_merchant").on(table.merchant),
    check("links_public", sql`NOT (public AND password_hash IS NOT NULL)`),
  ],
);
