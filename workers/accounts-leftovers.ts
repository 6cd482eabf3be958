// What people's accounts leave behind: sessions and links that are over, counts of what was tried, and tokens that have opened nothing
// for so long that nobody asks any more what they were. Removed once a day.

import { database } from "../migrations/database.ts";
import type { Env } from "./env.ts";

export async function dropAccountLeftovers(env: Env): Promise<void> {
  await database(env).transaction((sql) => [
    sql`DELETE FROM attempts WHERE until < now()`,
    sql`DELETE FROM sessions WHERE expires_at < now()`,
    sql`DELETE FROM verifications WHERE expires_at < now()`,
    sql`DELETE FROM invitations WHERE accepted_at IS NULL AND expires_at < now()`,
    sql`DELETE FROM tokens WHERE least(revoked_at, expires_at) < now() - interval '90 days'`,
  ]);
}
