// Tokens of programs: for one merchant, or for all of an organisation's. What a token holds is random and long, so its SHA-256 is
// kept and nothing else of it but how it begins.

import { sql } from "drizzle-orm";
import { check, index, pgTable, text, timestamp } from "drizzle-orm/pg-core";
import { organisations } from "./accounts-schema.ts";
import { merchants } from "./schema.ts";

const instant = () => timestamp({ withTimezone: true });

export const tokens = pgTable(
  "tokens",
  {
    id: text().primaryKey(),
    /** SHA-256 in hexadecimal. */
    hash: text().notNull().unique(),
    /** Its first letters. */
    beginning: text().notNull(),
    name: text().notNull(),
    /** read, ingest, ops: see core/token.ts. */
    scope: text().notNull(),
    /** Whose merchants it opens: of a merchant's token, whose the merchant was when the token was made. */
    organisation: text().references(() => organisations.id, { onDelete: "cascade" }),
    /** Null: all of the organisation's. */
    merchant: text().references(() => merchants.id, { onDelete: "cascade" }),
    /** Who made it: an address, or "operator". */
    created_by: text().notNull(),
    created_at: instant().notNull().defaultNow(),
    expires_at: instant(),
    revoked_at: instant(),
    /** To the hour. */
    last_used_at: instant(),
  },
  (table) => [
    index("tokens_organisation").on(table.organisation),
    index("tokens_merchant").on(table.merchant),
    check("tokens_of", sql`organisation IS NOT NULL OR merchant IS NOT NULL`),
  ],
);
