// The account that a local stack begins with: somebody who owns the organisation that the demo merchants belong to.

import { drizzle } from "drizzle-orm/node-postgres";
import { and, eq, inArray, isNull } from "drizzle-orm";
import pg from "pg";
import { credentials, members, organisations, people } from "../migrations/accounts-schema.ts";
import { hashPassword } from "../migrations/password-hash.ts";
import { merchants } from "../migrations/schema.ts";
import { DEMO_MERCHANTS } from "./demo-merchants.ts";

export interface DemoAccount {
  email: string;
  password: string;
}

export const DEMO_EMAIL = "demo@countinghouse.example";
const PERSON = "demo";
const ORGANISATION = "o_demo";

/** Adds what is missing; what somebody changed stays changed, the password too. */
export async function seedAccount(databaseUrl: string, { email, password }: DemoAccount): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const db = drizzle({ client });
  try {
    if ((await db.select().from(people).where(eq(people.id, PERSON))).length === 0) {
      const hash = await hashPassword(password);
      await db.transaction(async (tx) => {
        await tx.insert(people).values({ id: PERSON, name: "Demo", email, emailVerified: true });
        await tx
          .insert(credentials)
          .values({ id: PERSON, userId: PERSON, accountId: PERSON, providerId: "credential", password: hash });
        await tx.insert(organisations).values({ id: ORGANISATION, name: "Demo shops" }).onConflictDoNothing();
        await tx.insert(members).values({ organisation: ORGANISATION, person: PERSON, role: "owner" });
      });
    }
    const ids = DEMO_MERCHANTS.map(({ id }) => id);
    await db
      .update(merchants)
      .set({ organisation: ORGANISATION })
      .where(and(inArray(merchants.id, ids), isNull(merchants.organisation)));
  } finally {
    await client.end();
  }
}
