// People and what they belong to. `people`, `sessions`, `credentials`, `verifications` and `second_factors` are
// better-auth's, under our names (workers/auth.ts says which is which); organisations, their members and invitations are
// ours. No address of a client is stored anywhere: `ip_address` is there because the library names it, and stays empty;
// `attempts` counts under keyed hashes.

import { sql } from "drizzle-orm";
import { boolean, index, integer, pgTable, primaryKey, text, timestamp, uniqueIndex } from "drizzle-orm/pg-core";

const instant = (name: string) => timestamp(name, { withTimezone: true });
const created = () => instant("created_at").notNull().defaultNow();
const updated = () => instant("updated_at").notNull().defaultNow();

export const people = pgTable("people", {
  id: text().primaryKey(),
  name: text().notNull(),
  /** In lower case. */
  email: text().notNull().unique(),
  emailVerified: boolean("email_verified").notNull().default(false),
  image: text(),
  twoFactorEnabled: boolean("two_factor_enabled").notNull().default(false),
  createdAt: created(),
  updatedAt: updated(),
});

const person = (name: string) =>
  text(name)
    .notNull()
    .references(() => people.id, { onDelete: "cascade" });

export const sessions = pgTable(
  "sessions",
  {
    id: text().primaryKey(),
    /** Worth nothing without AUTH_SECRET, which signs the cookie. */
    token: text().notNull().unique(),
    userId: person("person"),
    expiresAt: instant("expires_at").notNull(),
    /** Always empty. */
    ipAddress: text("ip_address"),
    userAgent: text("user_agent"),
    createdAt: created(),
    updatedAt: updated(),
  },
  (table) => [index("sessions_person").on(table.userId), index("sessions_expires_at").on(table.expiresAt)],
);

export const credentials = pgTable(
  "credentials",
  {
    id: text().primaryKey(),
    userId: person("person"),
    /** "credential": a password. Others are for signing in elsewhere, which is not offered. */
    providerId: text("provider").notNull(),
    accountId: text("account").notNull(),
    /** As migrations/password-hash.ts writes it. */
    password: text(),
    accessToken: text("access_token"),
    refreshToken: text("refresh_token"),
    idToken: text("id_token"),
    accessTokenExpiresAt: instant("access_token_expires_at"),
    refreshTokenExpiresAt: instant("refresh_token_expires_at"),
    scope: text(),
    createdAt: created(),
    updatedAt: updated(),
  },
  (table) => [uniqueIndex("credentials_person").on(table.userId, table.providerId)],
);

/** What was sent by mail, or waits for a second factor. Identifiers are hashed. */
export const verifications = pgTable(
  "verifications",
  {
    id: text().primaryKey(),
    identifier: text().notNull(),
    value: text().notNull(),
    expiresAt: instant("expires_at").notNull(),
    createdAt: created(),
    updatedAt: updated(),
  },
  (table) => [
    index("verifications_identifier").on(table.identifier),
    index("verifications_expires_at").on(table.expiresAt),
  ],
);

/** Secret and backup codes are encrypted under AUTH_SECRET. */
export const second_factors = pgTable("second_factors", {
  id: text().primaryKey(),
  userId: person("person").unique(),
  secret: text().notNull(),
  backupCodes: text("backup_codes").notNull(),
  verified: boolean().notNull().default(true),
  failedVerificationCount: integer("failed_verification_count").notNull().default(0),
  lockedUntil: instant("locked_until"),
});

/** How often something was tried since: see workers/attempts.ts. */
export const attempts = pgTable(
  "attempts",
  {
    /** A keyed hash of what is counted: an address of mail, or of a network. */
    key: text().primaryKey(),
    count: integer().notNull(),
    until: instant("until").notNull(),
  },
  (table) => [index("attempts_until").on(table.until)],
);

export const organisations = pgTable("organisations", {
  id: text().primaryKey(),
  name: text().notNull(),
  created_at: created(),
});

const organisation = () =>
  text()
    .notNull()
    .references(() => organisations.id, { onDelete: "cascade" });

export const members = pgTable(
  "members",
  {
    organisation: organisation(),
    person: person("person"),
    /** owner, admin, analyst, viewer: see workers/access.ts. */
    role: text().notNull(),
    created_at: created(),
  },
  (table) => [
    primaryKey({ name: "members_pkey", columns: [table.organisation, table.person] }),
    index("members_person").on(table.person),
  ],
);

export const invitations = pgTable(
  "invitations",
  {
    id: text().primaryKey(),
    organisation: organisation(),
    /** In lower case. */
    email: text().notNull(),
    role: text().notNull(),
    /** SHA-256 of what the mail holds, in hexadecimal. */
    token_hash: text().notNull().unique(),
    invited_by: text().references(() => people.id, { onDelete: "set null" }),
    created_at: created(),
    expires_at: instant("expires_at").notNull(),
    accepted_at: instant("accepted_at"),
  },
  (table) => [
    uniqueIndex("invitations_open")
      .on(table.organisation, table.email)
      .where(sql`accepted_at IS NULL`),
  ],
);
