// Rules of processing as merchants have set them: every version, with who made it and when. Nothing is changed or removed
// here but with the merchant; the newest version holds.

import { integer, json, pgTable, primaryKey, text, timestamp } from "drizzle-orm/pg-core";
import type { Rules } from "../core/rules.ts";
import { merchants } from "./schema.ts";

export const rules_versions = pgTable(
  "rules_versions",
  {
    merchant: text()
      .notNull()
      .references(() => merchants.id, { onDelete: "cascade" }),
    /** From 1, without gaps. */
    version: integer().notNull(),
    /** With its goals, and without the version. */
    rules: json().$type<Omit<Rules, "version">>().notNull(),
    who: text().notNull(),
    /** What the change is for, where somebody said so. */
    why: text(),
    at: timestamp({ withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [primaryKey({ name: "rules_versions_pkey", columns: [table.merchant, table.version] })],
);
