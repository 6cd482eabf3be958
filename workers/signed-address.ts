// Addresses of files that open without a session, until a time: for DuckDB, ClickHouse and whatever else reads by HTTP. The
// signature is of the one file and its time.

import type { Env } from "./env.ts";
import { isSignatureOf, keyFor, signatureOf } from "./purpose-key.ts";

const PURPOSE = "addresses of files, 1";

/** The path and query of the file's address. `key` is of R2, `expires` in seconds since 1970. */
export async function signedPath(env: Env, key: string, expires: number): Promise<string> {
  const signature = await signatureOf(await keyFor(env, PURPOSE), messageOf(key, expires));
  return `/api/v1/files/${key}?expires=${expires}&signature=${signature}`;
}

export const isSigned = async (env: Env, key: string, expires: number, signature: string): Promise<boolean> =>
  isSignatureOf(await keyFor(env, PURPOSE), messageOf(key, expires), signature);

const messageOf = (key: string, expires: number): string => `${expires}\n${key}`;
