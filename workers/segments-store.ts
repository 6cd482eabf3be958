// Saved segments as Postgres has them: those that are the whole merchant's, and those of one person. What queries need of them is
// remembered for seconds.

import { NO_SEGMENTS, type Segments } from "../core/segments.ts";
import { database } from "../migrations/database.ts";
import type { Access } from "./access.ts";
import type { Env } from "./env.ts";
import { Remembered } from "./remembered.ts";

interface Kept {
  id: string;
  person: string | null;
  filters: unknown[];
}

const remembered = new Remembered<Kept[]>();

/** Of the merchant's segments those of the ids, if the asker may use them. Throws when they cannot be known now. */
export async function findSegments(
  env: Env,
  { access, merchant, ids }: { access: Access; merchant: string; ids: readonly string[] },
): Promise<Segments> {
  if (ids.length === 0) return NO_SEGMENTS;
  const kept = await remembered.get(merchant, () => readSegments(env, merchant));
  const person = personOf(access);
  const usable = kept.filter((one) => ids.includes(one.id) && (one.person === null || one.person === person));
  return new Map(usable.map(({ id, filters }) => [id, filters]));
}

const readSegments = async (env: Env, merchant: string): Promise<Kept[]> =>
  (await database(env)`SELECT id, person, filters FROM segments WHERE merchant = ${merchant}`) as Kept[];

/** After a change. */
export const forgetSegments = (merchant: string): void => remembered.forget(merchant);

/** Null for whoever is nobody in particular. */
export const personOf = (access: Access): string | null => (access.kind === "person" ? access.id : null);
