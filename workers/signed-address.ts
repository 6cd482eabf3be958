// Addresses of files that open without a session, until a time: for DuckDB, ClickHouse and whatever else reads by HTTP. The
// signature is of the one file and its time, by a key that is made from the server's secret for this purpose alone, so it is
// of no use for anything else.

import type { Env } from "./env.ts";

const PURPOSE = "addresses of files, 1";
const encoder = new TextEncoder();

let latest: { secret: string; key: Promise<CryptoKey> } | null = null;

/** The path and query of the file's address. `key` is of R2, `expires` in seconds since 1970. */
export async function signedPath(env: Env, key: string, expires: number): Promise<string> {
  const signature = await crypto.subtle.sign("HMAC", await keyOf(env), messageOf(key, expires));
  const text = btoa(String.fromCharCode(...new Uint8Array(signature)));
  const urlSafe = text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return `/api/v1/files/${key}?expires=${expires}&signature=${urlSafe}`;
}

/** In a time that says nothing about how wrong it is. */
export async function isSigned(env: Env, key: string, expires: number, signature: string): Promise<boolean> {
  if (!/^[\w-]{43}$/.test(signature)) return false;
  const bytes = Uint8Array.from(atob(signature.replaceAll("-", "+").replaceAll("_", "/")), (letter) =>
    letter.charCodeAt(0),
  );
  return crypto.subtle.verify("HMAC", await keyOf(env), bytes, messageOf(key, expires));
}

const messageOf = (key: string, expires: number): Uint8Array => encoder.encode(`${expires}\n${key}`);

/** Throws when the server has no secret: anybody could sign with none. */
function keyOf({ AUTH_SECRET: secret }: Env): Promise<CryptoKey> {
  if (typeof secret !== "string" || secret.length < 32) throw new Error("AUTH_SECRET is not set, or too short.");
  if (latest?.secret !== secret) latest = { secret, key: derived(secret) };
  return latest.key;
}

async function derived(secret: string): Promise<CryptoKey> {
  const from = await crypto.subtle.importKey("raw", encoder.encode(secret), "HKDF", false, ["deriveKey"]);
  const how = { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: encoder.encode(PURPOSE) };
  const hmac = { name: "HMAC", hash: "SHA-256", length: 256 };
  return crypto.subtle.deriveKey(how, from, hmac, false, ["sign", "verify"]);
}
