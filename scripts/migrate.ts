// Applies the migrations that a database does not have yet: `node scripts/migrate.ts postgres://…`, or from a program.

import fs from "node:fs";
import path from "node:path";
import { Command } from "commander";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate as applyMigrations } from "drizzle-orm/node-postgres/migrator";
import pg from "pg";

const FOLDER = path.resolve(import.meta.dirname, "..", "migrations");
const CONNECT_MS_MAX = 10_000;

/** Throws with one clear sentence when the database cannot be reached or refuses a statement. */
export async function migrate(databaseUrl: string): Promise<void> {
  if (!fs.existsSync(path.join(FOLDER, "meta", "_journal.json"))) return;
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: CONNECT_MS_MAX });
  client.on("error", () => {});
  try {
    await client.connect();
  } catch (cause) {
    throw new Error(`No database at ${withoutPassword(databaseUrl)}: ${reason(cause)}`, { cause });
  }
  try {
    await applyMigrations(drizzle({ client }), { migrationsFolder: FOLDER });
  } catch (cause) {
    throw new Error(`A migration failed: ${reason(cause)}`, { cause });
  } finally {
    await client.end();
  }
}

/** Drizzle wraps what the database said, and a refused connection to "localhost" is one error per address. */
function reason(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reason).join("; ");
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : reason(error.cause);
}

function withoutPassword(databaseUrl: string): string {
  const url = new URL(databaseUrl);
  url.password = "";
  return url.href;
}

if (import.meta.main) {
  const command = new Command("migrate").description("Applies the migrations that a database does not have yet.");
  command
    .argument("[database-url]", "postgres://…; default: DATABASE_URL", process.env["DATABASE_URL"])
    .action(async (databaseUrl?: string) => {
      if (databaseUrl === undefined) return command.error("Which database? Give its URL, or set DATABASE_URL.");
      await migrate(databaseUrl).catch((error: Error) => command.error(error.message));
    });
  await command.parseAsync();
}
