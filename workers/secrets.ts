// The secrets that the Worker needs, and whether it has them. wrangler.toml names the same ones, so that a deploy without them ends
// with their names; a server that runs without says at /api/health and in its log what is missing, and nothing of what is there.

import type { Env } from "./env.ts";

/** With the fewest characters: what can be guessed at is long. */
export const SECRETS = {
  DATABASE_URL: 1,
  OPERATOR_TOKEN: 16,
  INGEST_TOKEN: 16,
  AUTH_SECRET: 32,
  VISITOR_SECRET: 32,
} as const;

export type Secret = keyof typeof SECRETS;

/** It is set, and not too short. */
export function hasSecret<Name extends Secret>(env: Pick<Env, Name>, name: Name): boolean {
  const value: unknown = env[name];
  return typeof value === "string" && value.length >= SECRETS[name];
}

/** Throws when it is not set, or too short: what is keyed by none is anybody's to make. */
export function secretOf<Name extends Secret>(env: Pick<Env, Name>, name: Name): string {
  if (!hasSecret(env, name)) throw new Error(`${name} is not set, or too short.`);
  return env[name];
}

/** Those that are not set, or too short. */
export const missingSecrets = (env: Env): Secret[] =>
  (Object.keys(SECRETS) as Secret[]).filter((name) => !hasSecret(env, name));

let reported = false;

/** In the log, once an isolate. */
export function reportMissingSecrets(env: Env): void {
  if (reported) return;
  reported = true;
  const missing = missingSecrets(env);
  if (missing.length > 0) console.error(JSON.stringify({ event: "not_configured", missing }));
}
